// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"

	"candor/chat"
	"candor/internal/fault"
	"candor/prompts"
)

// Wait says that the agent has answered and it is the customer's turn: the case
// stays with the agent and takes up none of their time. It is never ended for
// the customer's silence.
func (s *Service) Wait(ctx context.Context, caseID int64, agent chat.Agent) (Case, error) {
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := mine(*k, agent); err != nil {
			return err
		}
		return s.waitTx(ctx, l, k, agent)
	})
}

// ReplyAndWait is Reply and Wait in one.
func (s *Service) ReplyAndWait(ctx context.Context, caseID int64, agent chat.Agent, text, clientMessageID string) (m chat.Message, err error) {
	_, err = s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := mine(*k, agent); err != nil {
			return err
		}
		last := l.LastSeq
		if m, err = s.replyTx(ctx, l, k, agent, text, clientMessageID); err != nil || m.Seq <= last {
			return err // or a second click
		}
		return s.waitTx(ctx, l, k, agent)
	})
	return m, err
}

func (s *Service) waitTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent) error {
	if l.State == chat.StateWaitingCustomer {
		return nil // a second click
	}
	if k.AnsweredAt == nil { // it is still the customer who waits
		return fault.Conflict("nothing_said", "Nobody has answered in case %s yet. Write to the customer first, then wait for them.", k.Reference)
	}
	if err := s.pauseTx(ctx, l, k, true); err != nil {
		return err
	}
	if err := l.Move(ctx, chat.StateWaitingCustomer, &agent); err != nil {
		return err
	}
	if err := s.say(l, "waiting_customer", prompts.CaseWaitingCustomer, prompts.Args{"ref": k.Reference}); err != nil {
		return err
	}
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "waiting_customer", AgentID: &agent.ID}, nil)
}

func (s *Service) pauseTx(ctx context.Context, l *chat.Locked, k *Case, pause bool) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE cases SET paused_at = CASE WHEN $2 THEN now() END, updated_at = now() WHERE id = $1", k.ID, pause); err != nil {
		return fmt.Errorf("wait for the customer: %w", err)
	}
	k.PausedAt = nil
	if pause {
		k.PausedAt = &l.Now
	}
	return nil
}

// answeredTx does what the word means that an agent waited for: the agent goes
// on when they are here, else the case is back at its place in the queue.
func (s *Service) answeredTx(ctx context.Context, l *chat.Locked) error {
	k, err := openCase(ctx, l)
	if err != nil || k == nil || k.AgentID == nil {
		return err
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	here, err := s.stillHereTx(ctx, l, *k.AgentID)
	if err != nil {
		return err
	}
	if here {
		if err := s.pauseTx(ctx, l, k, false); err != nil {
			return err
		}
		return l.Move(ctx, chat.StateHuman, nil)
	}
	agent, err := agentTx(ctx, tx, *k.AgentID)
	if err != nil {
		return err
	}
	return s.releaseTx(ctx, l, k, agent, causeAbsent)
}

// stillHereTx reports whether an agent goes on with their cases: the desk is open
// and they have not said that they are away, or they have worked just now.
func (s *Service) stillHereTx(ctx context.Context, l *chat.Locked, agentID int64) (bool, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return false, err
	}
	list, err := collectColleagues(ctx, tx, colleaguesQuery+" AND a.id = $3", s.pace.Lost, defaultCapacity, agentID)
	if err != nil || len(list) == 0 {
		return false, err
	}
	if list[0].Since != nil { // they use the desk
		return list[0].Online && list[0].Status != Away, nil
	}
	var works bool
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM work_spells WHERE agent_id = $1 AND (ended_at IS NULL OR ended_at > now() - $2::interval))`, agentID, atWork).Scan(&works)
	if err != nil {
		return false, fmt.Errorf("look whether an agent is at work: %w", err)
	}
	return works, nil
}

// requeueTx moves the conversation of a case that waits again to where it waits:
// in the queue, or for the hours, with a date that is told.
func (s *Service) requeueTx(ctx context.Context, l *chat.Locked, k *Case) error {
	_, due, err := s.foreseeTx(ctx, l, *k)
	if err != nil {
		return err
	}
	if due == nil {
		return l.Move(ctx, chat.StateQueued, nil)
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	// ready_at stays: the case has its place among those that came before the closing.
	if err := tx.QueryRow(ctx, "UPDATE cases SET due_at = $2, updated_at = now() WHERE id = $1 RETURNING serve_by", k.ID, due).Scan(&k.ServeBy); err != nil {
		return fmt.Errorf("promise a date: %w", err)
	}
	k.DueAt = due
	return l.Move(ctx, chat.StateAwaitingHours, nil)
}

// closingTx tells a customer whose case waits that nobody is there until when.
func (s *Service) closingTx(ctx context.Context, l *chat.Locked, k Case) error {
	if l.State != chat.StateAwaitingHours {
		return nil
	}
	args := prompts.Args{"ref": k.Reference, "hours": s.hoursArg(l, k), "due": s.dueArg(l, k)}
	if err := s.say(l, "handoff_after_hours", prompts.QueueClosing, args); err != nil {
		return err
	}
	return s.promiseTx(ctx, l, k)
}
