// SPDX-License-Identifier: MIT

package gap

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"candor/chat"
	"candor/internal/text"
	"candor/postgres"
)

const (
	// compared is how many questions are opened and compared at most, the newest of
	// each gap.
	compared = 5000
	// perRun is how many new questions find their gap in one run.
	perRun = 1000
	// sweepLock lets one gateway look for gaps at a time.
	sweepLock = 7_223_066
)

// Sweep brings the gaps up to date: it notes questions that were asked in vain,
// gives each its gap, and closes gaps whose article is published and passed the
// gate. While another gateway does it, it does nothing.
func (s *Service) Sweep(ctx context.Context) error {
	conn, err := s.DB.Acquire(ctx)
	if err != nil {
		return postgres.Away(fmt.Errorf("look for gaps: %w", err))
	}
	defer conn.Release()
	var ours bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", sweepLock).Scan(&ours); err != nil {
		return postgres.Away(fmt.Errorf("look for gaps: %w", err))
	}
	if !ours {
		return nil
	}
	defer func() {
		// A connection that is lost gives the lock back by itself.
		_, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", sweepLock)
	}()
	if err := s.collect(ctx); err != nil {
		return err
	}
	for {
		more, err := s.group(ctx)
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	if err := s.tidy(ctx); err != nil {
		return err
	}
	return s.CloseAnswered(ctx, 0)
}

// sample is a question that is compared.
type sample struct {
	Turn           int64
	ConversationID int64
	FromSeq, ToSeq int
	Gap            int64 // 0: none yet
	Touched        bool  // somebody of the staff has worked with the gap
	Size           int   // of the gap
	AskedAt        time.Time

	lang   string
	vector []float32
}

// group gives the oldest questions that have no gap theirs. more says that there
// are others.
func (s *Service) group(ctx context.Context) (more bool, err error) {
	fresh, err := s.samples(ctx, `
		SELECT turn_id, conversation_id, from_seq, to_seq, 0, false, 0, asked_at
		FROM knowledge_gap_questions
		WHERE counts AND gap_id IS NULL
		ORDER BY asked_at, turn_id
		LIMIT $1`, perRun)
	if err != nil || len(fresh) == 0 {
		return false, err
	}
	known, err := s.samples(ctx, `
		SELECT q.turn_id, q.conversation_id, q.from_seq, q.to_seq, g.id, g.changed_by IS NOT NULL OR g.state <> 'open', q.size, q.asked_at
		FROM (SELECT * FROM knowledge_gaps ORDER BY last_asked_at DESC LIMIT $1) g,
		LATERAL (
			SELECT q.*, count(*) OVER ()::int AS size FROM knowledge_gap_questions q
			WHERE q.gap_id = g.id ORDER BY q.asked_at DESC, q.turn_id DESC LIMIT $2) q
		ORDER BY g.last_asked_at DESC, g.id, q.asked_at DESC, q.turn_id DESC
		LIMIT $1`, compared-len(fresh), samples)
	if err != nil {
		return false, err
	}
	list := slices.Concat(fresh, known)
	if list, err = s.open(ctx, list); err != nil {
		return false, err
	}
	return len(fresh) == perRun, s.place(ctx, list)
}

func (s *Service) samples(ctx context.Context, sql string, args ...any) ([]sample, error) {
	rows, err := s.DB.Query(ctx, sql, args...)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read questions: %w", err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (q sample, err error) {
		return q, row.Scan(&q.Turn, &q.ConversationID, &q.FromSeq, &q.ToSeq, &q.Gap, &q.Touched, &q.Size, &q.AskedAt)
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read questions: %w", err))
	}
	return list, nil
}

// open reads what was asked, for as long as it is compared. Of what was redacted
// or erased nothing can be, and it is noted no longer.
func (s *Service) open(ctx context.Context, list []sample) ([]sample, error) {
	spans := make([]chat.Span, len(list))
	for i, q := range list {
		spans[i] = chat.Span{ConversationID: q.ConversationID, From: q.FromSeq, To: q.ToSeq, Author: chat.AuthorCustomer}
	}
	excerpts, err := s.Chat.Excerpts(ctx, spans)
	if err != nil {
		return nil, err
	}
	var kept []sample
	var said []utterance
	var gone []int64
	for i, q := range list {
		asked := words(excerpts[i])
		if asked == "" {
			gone = append(gone, q.Turn)
			continue
		}
		q.lang = language(asked, excerpts[i].Locale)
		kept, said = append(kept, q), append(said, utterance{asked, q.lang})
	}
	for i, v := range vectors(said) {
		kept[i].vector = v
	}
	if len(gone) > 0 {
		if _, err := s.DB.Exec(ctx, `DELETE FROM knowledge_gap_questions WHERE turn_id = ANY ($1)`, gone); err != nil {
			return nil, postgres.Away(fmt.Errorf("forget questions: %w", err))
		}
	}
	return kept, nil
}

// language is what a question is written in.
func language(s, locale string) string {
	if lang := text.DetectLang(s); lang != "" {
		return lang
	}
	base, _, _ := strings.Cut(locale, "-")
	return base
}

// tidy removes gaps that nothing is left of.
func (s *Service) tidy(ctx context.Context) error {
	_, err := s.DB.Exec(ctx, `
		DELETE FROM knowledge_gaps g
		WHERE article_id IS NULL AND NOT EXISTS (SELECT FROM knowledge_gap_questions q WHERE q.gap_id = g.id)`)
	if err != nil {
		return postgres.Away(fmt.Errorf("remove empty gaps: %w", err))
	}
	// The article was thrown away before anybody saw it.
	_, err = s.DB.Exec(ctx, `UPDATE knowledge_gaps SET state = 'open' WHERE state = 'drafted' AND article_id IS NULL`)
	if err != nil {
		return postgres.Away(fmt.Errorf("open gaps again: %w", err))
	}
	return nil
}

// SweepArgs is the background job that looks for gaps.
type SweepArgs struct{}

// Kind names the job.
func (SweepArgs) Kind() string { return "sweep_gaps" }

// InsertOpts lets one such job wait at a time.
func (SweepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}}}
}

// SweepWorker does it.
type SweepWorker struct {
	river.WorkerDefaults[SweepArgs]
	Gaps *Service
}

var _ river.Worker[SweepArgs] = (*SweepWorker)(nil)

const (
	sweepEvery   = 2 * time.Minute
	sweepTimeout = 10 * time.Minute
)

// Timeout bounds a sweep.
func (w *SweepWorker) Timeout(*river.Job[SweepArgs]) time.Duration { return sweepTimeout }

// Work looks for gaps.
func (w *SweepWorker) Work(ctx context.Context, _ *river.Job[SweepArgs]) error {
	return w.Gaps.Sweep(ctx)
}

// SweepPeriodically is the schedule of the job.
func SweepPeriodically() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(sweepEvery), func() (river.JobArgs, *river.InsertOpts) {
		return SweepArgs{}, nil
	}, &river.PeriodicJobOpts{RunOnStart: true})
}
