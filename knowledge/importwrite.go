// SPDX-License-Identifier: MIT

package knowledge

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// known is an article that an import finds already there.
type known struct {
	ID            int64
	ExternalID    string
	LastHash      []byte // of the live version, or the last one that was
	LastVersion   int
	DraftHash     []byte
	DraftRevision int64
	DraftAuthor   *int64
	Audience      Audience
	ReviewBy      *time.Time
	ExpiresAt     *time.Time
	Asked         []string // questions in the words of customers, of the draft or the last version
	WrongHashes   [][]byte // of versions that were marked wrong
}

// write stores a batch and tells what became of each article.
func (im *importer) write(ctx context.Context, batch []item) ([]outcome, error) {
	have, err := im.lookUp(ctx, batch)
	if err != nil {
		return nil, err
	}
	outcomes := make([]outcome, len(batch))
	var drafts, changed []int
	for i, it := range batch {
		if k, ok := have[it.externalID]; ok && !it.whole { // a file of an author knows nothing of them
			it.content.Asked = k.Asked
			batch[i].content.Asked = k.Asked
		}
		if k, ok := have[it.externalID]; ok && im.same(k, it) {
			outcomes[i] = outcome{status: ImportUnchanged, articleID: k.ID, version: k.LastVersion, revision: im.publishable(it, k.DraftRevision)}
			continue
		}
		if k, ok := have[it.externalID]; ok && k.wrong(it) {
			outcomes[i] = outcome{articleID: k.ID, err: fault.Conflict("text_was_wrong", "This text was marked wrong; it was not imported again.")}
			continue
		}
		if im.options.Draft || it.draft {
			drafts = append(drafts, i)
		} else {
			changed = append(changed, i)
		}
	}
	if len(changed) > 0 { // first, since a batch that fails is written again, and drafts are written one by one
		if err := im.publish(ctx, batch, changed, have, outcomes); err != nil {
			return nil, err
		}
	}
	im.writeDrafts(ctx, batch, drafts, have, outcomes)
	return outcomes, nil
}

// publishable is the revision of a draft that the import may publish at its end: 0, for none, where the file says
// that it is a draft.
func (im *importer) publishable(it item, revision int64) int64 {
	if it.draft {
		return 0
	}
	return revision
}

func (im *importer) lookUp(ctx context.Context, batch []item) (map[string]known, error) {
	ids := make([]string, len(batch))
	for i, it := range batch {
		ids[i] = it.externalID
	}
	rows, _ := im.s.db.Query(ctx, `
		SELECT a.id, a.external_id, last.hash AS last_hash, COALESCE(last.version, 0) AS last_version,
		       draft.hash AS draft_hash, COALESCE(draft.revision, 0) AS draft_revision, draft.author_id AS draft_author,
		       a.audience, a.review_by, a.expires_at, COALESCE(draft.asked, last.asked, '{}') AS asked,
		       ARRAY(SELECT hash FROM knowledge_versions w WHERE w.article_id = a.id AND w.wrong_at IS NOT NULL) AS wrong_hashes
		FROM knowledge_articles a
		LEFT JOIN LATERAL (
			SELECT hash, version, asked FROM knowledge_versions
			WHERE article_id = a.id AND state <> 'draft' ORDER BY version DESC LIMIT 1
		) last ON true
		LEFT JOIN knowledge_versions draft ON draft.article_id = a.id AND draft.state = 'draft'
		WHERE a.external_id = ANY ($1)`, ids)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[known])
	if err != nil {
		return nil, fmt.Errorf("look up the articles: %w", err)
	}
	have := map[string]known{}
	for _, k := range list {
		have[k.ExternalID] = k
	}
	return have, nil
}

// wrong tells whether an import would bring back, word for word, what was marked wrong.
func (k known) wrong(it item) bool {
	hash := it.content.hash()
	return slices.ContainsFunc(k.WrongHashes, func(w []byte) bool { return bytes.Equal(w, hash) })
}

// same tells whether an import would change nothing. An article that an editor has archived since
// stays archived until its file says something new.
func (im *importer) same(k known, it item) bool {
	if it.audience.narrower(k.Audience) {
		return false
	}
	hash := it.content.hash()
	if (im.options.Draft || it.draft) && k.DraftHash != nil {
		return bytes.Equal(k.DraftHash, hash)
	}
	return bytes.Equal(k.LastHash, hash) && sameTime(k.ReviewBy, it.reviewBy) && sameTime(k.ExpiresAt, it.expiresAt)
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return b == nil // what the file does not say stays as it is
	}
	return a.Equal(*b)
}

func (im *importer) writeDrafts(ctx context.Context, batch []item, changed []int, have map[string]known, outcomes []outcome) {
	for _, i := range changed {
		it := batch[i]
		k, exists := have[it.externalID]
		var a Article
		var err error
		switch {
		case !exists:
			if a, err = im.s.CreateArticle(ctx, it.externalID, it.content, im.options.Author); err == nil {
				err = im.narrow(ctx, a.ID, ForEveryone, it)
			}
		case k.DraftRevision > 0 && k.DraftAuthor != nil:
			err = fault.Conflict("draft_exists", "An editor is writing a draft of this article; it was left alone.")
		default:
			if err = im.narrow(ctx, k.ID, k.Audience, it); err == nil {
				a, err = im.s.SaveDraft(ctx, k.ID, k.DraftRevision, it.content, im.options.Author)
			}
		}
		if err == nil && (it.reviewBy != nil || it.expiresAt != nil) {
			a, err = im.s.SetReview(ctx, a.ID, it.reviewBy, it.expiresAt)
		}
		outcomes[i] = outcome{status: ImportUpdated, articleID: a.ID, err: err}
		if !exists {
			outcomes[i].status = ImportCreated
		}
		if err == nil {
			outcomes[i].version, outcomes[i].revision = a.Draft.Version, im.publishable(it, a.Draft.Revision)
			im.drafts[a.ID] = a.Draft.Version
		}
	}
}

// narrow takes an article out of others' reach where its file says that it is for
// fewer than now: before a text can be published that was meant for them alone.
func (im *importer) narrow(ctx context.Context, id int64, now Audience, it item) error {
	if !it.audience.narrower(now) {
		return nil
	}
	a, err := im.s.Article(ctx, id)
	if err != nil {
		return err
	}
	_, err = im.s.SetDetails(ctx, id, Details{OwnerID: a.OwnerID, Audience: it.audience, ReviewBy: a.ReviewBy, ExpiresAt: a.ExpiresAt})
	return err
}

// publish makes what has changed live, all in one transaction.
func (im *importer) publish(ctx context.Context, batch []item, changed []int, have map[string]known, outcomes []outcome) error {
	models, err := im.s.models(ctx)
	if err != nil {
		return err
	}
	cuts, errs := cutAll(batch, changed)
	var good []int
	var list []*prepared
	for _, i := range changed {
		if errs[i] != nil {
			outcomes[i] = outcome{err: errs[i]}
			continue
		}
		good = append(good, i)
		list = append(list, cuts[i])
	}
	if len(good) == 0 {
		return nil
	}
	missing := im.s.embed(ctx, list, models)
	err = postgres.InTx(ctx, im.s.db, func(tx pgx.Tx) error {
		ids, err := lockImported(ctx, tx, batch, good)
		if err != nil {
			return err
		}
		return im.publishTx(ctx, tx, batch, good, ids, list, missing, outcomes)
	})
	if err != nil {
		return fmt.Errorf("publish a batch: %w", err)
	}
	for _, i := range good {
		outcomes[i].status = ImportUpdated
		if _, exists := have[batch[i].externalID]; !exists {
			outcomes[i].status = ImportCreated
		}
	}
	return nil
}

// lockImported makes the articles that are new and locks all, always in the order of their ids in the
// text, so that two imports of the same articles wait for each other instead of deadlocking.
func lockImported(ctx context.Context, tx pgx.Tx, batch []item, good []int) (map[string]int64, error) {
	names := make([]string, len(good))
	for n, i := range good {
		names[n] = batch[i].externalID
	}
	slices.Sort(names)
	rows, _ := tx.Query(ctx, `
		INSERT INTO knowledge_articles (external_id)
		SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS n (name, position) ORDER BY position
		ON CONFLICT (external_id) DO UPDATE SET updated_at = now()
		RETURNING external_id, id`, names)
	ids := map[string]int64{}
	var name string
	var id int64
	_, err := pgx.ForEachRow(rows, []any{&name, &id}, func() error {
		ids[name] = id
		return nil
	})
	return ids, err
}

func (im *importer) publishTx(ctx context.Context, tx pgx.Tx, batch []item, good []int, ids map[string]int64, list []*prepared, missing bool, outcomes []outcome) error {
	all := make([]int64, len(good))
	for n, i := range good {
		all[n] = ids[batch[i].externalID]
	}
	hashes := make([][]byte, len(good))
	for n, i := range good {
		hashes[n] = batch[i].content.hash()
	}
	// What was looked up before the vectors were made may be marked wrong by now.
	if err := refuseWrong(ctx, tx, all, hashes); err != nil {
		return err
	}
	if err := archiveLive(ctx, tx, all); err != nil {
		return err
	}
	lives := make([]live, len(good))
	sql := &pgx.Batch{}
	for n, i := range good {
		lives[n] = live{articleID: all[n], prepared: list[n]}
		it, l := batch[i], &lives[n]
		sql.Queue(`
			UPDATE knowledge_articles SET review_by = COALESCE($2, review_by), expires_at = COALESCE($3, expires_at),
				audience = CASE WHEN array_position($6::text[], $5::text) > array_position($6::text[], audience) THEN $5 ELSE audience END
			WHERE id = $1 RETURNING LEAST(COALESCE(review_by, $4), COALESCE(expires_at, $4)), audience`,
			l.articleID, it.reviewBy, it.expiresAt, never, string(it.audience), wide).QueryRow(func(row pgx.Row) error { return row.Scan(&l.usableUntil, &l.audience) })
		sql.Queue(`
			INSERT INTO knowledge_versions (article_id, version, state, revision, title, lang, url, source, hash, chunks, author_id, asked, published_by, published_at)
			SELECT $1, COALESCE(max(version), 0) + 1, 'published', 0, $2, $3, $4, $5, $6, $7, $8, $9, $8, now()
			FROM knowledge_versions WHERE article_id = $1 RETURNING version`,
			l.articleID, it.content.Title, it.content.Lang, it.content.URL, it.content.Source, it.content.hash(), len(l.chunks), im.options.Author, orNone(it.content.Asked)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&l.version) })
	}
	if err := tx.SendBatch(ctx, sql).Close(); err != nil {
		return fmt.Errorf("write the versions: %w", err)
	}
	for n, i := range good {
		outcomes[i] = outcome{articleID: lives[n].articleID, version: lives[n].version}
	}
	if err := im.s.switchLive(ctx, tx, lives); err != nil || !missing {
		return err
	}
	return im.s.enqueue(ctx, tx)
}
