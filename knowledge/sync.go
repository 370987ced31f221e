// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"candor/internal/fault"
	"candor/knowledge/crawl"
	"candor/postgres"
)

const (
	syncEvery = time.Minute
	// SyncTimeout bounds a reading; the next one goes on with what is missing.
	SyncTimeout = 45 * time.Minute
	// syncLease is how long an import of a process that died stays its own. A page takes a third of it at most.
	syncLease = 90 * time.Second
	// deadPages is after how many pages in a row that cannot be reached a site counts as down.
	deadPages = 5
)

// SyncArgs is the background job that reads a source. Several for one import do no harm: whoever comes second finds it taken.
type SyncArgs struct {
	ImportID int64 `json:"import_id"`
}

// Kind names the job.
func (SyncArgs) Kind() string { return "knowledge_sync" }

// InsertOpts leaves trying again to the schedule, which sees imports that nobody carries on.
func (SyncArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, Queue: SyncQueue}
}

// SyncQueue is a queue of its own: a slow site must not keep other background work waiting.
const SyncQueue = "sync"

// SyncDueArgs is the background job that begins what is due.
type SyncDueArgs struct{}

// Kind names the job.
func (SyncDueArgs) Kind() string { return "knowledge_sync_due" }

// SyncPeriodically is the schedule of it, for River's configuration.
func SyncPeriodically() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(syncEvery), func() (river.JobArgs, *river.InsertOpts) {
		return SyncDueArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: syncEvery}}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

type syncDueWorker struct {
	river.WorkerDefaults[SyncDueArgs]
	knowledge *Service
}

func (w *syncDueWorker) Work(ctx context.Context, _ *river.Job[SyncDueArgs]) error {
	return w.knowledge.SyncDue(ctx)
}

// SyncDue begins the readings that the schedule asks for, and has those carried on whose process died.
func (s *Service) SyncDue(ctx context.Context) error {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, `
			WITH due AS (
				UPDATE knowledge_sources SET next_at = now() + CASE schedule WHEN 'daily' THEN interval '1 day' ELSE interval '7 days' END
				WHERE next_at <= now() RETURNING id, url
			), fresh AS (
				INSERT INTO knowledge_imports (source_id, name, state) SELECT id, url, 'waiting' FROM due
				ON CONFLICT (source_id) WHERE ended_at IS NULL AND source_id IS NOT NULL DO NOTHING RETURNING id
			)
			SELECT id FROM fresh
			UNION ALL
			SELECT id FROM knowledge_imports
			WHERE ended_at IS NULL AND source_id IS NOT NULL AND COALESCE(lease_until, created_at + interval '1 minute') < now()`)
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := s.jobs.InsertTx(ctx, tx, SyncArgs{ImportID: id}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("begin what is due: %w", postgres.Away(err))
	}
	return nil
}

var (
	// errLost says that somebody else carries the import on, or that it has ended.
	errLost = errors.New("the import is not ours any more")
	// errCancelled says that an editor stopped it.
	errCancelled = errors.New("the import was cancelled")
)

// run is an import that this process carries out.
type run struct {
	s      *Service
	id     int64
	holder string
	source Source
	known  map[string]pageRow
	dead   int // pages in a row that could not be reached
}

// claim takes an import that nobody holds.
func (s *Service) claim(ctx context.Context, id int64) (*run, string, error) {
	r := &run{s: s, id: id, holder: rand.Text()}
	var source int64
	var step string
	err := s.db.QueryRow(ctx, `
		UPDATE knowledge_imports SET state = 'running', holder = $2, lease_until = now() + $3, interruptions = interruptions + (holder IS NOT NULL)::int
		WHERE id = $1 AND ended_at IS NULL AND source_id IS NOT NULL AND (lease_until IS NULL OR lease_until < now())
		RETURNING source_id, step`, id, r.holder, syncLease).Scan(&source, &step)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, "", errLost
	}
	if err != nil {
		return nil, "", fmt.Errorf("take an import: %w", err)
	}
	if r.source, err = s.Source(ctx, source); err != nil {
		return nil, "", err
	}
	return r, step, nil
}

// Sync carries an import of a source out: it reads the pages and writes what has changed as drafts. Where the source's
// drafts are to be published, publish is called, and the import stays open until it has said what came of it.
// It does nothing when another process is at it. One that is cut off is carried on by the next call: what was
// written is not written again.
func (s *Service) Sync(ctx context.Context, id int64, publish func(context.Context, Import, *Lease) (string, error)) error {
	ctx, cancel := context.WithTimeout(ctx, SyncTimeout)
	defer cancel()
	r, step, err := s.claim(ctx, id)
	if errors.Is(err, errLost) {
		return nil
	}
	if err != nil {
		return err
	}
	if step == StepReading {
		err = r.read(ctx)
	}
	state := ImportDone
	if err == nil && r.source.Mode == ModePublish && publish != nil {
		state, err = r.publish(ctx, publish)
	}
	return r.end(context.WithoutCancel(ctx), ctx, state, err)
}

func (r *run) publish(ctx context.Context, publish func(context.Context, Import, *Lease) (string, error)) (string, error) {
	if err := r.beat(ctx, `step = 'checking', found = 0, done = 0`); err != nil {
		return "", err
	}
	im, err := r.s.Import(ctx, r.id)
	if err != nil {
		return "", err
	}
	return publish(ctx, im, &Lease{r})
}

// Lease is the hold on an import that is carried out.
type Lease struct{ run *run }

// Tell says how far a check is, and holds on to the import.
func (l *Lease) Tell(ctx context.Context, done, all int) error {
	return l.run.beat(ctx, `done = $4, found = $5`, done, all)
}

// beat renews the lease and changes the import; it fails when the import is lost or cancelled.
func (r *run) beat(ctx context.Context, set string, args ...any) error {
	return beat(ctx, r.s.db, r, set, args...)
}

type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func beat(ctx context.Context, q rowQuerier, r *run, set string, args ...any) error {
	var cancelled bool
	err := q.QueryRow(ctx, `
		UPDATE knowledge_imports SET lease_until = now() + $3, `+set+`
		WHERE id = $1 AND holder = $2 AND ended_at IS NULL RETURNING cancelled`, append([]any{r.id, r.holder, syncLease}, args...)...).Scan(&cancelled)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return errLost
	case err != nil:
		return err
	case cancelled:
		return errCancelled
	}
	return nil
}

// end notes how the import ended. One that was cut off by the end of this process is given back.
func (r *run) end(ctx, was context.Context, state string, err error) error {
	var code, message *string
	f, isFault := fault.Of(err)
	switch {
	case err == nil:
	case errors.Is(err, errLost):
		return nil
	case errors.Is(err, errCancelled):
		state = ImportCancelled
	case errors.Is(was.Err(), context.DeadlineExceeded):
		state = ImportBroken
		f, isFault = fault.Invalid("sync_timeout", "The source took longer than %d minutes. The next reading goes on.", int(SyncTimeout.Minutes())), true
	case was.Err() != nil || !isFault:
		_, giveBack := r.s.db.Exec(ctx, `UPDATE knowledge_imports SET lease_until = now() WHERE id = $1 AND holder = $2 AND ended_at IS NULL`, r.id, r.holder)
		return errors.Join(fmt.Errorf("read source %d: %w", r.source.ID, err), giveBack)
	default:
		state = ImportBroken
	}
	if isFault && state == ImportBroken {
		code, message = &f.Code, &f.Message
	}
	_, err = r.s.db.Exec(ctx, `
		UPDATE knowledge_imports SET state = $3, code = $4, message = $5, ended_at = now(), lease_until = NULL
		WHERE id = $1 AND holder = $2 AND ended_at IS NULL`, r.id, r.holder, state, code, message)
	if err != nil {
		return fmt.Errorf("end an import: %w", err)
	}
	return nil
}

// frontier is the addresses still to read, each once.
type frontier struct {
	todo []string
	seen map[string]bool
	most int
}

func (f *frontier) add(addresses ...string) {
	for _, a := range addresses {
		if !f.seen[a] && len(f.seen) < f.most {
			f.seen[a] = true
			f.todo = append(f.todo, a)
		}
	}
}

// read reads all pages: those known, those the sitemap names, and those that pages lead to.
func (r *run) read(ctx context.Context) error {
	scope, err := r.source.scope()
	if err != nil {
		return err
	}
	visit, err := r.s.web.Visit(ctx, scope)
	if err != nil {
		return err
	}
	var known []string
	if r.known, known, err = r.s.knownPages(ctx, r.source.ID); err != nil {
		return err
	}
	next := &frontier{seen: map[string]bool{}, most: r.source.MaxPages}
	next.add(scope.Start.String())
	visit.Beat = func(ctx context.Context) error { return r.beat(ctx, `step = 'reading'`) }
	listed, err := visit.Listed(ctx, r.source.MaxPages)
	if err != nil {
		return err
	}
	next.add(known...)
	next.add(listed...)
	for len(next.todo) > 0 {
		address := next.todo[0]
		next.todo = next.todo[1:]
		row, err := r.page(ctx, visit, scope, address, len(next.seen))
		if err != nil {
			return err
		}
		if scope.Site && len(listed) == 0 {
			next.add(row.Links...)
		}
	}
	return nil
}

// page reads one page and writes what came of it. One that this import has read already is passed over.
func (r *run) page(ctx context.Context, visit *crawl.Visit, scope crawl.Scope, address string, found int) (pageRow, error) {
	row, isKnown := r.known[address]
	if isKnown && row.ImportID != nil && *row.ImportID == r.id {
		return row, nil
	}
	row.URL = address
	got := r.s.readPage(ctx, visit, scope, r.source.Lang, row)
	if ctx.Err() != nil {
		return row, ctx.Err()
	}
	if fault.Is(got.err, "page_unreachable") || fault.Is(got.err, "page_timeout") {
		if r.dead++; r.dead >= deadPages {
			return row, fault.Invalid("site_unreachable", "The site did not answer %d times running, so reading it was stopped. The pages stay as they are.", deadPages)
		}
	} else {
		r.dead = 0
	}
	if !isKnown && address == scope.Start.String() && got.err != nil {
		return row, got.err
	}
	row, err := r.take(ctx, row, got, found)
	if err != nil {
		return row, err
	}
	r.known[address] = row
	return row, nil
}
