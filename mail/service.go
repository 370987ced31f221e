// SPDX-License-Identifier: MIT

package mail

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/mail"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"candor/internal/fault"
	"candor/postgres"
)

// Config is what a Service needs.
type Config struct {
	DB     *pgxpool.Pool
	Server Server        // without a host nothing is queued and nothing sent
	From   mail.Address  // without a name the company's stands there
	Org    func() string // the company's name
	TLS    *tls.Config   // nil: the system's authorities; for a server with one of its own
	Logger *slog.Logger
}

// Outgoing is a letter in the outbox: whom it concerns and what it is about, by
// ids. Nothing personal is in it.
type Outgoing struct {
	ID           int64
	Kind         string
	Conversation *int64
	Account      *int64
	Data         json.RawMessage
}

// Handler words the letters of one kind.
type Handler struct {
	// Compose words the letter now. Nil means that there is nobody to tell, or
	// nothing any more: the letter is dropped.
	Compose func(context.Context, Outgoing) (*Letter, error)
	// Ended is told how it ended: sent, or for good not. May be nil.
	Ended func(ctx context.Context, o Outgoing, sent bool, words string) error
}

// Service is the outbox and the worker that empties it. Safe for concurrent use.
type Service struct {
	db       *pgxpool.Pool
	sender   *sender // nil: no server is set
	log      *slog.Logger
	wake     chan struct{}
	mu       sync.RWMutex
	handlers map[string]Handler
}

// New makes a Service.
func New(c Config) *Service {
	s := &Service{db: c.DB, log: c.Logger, wake: make(chan struct{}, 1), handlers: map[string]Handler{}}
	if c.Server.Host != "" {
		s.sender = &sender{server: c.Server, from: c.From, org: c.Org, tls: c.TLS}
	}
	return s
}

// Handle says who words the letters of a kind; called while wiring.
func (s *Service) Handle(kind string, h Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[kind] = h
}

func (s *Service) handler(kind string) (Handler, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	h, ok := s.handlers[kind]
	return h, ok
}

// Enabled reports whether letters can be sent at all. A nil Service cannot.
func (s *Service) Enabled() bool { return s != nil && s.sender != nil }

// Queued is what to tell. Data must hold nothing personal.
type Queued struct {
	Kind         string
	Conversation int64 // 0: none
	Account      int64 // of the staff; 0: none
	Data         any   // nil: nothing
	After        time.Duration
	Once         string // while a letter with this mark waits no other is queued
}

// QueueTx writes a letter to the outbox in the transaction that it tells of. It
// does nothing while no mail server is set.
func (s *Service) QueueTx(ctx context.Context, tx pgx.Tx, q Queued) error {
	if !s.Enabled() {
		return nil
	}
	if q.Data == nil {
		q.Data = struct{}{}
	}
	data, err := json.Marshal(q.Data)
	if err != nil {
		return fmt.Errorf("queue a mail: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO mails (kind, conversation_id, account_id, data, once, next_at)
		VALUES ($1, nullif($2::bigint, 0), nullif($3::bigint, 0), $4, nullif($5, ''), now() + $6::interval)
		ON CONFLICT (once) WHERE state = 'waiting' DO NOTHING`,
		q.Kind, q.Conversation, q.Account, data, q.Once, q.After)
	if err != nil {
		return fmt.Errorf("queue a mail: %w", err)
	}
	return nil
}

// Queue is QueueTx in a transaction of its own, sent as soon as possible.
func (s *Service) Queue(ctx context.Context, q Queued) error {
	if !s.Enabled() {
		return nil
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error { return s.QueueTx(ctx, tx, q) })
	s.Wake()
	return postgres.Away(err)
}

// Send hands a letter in at once, past the outbox: for one that holds a secret
// which must lie nowhere, and whose sender waits to hear whether it went.
func (s *Service) Send(ctx context.Context, l Letter) error {
	if !s.Enabled() {
		return fault.Unavailable("mail_not_set", "No mail server is set.")
	}
	err := s.sender.send(ctx, time.Now().UnixNano(), l)
	if err == nil {
		return nil
	}
	words, _ := verdict(err)
	return fault.Unavailable("mail_not_sent", "The mail was not sent: %s.", words)
}

// Wake makes the worker look at once. A hint: it looks by itself too.
func (s *Service) Wake() {
	if s == nil {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

const (
	lookEvery = 2 * time.Second
	keepFor   = 30 * 24 * time.Hour // of what was sent or dropped
	// leaseFor is how long a letter belongs to the process that took it; longer
	// than an attempt at each letter of a batch can last.
	leaseFor  = 3 * time.Minute
	batchSize = 5
)

// waits are the pauses after the first, second, … attempt that may be repeated;
// after the last one the letter is given up: about two days.
var waits = []time.Duration{
	30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// Run delivers until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if s.Enabled() {
			if _, err := s.Deliver(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("mail is not delivered now", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		case <-s.wake:
		}
	}
}

// Deliver sends what is due and gives how many letters were taken.
func (s *Service) Deliver(ctx context.Context) (int, error) {
	taken := 0
	for {
		list, err := s.take(ctx)
		if err != nil || len(list) == 0 {
			return taken, postgres.Away(err)
		}
		for _, o := range list {
			taken++
			if err := s.deliver(ctx, o); err != nil {
				return taken, postgres.Away(err)
			}
		}
	}
}

type leased struct {
	Outgoing
	Attempts int
}

func (s *Service) take(ctx context.Context) ([]leased, error) {
	rows, err := s.db.Query(ctx, `
		UPDATE mails
		SET attempts = attempts + 1, next_at = now() + $1::interval
		WHERE id IN (
			SELECT id FROM mails WHERE state = 'waiting' AND next_at <= now() ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED)
		RETURNING id, kind, conversation_id, account_id, data, attempts`, leaseFor, batchSize)
	if err != nil {
		return nil, fmt.Errorf("take mails: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (leased, error) {
		var l leased
		return l, row.Scan(&l.ID, &l.Kind, &l.Conversation, &l.Account, &l.Data, &l.Attempts)
	})
	if err != nil {
		return nil, fmt.Errorf("take mails: %w", err)
	}
	return list, nil
}

func (s *Service) deliver(ctx context.Context, o leased) error {
	h, ok := s.handler(o.Kind)
	if !ok {
		return s.end(ctx, o, h, "failed", "no handler for this kind")
	}
	letter, err := h.Compose(ctx, o.Outgoing)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		s.log.Warn("a mail could not be worded", "mail", o.ID, "kind", o.Kind, "error", err)
		return s.again(ctx, o, h, "could not be worded")
	case letter == nil:
		return s.end(ctx, o, h, "dropped", "")
	}
	err = s.sender.send(ctx, o.ID, *letter)
	if err == nil {
		return s.end(ctx, o, h, "sent", "")
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	words, final := verdict(err)
	if final {
		s.log.Warn("a mail was refused for good", "mail", o.ID, "kind", o.Kind, "verdict", words)
		return s.end(ctx, o, h, "failed", words)
	}
	return s.again(ctx, o, h, words)
}

// again keeps the letter for another attempt, or gives it up after the last.
func (s *Service) again(ctx context.Context, o leased, h Handler, words string) error {
	if o.Attempts > len(waits) {
		s.log.Warn("a mail was given up", "mail", o.ID, "kind", o.Kind, "verdict", words)
		return s.end(ctx, o, h, "failed", "given up: "+words)
	}
	_, err := s.db.Exec(ctx, "UPDATE mails SET next_at = now() + $2::interval, last_error = $3 WHERE id = $1 AND state = 'waiting'",
		o.ID, waits[o.Attempts-1], words)
	if err != nil {
		return fmt.Errorf("keep a mail: %w", err)
	}
	return nil
}

func (s *Service) end(ctx context.Context, o leased, h Handler, state, words string) error {
	_, err := s.db.Exec(ctx, "UPDATE mails SET state = $2, last_error = nullif($3, ''), ended_at = now() WHERE id = $1 AND state = 'waiting'",
		o.ID, state, words)
	if err != nil {
		return fmt.Errorf("note a mail: %w", err)
	}
	if h.Ended == nil || state == "dropped" {
		return nil
	}
	// The letter is gone: that its note failed must not send it again.
	if err := h.Ended(ctx, o.Outgoing, state == "sent", words); err != nil {
		s.log.Warn("how a mail ended was not noted", "mail", o.ID, "error", err)
	}
	return nil
}

// Clean deletes what ended a month ago; failures are kept a year.
func (s *Service) Clean(ctx context.Context) error {
	_, err := s.db.Exec(ctx, `
		DELETE FROM mails
		WHERE state IN ('sent', 'dropped') AND ended_at < now() - $1::interval OR state = 'failed' AND ended_at < now() - interval '1 year'`, keepFor)
	if err != nil {
		return postgres.Away(fmt.Errorf("clean the outbox: %w", err))
	}
	return nil
}

// Entry is a letter as a supervisor sees it.
type Entry struct {
	ID        int64
	Kind      string
	State     string
	Attempts  int
	Words     *string
	PublicID  *string // of the conversation
	CreatedAt time.Time
	NextAt    *time.Time
	EndedAt   *time.Time
}

// List gives letters, the newest first; state may be "".
func (s *Service) List(ctx context.Context, state string, limit int) ([]Entry, error) {
	rows, err := s.db.Query(ctx, `
		SELECT m.id, m.kind, m.state, m.attempts, m.last_error, c.public_id, m.created_at,
			CASE WHEN m.state = 'waiting' THEN m.next_at END, m.ended_at
		FROM mails m
		LEFT JOIN conversations c ON c.id = m.conversation_id
		WHERE $1 = '' OR m.state = $1
		ORDER BY m.id DESC
		LIMIT $2`, state, limit)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read the outbox: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	return list, postgres.Away(err)
}
