// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/postgres"
)

// maxSnooze is how long a case may be put aside.
const maxSnooze = 90 * 24 * time.Hour

// Snooze puts the agent's case aside until a time, or until the customer writes:
// it stays theirs and takes up none of their capacity meanwhile.
func (s *Service) Snooze(ctx context.Context, caseID int64, agent chat.Agent, until time.Time) (Case, error) {
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := mine(*k, agent); err != nil {
			return err
		}
		return s.snoozeTx(ctx, l, k, agent, until)
	})
}

func (s *Service) snoozeTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent, until time.Time) error {
	if !until.After(l.Now) || until.After(l.Now.Add(maxSnooze)) {
		return fault.Invalid("invalid_until", "A case can be put aside until a time within the next %d days.", int(maxSnooze.Hours()/24))
	}
	until = until.UTC()
	if err := setSnooze(ctx, l, k, &until); err != nil {
		return err
	}
	return s.recordWork(l, workEntry{Reference: k.Reference, Action: "snoozed", AgentID: &agent.ID, Until: &until}, "")
}

// Wake takes up the agent's case before its time.
func (s *Service) Wake(ctx context.Context, caseID int64, agent chat.Agent) (Case, error) {
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := mine(*k, agent); err != nil || k.SnoozedUntil == nil {
			return err
		}
		return s.wakeTx(ctx, l, k, &agent.ID)
	})
}

// WakeSnoozed takes up the cases whose time has come, by the database's clock, and
// tells how many. It may run anywhere at any time.
func (s *Service) WakeSnoozed(ctx context.Context) (int, error) {
	rows, err := s.db.Query(ctx, "SELECT id FROM cases WHERE snoozed_until <= now() ORDER BY snoozed_until LIMIT 100")
	if err != nil {
		return 0, postgres.Away(fmt.Errorf("look for snoozed cases: %w", err))
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return 0, postgres.Away(fmt.Errorf("look for snoozed cases: %w", err))
	}
	woken := 0
	var failed error
	for _, id := range ids {
		_, err := s.change(ctx, id, func(l *chat.Locked, k *Case) error {
			if k.SnoozedUntil == nil || k.SnoozedUntil.After(l.Now) {
				return nil // somebody else was quicker, or it was put aside anew
			}
			woken++
			return s.wakeTx(ctx, l, k, nil)
		})
		failed = errors.Join(failed, err)
	}
	return woken, failed
}

// wokenTx takes up what was put aside when its customer writes.
func (s *Service) wokenTx(ctx context.Context, l *chat.Locked) error {
	k, err := openCase(ctx, l)
	if err != nil || k == nil || k.SnoozedUntil == nil {
		return err
	}
	return s.wakeTx(ctx, l, k, nil)
}

func (s *Service) wakeTx(ctx context.Context, l *chat.Locked, k *Case, agentID *int64) error {
	if err := setSnooze(ctx, l, k, nil); err != nil {
		return err
	}
	return s.recordWork(l, workEntry{Reference: k.Reference, Action: "woken", AgentID: agentID}, "")
}

func setSnooze(ctx context.Context, l *chat.Locked, k *Case, until *time.Time) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE cases SET snoozed_until = $2, updated_at = now() WHERE id = $1", k.ID, until); err != nil {
		return fmt.Errorf("put a case aside: %w", err)
	}
	k.SnoozedUntil = until
	return nil
}

// Escalate asks the supervisors into a case: they are named in the note, and its
// priority is high at least. The agent keeps it until one of them takes it.
func (s *Service) Escalate(ctx context.Context, caseID int64, by Actor, note string) (Case, error) {
	if err := chat.CheckText(note); err != nil {
		return Case{}, err
	}
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := answers(*k, by); err != nil {
			return err
		}
		if k.EscalatedAt != nil {
			return fault.Conflict("already_escalated", "Case %s is with the supervisors already; write a note to add something.", k.Reference)
		}
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			UPDATE cases
			SET escalated_at = $2, priority = greatest(priority, $3), updated_at = now()
			WHERE id = $1
			RETURNING priority, serve_by`, k.ID, l.Now, PriorityHigh).Scan(&k.Priority, &k.ServeBy)
		if err != nil {
			return fmt.Errorf("escalate a case: %w", err)
		}
		k.EscalatedAt = &l.Now
		rows, err := tx.Query(ctx, "SELECT id, name FROM accounts WHERE role = 'supervisor' AND disabled_at IS NULL ORDER BY id")
		if err != nil {
			return fmt.Errorf("find the supervisors: %w", err)
		}
		supervisors, err := pgx.CollectRows(rows, pgx.RowToStructByPos[chat.Agent])
		if err != nil {
			return fmt.Errorf("find the supervisors: %w", err)
		}
		_, err = s.noteTx(ctx, l, *k, workEntry{Action: "escalated", AgentID: &by.ID}, by.Agent, note, supervisors)
		return err
	})
}
