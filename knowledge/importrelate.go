// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// relations are what a file says of its article beside the text, in words that mean the same in every library.
type relations struct {
	owner         string // e-mail address; "": not said
	translationOf string // id of the article that it says in another language; "": of none
	outdated      bool   // it says an older version of that
}

// related is an article that was imported and is to be related to others. That is done when all are there, in
// whatever order they came. What cannot be done is noted in the report, and the article stays as it is.
type related struct {
	relations
	at      int // its place in the report
	article int64
	whole   bool // what the file does not say is not so
	now     relations
	changed bool
	notes   []*fault.Fault
}

// relate gives what was imported its owners, and joins translations to what they translate.
func (im *importer) relate(ctx context.Context) error {
	if err := im.standing(ctx); err != nil {
		return err
	}
	// What is no translation any more makes room for what is one now.
	for _, do := range []func(context.Context, *related) error{im.own, im.part, im.joinTranslation} {
		for i := range im.related {
			if err := do(ctx, &im.related[i]); err != nil {
				return err
			}
		}
	}
	if err := im.joinWaiting(ctx); err != nil {
		return err
	}
	list := im.related
	im.related = nil
	for i := range list {
		if err := im.amend(ctx, &list[i]); err != nil {
			return err
		}
	}
	return nil
}

// note takes a fault for the report; any other error ends the import.
func (r *related) note(err error) error {
	f, is := fault.Of(err)
	switch {
	case err == nil:
		r.changed = true
	case !is || f.Kind == fault.KindUnavailable:
		return err
	default:
		r.notes = append(r.notes, f)
	}
	return nil
}

func (im *importer) articles() []int64 {
	ids := make([]int64, len(im.related))
	for i, r := range im.related {
		ids[i] = r.article
	}
	return ids
}

// standing reads how the articles are related now.
func (im *importer) standing(ctx context.Context) error {
	if len(im.related) == 0 {
		return nil
	}
	rows, _ := im.s.db.Query(ctx, `
		SELECT a.id, COALESCE(o.email, ''), COALESCE(source.external_id, a.awaits_source, 'article ' || source.id, ''), `+staleSQL+`
		FROM knowledge_articles a
		LEFT JOIN knowledge_articles source ON source.id = a.translation_of
		LEFT JOIN accounts o ON o.id = a.owner_id
		WHERE a.id = ANY ($1)`, im.articles())
	now := map[int64]relations{}
	var id int64
	var r relations
	_, err := pgx.ForEachRow(rows, []any{&id, &r.owner, &r.translationOf, &r.outdated}, func() error {
		now[id] = r
		return nil
	})
	for i := range im.related {
		im.related[i].now = now[im.related[i].article]
	}
	return err
}

// own makes somebody the owner who has the address here and may own articles.
func (im *importer) own(ctx context.Context, r *related) error {
	if r.owner == "" || strings.EqualFold(strings.TrimSpace(r.owner), r.now.owner) {
		return nil
	}
	tag, err := im.s.db.Exec(ctx, `
		UPDATE knowledge_articles a SET owner_id = o.id, updated_at = now() FROM accounts o
		WHERE a.id = $1 AND o.email = lower(btrim($2)) AND o.role IN ('editor', 'supervisor') AND o.disabled_at IS NULL`, r.article, r.owner)
	if err == nil && tag.RowsAffected() == 0 {
		err = fault.Invalid("owner_unknown", "Nobody who may own articles here has the address of the owner; the owner was left as it is.")
	}
	return r.note(err)
}

// part makes an article no translation any more where its file, which says all there is to say, names none.
func (im *importer) part(ctx context.Context, r *related) error {
	if !r.whole || r.translationOf != "" || r.now.translationOf == "" {
		return nil
	}
	_, err := im.s.SetTranslation(ctx, r.article, nil, nil)
	return r.note(err)
}

func (im *importer) joinTranslation(ctx context.Context, r *related) error {
	if r.translationOf == "" || r.translationOf == r.now.translationOf && (!r.whole || r.outdated == r.now.outdated) {
		return nil
	}
	return r.note(im.join(ctx, r.article, r.relations))
}

// join makes an article a translation of another, or notes that it will be one when that is there.
func (im *importer) join(ctx context.Context, id int64, to relations) error {
	a, err := im.s.Article(ctx, id)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, im.s.db, func(tx pgx.Tx) error {
		var source int64
		err := tx.QueryRow(ctx, `SELECT id FROM knowledge_articles WHERE external_id = $1 AND kind = 'article'`, to.translationOf).Scan(&source)
		if errors.Is(err, pgx.ErrNoRows) {
			_, err = tx.Exec(ctx, `
				UPDATE knowledge_articles SET translation_of = NULL, translated_version = CASE WHEN $3 THEN 0 END, awaits_source = $2, updated_at = now()
				WHERE id = $1`, id, to.translationOf, to.outdated)
			return err
		}
		if err != nil {
			return err
		}
		if err := mayTranslate(ctx, tx, a, source, nil); err != nil {
			return err
		}
		// It says the version that came with it: the draft of this import, else the one that is live.
		_, err = tx.Exec(ctx, `
			UPDATE knowledge_articles SET translation_of = $2, awaits_source = NULL, updated_at = now(), translated_version = CASE WHEN $3 THEN 0 ELSE (
				SELECT version FROM knowledge_versions v WHERE article_id = $2
				ORDER BY state = 'draft' AND (version = $4 OR EXISTS (
					SELECT FROM knowledge_import_items t WHERE t.import_id = $5 AND t.article_id = v.article_id AND t.revision = v.revision)) DESC,
					state = 'published' DESC, version DESC LIMIT 1) END
			WHERE id = $1`, id, source, to.outdated, im.drafts[source], im.options.ImportID)
		return err
	})
}

// joinWaiting joins translations that waited for an article of this import, whenever they were imported, and notes
// which of this import wait still.
func (im *importer) joinWaiting(ctx context.Context) error {
	rows, _ := im.s.db.Query(ctx, `
		SELECT w.id, w.awaits_source, w.translated_version IS NOT DISTINCT FROM 0
		FROM knowledge_articles w JOIN knowledge_articles s ON s.external_id = w.awaits_source AND s.kind = 'article'
		WHERE w.awaits_source = ANY ($1) ORDER BY w.id`, slices.Collect(maps.Keys(im.seen)))
	type waiting struct {
		ID       int64
		For      string
		Outdated bool
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[waiting])
	if err != nil {
		return err
	}
	why := map[int64]*fault.Fault{}
	for _, w := range list {
		err := im.join(ctx, w.ID, relations{translationOf: w.For, outdated: w.Outdated})
		if f, is := fault.Of(err); is && f.Kind != fault.KindUnavailable {
			why[w.ID] = f
			continue
		}
		if err != nil {
			return err
		}
	}
	return im.noteWaiting(ctx, why)
}

const codeWaits = "translation_waits"

func (im *importer) noteWaiting(ctx context.Context, why map[int64]*fault.Fault) error {
	if im.options.ImportID != 0 { // an earlier request of it may have said so of what is there now
		_, err := im.s.db.Exec(ctx, `
			UPDATE knowledge_import_items t SET code = '', message = '' FROM knowledge_articles a
			WHERE t.import_id = $1 AND t.code = $2 AND a.id = t.article_id AND a.awaits_source IS NULL`, im.options.ImportID, codeWaits)
		if err != nil {
			return err
		}
	}
	if len(im.related) == 0 {
		return nil
	}
	rows, _ := im.s.db.Query(ctx, `SELECT id, awaits_source FROM knowledge_articles WHERE id = ANY ($1) AND awaits_source IS NOT NULL`, im.articles())
	var id int64
	var source string
	_, err := pgx.ForEachRow(rows, []any{&id, &source}, func() error {
		if why[id] == nil {
			why[id] = fault.Conflict(codeWaits, "The article that it translates, %q, is not here yet; the two are joined when it is imported.", source)
		}
		return nil
	})
	for i := range im.related {
		if f := why[im.related[i].article]; f != nil {
			im.related[i].notes = append(im.related[i].notes, f)
		}
	}
	return err
}

// amend writes into the report what the relations came to.
func (im *importer) amend(ctx context.Context, r *related) error {
	item := &im.report.Items[r.at]
	for _, f := range r.notes {
		item.Notes = append(item.Notes, f.Message)
	}
	moved := r.changed && item.Status == ImportUnchanged
	if moved {
		item.Status = ImportUpdated
		im.report.Unchanged--
		im.report.Updated++
	}
	if im.options.ImportID == 0 || !moved && len(r.notes) == 0 {
		return nil
	}
	code := ""
	if len(r.notes) > 0 {
		code = r.notes[0].Code
	}
	_, err := im.s.db.Exec(ctx, `
		WITH said AS (
			UPDATE knowledge_import_items SET outcome = $3, code = $4, message = $5 WHERE import_id = $1 AND article_id = $2 AND outcome <> 'failed')
		UPDATE knowledge_imports SET unchanged = unchanged - $6, updated = updated + $6 WHERE id = $1`,
		im.options.ImportID, r.article, string(item.Status), code, strings.Join(item.Notes, " "), number(moved))
	return err
}

func number(is bool) int {
	if is {
		return 1
	}
	return 0
}
