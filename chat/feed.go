// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"fmt"
	"math"
	"slices"

	"candor/internal/fault"
	"candor/postgres"
)

// Event is something a reader of a conversation is told. Exactly one of the
// pointers is set.
type Event struct {
	Disclosure   *Disclosure // a notice, once in a feed, before what first stands under it
	Message      *Message
	TurnStarted  *TurnStarted
	Delta        *Delta
	TurnEnded    *TurnEnded
	Conversation *Conversation // a snapshot: state, owner or epoch changed
	Reset        bool          // the position asked for is unknown: read again from the start
}

// TurnStarted says that the bot is at work, and under which notice.
type TurnStarted struct {
	Turn       int64
	Epoch      int
	Disclosure Disclosure
}

// Delta is one verified sentence of an open turn; index counts from 0.
type Delta struct {
	Turn      int64
	Index     int
	Text      string
	Citations []Citation
}

// TurnEnded says how a turn ended; it is always sent.
type TurnEnded struct {
	Turn    int64
	Outcome Outcome
}

// Feed reads a conversation as a sequence of events: a pure function of what is
// committed, so that every gateway tells every reader the same, and a reader
// that was away misses nothing. Not safe for concurrent use.
type Feed struct {
	svc          *Service
	id           int64
	seq          int
	turn         int64 // the newest turn whose end was told
	open         int64 // the turn whose start was told
	index        int   // sentences of it that were told
	conversation Conversation
	disclosures  map[string]Disclosure // that were read
	told         map[string]bool       // those that were told
	state        string
	reset        bool
	busy         bool // a turn was open at the last look
	more         bool // the last look ended with a full page
}

const feedPage = 500

// NewFeed starts a feed after the message with that seq. Of turns it tells the
// one that is open now and those to come. A position the conversation never
// had gives one Reset event, and then everything from the start.
func (s *Service) NewFeed(ctx context.Context, id int64, afterSeq int) (*Feed, error) {
	return s.newFeed(ctx, id, afterSeq, math.MaxInt32)
}

// FeedFrom starts a feed with the message of that seq. Of turns it tells those
// that answer it or what was written later, also when they have ended by now.
func (s *Service) FeedFrom(ctx context.Context, id int64, seq int) (*Feed, error) {
	return s.newFeed(ctx, id, seq-1, seq)
}

// newFeed starts a feed that leaves out the turns that have ended and answered
// only messages before a seq.
func (s *Service) newFeed(ctx context.Context, id int64, afterSeq, turnsFrom int) (*Feed, error) {
	f := &Feed{svc: s, id: id, seq: afterSeq, disclosures: map[string]Disclosure{}, told: map[string]bool{}}
	var lastSeq int
	err := s.db.QueryRow(ctx, `
		SELECT last_seq, coalesce((
			SELECT max(id)
			FROM turns
			WHERE conversation_id = $1 AND ended_at IS NOT NULL AND to_seq < $2), 0)
		FROM conversations
		WHERE id = $1`, id, turnsFrom).Scan(&lastSeq, &f.turn)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("start a feed: %w", err))
	}
	if afterSeq < 0 || afterSeq > lastSeq {
		f.seq, f.reset = 0, true
	}
	return f, nil
}

// Seq is the seq of the last message told.
func (f *Feed) Seq() int { return f.seq }

// Busy reports whether a turn was open when Next last looked: more will come.
func (f *Feed) Busy() bool { return f.busy }

// More reports whether Next stopped at a full page: the rest is there already,
// and nobody will be woken for it.
func (f *Feed) More() bool { return f.more }

// Conversation is how the conversation stood when Next last looked.
func (f *Feed) Conversation() Conversation { return f.conversation }

// Next gives what is new since the last call, nothing when nothing is. Of a long
// conversation it gives a page; see [Feed.More].
func (f *Feed) Next(ctx context.Context) ([]Event, error) {
	g, err := f.look(ctx)
	if err != nil {
		return nil, postgres.Away(err)
	}
	var events []Event
	if f.reset {
		f.reset = false
		events = append(events, Event{Reset: true})
	}
	f.conversation = g.conversation
	if state := fmt.Sprint(f.conversation.State, f.conversation.Owner, f.conversation.Epoch); state != f.state {
		f.state = state
		events = append(events, Event{Conversation: &g.conversation})
	}
	f.more = len(g.messages) == feedPage
	f.busy = len(g.turns) > 0 && g.turns[len(g.turns)-1].Outcome == nil
	told, err := f.tellTurns(ctx, g)
	if err != nil {
		return nil, postgres.Away(err)
	}
	events = append(events, told...)
	return append(events, f.takeMessages(g, f.conversation.LastSeq, 0)...), nil
}

// tellTurns tells each turn where it belongs: after the messages it answers,
// around the message it became.
func (f *Feed) tellTurns(ctx context.Context, g *glance) ([]Event, error) {
	var events []Event
	for _, t := range g.turns {
		if f.more && !became(g.messages, t.ID) {
			break // its place may be on a page that follows
		}
		events = append(events, f.takeMessages(g, t.ToSeq, 0)...)
		told, err := f.tellTurn(ctx, t)
		if err != nil {
			return nil, err
		}
		events = append(events, told...)
		if t.Outcome != nil {
			events = append(events, f.takeMessages(g, 0, t.ID)...)
			events = append(events, Event{TurnEnded: &TurnEnded{Turn: t.ID, Outcome: *t.Outcome}})
			f.turn = t.ID
		}
	}
	return events, nil
}

// takeMessages tells the messages up to a seq, and those up to the last one that
// the turn wrote.
func (f *Feed) takeMessages(g *glance, upTo int, turn int64) []Event {
	n := 0
	for i, m := range g.messages {
		if m.Seq <= upTo || turn != 0 && m.TurnID == turn {
			n = i + 1
		}
	}
	var events []Event
	for _, m := range g.messages[:n] {
		events = append(f.tellDisclosure(events, m.DisclosureID), Event{Message: &m})
		f.seq = m.Seq
	}
	g.messages = g.messages[n:]
	return events
}

// became reports whether the message that the turn became is among them.
func became(messages []Message, turn int64) bool {
	return slices.ContainsFunc(messages, func(m Message) bool { return m.TurnID == turn })
}

// tellTurn tells the start of a turn and the sentences not told yet.
func (f *Feed) tellTurn(ctx context.Context, t feedTurn) ([]Event, error) {
	var events []Event
	if f.open != t.ID {
		f.open, f.index = t.ID, 0
		events = append(f.tellDisclosure(events, t.DisclosureID),
			Event{TurnStarted: &TurnStarted{Turn: t.ID, Epoch: t.Epoch, Disclosure: f.disclosures[t.DisclosureID]}})
	}
	if len(t.Sentences) <= f.index {
		return events, nil
	}
	key, err := f.svc.key(ctx, f.conversation.KeyID)
	if fault.Is(err, codeErased) {
		f.index = len(t.Sentences) // its end is told all the same
		return events, nil
	}
	if err != nil {
		return nil, err
	}
	sentences, err := openSentences(f.conversation.PublicID, t.ID, key, t.Sentences, f.index)
	if err != nil {
		return nil, err
	}
	for _, sentence := range sentences {
		events = append(events, Event{Delta: &Delta{Turn: t.ID, Index: f.index, Text: sentence.Text, Citations: sentence.Citations}})
		f.index++
	}
	return events, nil
}

// tellDisclosure tells a notice unless it was told before.
func (f *Feed) tellDisclosure(events []Event, id string) []Event {
	if id == "" || f.told[id] {
		return events
	}
	f.told[id] = true
	d := f.disclosures[id]
	return append(events, Event{Disclosure: &d})
}
