// SPDX-License-Identifier: MIT

package clock

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Entry is an entry of a conversation's record.
type Entry struct {
	At   time.Time
	Kind string
	Body json.RawMessage
}

// Case is the clocks of one case, those of earlier rounds included: a case that
// is reopened begins anew.
type Case struct {
	Reference string
	Team      string
	Priority  int
	Complaint bool
	Clocks    []Clock // in the order in which they began

	answered bool // in this round
	waiting  bool // for the customer
	until    *time.Time
	teams    []string // that it was taken from, for a step taken back
}

// body is what the entries say that clocks hang on.
type body struct {
	Reference string          `json:"reference"`
	Action    string          `json:"action"`
	Team      string          `json:"team"`
	Priority  json.RawMessage `json:"priority"` // a number in a handoff, a word in a step
	Complaint bool            `json:"complaint"`
	Until     *time.Time      `json:"until"`
	Undid     string          `json:"undid"`
	Author    string          `json:"author"`
	Event     string          `json:"event"`
	From      string          `json:"from"`
	To        string          `json:"to"`
}

// priorities are the words for them in the record.
var priorities = map[string]int{`"low"`: -1, `"normal"`: 0, `"high"`: 1, `"urgent"`: 2}

func (b body) priority() (int, bool) {
	if p, ok := priorities[string(b.Priority)]; ok {
		return p, true
	}
	var p int
	return p, len(b.Priority) > 0 && json.Unmarshal(b.Priority, &p) == nil
}

// Read derives the clocks of all cases of a conversation from its record.
func Read(entries []Entry) ([]*Case, error) {
	var cases []*Case
	var k *Case
	for i, e := range entries {
		var b body
		switch e.Kind {
		case "handoff", "case", "state", "message":
			if err := json.Unmarshal(e.Body, &b); err != nil {
				return nil, fmt.Errorf("read entry %d of a record: %w", i+1, err)
			}
		default:
			continue
		}
		if e.Kind == "handoff" && (k == nil || k.Reference != b.Reference) {
			k = &Case{Reference: b.Reference, Team: b.Team}
			k.Priority, _ = b.priority()
			k.begin(e.At)
			cases = append(cases, k)
		}
		if k == nil {
			continue // the bot has the word
		}
		k.wake(e.At)
		switch e.Kind {
		case "handoff":
			k.asked(e.At, b)
		case "case":
			if b.Reference == k.Reference {
				k.step(e.At, b)
			}
		case "state":
			k.moved(e.At, b)
		case "message":
			k.said(e.At, b)
		}
		k.label()
	}
	return cases, nil
}

// Stand takes in that time has passed since the last entry; a day to come may have come.
func (k *Case) Stand(now time.Time) { k.wake(now) }

func (k *Case) start(kind Kind, at time.Time) {
	n := 1
	for _, c := range k.Clocks {
		if c.Kind == kind {
			n++
		}
	}
	k.Clocks = append(k.Clocks, Clock{Kind: kind, N: n, StartedAt: at, Team: k.Team, Priority: k.Priority, spans: []span{{from: at}}})
}

// begin starts a round.
func (k *Case) begin(at time.Time) {
	k.answered, k.waiting, k.until = false, false, nil
	k.start(Acknowledgement, at)
	k.start(FirstResponse, at)
	k.start(Resolution, at)
	k.label()
}

// open is the clock of a kind that has not ended.
func (k *Case) open(kind Kind) *Clock {
	for i := range k.Clocks {
		if c := &k.Clocks[i]; c.Kind == kind && c.EndedAt == nil {
			return c
		}
	}
	return nil
}

func (k *Case) end(kind Kind, at time.Time) {
	if c := k.open(kind); c != nil {
		c.end(at)
	}
}

// asked is a request for a person: the first one, or one that adds to the case.
func (k *Case) asked(at time.Time, b body) {
	if p, ok := b.priority(); ok && p > k.Priority {
		k.Priority = p
	}
	if b.Team != "" {
		k.Team = b.Team
	}
	if !b.Complaint || k.Complaint {
		return
	}
	k.Complaint = true
	if c := k.open(Resolution); c != nil { // its days count from the complaint
		c.days, c.StartedAt, c.spans = true, at, []span{{from: at}}
	}
}

func (k *Case) step(at time.Time, b body) {
	switch b.Action {
	case "released", "taken_back", "transferred", "claimed", "assigned", "taken_over":
		k.until = nil // who put it off has it no more
		k.resume(at)
	}
	switch b.Action {
	case "claimed", "assigned":
		k.end(Acknowledgement, at)
	case "taken_over":
		if k.open(Resolution) == nil {
			k.begin(at)
		}
		k.end(Acknowledgement, at)
	case "reopened":
		k.begin(at)
		k.end(Acknowledgement, at) // the customer was told in the same step
	case "resolved":
		k.endAll(at)
	case "withdrawn", "merged":
		k.drop()
	case "priority":
		k.Priority, _ = b.priority()
	case "moved_up", "transferred":
		k.teams = append(k.teams, k.Team)
		if b.Team != "" {
			k.Team = b.Team
		}
	case "snoozed":
		if b.Until != nil && b.Until.After(at) {
			k.until = b.Until
			if c := k.open(Resolution); c != nil { // a customer who waits for a word waits on
				c.pause(at)
			}
		}
	case "woken":
		k.until = nil
		k.resume(at)
	case "undone":
		k.undone(at, b.Undid)
	}
}

// undone takes a step back. The time between counts for nobody.
func (k *Case) undone(at time.Time, step string) {
	switch step {
	case "transferred":
		if n := len(k.teams); n > 0 {
			k.Team, k.teams = k.teams[n-1], k.teams[:n-1]
		}
	case "resolved":
		var last time.Time
		for _, c := range k.Clocks {
			if c.EndedAt != nil && c.EndedAt.After(last) {
				last = *c.EndedAt
			}
		}
		for i := range k.Clocks {
			// What the resolution ended goes on; what was answered before it stays answered.
			if c := &k.Clocks[i]; c.EndedAt != nil && c.EndedAt.Equal(last) && !c.done {
				c.EndedAt = nil
				c.resume(at)
			}
		}
	}
}

func (k *Case) endAll(at time.Time) {
	for i := range k.Clocks {
		if c := &k.Clocks[i]; c.EndedAt == nil {
			c.end(at)
		}
	}
}

// drop forgets what nobody waits for any more.
func (k *Case) drop() {
	k.Clocks = slices.DeleteFunc(k.Clocks, func(c Clock) bool { return c.EndedAt == nil })
}

func (k *Case) moved(at time.Time, b body) {
	switch {
	case b.To == "waiting_customer":
		k.waiting = true
		k.pause(at)
	case b.From == "waiting_customer":
		k.waiting = false
		k.resume(at)
	}
	if b.To == "closed" || b.To == "bot" {
		k.endAll(at)
	}
}

func (k *Case) said(at time.Time, b body) {
	if k.open(Resolution) == nil {
		return
	}
	switch b.Author {
	case "customer":
		k.waiting, k.until = false, nil
		k.resume(at)
		if k.answered && k.open(NextResponse) == nil {
			k.start(NextResponse, at)
		}
	case "agent":
		for _, kind := range []Kind{Acknowledgement, FirstResponse, NextResponse} {
			if c := k.open(kind); c != nil {
				c.end(at)
				c.done = true
			}
		}
		k.answered = true
	case "system":
		if b.Event != "" {
			if c := k.open(Acknowledgement); c != nil {
				c.end(at)
				c.done = true
			}
		}
	}
}

func (k *Case) pause(at time.Time) {
	for i := range k.Clocks {
		if k.Clocks[i].EndedAt == nil {
			k.Clocks[i].pause(at)
		}
	}
}

func (k *Case) resume(at time.Time) {
	if k.waiting {
		return
	}
	for i := range k.Clocks {
		if c := &k.Clocks[i]; c.Kind != Resolution || k.until == nil {
			c.resume(at)
		}
	}
}

// wake ends a snooze whose day has come.
func (k *Case) wake(at time.Time) {
	if k.until != nil && !k.until.After(at) {
		until := *k.until
		k.until = nil
		k.resume(until)
	}
}

// label gives the open clocks the team and priority that they are measured by.
func (k *Case) label() {
	for i := range k.Clocks {
		if c := &k.Clocks[i]; c.EndedAt == nil {
			c.Team, c.Priority = k.Team, k.Priority
		}
	}
}
