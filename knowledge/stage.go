// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// Stage is how far a draft is on its way to the customers; docs/article-states.md draws it.
type Stage string

// The stages of a draft.
const (
	StageWriting   Stage = "writing"
	StageInReview  Stage = "in_review"
	StageSentBack  Stage = "sent_back" // the reviewer wants it changed
	StageApproved  Stage = "approved"
	StageScheduled Stage = "scheduled"
	StageKeptBack  Stage = "kept_back" // was due, and did not go live
)

// Standing is where a draft is on its way, and who brought it there.
type Standing struct {
	Stage       Stage
	Revision    int64 // that it is about
	AskedBy     *int64
	AskedOf     *int64 // nil: any colleague
	AskedAt     *time.Time
	ApprovedBy  *int64
	ApprovedAt  *time.Time
	PublishAt   *time.Time // of what is scheduled
	ScheduledBy *int64
	Accepted    []int64 // golden questions that may be answered worse
	Reason      string  // why they may
	Note        string  // of who asked, approved or sent back
	NoteBy      *int64
	Why         *string // what kept it back
}

const standingColumns = `stage, revision, asked_by, asked_of, asked_at, approved_by, approved_at, publish_at, scheduled_by, accepted, reason, note, note_by, why`

// Asked tells whether somebody waits for a review.
func (s Standing) Asked() bool { return s.AskedBy != nil && s.ApprovedBy == nil }

// action is what somebody does with a draft. From tells at which stages it may be done.
type action struct {
	words string // of the refusal
	from  []Stage
}

var (
	askReview = action{"be put up for review", []Stage{StageWriting, StageInReview, StageSentBack, StageScheduled, StageKeptBack}}
	withdraw  = action{"be taken out of review", []Stage{StageInReview, StageScheduled}}
	approve   = action{"be approved", []Stage{StageWriting, StageInReview, StageSentBack, StageScheduled, StageKeptBack}}
	sendBack  = action{"be sent back", []Stage{StageInReview, StageScheduled}}
	schedule  = action{"be scheduled", []Stage{StageWriting, StageInReview, StageSentBack, StageApproved, StageScheduled, StageKeptBack}}
	takeDown  = action{"be taken off the schedule", []Stage{StageScheduled}}
	write     = action{"be written to", []Stage{StageWriting, StageInReview, StageSentBack, StageApproved, StageKeptBack}}
)

// stageWords name the stages in a refusal.
var stageWords = map[Stage]string{
	StageWriting: "only written", StageInReview: "in review", StageSentBack: "sent back", StageApproved: "approved",
	StageScheduled: "scheduled", StageKeptBack: "kept back",
}

func (a action) check(stage Stage) error {
	if slices.Contains(a.from, stage) {
		return nil
	}
	if stage == StageScheduled {
		return fault.Conflict("draft_scheduled", "The draft is scheduled and stays as it is. Take it off the schedule to change it.")
	}
	return fault.Conflict("wrong_stage", "A draft that is %s cannot %s.", stageWords[stage], a.words)
}

// standing reads where a draft is; the caller holds the article's lock.
func standing(ctx context.Context, tx pgx.Tx, id int64) (Standing, error) {
	rows, _ := tx.Query(ctx, `SELECT `+standingColumns+` FROM knowledge_stages WHERE article_id = $1`, id)
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Standing])
	if errors.Is(err, pgx.ErrNoRows) {
		return Standing{Stage: StageWriting}, nil
	}
	return s, err
}

// put writes where a draft is. What is only written, with nothing said of it, has no row.
func (s Standing) put(ctx context.Context, tx pgx.Tx, id int64) error {
	if s.Stage == StageWriting {
		_, err := tx.Exec(ctx, `DELETE FROM knowledge_stages WHERE article_id = $1`, id)
		return err
	}
	if s.Accepted == nil {
		s.Accepted = []int64{}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO knowledge_stages (article_id, `+standingColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (article_id) DO UPDATE SET (`+standingColumns+`) =
			($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15), claimed_until = NULL, updated_at = now()`,
		id, s.Stage, s.Revision, s.AskedBy, s.AskedOf, s.AskedAt, s.ApprovedBy, s.ApprovedAt, s.PublishAt, s.ScheduledBy,
		s.Accepted, s.Reason, s.Note, s.NoteBy, s.Why)
	return err
}

// step moves the draft of that revision on, where its stage allows it.
func (s *Service) step(ctx context.Context, id, expected int64, a action, move func(ctx context.Context, tx pgx.Tx, at locked, now *Standing) error) (Article, error) {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		at, err := lockArticle(ctx, tx, id)
		if err != nil {
			return err
		}
		if at.draftVersion == 0 {
			return fault.Conflict("no_draft", "The article has no draft.")
		}
		if at.draftRevision != expected {
			return fault.Conflict("draft_changed", "The draft has been changed by somebody else meanwhile. Load it again first.")
		}
		now, err := standing(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := a.check(now.Stage); err != nil {
			return err
		}
		now.Revision = at.draftRevision
		if err := move(ctx, tx, at, &now); err != nil {
			return err
		}
		if err := now.put(ctx, tx, id); err != nil {
			return err
		}
		return touch(ctx, tx, id)
	})
	if err != nil {
		return Article{}, fmt.Errorf("move the draft of article %d on: %w", id, postgres.Away(err))
	}
	return s.Article(ctx, id)
}

// rest is where a draft is once its time on the schedule has ended.
func (s *Standing) rest() {
	s.PublishAt, s.ScheduledBy, s.Accepted, s.Reason, s.Why = nil, nil, nil, "", nil
	switch {
	case s.ApprovedBy != nil:
		s.Stage = StageApproved
	case s.AskedBy != nil:
		s.Stage = StageInReview
	default:
		s.Stage = StageWriting
	}
}

// unplan takes a draft off the schedule if it is on it; the caller holds the article's lock.
func unplan(ctx context.Context, tx pgx.Tx, id int64) error {
	now, err := standing(ctx, tx, id)
	if err != nil || now.Stage != StageScheduled {
		return err
	}
	now.rest()
	return now.put(ctx, tx, id)
}

// written is what a save does to the way of a draft: an approval was of what was there before.
func written(ctx context.Context, tx pgx.Tx, id, revision int64) error {
	now, err := standing(ctx, tx, id)
	if err != nil || now.Stage == StageWriting {
		return err
	}
	if err := write.check(now.Stage); err != nil {
		return err
	}
	now.Revision, now.ApprovedBy, now.ApprovedAt, now.Why = revision, nil, nil, nil
	switch now.Stage {
	case StageInReview, StageSentBack:
	default:
		now.Stage = StageWriting
	}
	return now.put(ctx, tx, id)
}

const maxNote = 1000 // characters

func checkNote(note string) (string, error) {
	note = strings.TrimSpace(note)
	if utf8.RuneCountInString(note) > maxNote {
		return "", fault.Invalid("note_too_long", "A note may have at most %d characters.", maxNote)
	}
	return note, checkText(note)
}
