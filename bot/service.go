// SPDX-License-Identifier: MIT

package bot

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"candor/bot/confidence"
	"candor/chat"
	"candor/handoff"
	"candor/knowledge"
	"candor/llm"
)

// Config is what a Service needs.
type Config struct {
	Chat      *chat.Service
	Handoff   *handoff.Service
	Knowledge *knowledge.Service
	// Model is the provider that writes answers. Nil: the built-in answerer, which
	// also stands in while the provider is away.
	Model  *llm.Client
	Logger *slog.Logger
	// Confidence is told from what was found; the zero value is the program's own
	// calibration, `candor calibrate` makes others.
	Confidence confidence.Calibration

	// Lease is how long a turn of a process that died stays its own; 15 s.
	Lease time.Duration
	// Sweep is how often a gateway looks for turns that were lost; 1 s.
	Sweep time.Duration
	// MaxTurns is how many turns run at once in this process; more wait; 256.
	MaxTurns int
	// TurnLimit is how many turns the bot takes in one conversation before a person
	// is called; 30.
	TurnLimit int
}

func (c Config) withDefaults() Config {
	if c.Lease == 0 {
		c.Lease = 15 * time.Second
	}
	if c.Sweep == 0 {
		c.Sweep = time.Second
	}
	if c.MaxTurns == 0 {
		c.MaxTurns = 256
	}
	if c.TurnLimit == 0 {
		c.TurnLimit = 30
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Service answers customers. Safe for concurrent use.
type Service struct {
	Config
	gateway string // names this process in the turns it holds
	canary  string // stands in the system prompt and must never be said
	slots   chan struct{}

	stopping context.Context // ends when running turns must give up
	stop     context.CancelFunc
	turns    sync.WaitGroup

	mu     sync.Mutex
	closed bool // no new turns
}

// New makes a Service; Run must be running for lost turns to be found.
func New(c Config) *Service {
	s := &Service{Config: c.withDefaults(), gateway: rand.Text()[:8], canary: rand.Text()}
	s.slots = make(chan struct{}, s.MaxTurns)
	s.stopping, s.stop = context.WithCancel(context.Background())
	return s
}

// Run looks for turns whose process is gone, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(s.Sweep)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			s.sweep(ctx)
		}
	}
}

// sweep takes over every lost turn there is.
func (s *Service) sweep(ctx context.Context) {
	for {
		turn, err := s.Chat.TakeLost(ctx, s.holder(), s.Lease)
		if err != nil {
			if ctx.Err() == nil {
				s.Logger.Warn("looking for lost turns failed", "error", err)
			}
			return
		}
		if turn == nil {
			return
		}
		s.Logger.Warn("a lost turn was taken over", "turn", turn.ID, "attempt", turn.Attempt)
		if !s.start(*turn) {
			return
		}
	}
}

// holder is a name for one run of one turn, so that a run that was frozen and
// replaced can write nothing, not even in the same process.
func (s *Service) holder() string { return s.gateway + "-" + rand.Text()[:8] }

// start runs a turn in a goroutine of its own; false when the service is
// draining, and then the turn is given back.
func (s *Service) start(t chat.Turn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		s.giveBack(t)
		return false
	}
	s.turns.Go(func() { s.run(t) })
	return true
}

// Drain lets running turns finish until ctx ends, then stops them and gives them
// back, so that another gateway takes them over at once.
func (s *Service) Drain(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.turns.Wait()
	}()
	select {
	case <-done:
	case <-ctx.Done():
		s.stop()
		<-done
	}
	s.stop()
}

// giveBackTimeout bounds the last word of a process that is going down.
const giveBackTimeout = 2 * time.Second

func (s *Service) giveBack(t chat.Turn) {
	ctx, cancel := context.WithTimeout(context.Background(), giveBackTimeout)
	defer cancel()
	if err := s.Chat.Release(ctx, t); err != nil {
		s.Logger.Warn("a turn could not be given back; its lease will run out", "turn", t.ID, "error", err)
	}
}
