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

// patience is how long a customer waits for a person, and an agent for a customer.
const patience = 30 * time.Second

// load is one run: what the players share.
type load struct {
	client    *client
	book      *book
	locale    string
	questions []string
	person    []string // ways to ask for a person
	turns     int
	people    int // every so many customers ask for a person at the end; 0: nobody

	mu    sync.Mutex
	asked map[string]time.Time // when the conversations that wait for an agent asked
	taken map[string]bool      // cases that an agent of ours went for
}

// customer has one conversation from beginning to end. n tells the customers apart.
func (l *load) customer(ctx context.Context, n int) {
	talk, err := l.client.open(ctx, l.locale)
	if err != nil {
		l.book.failed(ctx, "open a conversation", err)
		return
	}
	for i := range l.turns {
		if ctx.Err() != nil {
			return
		}
		// Nobody asks the same twice in a row: that would be going in circles.
		s, err := talk.say(ctx, l.questions[(n*7+i)%len(l.questions)])
		if err != nil {
			l.book.failed(ctx, "ask the bot", err)
			return
		}
		l.note(s)
		if s.Queued {
			return // no article answered; a person will, and that is not ours to play
		}
	}
	if l.people > 0 && n%l.people == 0 {
		l.askPerson(ctx, talk, n)
	}
}

func (l *load) note(s said) {
	if s.First > 0 {
		l.book.took(seriesFirst, s.First)
	}
	l.book.took(seriesEnd, s.End)
	if s.Outcome == "" {
		s.Outcome = "by code"
	}
	l.book.outcome(s.Outcome)
}

// askPerson asks for a person, answers the agent who comes, and stays until the
// case is resolved.
func (l *load) askPerson(ctx context.Context, talk conversation, n int) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errNobodyCame)
	defer cancel()
	start := time.Now()
	l.mu.Lock()
	l.asked[talk.id] = start
	l.mu.Unlock()
	s, err := talk.say(ctx, l.person[n%len(l.person)])
	if err == nil && !s.Queued {
		err = errNotQueued
	}
	if err != nil {
		l.book.failed(ctx, "ask for a person", err)
		return
	}
	l.note(s)
	err = l.talkToAgent(ctx, talk, start)
	if cause := context.Cause(ctx); errors.Is(cause, errNobodyCame) {
		l.book.failed(context.WithoutCancel(ctx), "wait for a person", cause)
		return
	}
	if err != nil {
		l.book.failed(ctx, "talk to a person", err)
	}
}

var (
	errNobodyCame = fmt.Errorf("no case was resolved within %s", patience)
	errNotQueued  = fmt.Errorf("who asked for a person was not queued")
)

// talkToAgent follows the conversation, thanks for the first reply and leaves
// when the case is resolved.
func (l *load) talkToAgent(ctx context.Context, talk conversation, start time.Time) error {
	done, thanked := false, false
	err := talk.follow(ctx, 0, func(e event) (bool, error) {
		if e.name != "message.created" {
			return false, nil
		}
		var m message
		if err := e.read(&m); err != nil {
			return true, err
		}
		switch {
		case m.Author.Type == "agent":
			l.book.took(seriesCustomer, e.at.Sub(m.CreatedAt))
			if !thanked {
				thanked = true
				l.book.took(seriesServed, e.at.Sub(start))
				return false, talk.write(ctx, "Thank you, that is all.")
			}
		case m.Event == "resolved":
			done = true
			l.book.outcome("resolved by an agent")
			return true, nil
		}
		return false, nil
	})
	if err == nil && !done {
		err = errIncomplete
	}
	return err
}

// watcher is a desk that only looks: it writes down when each case of this run
// came on its screen.
func (l *load) watcher(ctx context.Context, token string) {
	seen := map[string]bool{}
	l.watchQueue(ctx, token, func(queue queued, at time.Time) bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, k := range queue.Cases {
			if asked, ours := l.asked[k.ConversationID]; ours && !seen[k.ID] {
				seen[k.ID] = true
				l.book.took(seriesQueue, at.Sub(asked))
			}
		}
		return false
	})
}

// agent serves the customers of this run, until it is over.
func (l *load) agent(ctx context.Context, token string) {
	for ctx.Err() == nil {
		var next string
		lost := l.watchQueue(ctx, token, func(queue queued, _ time.Time) bool {
			next = l.pick(queue)
			return next != ""
		})
		if lost {
			return
		}
		if next != "" {
			l.serve(ctx, next, token)
		}
	}
}

// watchQueue shows each state of the queue to see, until that has seen enough;
// lost says that the queue cannot be watched any more.
func (l *load) watchQueue(ctx context.Context, token string, see func(queue queued, at time.Time) (enough bool)) (lost bool) {
	request, err := l.client.request(ctx, http.MethodGet, "/v1/desk/events", token, nil)
	if err == nil {
		err = l.client.stream(ctx, request, func(e event) (bool, error) {
			if e.name != "queue.updated" {
				return false, nil
			}
			var queue queued
			if err := e.read(&queue); err != nil {
				return true, err
			}
			return see(queue, e.at), nil
		})
	}
	if err != nil {
		l.book.failed(ctx, "watch the queue", err)
	}
	return err != nil
}

// pick chooses the first waiting case of this run that no agent of ours has
// gone for. Other people's cases are left alone.
func (l *load) pick(queue queued) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range queue.Cases {
		if _, ours := l.asked[k.ConversationID]; ours && k.State == "queued" && !l.taken[k.ID] {
			l.taken[k.ID] = true
			return k.ID
		}
	}
	return ""
}

// serve claims a case, replies, waits for the customer's word on its own screen
// and resolves.
func (l *load) serve(ctx context.Context, id, token string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	post := func(action string, body any) bool {
		err := l.client.call(ctx, http.MethodPost, "/v1/cases/"+id+action, token, body, nil)
		if err != nil {
			l.book.failed(ctx, "agent"+action, err)
		}
		return err == nil
	}
	if !post("/claim", nil) || !post("/messages", map[string]any{"text": "I have looked into it, and it is in order now."}) {
		return
	}
	request, err := l.client.request(ctx, http.MethodGet, "/v1/desk/events?case="+id, token, nil)
	if err != nil {
		l.book.failed(ctx, "watch a case", err)
		return
	}
	opened := time.Now()
	replied := false
	err = l.client.stream(ctx, request, func(e event) (bool, error) {
		if e.name != "message.created" {
			return false, nil
		}
		var m message
		if err := e.read(&m); err != nil {
			return true, err
		}
		switch {
		case m.Author.Type == "agent":
			replied = true
		case m.Author.Type == "customer" && replied:
			if m.CreatedAt.After(opened) { // else it is history, and its age says nothing
				l.book.took(seriesDesk, e.at.Sub(m.CreatedAt))
			}
			return true, nil
		}
		return false, nil
	})
	if err != nil {
		l.book.failed(ctx, "watch a case", err)
		return
	}
	post("/resolve", map[string]any{"outcome": "solved"})
}
