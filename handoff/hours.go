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
	"candor/prompts"
)

const (
	// sweepBatch bounds one step of a run; the rest is done by the next.
	sweepBatch = 500
	// closeAfter is how long a resolved conversation can be taken up again.
	closeAfter = 7 * 24 * time.Hour
)

// KeepTime does what is due by the database's clock: cases that came in out of hours
// enter the queue at the opening, those that still wait at the closing are
// promised a date, promises whose date has passed are recorded as broken, and
// what was resolved a week ago is closed. No customer who waits, or is waited
// for, is closed. It may run anywhere at any time.
func (s *Service) KeepTime(ctx context.Context) error {
	var now time.Time
	if err := s.db.QueryRow(ctx, "SELECT now()").Scan(&now); err != nil {
		return postgres.Away(fmt.Errorf("read the clock: %w", err))
	}
	now = s.clock(now)
	return errors.Join(
		s.sweepHours(ctx, now, chat.StateAwaitingHours, s.openedTx),
		s.sweepHours(ctx, now, chat.StateQueued, s.closedQueueTx),
		s.sweepEach(ctx, s.breakOpenTx, `
			SELECT k.conversation_id
			FROM promises p
			JOIN cases k ON k.id = p.case_id
			WHERE p.due_at < $1 AND p.kept_at IS NULL AND p.broken_at IS NULL AND p.dropped_at IS NULL
			ORDER BY p.due_at
			LIMIT $2`, now, sweepBatch),
		s.sweepEach(ctx, s.closeTx, `
			SELECT c.id
			FROM conversations c
			JOIN customers u ON u.id = c.customer_id AND u.erase_requested_at IS NULL
			WHERE c.state = 'resolved' AND c.updated_at < $1
				AND NOT EXISTS (SELECT FROM cases k WHERE k.conversation_id = c.id AND k.resolved_at > $1)
			ORDER BY c.updated_at
			LIMIT $2`, now.Add(-closeAfter), sweepBatch),
	)
}

// sweepHours looks at the conversations in a state, team by team, whose hours
// have turned.
func (s *Service) sweepHours(ctx context.Context, now time.Time, state chat.State, turned func(context.Context, *chat.Locked, *Case) error) error {
	rows, err := s.db.Query(ctx, `
		SELECT DISTINCT k.team
		FROM cases k
		JOIN conversations c ON c.id = k.conversation_id
		WHERE k.state = 'waiting' AND c.state = $1`, state)
	if err != nil {
		return postgres.Away(fmt.Errorf("look for teams that wait: %w", err))
	}
	teams, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return postgres.Away(fmt.Errorf("look for teams that wait: %w", err))
	}
	var failed error
	for _, team := range teams {
		_, due := s.promise(Case{Team: team}, now)
		if (due == nil) != (state == chat.StateAwaitingHours) {
			continue
		}
		failed = errors.Join(failed, s.sweepEach(ctx, turned, `
			SELECT k.conversation_id
			FROM cases k
			JOIN conversations c ON c.id = k.conversation_id
			WHERE k.state = 'waiting' AND c.state = $1 AND k.team = $2
			ORDER BY k.priority < 2, k.serve_by, k.enqueued_at, k.id
			LIMIT $3`, state, team, sweepBatch))
	}
	return failed
}

// sweepEach does one thing to each conversation that is found, with its newest
// case, under its lock. One that fails does not keep the others.
func (s *Service) sweepEach(ctx context.Context, do func(context.Context, *chat.Locked, *Case) error, which string, args ...any) error {
	rows, err := s.db.Query(ctx, which, args...)
	if err != nil {
		return postgres.Away(fmt.Errorf("look for what is due: %w", err))
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return postgres.Away(fmt.Errorf("look for what is due: %w", err))
	}
	var failed error
	for _, id := range ids {
		err := s.chat.Lock(ctx, id, func(l *chat.Locked) error {
			tx, err := l.Tx(ctx)
			if err != nil {
				return err
			}
			k, err := readCase(ctx, tx, "k.conversation_id = $1 ORDER BY k.id DESC LIMIT 1", id)
			if err != nil {
				return err
			}
			return do(ctx, l, &k)
		})
		if fault.Is(err, "conversation_erased") {
			continue // it ends by being erased
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// openedTx puts a case in the queue: the team is there now.
func (s *Service) openedTx(ctx context.Context, l *chat.Locked, k *Case) error {
	if l.State != chat.StateAwaitingHours || k.State != StateWaiting {
		return nil
	}
	if err := l.Move(ctx, chat.StateQueued, nil); err != nil {
		return err
	}
	if err := s.readyTx(ctx, l, k); err != nil {
		return err
	}
	place, err := s.placeTx(ctx, l, *k)
	if err != nil {
		return err
	}
	if err := tellTx(ctx, l, *k, place); err != nil {
		return err
	}
	n := prompts.Notice{Reference: k.Reference, Position: place.Position, Nobody: place.Nobody}
	if place.Wait != nil {
		n.Wait = prompts.Wait(prompts.Locale(l.Locale), place.Wait.P10, place.Wait.P90)
	}
	text, err := prompts.Opened(prompts.Locale(l.Locale), n)
	if err != nil {
		return err
	}
	if _, err := l.PostSystem("queue_opened", text); err != nil {
		return err
	}
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "opened"}, nil)
}

// readyTx lets a case wait from now on where it was to wait from later: who comes
// after an opening that was not foreseen does not overtake it.
func (s *Service) readyTx(ctx context.Context, l *chat.Locked, k *Case) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, "UPDATE cases SET ready_at = $2 WHERE id = $1 AND ready_at > $2 RETURNING serve_by", k.ID, s.at(l)).Scan(&k.ServeBy)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("let a case wait from now on: %w", err)
	}
	return nil
}

// closedQueueTx promises a date to a customer who still waits at the closing.
func (s *Service) closedQueueTx(ctx context.Context, l *chat.Locked, k *Case) error {
	if l.State != chat.StateQueued || k.State != StateWaiting {
		return nil
	}
	if err := s.requeueTx(ctx, l, k); err != nil {
		return err
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	// What was told of the wait is void: nobody could have kept it.
	if _, err := tx.Exec(ctx, "UPDATE told_waits SET ended_at = now(), served = false WHERE case_id = $1 AND ended_at IS NULL", k.ID); err != nil {
		return fmt.Errorf("void what was told of a wait: %w", err)
	}
	if err := s.closingTx(ctx, l, *k); err != nil {
		return err
	}
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "closed_for_today"}, nil)
}

func (s *Service) breakOpenTx(ctx context.Context, l *chat.Locked, k *Case) error {
	return s.breakTx(ctx, l, *k)
}

// closeTx closes what was resolved and not taken up again.
func (s *Service) closeTx(ctx context.Context, l *chat.Locked, k *Case) error {
	if l.State != chat.StateResolved {
		return nil
	}
	if err := s.say(l, "closed", prompts.CaseClosed, prompts.Args{"ref": k.Reference}); err != nil {
		return err
	}
	return l.Move(ctx, chat.StateClosed, nil)
}
