// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// MaintainArgs is the background job that keeps the index whole: vectors that are missing, a model
// that is to become active, statistics to add up.
type MaintainArgs struct{}

// Kind names the job.
func (MaintainArgs) Kind() string { return "knowledge_maintain" }

// InsertOpts lets one such job wait at a time. A job that comes while one runs is dropped; the
// periodic one sees to what it would have done.
func (MaintainArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

const (
	maintainEvery   = time.Minute
	maintainTimeout = 30 * time.Minute
)

// MaintainPeriodically is the schedule of the background work, for River's configuration.
func MaintainPeriodically() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(maintainEvery), func() (river.JobArgs, *river.InsertOpts) {
		return MaintainArgs{}, nil
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

// AddWorkers registers the background work.
func (s *Service) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, &maintainWorker{knowledge: s})
	river.AddWorker(workers, &syncDueWorker{knowledge: s})
}

type maintainWorker struct {
	river.WorkerDefaults[MaintainArgs]
	knowledge *Service
}

var _ river.Worker[MaintainArgs] = (*maintainWorker)(nil)

func (w *maintainWorker) Timeout(*river.Job[MaintainArgs]) time.Duration { return maintainTimeout }

func (w *maintainWorker) Work(ctx context.Context, _ *river.Job[MaintainArgs]) error {
	return w.knowledge.Maintain(ctx)
}

// enqueue asks for maintenance once the transaction has committed.
func (s *Service) enqueue(ctx context.Context, tx pgx.Tx) error {
	if _, err := s.jobs.InsertTx(ctx, tx, MaintainArgs{}, nil); err != nil {
		return fmt.Errorf("ask for background work: %w", err)
	}
	return nil
}

// Maintain brings the index up to date: it makes the vectors that are missing, builds the graph of an
// index that has outgrown scanning, switches to the provider's model when that is complete, retires
// models that no gateway has any more and adds up the statistics. It is what the background job does;
// several at once do no harm, and leave each model to one of them.
func (s *Service) Maintain(ctx context.Context) error {
	if err := s.addUp(ctx); err != nil {
		return err
	}
	if err := s.noteSeen(ctx); err != nil {
		return err // before the unseen are retired, for a provider may have been away for days
	}
	if err := s.retire(ctx); err != nil {
		return err
	}
	models, err := s.models(ctx)
	if err != nil {
		return err
	}
	builtin, provider := s.writable(models)
	if err := s.fillBuiltin(ctx, builtin); err != nil {
		return err
	}
	if err := s.graph(ctx, builtin); err != nil || provider == nil {
		return err
	}
	_, err = s.complete(ctx, *provider)
	return err
}

// addUp replaces the rows of a term by their sum. Readers see either; writers are not in the way.
func (s *Service) addUp(ctx context.Context) error {
	_, err := s.db.Exec(ctx, `
		WITH gone AS (
			DELETE FROM knowledge_terms
			WHERE (audience, term) IN (SELECT audience, term FROM knowledge_terms GROUP BY audience, term HAVING count(*) > 1 LIMIT 20000)
			  AND pg_try_advisory_xact_lock($1)
			RETURNING audience, term, chunks
		)
		INSERT INTO knowledge_terms (audience, term, chunks)
		SELECT audience, term, sum(chunks) FROM gone GROUP BY audience, term HAVING sum(chunks) <> 0`, addUpLock)
	if err != nil {
		return fmt.Errorf("add up the terms: %w", err)
	}
	_, err = s.db.Exec(ctx, `
		WITH gone AS (
			DELETE FROM knowledge_totals WHERE pg_try_advisory_xact_lock($1)
			RETURNING audience, lang, articles, chunks, length, article_length
		)
		INSERT INTO knowledge_totals (audience, lang, articles, chunks, length, article_length)
		SELECT audience, lang, sum(articles), sum(chunks), sum(length), sum(article_length)
		FROM gone GROUP BY audience, lang HAVING sum(chunks) <> 0`, addUpLock)
	if err != nil {
		return fmt.Errorf("add up the totals: %w", err)
	}
	return nil
}

// addUpLock lets one adder work at a time; a second one has nothing to do.
const addUpLock = 7_223_003
