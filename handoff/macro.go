// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"strings"
	"time"

	"candor/chat"
	"candor/internal/fault"
)

// ReplyActions are what a saved reply does besides being said: a priority, and
// one thing that ends it.
type ReplyActions struct {
	Priority    string `json:"priority,omitempty"`
	Outcome     string `json:"outcome,omitempty"`         // resolves the case
	Wait        bool   `json:"wait,omitempty"`            // waits for the customer
	SnoozeHours int    `json:"snooze_hours,omitempty"`    // puts it aside
	Team        string `json:"team,omitempty"`            // transfers it
	ToAgentID   int64  `json:"agent_id,omitempty,string"` // transfers it to a colleague
}

// ends counts what would end it.
func (a ReplyActions) ends() int {
	n := 0
	for _, set := range []bool{a.Outcome != "", a.Wait, a.SnoozeHours != 0, a.Team != "", a.ToAgentID != 0} {
		if set {
			n++
		}
	}
	return n
}

func (a ReplyActions) check() error {
	if a.Priority != "" {
		if _, err := ParsePriority(a.Priority); err != nil {
			return err
		}
	}
	if a.ends() > 1 {
		return fault.Invalid("actions_conflict", "A reply resolves the case, waits for the customer, puts it aside or transfers it: one of these.")
	}
	if longest := int(maxSnooze.Hours()); a.SnoozeHours < 0 || a.SnoozeHours > longest {
		return fault.Invalid("invalid_until", "A case can be put aside for 1 to %d hours.", longest)
	}
	if a.Outcome != "" {
		return checkOutcome(a.Outcome)
	}
	return nil
}

// checkTarget refuses a team that is not there.
func (s *Service) checkTarget(a ReplyActions) error {
	if _, known := s.chat.Company().Team(a.Team); a.Team != "" && !known {
		return fault.Invalid("unknown_team", "There is no team %q.", a.Team)
	}
	return nil
}

// Macro is a reply together with what else is done with the case, in one step.
type Macro struct {
	Text            string
	ClientMessageID string // makes repeating safe
	Actions         ReplyActions
}

// Apply says something in the agent's case and does what goes with it: all of it
// or nothing, and once.
func (s *Service) Apply(ctx context.Context, caseID int64, agent chat.Agent, m Macro) (posted chat.Message, k Case, err error) {
	if err := m.Actions.check(); err != nil {
		return posted, k, err
	}
	if err := s.checkTarget(m.Actions); err != nil {
		return posted, k, err
	}
	k, err = s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		posted, err = s.applyTx(ctx, l, k, agent, m)
		return err
	})
	return posted, k, err
}

func (s *Service) applyTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent, m Macro) (chat.Message, error) {
	known, err := l.FindPosted(ctx, chat.AuthorAgent, m.ClientMessageID, m.Text)
	if err != nil {
		return chat.Message{}, err
	}
	if known != nil { // done before, the actions too
		return *known, nil
	}
	if err := mine(*k, agent); err != nil {
		return chat.Message{}, err
	}
	for _, v := range variables {
		if strings.Contains(m.Text, v) {
			return chat.Message{}, fault.Invalid("reply_incomplete", "%s has no value here; please write it out.", v)
		}
	}
	posted, err := s.replyTx(ctx, l, k, agent, m.Text, m.ClientMessageID)
	if err != nil {
		return posted, err
	}
	if m.Actions.Priority != "" {
		priority, err := ParsePriority(m.Actions.Priority)
		if err != nil {
			return posted, err
		}
		if err := s.priorityTx(ctx, l, k, agent, priority); err != nil {
			return posted, err
		}
	}
	return posted, s.thenTx(ctx, l, k, agent, m.Actions)
}

// thenTx does what ends a macro.
func (s *Service) thenTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent, a ReplyActions) error {
	by := Actor{Agent: agent}
	switch {
	case a.Outcome != "":
		return s.undoable(ctx, l, k, undoResolved, agent, func() error { return s.resolveTx(ctx, l, k, agent, a.Outcome, "") })
	case a.Wait:
		return s.waitTx(ctx, l, k, agent)
	case a.SnoozeHours > 0:
		return s.snoozeTx(ctx, l, k, agent, l.Now.Add(time.Duration(a.SnoozeHours)*time.Hour))
	case a.ToAgentID != 0:
		return s.undoable(ctx, l, k, undoTransferred, agent, func() error { return s.passTx(ctx, l, k, by, a.ToAgentID, "") })
	case a.Team != "":
		return s.undoable(ctx, l, k, undoTransferred, agent, func() error { return s.redirectTx(ctx, l, k, by, a.Team, "") })
	}
	return nil
}
