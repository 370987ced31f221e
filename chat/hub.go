// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"candor/postgres"
)

// Desk is the topic of what all agents see: the queue. No conversation has it as id.
const Desk int64 = 0

// Settings is the topic of the company's settings.
const Settings int64 = -1

const (
	channel = "candor"
	// coalesce is how long changes are gathered into one NOTIFY: inside the
	// writing transaction, or one each, it would cost half the write throughput.
	coalesce = 5 * time.Millisecond
	// pollEvery bounds what a lost signal costs.
	pollEvery    = 2 * time.Second
	reconnectMin = 100 * time.Millisecond
	reconnectMax = 5 * time.Second
	// notifyMax keeps a payload of ids under PostgreSQL's 8,000 bytes.
	notifyMax = 300
)

// Hub tells whoever waits that it is worth reading again: at once within this
// process, by NOTIFY from other gateways, and every two seconds what changed
// though no signal came. A signal is a hint that carries an id and no more.
// Run must be running; all methods are safe for concurrent use.
type Hub struct {
	db   *pgxpool.Pool
	url  string
	log  *slog.Logger
	name string // of this hub among those that listen

	mu          sync.Mutex
	subscribers map[int64]map[*Subscription]struct{}
	changed     map[int64]struct{} // not yet notified to other gateways
	wake        chan struct{}      // something is in changed

	// Listening is closed when the first LISTEN stands; tests wait for it.
	Listening     chan struct{}
	listeningOnce sync.Once
}

// NewHub makes a hub that listens on its own connection to url.
func NewHub(db *pgxpool.Pool, url string, log *slog.Logger) *Hub {
	return &Hub{
		db: db, url: url, log: log, name: rand.Text(),
		subscribers: map[int64]map[*Subscription]struct{}{},
		changed:     map[int64]struct{}{},
		wake:        make(chan struct{}, 1),
		Listening:   make(chan struct{}),
	}
}

// Subscription wakes its holder; Close it when done.
type Subscription struct {
	C      <-chan struct{} // receives after a change; several changes may be one
	c      chan struct{}
	hub    *Hub
	topics []int64
}

// Subscribe asks to be woken when one of the topics changes: ids of
// conversations, or Desk. Read the state after subscribing, not before.
func (h *Hub) Subscribe(topics ...int64) *Subscription {
	c := make(chan struct{}, 1)
	sub := &Subscription{C: c, c: c, hub: h, topics: topics}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, topic := range topics {
		if h.subscribers[topic] == nil {
			h.subscribers[topic] = map[*Subscription]struct{}{}
		}
		h.subscribers[topic][sub] = struct{}{}
	}
	return sub
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for _, topic := range s.topics {
		delete(s.hub.subscribers[topic], s)
		if len(s.hub.subscribers[topic]) == 0 {
			delete(s.hub.subscribers, topic)
		}
	}
}

// Signal says that a topic changed; call it after the commit. On a nil hub it
// does nothing.
func (h *Hub) Signal(topic int64) {
	if h == nil {
		return
	}
	h.mu.Lock()
	h.changed[topic] = struct{}{}
	h.wakeLocked(topic)
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *Hub) wakeLocked(topic int64) {
	for sub := range h.subscribers[topic] {
		select {
		case sub.c <- struct{}{}:
		default: // woken already and has not looked yet
		}
	}
}

func (h *Hub) wakeTopic(topic int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wakeLocked(topic)
}

// Run listens, notifies and polls until ctx ends.
func (h *Hub) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { h.listen(ctx) })
	wg.Go(func() { h.notify(ctx) })
	wg.Go(func() { h.poll(ctx) })
	wg.Wait()
	return ctx.Err()
}

// notify tells the other gateways, a batch of ids at a time.
func (h *Hub) notify(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		}
		if !pause(ctx, coalesce) {
			return
		}
		h.mu.Lock()
		topics := slices.Collect(maps.Keys(h.changed))
		clear(h.changed)
		h.mu.Unlock()
		for batch := range slices.Chunk(topics, notifyMax) {
			if _, err := h.db.Exec(ctx, "SELECT pg_notify($1, $2)", channel, h.name+":"+joinIDs(batch)); err != nil && ctx.Err() == nil {
				h.log.Warn("signal not sent; readers poll", "error", err)
			}
		}
	}
}

// listen wakes subscribers for what other gateways wrote, over a connection of
// its own that is made again whenever it is lost.
func (h *Hub) listen(ctx context.Context) {
	delay := reconnectMin
	for ctx.Err() == nil {
		err := h.listenOnce(ctx, func() { delay = reconnectMin })
		if ctx.Err() != nil {
			return
		}
		h.log.Warn("listener lost its connection; readers poll meanwhile", "error", err)
		pause(ctx, delay)
		delay = min(2*delay, reconnectMax)
	}
}

func (h *Hub) listenOnce(ctx context.Context, connected func()) error {
	conn, err := postgres.Connect(ctx, h.url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it is being given up
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	connected()
	h.wakeAll() // what was signalled while nobody listened
	h.listeningOnce.Do(func() { close(h.Listening) })
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		h.hear(n.Payload)
	}
}

// hear wakes the subscribers of the topics that another gateway names. Those of
// its own signals were woken when they were given.
func (h *Hub) hear(payload string) {
	sender, ids, _ := strings.Cut(payload, ":")
	if sender == h.name {
		return
	}
	for id := range strings.SplitSeq(ids, ",") {
		if topic, err := strconv.ParseInt(id, 10, 64); err == nil {
			h.wakeTopic(topic)
		}
	}
}

// poll looks every two seconds whether a conversation that somebody waits for
// moved: one query for all of them.
func (h *Hub) poll(ctx context.Context) {
	seen := map[int64]string{}
	for pause(ctx, pollEvery) {
		topics := h.topics()
		h.wakeTopic(Desk)
		h.wakeTopic(Settings)
		now, err := h.fingerprints(ctx, topics)
		if err != nil {
			if ctx.Err() == nil {
				h.log.Warn("poll failed", "error", err)
			}
			continue
		}
		for topic, mark := range now {
			if last, known := seen[topic]; !known || last != mark {
				h.wakeTopic(topic)
			}
		}
		seen = now
	}
}

// fingerprints says where each conversation stands: its newest entry, and how
// far its open turn is.
func (h *Hub) fingerprints(ctx context.Context, topics []int64) (map[int64]string, error) {
	if len(topics) == 0 {
		return nil, nil
	}
	rows, err := h.db.Query(ctx, `
		SELECT c.id, concat_ws('/', c.last_entry, t.id, cardinality(t.sentences))
		FROM conversations c
		LEFT JOIN turns t ON t.conversation_id = c.id AND t.ended_at IS NULL
		WHERE c.id = ANY($1)`, topics)
	if err != nil {
		return nil, fmt.Errorf("poll conversations: %w", err)
	}
	prints := map[int64]string{}
	var id int64
	var mark string
	_, err = pgx.ForEachRow(rows, []any{&id, &mark}, func() error {
		prints[id] = mark
		return nil
	})
	return prints, err
}

func (h *Hub) topics() []int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	topics := make([]int64, 0, len(h.subscribers))
	for topic := range h.subscribers {
		if topic != Desk && topic != Settings {
			topics = append(topics, topic)
		}
	}
	return topics
}

func (h *Hub) wakeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for topic := range h.subscribers {
		h.wakeLocked(topic)
	}
}

func joinIDs(ids []int64) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(words, ",")
}

// pause waits, and reports whether ctx is still good.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
