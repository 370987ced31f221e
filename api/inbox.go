// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"candor/handoff"
)

const (
	// headLimit is how many waiting cases are pushed; the inbox asks for the rest where it is looked at.
	headLimit = 50
	// deskEvery bounds how often the lists of a desk are read anew.
	deskEvery = 250 * time.Millisecond
	// deepest is how far into a list the inbox may be scrolled.
	deepest = 100_000
)

type inboxCounts struct {
	Waiting int `json:"waiting"`
	Mine    int `json:"mine"` // without those put aside
	Snoozed int `json:"snoozed"`
	Open    int `json:"open"`
}

type inboxPage struct {
	Cases  []caseSummary `json:"cases"`
	Offset int           `json:"offset"`
	Total  *int          `json:"total,omitempty"` // absent where nobody counts
}

// inboxUpdate is what an agent is told of their inbox: how many there are, and their own cases.
type inboxUpdate struct {
	Counts inboxCounts   `json:"counts"`
	Mine   []caseSummary `json:"mine"`
}

func showCounts(n handoff.Counts) inboxCounts {
	return inboxCounts{Waiting: n.Waiting, Mine: n.Mine, Snoozed: n.Snoozed, Open: n.Open}
}

func (n inboxCounts) of(view handoff.View) *int {
	switch view {
	case handoff.ViewWaiting:
		return &n.Waiting
	case handoff.ViewMine:
		return &n.Mine
	case handoff.ViewSnoozed:
		return &n.Snoozed
	case handoff.ViewOpen:
		return &n.Open
	default:
		return nil
	}
}

// getInbox gives a part of a list, or what a reference finds.
func (s *Server) getInbox(c *gin.Context) error {
	ctx := c.Request.Context()
	if reference := c.Query("reference"); reference != "" {
		list, err := s.Handoff.FindReference(ctx, reference)
		if err != nil {
			return err
		}
		total := len(list)
		return ok(c, http.StatusOK, inboxPage{Cases: summaries(list), Total: &total})
	}
	offset, err := queryNumber(c, "offset", 0, 0, deepest)
	if err != nil {
		return err
	}
	limit, err := queryNumber(c, "limit", headLimit, 1, maxPage)
	if err != nil {
		return err
	}
	view := handoff.View(firstOf(c.Query("view"), string(handoff.ViewWaiting)))
	list, err := s.Handoff.Inbox(ctx, view, account(c).ID, offset, limit)
	if err != nil {
		return inField("view", err)
	}
	n, err := s.Handoff.Counts(ctx, account(c).ID)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, inboxPage{Cases: summaries(list), Offset: offset, Total: showCounts(n).of(view)})
}

// deskTeller tells a desk its lists whenever they differ from what was told.
type deskTeller struct {
	s           *Server
	out         *sse
	agentID     int64
	queue, mine string // fingerprints of what was told
}

func (d *deskTeller) tell(ctx context.Context) error {
	// All desks of this gateway look at the same queue: one read serves those that wait for it.
	queue, err := d.s.heads.do(ctx, d.s.head)
	if err != nil {
		return err
	}
	if err := d.event("queue.updated", queue, &d.queue); err != nil {
		return err
	}
	n, err := d.s.Handoff.Counts(ctx, d.agentID)
	if err != nil {
		return err
	}
	own, err := d.s.Handoff.Inbox(ctx, handoff.ViewMine, d.agentID, 0, headLimit)
	if err != nil {
		return err
	}
	return d.event("inbox.updated", inboxUpdate{showCounts(n), summaries(own)}, &d.mine)
}

func (d *deskTeller) event(name string, value any, told *string) error {
	now := fingerprint(value)
	if now == *told {
		return nil
	}
	*told = now
	return d.out.event(name, 0, value)
}

// head is the beginning of the queue.
func (s *Server) head(ctx context.Context) (queueView, error) {
	list, err := s.Handoff.Inbox(ctx, handoff.ViewWaiting, 0, 0, headLimit)
	return queueView{summaries(list)}, err
}

// together lets those who ask for the same thing at the same time share one
// answer that was read after all of them had asked. Safe for concurrent use.
type together[T any] struct {
	reading sync.Mutex // one read at a time
	mu      sync.Mutex
	next    *shared[T] // not begun yet
}

type shared[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// sharedLimit ends a read that nobody's own context ends.
const sharedLimit = 10 * time.Second

func (g *together[T]) do(ctx context.Context, read func(context.Context) (T, error)) (T, error) {
	g.mu.Lock()
	r := g.next
	first := r == nil
	if first {
		r = &shared[T]{done: make(chan struct{})}
		g.next = r
	}
	g.mu.Unlock()
	if first {
		g.read(ctx, r, read)
	}
	select {
	case <-r.done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func (g *together[T]) read(ctx context.Context, r *shared[T], read func(context.Context) (T, error)) {
	g.reading.Lock()
	defer g.reading.Unlock()
	defer close(r.done)
	g.mu.Lock()
	g.next = nil // who comes from here on gets the next one
	g.mu.Unlock()
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), sharedLimit)
	defer stop()
	r.value, r.err = read(ctx)
}
