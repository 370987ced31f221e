// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/calendar"
	"candor/postgres"
	"candor/prompts"
)

// Promise is a person who was promised by a date. At most one of the last three
// is set.
type Promise struct {
	PromisedAt time.Time
	DueAt      time.Time
	ToldSeq    int        // the message that promised it
	KeptAt     *time.Time // a person's first word came in time
	BrokenAt   *time.Time // the date passed without one
	DroppedAt  *time.Time // nobody waits for it any more, or another took its place
}

type promiseEntry struct {
	Reference string    `json:"reference"`
	Action    string    `json:"action"` // promised, promise_kept, promise_broken
	DueAt     time.Time `json:"due_at"`
	Seq       int       `json:"message_id,omitempty"` // the message that promised it
}

// at is the moment of a change, on the clock that hours are kept by.
func (s *Service) at(l *chat.Locked) time.Time { return s.clock(l.Now) }

// promise is when the case's team is there for what comes in outside its opening
// hours, and by when a person answers it; nil within them.
func (s *Service) promise(k Case, now time.Time) (ready, due *time.Time) {
	hours, targets := teamHours(s.chat.Company(), k.Team)
	opening, known := hours.NextOpening(now)
	if !known || !opening.After(now) {
		return nil, nil
	}
	target := time.Duration(targets.FirstResponseMinutes) * time.Minute
	by := opening.Add(target)
	if at, known := hours.Add(opening, target); known {
		by = at
	}
	return &opening, &by
}

// foreseeTx is promise with time for those who are served before: a date that all
// who wait share would be broken for most of them.
func (s *Service) foreseeTx(ctx context.Context, l *chat.Locked, k Case) (ready, due *time.Time, err error) {
	ready, due = s.promise(k, s.at(l))
	if due == nil {
		return nil, nil, nil
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return nil, nil, err
	}
	f, err := s.forecast(ctx, tx, k.Team)
	if err != nil {
		return nil, nil, err
	}
	ahead := f.waiting
	if k.State == StateWaiting && k.ID != 0 {
		if ahead, err = s.position(ctx, tx, k); err != nil {
			return nil, nil, err
		}
		ahead--
	}
	hours, _ := teamHours(s.chat.Company(), k.Team)
	if at, known := hours.Add(*ready, f.backlog(ahead)); known && at.After(*due) {
		due = &at
	}
	return ready, due, nil
}

// teamHours are when a team works and what is promised for it; a team that is
// gone from the settings is the company.
func teamHours(company chat.Company, id string) (calendar.Calendar, chat.Targets) {
	team, known := company.Team(id)
	if !known {
		return company.Calendar(), company.Targets
	}
	return company.CalendarOf(team), company.TargetsOf(team)
}

// promiseTx keeps the promise that the newest message made. What was promised for
// the same date before stands.
func (s *Service) promiseTx(ctx context.Context, l *chat.Locked, k Case) error {
	if k.DueAt == nil || l.State != chat.StateAwaitingHours {
		return nil
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE promises
		SET dropped_at = $2
		WHERE case_id = $1 AND kept_at IS NULL AND broken_at IS NULL AND dropped_at IS NULL AND due_at <> $3`, k.ID, s.at(l), k.DueAt)
	if err != nil {
		return fmt.Errorf("replace a promise: %w", err)
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO promises (case_id, promised_at, due_at, told_seq)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (case_id) WHERE kept_at IS NULL AND broken_at IS NULL AND dropped_at IS NULL DO NOTHING`,
		k.ID, s.at(l), k.DueAt, l.LastSeq)
	if err != nil {
		return fmt.Errorf("keep a promise: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return l.Record(chat.EntryCase, promiseEntry{Reference: k.Reference, Action: "promised", DueAt: k.DueAt.UTC(), Seq: l.LastSeq}, nil)
}

// wordTx marks what was promised as kept by a person's word, or as broken when
// the date has passed and no sweep has seen it yet.
func (s *Service) wordTx(ctx context.Context, l *chat.Locked, k Case) error {
	return s.settlePromiseTx(ctx, l, k, `
		UPDATE promises
		SET kept_at = CASE WHEN due_at >= $2 THEN $2 END, broken_at = CASE WHEN due_at < $2 THEN due_at END
		WHERE case_id = $1 AND kept_at IS NULL AND broken_at IS NULL AND dropped_at IS NULL
		RETURNING due_at, broken_at IS NULL`, func(bool) error { return nil })
}

// breakTx records that the date of a promise has passed, and says so.
func (s *Service) breakTx(ctx context.Context, l *chat.Locked, k Case) error {
	return s.settlePromiseTx(ctx, l, k, `
		UPDATE promises
		SET broken_at = due_at
		WHERE case_id = $1 AND kept_at IS NULL AND broken_at IS NULL AND dropped_at IS NULL AND due_at < $2
		RETURNING due_at, false`, func(bool) error {
		if l.Owner != chat.OwnerQueue {
			return nil // a person is here, and speaks for themselves
		}
		return errors.Join(s.say(l, "promise_broken", prompts.PromiseBroken, prompts.Args{"ref": k.Reference, "due": s.dueArg(l, k)}), s.newsTx(ctx, l))
	})
}

func (s *Service) settlePromiseTx(ctx context.Context, l *chat.Locked, k Case, settle string, then func(kept bool) error) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	var due time.Time
	var kept bool
	err = tx.QueryRow(ctx, settle, k.ID, s.at(l)).Scan(&due, &kept)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("settle a promise: %w", err)
	}
	action := "promise_broken"
	if kept {
		action = "promise_kept"
	}
	if err := l.Record(chat.EntryCase, promiseEntry{Reference: k.Reference, Action: action, DueAt: due.UTC()}, nil); err != nil {
		return err
	}
	return then(kept)
}

// Promises gives what was promised for a case, the oldest first.
func (s *Service) Promises(ctx context.Context, caseID int64) ([]Promise, error) {
	rows, err := s.db.Query(ctx, `
		SELECT promised_at, due_at, told_seq, kept_at, broken_at, dropped_at
		FROM promises
		WHERE case_id = $1
		ORDER BY id`, caseID)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read promises: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Promise])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read promises: %w", err))
	}
	return list, nil
}
