// SPDX-License-Identifier: MIT

package gap

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"candor/chat"
)

// question is a turn that left the customer without an answer, as the record tells it.
type question struct {
	Turn         int64
	FromSeq      int
	ToSeq        int
	Reason       Reason
	Counts       bool // false: nobody was called after it yet
	Confidence   float64
	Reference    string // of the case that it led to
	AgentSeconds float64
	AskedAt      time.Time
}

// body is what of an entry's body matters here.
type body struct {
	Turn       int64        `json:"turn"`
	FromSeq    int          `json:"from_seq"`
	ToSeq      int          `json:"to_seq"`
	Outcome    chat.Outcome `json:"outcome"`
	Reason     Reason       `json:"reason"`
	Confidence float64      `json:"confidence"`
	Reference  string       `json:"reference"`
	Seq        int          `json:"seq"`
	Author     chat.Author  `json:"author"`
	Helpful    bool         `json:"helpful"`
	To         chat.State   `json:"to"`
}

// story is a conversation's record as it is read from the beginning.
type story struct {
	asked     []*question         // in order
	pending   []*question         // questions back and friendly noes since the last answer
	answers   map[int64]*question // by turn, should they prove unhelpful
	said      map[int]int64       // turn by the seq of its message
	unhelpful map[int64]bool
	answered  int64              // the turn of the last answer, until something else is decided
	waiting   []*question        // that called for a person and have no case yet
	reference string             // of the newest case
	spent     map[string]float64 // seconds that agents had a case, by reference
	since     time.Time          // since when an agent has it
}

// derive reads a conversation's record. now is until when an agent who has it now
// has had it.
func derive(entries []chat.Entry, now time.Time) ([]question, error) {
	s := story{answers: map[int64]*question{}, said: map[int]int64{}, unhelpful: map[int64]bool{}, spent: map[string]float64{}}
	for _, e := range entries {
		var b body
		if err := json.Unmarshal(e.Body, &b); err != nil {
			return nil, fmt.Errorf("read entry %d: %w", e.N, err)
		}
		s.read(e, b)
	}
	s.stop(now)
	s.settle()
	return s.questions(), nil
}

func (s *story) read(e chat.Entry, b body) {
	switch e.Kind {
	case chat.EntryMessage:
		if b.Author == chat.AuthorBot && b.Turn != 0 {
			s.said[b.Seq] = b.Turn
		}
	case chat.EntryDecision:
		s.decided(e, b)
	case chat.EntryHandoff:
		s.called()
		s.reference = b.Reference
		s.settle()
	case chat.EntryState:
		s.stop(e.CreatedAt)
		if b.To == chat.StateHuman {
			s.since = e.CreatedAt
		}
	case chat.EntryFeedback:
		if turn := s.said[b.Seq]; s.answers[turn] != nil {
			s.unhelpful[turn] = !b.Helpful
		}
	}
}

func (s *story) decided(e chat.Entry, b body) {
	q := &question{Turn: b.Turn, FromSeq: b.FromSeq, ToSeq: b.ToSeq, Confidence: b.Confidence, AskedAt: e.CreatedAt}
	s.settle()
	if b.Outcome != chat.OutcomeHandoff {
		s.answered = 0
	}
	switch b.Outcome {
	case chat.OutcomeAnswer:
		q.Reason = NotHelpful
		s.answers[b.Turn], s.answered, s.pending = q, b.Turn, nil
	case chat.OutcomeClarify:
		q.Reason = Clarified
		s.pending = append(s.pending, q)
	case chat.OutcomeDecline:
		q.Reason = Declined
		s.pending = append(s.pending, q)
	case chat.OutcomeHandoff:
		if b.Reason != NoKnowledge && b.Reason != LowConfidence {
			s.called() // for another reason: what is pending was in vain all the same
			return
		}
		if n := len(s.pending); n > 0 && s.pending[n-1].Reason == Clarified {
			// One question: what was asked, and what was said when the bot asked back.
			q.FromSeq, s.pending = s.pending[n-1].FromSeq, s.pending[:n-1]
		}
		q.Reason = b.Reason
		s.pending = append(s.pending, q)
		s.called()
	}
}

// called makes questions of what was pending: a person was called.
func (s *story) called() {
	for _, q := range s.pending {
		q.Counts = true
	}
	s.asked, s.waiting, s.pending = append(s.asked, s.pending...), append(s.waiting, s.pending...), nil
	if answer := s.answers[s.answered]; answer != nil {
		s.waiting, s.answered = append(s.waiting, answer), 0
	}
}

// settle gives the questions that wait for a case the newest one: the entry of a
// case stands behind the decision that called for it, unless it was open already.
func (s *story) settle() {
	for _, q := range s.waiting {
		q.Reference = s.reference
	}
	s.waiting = nil
}

// stop ends a stretch in which an agent had the conversation.
func (s *story) stop(at time.Time) {
	if !s.since.IsZero() {
		s.spent[s.reference] += at.Sub(s.since).Seconds()
	}
	s.since = time.Time{}
}

func (s *story) questions() []question {
	for turn, q := range s.answers {
		if s.unhelpful[turn] {
			q.Counts = true
			s.asked = append(s.asked, q)
		}
	}
	s.asked = append(s.asked, s.pending...)
	slices.SortFunc(s.asked, func(a, b *question) int { return int(a.Turn - b.Turn) })
	list := make([]question, len(s.asked))
	taken := map[string]bool{}
	for i, q := range slices.Backward(s.asked) {
		// The last question before a case is what the agent worked on.
		if q.Reference != "" && !taken[q.Reference] {
			q.AgentSeconds, taken[q.Reference] = s.spent[q.Reference], true
		}
		list[i] = *q
	}
	return list
}
