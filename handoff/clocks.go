// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/handoff/clock"
	"candor/postgres"
)

// Clocks reads the clocks of a case from the record as they stand now: of each
// kind the latest.
func (s *Service) Clocks(ctx context.Context, k Case) ([]clock.Reading, error) {
	list, _, err := s.clocks(ctx, s.db, k)
	latest := []clock.Reading{}
	for i, r := range list {
		superseded := false
		for _, later := range list[i+1:] {
			superseded = superseded || later.Kind == r.Kind
		}
		if !superseded {
			latest = append(latest, r)
		}
	}
	return latest, err
}

// clocks reads all clocks of a case, and tells which entry of the record was the
// last one.
func (s *Service) clocks(ctx context.Context, db querier, k Case) ([]clock.Reading, int, error) {
	rows, err := db.Query(ctx, `
		SELECT n, created_at, kind, body, now()
		FROM log
		WHERE conversation_id = $1
		ORDER BY n`, k.ConversationID)
	if err != nil {
		return nil, 0, postgres.Away(fmt.Errorf("read the record for clocks: %w", err))
	}
	var last int
	var now time.Time
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (clock.Entry, error) {
		var e clock.Entry
		return e, row.Scan(&last, &e.At, &e.Kind, &e.Body, &now)
	})
	if err != nil {
		return nil, 0, postgres.Away(fmt.Errorf("read the record for clocks: %w", err))
	}
	cases, err := clock.Read(entries)
	if err != nil {
		return nil, 0, err
	}
	var list []clock.Reading
	for _, found := range cases {
		if found.Reference != k.Reference {
			continue
		}
		found.Stand(now)
		for _, c := range found.Clocks {
			list = append(list, c.At(now, s.terms(c)))
		}
	}
	return list, last, nil
}

// terms is what is promised of a clock by the settings in force.
func (s *Service) terms(c clock.Clock) clock.Terms {
	hours, targets := teamHours(s.chat.Company(), c.Team)
	name, _ := PriorityName(c.Priority)
	p := targets.For(name)
	minutes := map[clock.Kind]int{
		clock.Acknowledgement: p.AckMinutes, clock.FirstResponse: p.FirstResponseMinutes,
		clock.NextResponse: p.NextResponseMinutes, clock.Resolution: p.ResolutionMinutes,
	}[c.Kind]
	return clock.Terms{Calendar: hours, Target: time.Duration(minutes) * time.Minute, Days: targets.ComplaintDays}
}

// clockBatch bounds one look; the rest is done by the next.
const clockBatch = 500

// staleClocks are the cases whose record has grown since their clocks were kept:
// of those that are open, or of which a clock still runs.
const staleClocks = `
	SELECT k.id
	FROM (
		SELECT id FROM cases WHERE state IN ('waiting', 'claimed')
		UNION
		SELECT case_id FROM clocks WHERE ended_at IS NULL) likely
	JOIN cases k ON k.id = likely.id
	JOIN conversations c ON c.id = k.conversation_id
	WHERE c.last_entry > coalesce((SELECT max(entry) FROM clocks kept WHERE kept.case_id = k.id), 0)
	ORDER BY k.id
	LIMIT $1`

// dueClocks are the cases of which a clock has come to warn, or is broken, and
// the record does not say so yet.
const dueClocks = `
	SELECT DISTINCT case_id
	FROM clocks
	WHERE breached_at IS NULL AND (ended_at IS NULL OR state = 'breached')
		AND (state = 'breached' OR due_at < now() OR warned_at IS NULL AND warn_at <= now())
	ORDER BY case_id
	LIMIT $1`

// LookAtClocks keeps what the record says of the clocks for lists and reports,
// and records what is nearly due or broken. It tells how much it recorded.
func (s *Service) LookAtClocks(ctx context.Context) (int, error) {
	stale, err := s.caseIDs(ctx, staleClocks, clockBatch)
	if err != nil {
		return 0, err
	}
	for _, id := range stale {
		if err := s.keepClocks(ctx, id); err != nil {
			return 0, err
		}
	}
	due, err := s.caseIDs(ctx, dueClocks, clockBatch)
	marked := 0
	for _, id := range due {
		_, markErr := s.change(ctx, id, func(l *chat.Locked, k *Case) error {
			n, err := s.markTx(ctx, l, *k)
			marked += n
			return err
		})
		err = errors.Join(err, markErr)
	}
	return marked, err
}

func (s *Service) caseIDs(ctx context.Context, sql string, args ...any) ([]int64, error) {
	rows, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for clocks: %w", err))
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for clocks: %w", err))
	}
	return ids, nil
}

// keepClocks writes down the clocks of a case. Two gateways may do it at once:
// what was derived from less of the record does not replace what knows more.
func (s *Service) keepClocks(ctx context.Context, caseID int64) error {
	k, err := s.Case(ctx, caseID)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		list, last, err := s.clocks(ctx, tx, k)
		if err != nil {
			return err
		}
		return keepTx(ctx, tx, k, list, last)
	})
}

func keepTx(ctx context.Context, tx pgx.Tx, k Case, list []clock.Reading, last int) error {
	batch := &pgx.Batch{}
	for _, r := range list {
		batch.Queue(`
			INSERT INTO clocks AS kept (case_id, kind, n, team, priority, state, started_at, warn_at, due_at, ended_at, elapsed_s, entry)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT (case_id, kind, n) DO UPDATE
			SET team = excluded.team, priority = excluded.priority, state = excluded.state, started_at = excluded.started_at,
				warn_at = excluded.warn_at, due_at = excluded.due_at, ended_at = excluded.ended_at, elapsed_s = excluded.elapsed_s, entry = excluded.entry
			WHERE kept.entry <= excluded.entry`,
			k.ID, r.Kind, r.N, r.Team, r.Priority, r.State, r.StartedAt, r.WarnAt, r.DueAt, r.EndedAt, (r.Target - r.Remaining).Seconds(), last)
	}
	// What nobody waits for any more, when the customer left.
	batch.Queue("DELETE FROM clocks WHERE case_id = $1 AND entry < $2", k.ID, last)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("keep clocks: %w", err)
	}
	return nil
}

// markTx records the clocks of a case that warn or are broken, once each.
func (s *Service) markTx(ctx context.Context, l *chat.Locked, k Case) (int, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return 0, err
	}
	list, last, err := s.clocks(ctx, tx, k)
	if err != nil {
		return 0, err
	}
	if err := keepTx(ctx, tx, k, list, last); err != nil {
		return 0, err
	}
	marked := 0
	for _, r := range list {
		action, column := "clock_warned", "warned_at"
		switch r.State {
		case clock.Breached:
			action, column = "clock_breached", "breached_at"
		case clock.Warned:
		default:
			continue
		}
		tag, err := tx.Exec(ctx, "UPDATE clocks SET "+column+" = now() WHERE case_id = $1 AND kind = $2 AND n = $3 AND "+column+" IS NULL", k.ID, r.Kind, r.N)
		if err != nil {
			return 0, fmt.Errorf("mark a clock: %w", err)
		}
		if tag.RowsAffected() == 0 {
			continue // it was recorded before
		}
		marked++
		entry := caseEntry{Reference: k.Reference, Action: action, Clock: string(r.Kind), Round: r.N, DueAt: r.DueAt}
		if err := l.Record(chat.EntryCase, entry, nil); err != nil {
			return 0, err
		}
	}
	if marked > 0 {
		l.TouchDesk()
	}
	return marked, nil
}
