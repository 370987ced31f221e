// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	screens       = 16  // agents who talk with a customer each
	screenRate    = 100 // messages a second, of all customers together
	screenSeconds = 6
)

// measureScreen measures from the commit of a customer's message at one gateway
// to the screen of the agent, who is connected to another.
func measureScreen(ctx context.Context, b *bench) ([]figure, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var seen book
	seen.series = map[string][]float64{}
	var customers []conversation
	var desks sync.WaitGroup
	ready := make(chan error, screens)
	for n := range screens {
		talk, err := b.talkWithAgent(ctx, n)
		if err != nil {
			return nil, err
		}
		customers = append(customers, talk.conversation)
		desks.Go(func() { b.watchCase(ctx, talk, b.tokens[n], &seen, ready) })
	}
	for range screens {
		if err := <-ready; err != nil {
			return nil, err
		}
	}
	err := b.writeSteadily(ctx, customers)
	cancel()
	desks.Wait()
	if err != nil {
		return nil, err
	}
	s := summarize(seen.series[seriesDesk])
	if s.Count < screenRate*screenSeconds*9/10 {
		return nil, fmt.Errorf("only %d of %d messages reached a screen", s.Count, screenRate*screenSeconds)
	}
	return []figure{
		single("commit to the agent's screen, p50", "ms", s.P50, goal{}),
		single("commit to the agent's screen, p99", "ms", s.P99, atMost("P11", 25)).
			because("%d messages at %d a second, 2 gateways; the target is for 16 and 500 turns a second", s.Count, screenRate),
	}, nil
}

// served is a conversation that an agent has.
type served struct {
	conversation
	caseID string
}

// talkWithAgent opens a conversation, asks for a person and lets an agent claim it.
func (b *bench) talkWithAgent(ctx context.Context, agent int) (served, error) {
	talk, err := b.clients[0].open(ctx, "en")
	if err != nil {
		return served{}, err
	}
	if err := b.clients[0].call(ctx, http.MethodPost, talk.path("/handoff"), talk.token, nil, nil); err != nil {
		return served{}, err
	}
	var list queued
	if err := b.clients[0].call(ctx, http.MethodGet, "/v1/cases?status=open&limit=200", b.tokens[agent], nil, &list); err != nil {
		return served{}, err
	}
	for _, k := range list.Cases {
		if k.ConversationID == talk.id {
			return served{talk, k.ID}, b.clients[0].call(ctx, http.MethodPost, "/v1/cases/"+k.ID+"/claim", b.tokens[agent], nil, nil)
		}
	}
	return served{}, errors.New("a customer who asked for a person is not in the queue")
}

// watchCase is an agent's screen: it says when it is connected, and writes down
// how long each message of the customer took to get there.
func (b *bench) watchCase(ctx context.Context, talk served, token string, seen *book, ready chan<- error) {
	request, err := b.clients[1].request(ctx, http.MethodGet, "/v1/desk/events?case="+talk.caseID, token, nil)
	if err != nil {
		ready <- err
		return
	}
	opened := time.Now()
	var once sync.Once
	err = b.clients[1].stream(ctx, request, func(e event) (bool, error) {
		once.Do(func() { ready <- nil })
		if e.name != "message.created" {
			return false, nil
		}
		var m message
		err := e.read(&m)
		if m.Author.Type == "customer" && m.CreatedAt.After(opened) {
			seen.took(seriesDesk, e.at.Sub(m.CreatedAt))
		}
		return false, err
	})
	once.Do(func() { ready <- err })
}

// writeSteadily has the customers write in turn, at a steady rate, whether or not
// the one before has been answered.
func (b *bench) writeSteadily(ctx context.Context, customers []conversation) error {
	ticker := time.NewTicker(time.Second / screenRate)
	defer ticker.Stop()
	errs := make([]error, screenRate*screenSeconds)
	var writing sync.WaitGroup
	for n := range errs {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		writing.Go(func() {
			errs[n] = customers[n%len(customers)].write(ctx, fmt.Sprintf("This is message %d.", n))
		})
	}
	writing.Wait()
	// The last ones are on their way to the screens.
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
	return errors.Join(errs...)
}
