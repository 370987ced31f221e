// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/prompts"
)

// outcomeReturned is how a case ends whose customer agreed that the bot goes on.
// No agent chooses it.
const outcomeReturned = "returned_to_bot"

// proposal is an agent's question whether the bot may go on.
type proposal struct {
	caseID int64
	agent  chat.Agent
	seq    int // of the message that asks
}

// ProposeReturn asks the customer of the agent's case whether the bot may answer
// from here. Until they agree the agent keeps the case; see [Service.Consent].
func (s *Service) ProposeReturn(ctx context.Context, caseID int64, agent chat.Agent) (Case, error) {
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := mine(*k, agent); err != nil {
			return err
		}
		if k.Reason == ReasonSafety {
			return fault.Conflict("person_needed", "Case %s concerns somebody's safety; a person stays with it.", k.Reference)
		}
		if err := refuseReturn(ctx, l, *k); err != nil {
			return err
		}
		if open, err := s.proposalTx(ctx, l); err != nil || open != nil {
			return err // a second click
		}
		if err := s.say(l, "return_asked", prompts.ConsentReturnAsked, prompts.Args{"agent": agent.Name}); err != nil {
			return err
		}
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO return_proposals (conversation_id, case_id, agent_id, epoch, seq, asked_at)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (conversation_id) DO UPDATE
			SET case_id = excluded.case_id, agent_id = excluded.agent_id, epoch = excluded.epoch, seq = excluded.seq,
				asked_at = excluded.asked_at, agreed = NULL, answered_at = NULL`,
			l.ID, k.ID, agent.ID, l.Epoch, l.LastSeq, l.Now)
		if err != nil {
			return fmt.Errorf("propose a return: %w", err)
		}
		return s.recordWork(l, workEntry{Reference: k.Reference, Action: "return_proposed", AgentID: &agent.ID}, "")
	})
}

// refuseReturn keeps complaints with people: only they decide them.
func refuseReturn(ctx context.Context, l *chat.Locked, k Case) error {
	err := refuseComplaint(ctx, l, k)
	if fault.Is(err, "complaint_is_open") {
		return fault.Conflict("complaint_is_open", "Case %s is a complaint; a person answers it.", k.Reference)
	}
	return err
}

// proposalTx is the question that the customer has not answered yet, nil when
// there is none: another owner makes it void.
func (s *Service) proposalTx(ctx context.Context, l *chat.Locked) (*proposal, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return nil, err
	}
	var p proposal
	err = tx.QueryRow(ctx, `
		SELECT p.case_id, p.agent_id, a.name, p.seq
		FROM return_proposals p
		JOIN accounts a ON a.id = p.agent_id
		WHERE p.conversation_id = $1 AND p.epoch = $2 AND p.answered_at IS NULL`, l.ID, l.Epoch).
		Scan(&p.caseID, &p.agent.ID, &p.agent.Name, &p.seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // nothing was asked: not an error
	}
	if err != nil {
		return nil, fmt.Errorf("look for a proposal: %w", err)
	}
	return &p, nil
}

// answerTx does what the customer answered to an agent's proposal.
func (s *Service) answerTx(ctx context.Context, l *chat.Locked, p proposal, given bool) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE return_proposals SET agreed = $2, answered_at = $3 WHERE conversation_id = $1", l.ID, given, l.Now); err != nil {
		return fmt.Errorf("note the answer to a proposal: %w", err)
	}
	k, err := readCase(ctx, tx, "k.id = $1", p.caseID)
	if err != nil {
		return err
	}
	if !given {
		if err := s.say(l, "return_declined", prompts.ConsentReturnDeclined, prompts.Args{"agent": p.agent.Name}); err != nil {
			return err
		}
		return s.recordWork(l, workEntry{Reference: k.Reference, Action: "return_declined"}, "")
	}
	return s.undoable(ctx, l, &k, undoReturned, p.agent, func() error { return s.handBackTx(ctx, l, k) })
}

// handBackTx ends the case and gives the word to the bot.
func (s *Service) handBackTx(ctx context.Context, l *chat.Locked, k Case) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE cases
		SET state = 'resolved', outcome = $2, resolved_at = now(), snoozed_until = NULL, updated_at = now()
		WHERE id = $1`, k.ID, outcomeReturned)
	if err != nil {
		return fmt.Errorf("hand a case back: %w", err)
	}
	if err := s.recordWork(l, workEntry{Reference: k.Reference, Action: "handed_back"}, ""); err != nil {
		return err
	}
	if err := l.Move(ctx, chat.StateBot, nil); err != nil {
		return err
	}
	return s.say(l, "assistant_back", prompts.BotReturned, nil)
}

// FollowUpTx notes what the customer says of a resolved case. What is not solved
// is open again under the same reference.
func (s *Service) FollowUpTx(ctx context.Context, l *chat.Locked, solved bool) error {
	if l.State != chat.StateResolved {
		if !solved && (l.Owner == chat.OwnerQueue || l.Owner == chat.OwnerAgent && l.State != chat.StateClosed) {
			return nil // open again already: a second click
		}
		return fault.Conflict("not_resolved", "There is no resolved request in this conversation.")
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	k, err := readCase(ctx, tx, "k.conversation_id = $1 ORDER BY k.id DESC LIMIT 1", l.ID)
	if err != nil {
		return err
	}
	action := "confirmed_solved"
	if !solved {
		action = "said_unsolved"
	}
	if err := s.recordWork(l, workEntry{Reference: k.Reference, Action: action}, ""); err != nil || solved {
		return err
	}
	return s.reopenTx(ctx, l)
}
