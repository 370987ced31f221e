// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/prompts"
)

// UndoWithin is how long a step can be taken back.
const UndoWithin = time.Minute

// The steps that can be taken back.
const (
	undoReleased    = "released"
	undoResolved    = "resolved"
	undoTransferred = "transferred"
	undoReturned    = "returned"
)

// before is how a case stood before a step.
type before struct {
	State     State      `json:"state"`
	AgentID   *int64     `json:"agent_id,omitempty"`
	ClaimedAt *time.Time `json:"claimed_at,omitempty"`
	DueAt     *time.Time `json:"due_at,omitempty"`
	Team      string     `json:"team,omitempty"`
}

// undoable takes a step and keeps how the case stood, so that whoever took it
// can take it back for as long as nothing else happens.
func (s *Service) undoable(ctx context.Context, l *chat.Locked, k *Case, action string, agent chat.Agent, step func() error) error {
	was, err := json.Marshal(before{State: k.State, AgentID: k.AgentID, ClaimedAt: k.ClaimedAt, DueAt: k.DueAt, Team: k.Team})
	if err != nil {
		return fmt.Errorf("keep how a case stood: %w", err)
	}
	if err := step(); err != nil {
		return err
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO undos (case_id, action, agent_id, epoch, last_seq, state, before, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (case_id) DO UPDATE
		SET action = excluded.action, agent_id = excluded.agent_id, epoch = excluded.epoch, last_seq = excluded.last_seq,
			state = excluded.state, before = excluded.before, created_at = excluded.created_at`,
		k.ID, action, agent.ID, l.Epoch, l.LastSeq, l.State, was, l.Now)
	if err != nil {
		return fmt.Errorf("keep how a case stood: %w", err)
	}
	return nil
}

// taken is a step that was taken, and how the case stood before.
type taken struct {
	action string
	before before
}

// Undo takes the agent's last step with a case back: a release, a transfer, a
// resolution, a return to the bot. It can be done within a minute, while nobody
// has written or taken a step since.
func (s *Service) Undo(ctx context.Context, caseID int64, agent chat.Agent) (Case, error) {
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		step, err := s.lastStepTx(ctx, l, *k, agent)
		if err != nil {
			return err
		}
		if err := s.restoreTx(ctx, l, k, step, agent); err != nil {
			return err
		}
		return s.recordWork(l, workEntry{Reference: k.Reference, Action: "undone", AgentID: &agent.ID, Undid: step.action}, "")
	})
}

func (s *Service) lastStepTx(ctx context.Context, l *chat.Locked, k Case, agent chat.Agent) (taken, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return taken{}, err
	}
	var step taken
	var was []byte
	err = tx.QueryRow(ctx, `
		DELETE FROM undos
		WHERE case_id = $1 AND agent_id = $2 AND created_at > $3::timestamptz - $4::interval AND epoch = $5 AND last_seq = $6 AND state = $7
		RETURNING action, before`, k.ID, agent.ID, l.Now, UndoWithin, l.Epoch, l.LastSeq, l.State).Scan(&step.action, &was)
	if errors.Is(err, pgx.ErrNoRows) {
		return taken{}, fault.Conflict("nothing_to_undo", "There is nothing to take back: a minute has passed, or something has happened since.")
	}
	if err != nil {
		return taken{}, fmt.Errorf("find the last step: %w", err)
	}
	if err := json.Unmarshal(was, &step.before); err != nil {
		return taken{}, fmt.Errorf("read how a case stood: %w", err)
	}
	return step, nil
}

// restoreTx puts the case back as it stood, and tells the customer who is there.
func (s *Service) restoreTx(ctx context.Context, l *chat.Locked, k *Case, step taken, agent chat.Agent) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	was := step.before
	err = tx.QueryRow(ctx, `
		UPDATE cases
		SET state = $2, agent_id = $3, claimed_at = $4, due_at = $5, team = $6, resolved_at = NULL, outcome = NULL, updated_at = now()
		WHERE id = $1
		RETURNING serve_by`, k.ID, was.State, was.AgentID, was.ClaimedAt, was.DueAt, was.Team).Scan(&k.ServeBy)
	if err != nil {
		return fmt.Errorf("take a step back: %w", err)
	}
	k.State, k.AgentID, k.ClaimedAt, k.DueAt, k.Team, k.ResolvedAt, k.Outcome = was.State, was.AgentID, was.ClaimedAt, was.DueAt, was.Team, nil, nil
	if was.State == StateWaiting {
		return s.restoreWaitingTx(ctx, l, *k)
	}
	if *was.AgentID != agent.ID {
		if agent, err = agentTx(ctx, tx, *was.AgentID); err != nil {
			return err
		}
	}
	if step.action != undoResolved {
		return s.joinTx(ctx, l, agent)
	}
	if err := l.Move(ctx, chat.StateHuman, &agent); err != nil {
		return err
	}
	return s.say(l, "reopened", prompts.CaseReopened, prompts.Args{"ref": k.Reference})
}

func (s *Service) restoreWaitingTx(ctx context.Context, l *chat.Locked, k Case) error {
	to := chat.StateQueued
	if _, due := s.promise(k, s.at(l)); due != nil && k.DueAt != nil {
		to = chat.StateAwaitingHours
	}
	left := l.Owner == chat.OwnerAgent
	if l.State != to {
		if err := l.Move(ctx, to, nil); err != nil {
			return err
		}
	}
	if !left {
		return nil
	}
	return s.say(l, "reopened", prompts.CaseReopened, prompts.Args{"ref": k.Reference})
}

// agentTx is a member of staff by id, whether or not they are still here.
func agentTx(ctx context.Context, tx pgx.Tx, id int64) (chat.Agent, error) {
	a := chat.Agent{ID: id}
	if err := tx.QueryRow(ctx, "SELECT name FROM accounts WHERE id = $1", id).Scan(&a.Name); err != nil {
		return a, fmt.Errorf("find an agent: %w", err)
	}
	return a, nil
}
