// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// The states of an import.
const (
	ImportWaiting   = "waiting"
	ImportRunning   = "running"
	ImportHeld      = "held" // read; its drafts would make answers worse, so an editor decides
	ImportDone      = "done"
	ImportBroken    = "failed"
	ImportCancelled = "cancelled"
)

// The steps of an import that runs.
const (
	StepReading  = "reading"
	StepChecking = "checking"
)

// Import is one reading of a source, or of files.
type Import struct {
	ID        int64
	SourceID  *int64 // nil: files
	Name      string
	AuthorID  *int64 // nil: the schedule, or the operator
	Author    string
	State     string
	Step      string
	Found     int // pages or questions, by the step
	Done      int
	Created   int
	Updated   int
	Unchanged int
	Conflicts int
	Gone      int
	Failed    int
	Published int
	Code      *string // why it failed
	Message   *string
	CreatedAt time.Time
	EndedAt   *time.Time
	// Interruptions is how often it was cut off by the end of its process, and carried on; Interrupted that it is cut
	// off now, and waits for a process that goes on.
	Interruptions int
	Interrupted   bool
}

// ImportLine is what became of one page or article of an import. Pages that were as before have none.
type ImportLine struct {
	Name      string
	Line      int
	Outcome   string
	Code      string
	Message   string
	ArticleID *int64
	Revision  int64
	At        time.Time
}

const importColumns = `i.id, i.source_id, i.name, i.author_id, COALESCE((SELECT name FROM accounts WHERE id = i.author_id), ''), i.state, i.step, i.found, i.done,
	i.created, i.updated, i.unchanged, i.conflicts, i.gone, i.failed, i.published, i.code, i.message, i.created_at, i.ended_at,
	i.interruptions, COALESCE(i.ended_at IS NULL AND i.lease_until < now(), false)`

func (s *Service) imports(ctx context.Context, where string, args ...any) ([]Import, error) {
	rows, _ := s.db.Query(ctx, `SELECT `+importColumns+` FROM knowledge_imports i WHERE `+where+` ORDER BY i.id DESC LIMIT 100`, args...)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Import])
	if err != nil {
		return nil, fmt.Errorf("list the imports: %w", postgres.Away(err))
	}
	return list, nil
}

// Imports lists the newest imports of a source, or of files when it is 0.
func (s *Service) Imports(ctx context.Context, source int64) ([]Import, error) {
	if source == 0 {
		return s.imports(ctx, `i.source_id IS NULL`)
	}
	return s.imports(ctx, `i.source_id = $1`, source)
}

// Import returns an import.
func (s *Service) Import(ctx context.Context, id int64) (Import, error) {
	list, err := s.imports(ctx, `i.id = $1`, id)
	if err == nil && len(list) == 0 {
		err = fault.NotFound("import_not_found", "There is no such import.")
	}
	if err != nil {
		return Import{}, err
	}
	return list[0], nil
}

// ImportLines gives what an import has to tell, in its order.
func (s *Service) ImportLines(ctx context.Context, id int64, tell func(ImportLine) error) error {
	rows, _ := s.db.Query(ctx, `
		SELECT name, line, outcome, code, message, article_id, revision, at FROM knowledge_import_items WHERE import_id = $1 ORDER BY id`, id)
	var l ImportLine
	_, err := pgx.ForEachRow(rows, []any{&l.Name, &l.Line, &l.Outcome, &l.Code, &l.Message, &l.ArticleID, &l.Revision, &l.At}, func() error {
		err := tell(l)
		l = ImportLine{}
		return err
	})
	if err != nil {
		return fmt.Errorf("read what became of an import: %w", postgres.Away(err))
	}
	return nil
}

// BeginImport notes an import of files; by is nil for the operator. What is imported is kept with it by its id.
func (s *Service) BeginImport(ctx context.Context, name string, by *int64) (Import, error) {
	if name = strings.TrimSpace(name); len(name) > maxURL || checkText(name) != nil {
		return Import{}, fault.Invalid("name_invalid", "The name of the import is not a text of up to %d bytes.", maxURL)
	}
	var id int64
	err := s.db.QueryRow(ctx, `INSERT INTO knowledge_imports (name, author_id, state, ended_at) VALUES ($1, $2, 'done', now()) RETURNING id`, name, by).Scan(&id)
	if err != nil {
		return Import{}, fmt.Errorf("begin an import: %w", postgres.Away(err))
	}
	return s.Import(ctx, id)
}

// StartSync asks for a reading of a source. While one is under way there is no second.
func (s *Service) StartSync(ctx context.Context, source int64, by *int64) (Import, error) {
	var id int64
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO knowledge_imports (source_id, name, author_id, state)
			SELECT id, url, $2, 'waiting' FROM knowledge_sources WHERE id = $1
			ON CONFLICT (source_id) WHERE ended_at IS NULL AND source_id IS NOT NULL DO NOTHING RETURNING id`, source, by).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			if _, err := s.Source(ctx, source); err != nil {
				return err
			}
			return fault.Conflict("sync_running", "The source is being read already.")
		}
		if err != nil {
			return err
		}
		_, err = s.jobs.InsertTx(ctx, tx, SyncArgs{ImportID: id}, nil)
		return err
	})
	if err != nil {
		return Import{}, fmt.Errorf("start to read a source: %w", postgres.Away(err))
	}
	return s.Import(ctx, id)
}

// CancelImport stops an import; what it has written stays.
func (s *Service) CancelImport(ctx context.Context, id int64) (Import, error) {
	_, err := s.db.Exec(ctx, `
		UPDATE knowledge_imports SET cancelled = true,
			state = CASE WHEN state = 'waiting' THEN 'cancelled' ELSE state END, ended_at = CASE WHEN state = 'waiting' THEN now() END
		WHERE id = $1 AND ended_at IS NULL`, id)
	if err != nil {
		return Import{}, fmt.Errorf("cancel an import: %w", postgres.Away(err))
	}
	return s.Import(ctx, id)
}
