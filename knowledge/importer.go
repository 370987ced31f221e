// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"candor/internal/fault"
	"candor/postgres"
)

// A batch is one transaction: large enough that the transaction costs little, small enough that a
// batch that fails and is done again one by one costs little, too.
const (
	batchItems = 64
	batchBytes = 512 << 10
)

// importer collects articles into batches and writes them.
type importer struct {
	s        *Service
	options  ImportOptions
	report   ImportReport
	progress Progress
	batch    []item
	bytes    int64
	seen     map[string]string // external id: where it stood first
	lines    []ImportLine      // not yet kept
	related  []related         // not yet related
	drafts   map[int64]int     // version of the draft that was written, by article
}

func newImporter(s *Service, o ImportOptions) *importer {
	return &importer{s: s, options: o, seen: map[string]string{}, drafts: map[int64]int{}}
}

// add takes in one article. An error means that the database is gone and nothing more can be done.
func (im *importer) add(ctx context.Context, it item) error {
	im.progress.Name = it.name
	if it.err == nil {
		it.err = firstFault(errors.Join(it.content.check(), checkExternalID(it.externalID), checkExternalID(it.translationOf)))
	}
	if first, twice := im.seen[it.externalID]; it.err == nil && twice {
		it.err = fault.Conflict("id_twice", "The id %q stands in %s already.", it.externalID, first)
	}
	if it.err != nil {
		im.fail(it, it.err)
		return ctx.Err()
	}
	im.seen[it.externalID] = place(it)
	im.batch = append(im.batch, it)
	im.bytes += int64(len(it.content.Source))
	if len(im.batch) < batchItems && im.bytes < batchBytes {
		return nil
	}
	return im.flush(ctx)
}

func place(it item) string {
	if it.line > 0 {
		return fmt.Sprintf("%s, line %d", it.name, it.line)
	}
	return it.name
}

// finish writes what is left and reports the end.
func (im *importer) finish(ctx context.Context) error {
	if err := im.flush(ctx); err != nil {
		return err
	}
	if err := im.keep(ctx); err != nil {
		return err
	}
	if err := im.relate(ctx); err != nil {
		return fmt.Errorf("relate what was imported: %w", postgres.Away(err))
	}
	im.tell()
	return im.s.addUp(ctx)
}

// keep writes the report to the import that it belongs to.
func (im *importer) keep(ctx context.Context) error {
	if im.options.ImportID == 0 || len(im.lines) == 0 {
		return nil
	}
	rows := make([][]any, len(im.lines))
	count := map[string]int{}
	for i, l := range im.lines {
		rows[i] = []any{im.options.ImportID, l.Name, l.Line, l.Outcome, l.Code, l.Message, l.ArticleID, l.Revision}
		count[l.Outcome]++
	}
	im.lines = nil
	return postgres.InTx(ctx, im.s.db, func(tx pgx.Tx) error {
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"knowledge_import_items"}, []string{"import_id", "name", "line", "outcome", "code", "message", "article_id", "revision"}, pgx.CopyFromRows(rows))
		if err != nil {
			return fmt.Errorf("keep the report: %w", err)
		}
		_, err = tx.Exec(ctx, `
			UPDATE knowledge_imports SET found = found + $2, done = done + $2, created = created + $3, updated = updated + $4, unchanged = unchanged + $5, failed = failed + $6
			WHERE id = $1`, im.options.ImportID, len(rows), count["created"], count["updated"], count["unchanged"], count["failed"])
		return err
	})
}

func (im *importer) tell() {
	if im.options.Progress != nil {
		im.options.Progress(im.progress)
	}
}

func (im *importer) fail(it item, err error) {
	im.done(it, outcome{err: err})
}

// outcome is what became of an article.
type outcome struct {
	status    ImportStatus
	articleID int64
	version   int
	revision  int64 // of the draft that holds it
	err       error
}

func (im *importer) done(it item, o outcome) {
	line := ImportedItem{Name: strings.ToValidUTF8(it.name, "\uFFFD"), Line: it.line, ExternalID: it.externalID, Status: o.status, ArticleID: o.articleID, Version: o.version}
	if o.err != nil {
		line.Status, line.Code, line.Error = ImportFailed, "failed", "The article could not be stored; the log says why. Please import it again."
		if f, ok := fault.Of(o.err); ok {
			line.Code, line.Error = f.Code, f.Message
		}
	}
	switch line.Status {
	case ImportCreated:
		im.report.Created++
	case ImportUpdated:
		im.report.Updated++
	case ImportUnchanged:
		im.report.Unchanged++
	default:
		im.report.Failed++
		im.progress.Failed++
	}
	if o.err == nil && (it.whole || it.relations != relations{}) {
		im.related = append(im.related, related{relations: it.relations, at: len(im.report.Items), article: o.articleID, whole: it.whole})
	}
	im.report.Items = append(im.report.Items, line)
	if im.options.ImportID != 0 {
		kept := ImportLine{Name: line.Name, Line: line.Line, Outcome: string(line.Status), Code: line.Code, Message: line.Error, Revision: o.revision}
		if o.articleID != 0 {
			kept.ArticleID = &o.articleID
		}
		im.lines = append(im.lines, kept)
	}
	im.progress.Items++
	im.progress.Bytes += it.size
}

// flush writes the batch in one transaction; if that fails, one by one, so that only what is at fault
// is left out.
func (im *importer) flush(ctx context.Context) error {
	batch := im.batch
	im.batch, im.bytes = nil, 0
	if len(batch) == 0 {
		return nil
	}
	outcomes, err := im.write(ctx, batch)
	if err != nil && len(batch) > 1 && ctx.Err() == nil {
		outcomes = make([]outcome, len(batch))
		for i := range batch {
			one, err := im.write(ctx, batch[i:i+1])
			if err != nil {
				one = []outcome{{err: err}}
			}
			outcomes[i] = one[0]
		}
		err = nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("import: %w", ctx.Err())
	}
	for i, it := range batch {
		if err != nil {
			im.fail(it, err)
			continue
		}
		im.done(it, outcomes[i])
	}
	im.tell()
	return im.keep(ctx)
}

// cutAll cuts up and embeds in as many goroutines as there are processors; both are pure.
func cutAll(list []item, which []int) ([]*prepared, []error) {
	out, errs := make([]*prepared, len(list)), make([]error, len(list))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, i := range which {
		g.Go(func() error {
			if out[i], errs[i] = cut(list[i].content); errs[i] == nil {
				out[i].builtin = out[i].embed()
			}
			return nil
		})
	}
	_ = g.Wait() // the goroutines return none
	return out, errs
}
