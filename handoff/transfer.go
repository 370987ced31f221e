// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"time"

	"candor/chat"
	"candor/internal/fault"
	"candor/prompts"
)

// Target is where a case goes: to one agent, or to the queue of a team.
type Target struct {
	AgentID int64 // 0: to the team
	Team    string
}

// Transfer gives a case to a colleague, at once and in place, or back to the
// queue for a team. The customer is told; the note is for colleagues. An agent
// passes on their own cases, and what waits to another team; a supervisor any.
func (s *Service) Transfer(ctx context.Context, caseID int64, by Actor, to Target, note string) (Case, error) {
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := answers(*k, by); err != nil {
			return err
		}
		return s.undoable(ctx, l, k, undoTransferred, by.Agent, func() error {
			if to.AgentID != 0 {
				return s.passTx(ctx, l, k, by, to.AgentID, note)
			}
			return s.redirectTx(ctx, l, k, by, to.Team, note)
		})
	})
}

// passTx makes a colleague the one who has the case.
func (s *Service) passTx(ctx context.Context, l *chat.Locked, k *Case, by Actor, agentID int64, note string) error {
	if k.State == StateWaiting && !by.Supervisor {
		return fault.Conflict("not_your_case", "Case %s is not yours; claim it first.", k.Reference)
	}
	if k.AgentID != nil && *k.AgentID == agentID {
		return fault.Conflict("already_there", "Case %s is with that colleague already.", k.Reference)
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	colleague, err := colleagueTx(ctx, tx, agentID)
	if err != nil {
		return err
	}
	from := by.Agent
	if k.AgentID != nil && *k.AgentID != by.ID {
		if from, err = agentTx(ctx, tx, *k.AgentID); err != nil {
			return err
		}
	}
	waited := k.State == StateWaiting
	_, err = tx.Exec(ctx, `
		UPDATE cases
		SET state = 'claimed', agent_id = $2, claimed_at = now(), paused_at = NULL, snoozed_until = NULL, updated_at = now()
		WHERE id = $1`, k.ID, colleague.ID)
	if err != nil {
		return fmt.Errorf("transfer a case: %w", err)
	}
	k.State, k.AgentID, k.ClaimedAt, k.SnoozedUntil, k.PausedAt = StateClaimed, &colleague.ID, &l.Now, nil, nil
	if waited {
		err = s.joinTx(ctx, l, colleague)
	} else if err = l.Move(ctx, chat.StateHuman, &colleague); err == nil {
		err = s.say(l, "agent_changed", prompts.AgentChanged, prompts.Args{"agent": from.Name, "colleague": colleague.Name, "ref": k.Reference})
	}
	if err != nil {
		return err
	}
	entry := workEntry{Reference: k.Reference, Action: "transferred", AgentID: &by.ID, ToAgentID: &colleague.ID}
	return s.recordWork(l, entry, note)
}

// redirectTx puts the case in the queue of a team; it has waited since it came.
func (s *Service) redirectTx(ctx context.Context, l *chat.Locked, k *Case, by Actor, id, note string) error {
	team, known := s.chat.Company().Team(id)
	if !known {
		return fault.Invalid("unknown_team", "There is no team %q.", id)
	}
	if k.State == StateWaiting && k.Team == team.ID {
		return fault.Conflict("already_there", "Case %s waits for that team already.", k.Reference)
	}
	from := k.AgentID
	if from != nil {
		if err := waitAgainTx(ctx, l, k); err != nil {
			return err
		}
	}
	k.Team = team.ID
	closed, err := s.placeInTeamTx(ctx, l, k)
	if err != nil {
		return err
	}
	if from != nil {
		if err := s.leftTx(ctx, l, *k, *from, closed); err != nil {
			return err
		}
	}
	switch {
	case closed:
		err = s.closedTx(ctx, l, *k)
	case l.State == chat.StateAwaitingHours: // this team is there now
		err = s.openedTx(ctx, l, k)
	}
	if err != nil {
		return err
	}
	return s.recordWork(l, workEntry{Reference: k.Reference, Action: "transferred", AgentID: &by.ID, Team: team.ID}, note)
}

// placeInTeamTx gives a case its place among those of its team, and a date when
// nobody of the team is there.
func (s *Service) placeInTeamTx(ctx context.Context, l *chat.Locked, k *Case) (closed bool, err error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return false, err
	}
	ready, due := s.promise(*k, s.at(l))
	place := func(dueAt *time.Time) error {
		// Where somebody is there now, it stands behind nobody who comes later; who
		// was answered once has waited since they came.
		return tx.QueryRow(ctx, `
			UPDATE cases
			SET team = $2, ready_at = CASE WHEN answered_at IS NULL THEN coalesce($3, least(ready_at, $5)) ELSE ready_at END, due_at = $4, updated_at = now()
			WHERE id = $1
			RETURNING serve_by`, k.ID, k.Team, ready, dueAt, s.at(l)).Scan(&k.ServeBy)
	}
	if due == nil {
		err = place(k.DueAt)
	} else if err = place(nil); err == nil { // without a date it stands behind those who are there already
		if _, due, err = s.foreseeTx(ctx, l, *k); err == nil {
			err = place(due)
		}
	}
	if err != nil {
		return false, fmt.Errorf("transfer a case: %w", err)
	}
	if due != nil {
		k.DueAt = due
	}
	return due != nil, nil
}

// leftTx moves the conversation of a case that was taken off its agent, and says so.
func (s *Service) leftTx(ctx context.Context, l *chat.Locked, k Case, agentID int64, closed bool) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	agent, err := agentTx(ctx, tx, agentID)
	if err != nil {
		return err
	}
	to := chat.StateQueued
	if closed {
		to = chat.StateAwaitingHours
	}
	if err := l.Move(ctx, to, nil); err != nil {
		return err
	}
	if err := s.say(l, "agent_left", prompts.AgentLeft, prompts.Args{"agent": agent.Name, "ref": k.Reference}); err != nil {
		return err
	}
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "released", AgentID: &agent.ID}, nil)
}

// closedTx tells a customer whose case went to a team that is not there by when
// a person answers.
func (s *Service) closedTx(ctx context.Context, l *chat.Locked, k Case) error {
	if l.State != chat.StateAwaitingHours {
		if err := l.Move(ctx, chat.StateAwaitingHours, nil); err != nil {
			return err
		}
	}
	place, err := s.placeTx(ctx, l, k)
	if err != nil {
		return err
	}
	text, err := s.notice(l, k, ReasonCustomerRequest, place)
	if err != nil {
		return err
	}
	if _, err := l.PostSystem("handoff_after_hours", text); err != nil {
		return err
	}
	return s.promiseTx(ctx, l, k)
}

// SetPriority says how urgent an open case is; anybody may for what waits.
func (s *Service) SetPriority(ctx context.Context, caseID int64, by Actor, priority int) (Case, error) {
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := answers(*k, by); err != nil {
			return err
		}
		return s.priorityTx(ctx, l, k, by.Agent, priority)
	})
}

func (s *Service) priorityTx(ctx context.Context, l *chat.Locked, k *Case, by chat.Agent, priority int) error {
	name, known := PriorityName(priority)
	if !known {
		return fault.Invalid("unknown_priority", "Priorities are low, normal, high and urgent.")
	}
	if k.Priority == priority {
		return nil
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, "UPDATE cases SET priority = $2, updated_at = now() WHERE id = $1 RETURNING serve_by", k.ID, priority).Scan(&k.ServeBy)
	if err != nil {
		return fmt.Errorf("set the priority: %w", err)
	}
	k.Priority = priority
	return s.recordWork(l, workEntry{Reference: k.Reference, Action: "priority", AgentID: &by.ID, Priority: name}, "")
}

// PriorityName is the word for a priority, false when there is no such one.
func PriorityName(p int) (string, bool) {
	name, known := map[int]string{PriorityLow: "low", PriorityNormal: "normal", PriorityHigh: "high", PriorityUrgent: "urgent"}[p]
	return name, known
}

// ParsePriority is its opposite.
func ParsePriority(name string) (int, error) {
	for p := PriorityLow; p <= PriorityUrgent; p++ {
		if known, _ := PriorityName(p); known == name {
			return p, nil
		}
	}
	return 0, fault.Invalid("unknown_priority", "Priorities are low, normal, high and urgent.")
}
