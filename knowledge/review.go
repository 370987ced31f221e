// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
)

// AskReview asks a colleague to look at the draft: a certain one, or any. What is scheduled stays so.
func (s *Service) AskReview(ctx context.Context, id, expected, by int64, of *int64, note string) (Article, error) {
	note, err := checkNote(note)
	if err != nil {
		return Article{}, err
	}
	return s.step(ctx, id, expected, askReview, func(ctx context.Context, tx pgx.Tx, _ locked, now *Standing) error {
		if of != nil {
			if *of == by {
				return fault.Invalid("own_review", "Please ask a colleague, not yourself.")
			}
			if err := isEditor(ctx, tx, *of); err != nil {
				return err
			}
		}
		now.AskedBy, now.AskedOf, now.Note, now.NoteBy = &by, of, note, &by
		now.ApprovedBy, now.ApprovedAt, now.Why = nil, nil, nil
		if now.Stage != StageScheduled {
			now.Stage = StageInReview
		}
		return tx.QueryRow(ctx, `SELECT now()`).Scan(&now.AskedAt)
	})
}

// isEditor refuses whom a draft or an article cannot be given to.
func isEditor(ctx context.Context, q rowQuerier, account int64) error {
	var found int
	err := q.QueryRow(ctx, `
		SELECT 1 FROM accounts WHERE id = $1 AND role IN ('editor', 'supervisor') AND disabled_at IS NULL`, account).Scan(&found)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.Invalid("not_an_editor", "Please choose somebody who is an editor here.")
	}
	return err
}

// WithdrawReview takes the request back.
func (s *Service) WithdrawReview(ctx context.Context, id, expected int64) (Article, error) {
	return s.step(ctx, id, expected, withdraw, func(_ context.Context, _ pgx.Tx, _ locked, now *Standing) error {
		if !now.Asked() {
			return fault.Conflict("not_in_review", "Nobody was asked for a review.")
		}
		now.AskedBy, now.AskedOf, now.AskedAt, now.Note, now.NoteBy = nil, nil, nil, "", nil
		if now.Stage == StageInReview {
			now.Stage = StageWriting
		}
		return nil
	})
}

// Approve says that the draft of exactly that revision may go live. Nobody approves what they wrote
// last themselves.
func (s *Service) Approve(ctx context.Context, id, expected, by int64, note string) (Article, error) {
	note, err := checkNote(note)
	if err != nil {
		return Article{}, err
	}
	return s.step(ctx, id, expected, approve, func(ctx context.Context, tx pgx.Tx, at locked, now *Standing) error {
		if at.draftAuthor != nil && *at.draftAuthor == by {
			return fault.Conflict("own_text", "You wrote this draft last, so a colleague has to approve it.")
		}
		now.ApprovedBy, now.Note, now.NoteBy, now.Why = &by, note, &by, nil
		if now.Stage != StageScheduled {
			now.Stage = StageApproved
		}
		return tx.QueryRow(ctx, `SELECT now()`).Scan(&now.ApprovedAt)
	})
}

// SendBack says what is to be changed before the draft may go live. It ends a schedule.
func (s *Service) SendBack(ctx context.Context, id, expected, by int64, note string) (Article, error) {
	note, err := checkNote(note)
	if err != nil {
		return Article{}, err
	}
	if note == "" {
		return Article{}, fault.Invalid("note_missing", "Please say what is to be changed.")
	}
	return s.step(ctx, id, expected, sendBack, func(_ context.Context, _ pgx.Tx, _ locked, now *Standing) error {
		if !now.Asked() {
			return fault.Conflict("not_in_review", "Nobody was asked for a review.")
		}
		now.rest()
		now.Stage, now.Note, now.NoteBy = StageSentBack, note, &by
		return nil
	})
}

// latest is how far ahead a publication may be planned.
const latest = 2 * 365 * 24 * time.Hour

// Plan is a publication to come.
type Plan struct {
	By       int64
	At       time.Time
	Accepted []int64 // golden questions that may be answered worse
	Reason   string  // why they may
}

// Schedule has the draft of that revision publish itself. Until then it cannot be written to.
func (s *Service) Schedule(ctx context.Context, id, expected int64, p Plan) (Article, error) {
	return s.step(ctx, id, expected, schedule, func(ctx context.Context, tx pgx.Tx, _ locked, now *Standing) error {
		var clock time.Time
		if err := tx.QueryRow(ctx, `SELECT now()`).Scan(&clock); err != nil {
			return err
		}
		if !p.At.After(clock) || p.At.After(clock.Add(latest)) {
			return fault.Invalid("invalid_time", "Please choose a time in the future, within two years.")
		}
		now.Stage, now.PublishAt, now.ScheduledBy, now.Accepted, now.Reason, now.Why = StageScheduled, &p.At, &p.By, p.Accepted, p.Reason, nil
		return nil
	})
}

// Unschedule takes the draft off the schedule.
func (s *Service) Unschedule(ctx context.Context, id, expected int64) (Article, error) {
	return s.step(ctx, id, expected, takeDown, func(_ context.Context, _ pgx.Tx, _ locked, now *Standing) error {
		now.rest()
		return nil
	})
}
