// SPDX-License-Identifier: MIT

package consequences

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"candor/chat"
	"candor/internal/fault"
	"candor/mail"
	"candor/postgres"
	"candor/prompts"
)

const (
	batchSize = 20
	// leaseFor is how long a batch belongs to the worker that took it; what it had
	// when it died is taken up after that.
	leaseFor = 10 * time.Second
	// workFor bounds one job, so that a correction of many does not keep a worker
	// from everything else.
	workFor     = 50 * time.Second
	lookEvery   = time.Minute
	maxAttempts = 8
	// lateFor is how long an answer that had begun before may still end as one that
	// rests on the version: what was already shown of it stays.
	lateFor = 15 * time.Minute
)

// CorrectArgs is the background job that writes the corrections that are due.
type CorrectArgs struct{}

// Kind names the job.
func (CorrectArgs) Kind() string { return "correct" }

// CorrectWorker runs it. Several at once do no harm.
type CorrectWorker struct {
	river.WorkerDefaults[CorrectArgs]
	Consequences *Service
}

var _ river.Worker[CorrectArgs] = (*CorrectWorker)(nil)

// Timeout leaves room for the last message.
func (w *CorrectWorker) Timeout(*river.Job[CorrectArgs]) time.Duration { return 2 * workFor }

// Work writes for a while; the schedule brings the next job.
func (w *CorrectWorker) Work(ctx context.Context, _ *river.Job[CorrectArgs]) error {
	return w.Consequences.Correct(ctx, workFor)
}

// CorrectPeriodically is the schedule of the job: it takes up what a process left
// that died, and finds who was told at the last moment.
func CorrectPeriodically() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(lookEvery), func() (river.JobArgs, *river.InsertOpts) {
		return CorrectArgs{}, nil
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

// Correct writes the corrections that are due, for so long at most.
func (s *Service) Correct(ctx context.Context, limit time.Duration) error {
	until := time.Now().Add(limit)
	rows, err := s.db.Query(ctx, "SELECT id FROM corrections WHERE finished_at IS NULL ORDER BY id")
	if err != nil {
		return postgres.Away(fmt.Errorf("look for corrections: %w", err))
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return postgres.Away(fmt.Errorf("look for corrections: %w", err))
	}
	for _, id := range ids {
		if err := s.correct(ctx, id, until); err != nil {
			return postgres.Away(err)
		}
	}
	return nil
}

func (s *Service) correct(ctx context.Context, id int64, until time.Time) error {
	c, err := s.read(ctx, id)
	if err != nil {
		return err
	}
	if err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error { return gather(ctx, tx, id) }); err != nil {
		return err
	}
	for time.Now().Before(until) {
		list, err := s.take(ctx, id)
		if err != nil {
			return err
		}
		for _, t := range list {
			if err := s.tell(ctx, c, t); err != nil {
				return err
			}
		}
		if len(list) > 0 {
			continue
		}
		if more, err := s.await(ctx, id, until); err != nil || !more {
			return err
		}
	}
	return nil
}

// gather notes who is to be told: everybody the first time, after that those who
// came late. Very many take longer than a query of ours may.
func gather(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0")
	if err != nil {
		return fmt.Errorf("prepare to note who is to be told: %w", err)
	}
	var again bool
	if err := tx.QueryRow(ctx, "SELECT gathered_at IS NOT NULL FROM corrections WHERE id = $1 FOR UPDATE", id).Scan(&again); err != nil {
		return fmt.Errorf("look for a correction: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO corrected (correction_id, conversation_id)
		SELECT DISTINCT x.id, t.conversation_id
		FROM corrections x
		JOIN citations t ON t.article_id = x.article_id AND t.version = x.version AND t.first
			AND (NOT $2 OR t.created_at > x.created_at - interval '1 minute')
		JOIN conversations c ON c.id = t.conversation_id
		JOIN customers u ON u.id = c.customer_id
		WHERE x.id = $1 AND u.erase_requested_at IS NULL
		ON CONFLICT DO NOTHING`, id, again)
	if err != nil {
		return fmt.Errorf("note who is to be told: %w", err)
	}
	if _, err := tx.Exec(ctx, "UPDATE corrections SET gathered_at = coalesce(gathered_at, now()) WHERE id = $1", id); err != nil {
		return fmt.Errorf("note who is to be told: %w", err)
	}
	return nil
}

// await waits until something is due again: what another worker has, or what
// failed. It tells whether there will be; if not, and nobody can come late any
// more, the correction is over.
func (s *Service) await(ctx context.Context, id int64, until time.Time) (bool, error) {
	var next *time.Duration
	err := s.db.QueryRow(ctx, "SELECT min(next_at) - now() FROM corrected WHERE correction_id = $1 AND state = 'waiting'", id).Scan(&next)
	if err != nil {
		return false, fmt.Errorf("look what is due: %w", err)
	}
	if next == nil {
		_, err := s.db.Exec(ctx, `
			UPDATE corrections
			SET finished_at = now()
			WHERE id = $1 AND created_at < now() - $2::interval
				AND NOT EXISTS (SELECT FROM corrected WHERE correction_id = $1 AND state = 'waiting')`, id, lateFor)
		if err != nil {
			return false, fmt.Errorf("end a correction: %w", err)
		}
		return false, nil
	}
	pause := max(*next, 0)
	if time.Now().Add(pause).After(until) {
		return false, nil
	}
	timer := time.NewTimer(pause + 10*time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-timer.C:
		return true, nil
	}
}

type taken struct {
	ConversationID int64
	Attempts       int
}

func (s *Service) take(ctx context.Context, id int64) ([]taken, error) {
	rows, err := s.db.Query(ctx, `
		UPDATE corrected
		SET attempts = attempts + 1, next_at = now() + $2::interval
		WHERE correction_id = $1 AND conversation_id IN (
			SELECT conversation_id
			FROM corrected
			WHERE correction_id = $1 AND state = 'waiting' AND next_at <= now()
			ORDER BY next_at
			LIMIT $3
			FOR UPDATE SKIP LOCKED)
		RETURNING conversation_id, attempts`, id, s.lease, batchSize)
	if err != nil {
		return nil, fmt.Errorf("take corrections: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[taken])
	if err != nil {
		return nil, fmt.Errorf("take corrections: %w", err)
	}
	return list, nil
}

// tell writes one correction, and notes it when that cannot be done.
func (s *Service) tell(ctx context.Context, c correction, t taken) error {
	err := s.chat.Lock(ctx, t.ConversationID, func(l *chat.Locked) error { return s.tellTx(ctx, l, c) })
	switch {
	case err == nil:
		s.mail.Wake()
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case fault.Is(err, "conversation_erased"):
		return s.note(ctx, c, t, "erased", 0)
	case t.Attempts >= maxAttempts:
		s.log.WarnContext(ctx, "a correction was given up", "correction", c.ID, "conversation", t.ConversationID, "error", err)
		return s.note(ctx, c, t, "failed", 0)
	default:
		s.log.WarnContext(ctx, "a correction was not written; tried again", "correction", c.ID, "conversation", t.ConversationID, "error", err)
		return s.note(ctx, c, t, "waiting", time.Second<<min(t.Attempts, 8))
	}
}

func (s *Service) note(ctx context.Context, c correction, t taken, state string, pause time.Duration) error {
	_, err := s.db.Exec(ctx, `
		UPDATE corrected
		SET state = $3, next_at = now() + $4::interval
		WHERE correction_id = $1 AND conversation_id = $2 AND state = 'waiting'`, c.ID, t.ConversationID, state, pause)
	if err != nil {
		return fmt.Errorf("note a correction: %w", err)
	}
	return nil
}

// tellTx writes the correction where it does not stand yet. The row that says so
// changes in the same transaction, under the conversation's lock: there is one
// message, whoever comes second.
func (s *Service) tellTx(ctx context.Context, l *chat.Locked, c correction) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	var at *time.Time
	var byMail bool
	err = tx.QueryRow(ctx, `
		SELECT (
			SELECT min(created_at)
			FROM citations t
			WHERE t.conversation_id = c.id AND t.article_id = $3 AND t.version = $4), `+reachable+`
		FROM corrected d
		JOIN conversations c ON c.id = d.conversation_id
		JOIN customers u ON u.id = c.customer_id
		WHERE d.correction_id = $1 AND d.conversation_id = $2 AND d.state = 'waiting'`,
		c.ID, l.ID, c.ArticleID, c.Version).Scan(&at, &byMail)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // somebody else has written it
	}
	if err != nil {
		return fmt.Errorf("look for a correction: %w", err)
	}
	if at == nil {
		return errors.New("nobody was told of the version here")
	}
	byMail = byMail && s.mail.Enabled()
	words, err := s.words(c, prompts.Locale(l.Locale), *at)
	if err != nil {
		return err
	}
	m, err := l.PostCorrection(ctx, chat.Correction{
		ID: c.ID, Text: words, ArticleID: c.ArticleID, Version: c.Version, Citations: c.citations(l.SignedIn), Mail: byMail,
	})
	if err != nil {
		return err
	}
	letter := "none"
	if byMail {
		letter = "waiting"
		if err := s.mail.QueueTx(ctx, tx, mail.Queued{Kind: letterCorrection, Conversation: l.ID, Data: letterData{c.ID, m.Seq}}); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		UPDATE corrected
		SET state = 'posted', seq = $3, posted_at = $4, mail = $5
		WHERE correction_id = $1 AND conversation_id = $2`, c.ID, l.ID, m.Seq, l.Now, letter)
	if err != nil {
		return fmt.Errorf("note a correction: %w", err)
	}
	return nil
}

func (s *Service) words(c correction, locale prompts.Locale, at time.Time) (string, error) {
	right := c.Texts[locale]
	if right == "" {
		right = c.Texts[c.Fallback]
	}
	return s.chat.Wording().Correction(locale, at.In(s.chat.Company().Zone()), c.Title, right)
}
