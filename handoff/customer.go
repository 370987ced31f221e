// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"

	"candor/chat"
	"candor/internal/fault"
	"candor/prompts"
)

// WroteTx does what a customer's new message means for a case: it wakes an agent
// who waited for it, and reopens a resolved case under the same reference.
func (s *Service) WroteTx(ctx context.Context, l *chat.Locked) error {
	switch l.State {
	case chat.StateResolved:
		return s.reopenTx(ctx, l)
	case chat.StateWaitingCustomer:
		if err := s.wokenTx(ctx, l); err != nil {
			return err
		}
		return s.answeredTx(ctx, l)
	case chat.StateHuman:
		l.TouchDesk()
		return s.wokenTx(ctx, l)
	case chat.StateQueued, chat.StateAwaitingHours:
		l.TouchDesk()
	}
	return nil
}

func (s *Service) reopenTx(ctx context.Context, l *chat.Locked) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	k, err := readCase(ctx, tx, "k.conversation_id = $1 ORDER BY k.id DESC LIMIT 1", l.ID)
	if err != nil {
		return err
	}
	ready, due, err := s.foreseeTx(ctx, l, k)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE cases
		SET state = 'waiting', enqueued_at = $4, agent_id = NULL, claimed_at = NULL, answered_at = NULL, resolved_at = NULL,
			outcome = NULL, due_at = $2, ready_at = $3, escalated_at = NULL, updated_at = now()
		WHERE id = $1`, k.ID, due, ready, s.at(l))
	if err != nil {
		return fmt.Errorf("reopen a case: %w", err)
	}
	k.State, k.DueAt = StateWaiting, due
	to, key, args := chat.StateQueued, prompts.CaseReopened, prompts.Args{"ref": k.Reference}
	if due != nil {
		to, key = chat.StateAwaitingHours, prompts.CaseReopenedClosed
		args["hours"], args["due"] = s.hoursArg(l, k), s.dueArg(l, k)
	}
	if err := l.Move(ctx, to, nil); err != nil {
		return err
	}
	if err := s.say(l, "reopened", key, args); err != nil {
		return err
	}
	if err := l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "reopened"}, nil); err != nil {
		return err
	}
	return s.promiseTx(ctx, l, k)
}

// LeaveTx takes the customer out of the queue: "I did not ask for a person". The
// click is the recorded consent that the bot answers again. It gives the case
// that was left, nil when there was none. A complaint stays registered: leaving
// the queue does not withdraw it.
func (s *Service) LeaveTx(ctx context.Context, l *chat.Locked) (*Case, error) {
	k, err := openCase(ctx, l)
	if err != nil || k == nil {
		return nil, err // none: a second click
	}
	if k.State != StateWaiting {
		return nil, fault.Conflict("person_is_here", "A person has already joined. Please tell them that you do not need them.")
	}
	if err := refuseComplaint(ctx, l, *k); err != nil {
		return nil, err
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, "UPDATE cases SET state = 'withdrawn', resolved_at = now(), updated_at = now() WHERE id = $1", k.ID); err != nil {
		return nil, fmt.Errorf("withdraw a case: %w", err)
	}
	if err := l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "withdrawn"}, nil); err != nil {
		return nil, err
	}
	shown, err := prompts.Render(prompts.Locale(l.Locale), prompts.HandoffUndo, nil)
	if err != nil {
		return nil, err
	}
	if err := l.Consent(chat.Consent{Purpose: chat.PurposeReturnToBot, Given: true, TextShown: shown, Locale: l.Locale}); err != nil {
		return nil, err
	}
	if err := l.Move(ctx, chat.StateBot, nil); err != nil {
		return nil, err
	}
	return k, s.say(l, "handoff_cancelled", prompts.HandoffLeft, prompts.Args{"ref": k.Reference})
}

func refuseComplaint(ctx context.Context, l *chat.Locked, k Case) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	var complaint bool
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM complaints WHERE case_id = $1)", k.ID).Scan(&complaint); err != nil {
		return fmt.Errorf("look for a complaint: %w", err)
	}
	if complaint {
		return fault.Conflict("complaint_is_open", "Your complaint is registered under %s and will be answered. You can ask the assistant meanwhile.", k.Reference)
	}
	return nil
}

// Consent records what the customer agreed to and does it: the bot answers
// while they wait, or comes back after a person.
func (s *Service) Consent(ctx context.Context, conversationID int64, c chat.Consent) error {
	return s.chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		_, err := s.ConsentTx(ctx, l, c)
		return err
	})
}

// ConsentTx is Consent within a transaction. When the bot comes back because an
// agent proposed it, asked is the message that did: what the customer wrote after
// it is for the bot.
func (s *Service) ConsentTx(ctx context.Context, l *chat.Locked, c chat.Consent) (asked int, err error) {
	var open *proposal
	if c.Purpose == chat.PurposeReturnToBot {
		if open, err = s.proposalTx(ctx, l); err != nil {
			return 0, err
		}
	}
	switch {
	case c.Purpose == chat.PurposeContact:
		return 0, fault.Invalid("consent_without_address", "Leave the address together with the consent, or remove both.")
	case c.Purpose == chat.PurposeAssistWhileWaiting && l.Owner != chat.OwnerQueue:
		return 0, fault.Conflict("not_waiting", "This can be chosen while you wait for a person.")
	case c.Purpose == chat.PurposeReturnToBot && l.State != chat.StateResolved && open == nil:
		return 0, fault.Conflict("person_is_here", "The assistant can answer again once the person has finished.")
	}
	if !c.Given {
		// What the bot was saying ends while it still had the word.
		if err := l.StopTurn(ctx); err != nil {
			return 0, err
		}
	}
	if err := l.Consent(c); err != nil {
		return 0, err
	}
	switch {
	case c.Purpose != chat.PurposeReturnToBot:
		return 0, s.assistTx(ctx, l, c.Given)
	case open != nil:
		return open.seq, s.answerTx(ctx, l, *open, c.Given)
	default:
		return 0, s.returnTx(ctx, l, c.Given)
	}
}

func (s *Service) returnTx(ctx context.Context, l *chat.Locked, given bool) error {
	if !given {
		return nil
	}
	if err := l.Move(ctx, chat.StateBot, nil); err != nil {
		return err
	}
	return s.say(l, "assistant_back", prompts.BotReturned, nil)
}

func (s *Service) assistTx(ctx context.Context, l *chat.Locked, given bool) error {
	l.Settle()
	k, err := openCase(ctx, l)
	if err != nil || k == nil {
		return err
	}
	place, err := s.placeTx(ctx, l, *k)
	if err != nil {
		return err
	}
	key := prompts.ConsentAssistantGiven
	if !given {
		key = prompts.ConsentAssistantWithdrawn
	}
	return s.say(l, "assistant_while_waiting", key, prompts.Args{"position": fmt.Sprint(max(place.Position, 1))})
}
