// SPDX-License-Identifier: MIT

package knowledge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/net/html/charset"

	"candor/internal/fault"
	"candor/knowledge/convert"
	"candor/knowledge/crawl"
	"candor/postgres"
)

// got is what the reading of a page gave.
type got struct {
	page    crawl.Page
	content Content
	links   []string
	text    []byte // hash of the title and the text alone
	same    string // address of the page that this one says it is
	err     error
}

// maxPageLinks is how many links of a page are followed.
const maxPageLinks = 500

// readPage reads a page and makes an article of it; nothing is written.
func (s *Service) readPage(ctx context.Context, visit *crawl.Visit, scope crawl.Scope, lang string, row pageRow) (g got) {
	known := crawl.Known{}
	if row.TextHash != nil && row.State != PageFailed {
		known = crawl.Known{ETag: row.ETag, LastModified: row.LastModified}
	}
	if g.page, g.err = visit.Read(ctx, row.URL, known); g.err != nil || g.page.Unchanged || g.page.Gone {
		return g
	}
	d, err := pageDocument(g.page)
	if err != nil {
		g.err = err
		return g
	}
	g.links = scope.Pick(d.Links, maxPageLinks)
	if canonical := scope.Pick([]string{d.URL}, 1); len(canonical) == 1 && canonical[0] != row.URL && scope.Site {
		g.same = canonical[0]
		g.links = append([]string{g.same}, g.links...)
	}
	g.content = Content{Title: d.Title, Lang: d.Lang, URL: row.URL, Source: d.Markdown}
	if lang != "" {
		g.content.Lang = lang
	}
	g.content.doubt()
	g.content.complete(strings.Trim(g.page.URL.Path, "/"))
	if g.content.Title == "" {
		g.content.Title = g.page.URL.Host
	}
	sum := sha256.Sum256([]byte(g.content.Title + "\x00" + g.content.Source))
	g.text, g.err = sum[:], firstFault(g.content.check())
	return g
}

func pageDocument(p crawl.Page) (convert.Document, error) {
	switch p.Kind() {
	case "html":
		return convert.HTML(p.Body, p.ContentType, p.URL)
	case "text":
		r, err := charset.NewReader(bytes.NewReader(p.Body), p.ContentType)
		if err != nil {
			return convert.Document{}, fault.Invalid("document_broken", "The page is in an encoding that is not known.")
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return convert.Document{}, fault.Invalid("document_broken", "The page cannot be read as text.")
		}
		return convert.Document{Markdown: string(text)}, nil
	default:
		return convert.Document{}, fault.Invalid("not_a_page", "The address does not lead to a page of text or HTML.")
	}
}

// pageOutcome is what a page's reading came to, for the report.
type pageOutcome struct {
	outcome   string // "" for as before
	code      string
	message   string
	articleID *int64
	revision  int64
}

// take writes what a reading gave, all in one transaction: the page, the draft and the report.
func (r *run) take(ctx context.Context, row pageRow, g got, found int) (pageRow, error) {
	err := postgres.InTx(ctx, r.s.db, func(tx pgx.Tx) error {
		if err := beat(ctx, tx, r, `found = $4, done = done + 1`, found); err != nil {
			return err
		}
		w := pageWriter{run: r, tx: tx, row: row, got: g}
		if err := w.write(ctx); err != nil {
			return err
		}
		row = w.row
		return nil
	})
	if err != nil {
		return row, fmt.Errorf("write page %d: %w", row.ID, err)
	}
	return row, nil
}

// pageWriter writes one page.
type pageWriter struct {
	*run
	tx       pgx.Tx
	row      pageRow
	got      got
	title    string
	incoming *Content
	moved    bool // something was taken over
	said     pageOutcome
}

func (w *pageWriter) write(ctx context.Context) error {
	if err := w.lock(ctx); err != nil {
		return err
	}
	if err := w.decide(ctx); err != nil {
		return err
	}
	if w.row.State == PageConflict && w.incoming == nil {
		w.incoming = w.row.Incoming // as it stood
	}
	err := w.tx.QueryRow(ctx, `
		INSERT INTO knowledge_pages AS p (source_id, url, state, code, message, title, etag, last_modified, hash, text_hash, misses, links, incoming, article_id, import_id, changed_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, CASE WHEN $16 THEN now() END, $17)
		ON CONFLICT (source_id, url) DO UPDATE SET state = $3, code = $4, message = $5, title = COALESCE(NULLIF($6, ''), p.title), etag = $7, last_modified = $8,
			hash = $9, text_hash = $10, misses = $11, links = $12, incoming = $13, article_id = $14, import_id = $15,
			revision = $17, fetched_at = now(), changed_at = CASE WHEN $16 THEN now() ELSE p.changed_at END
		RETURNING id`,
		w.source.ID, w.row.URL, w.row.State, w.said.code, w.said.message, w.title, w.row.ETag, w.row.LastModified, w.row.Hash, w.row.TextHash, w.row.Misses,
		orNone(w.row.Links), w.incoming, w.row.ArticleID, w.id, w.moved, w.row.Revision).Scan(&w.row.ID)
	if err != nil {
		return err
	}
	w.row.ImportID = &w.id
	return w.report(ctx)
}

// lock holds the page's row and reads it again: an editor may have chosen since.
func (w *pageWriter) lock(ctx context.Context) error {
	rows, _ := w.tx.Query(ctx, `SELECT `+pageRowColumns+` FROM knowledge_pages WHERE source_id = $1 AND url = $2 FOR UPDATE`, w.source.ID, w.row.URL)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[pageRow])
	if err == nil && len(list) == 1 {
		w.row = list[0]
	}
	return err
}

// countOf names the import's count for an outcome.
var countOf = map[string]string{
	"created": "created", "updated": "updated", "": "unchanged", "duplicate": "unchanged", "conflict": "conflicts", "gone": "gone", "failed": "failed",
}

func (w *pageWriter) report(ctx context.Context) error {
	column := countOf[w.said.outcome]
	if _, err := w.tx.Exec(ctx, `UPDATE knowledge_imports SET `+column+` = `+column+` + 1 WHERE id = $1`, w.id); err != nil {
		return err
	}
	if w.said.outcome == "" {
		return nil
	}
	_, err := w.tx.Exec(ctx, `
		INSERT INTO knowledge_import_items (import_id, name, outcome, code, message, article_id, revision) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		w.id, w.row.URL, w.said.outcome, w.said.code, w.said.message, w.said.articleID, w.said.revision)
	return err
}

// decide says what the page's state is now, and writes a draft where it has something new.
func (w *pageWriter) decide(ctx context.Context) error {
	row, g := &w.row, w.got
	switch {
	case g.err != nil:
		w.fail(g.err)
		return nil //nolint:nilerr // it is noted with the page
	case g.page.Gone:
		w.gone()
		return nil
	}
	row.Misses = 0
	if g.page.Unchanged {
		w.settle()
		return nil
	}
	row.ETag, row.LastModified, row.Links, w.title = g.page.ETag, g.page.LastModified, g.links, g.content.Title
	twin, err := w.twin(ctx)
	if err != nil {
		return err
	}
	if twin != "" {
		row.State, row.TextHash = PageDuplicate, g.text
		w.said = pageOutcome{outcome: "duplicate", code: "page_duplicate", message: "The same as " + twin + "; that page is the article."}
		return nil
	}
	hash := g.content.hash()
	row.TextHash = g.text
	if bytes.Equal(hash, row.Hash) {
		row.State = PageOK // also after a conflict: the page is what it was
		return nil
	}
	return w.change(ctx, hash)
}

// settle keeps the state of a page that is as it was.
func (w *pageWriter) settle() {
	if w.row.State != PageConflict && w.row.State != PageDuplicate {
		w.row.State = PageOK
	}
}

func (w *pageWriter) fail(err error) {
	code, message := "failed", "The page could not be read; the log says why."
	if f, ok := fault.Of(err); ok {
		code, message = f.Code, f.Message
	}
	if w.row.State != PageConflict {
		w.row.State = PageFailed
	}
	w.said = pageOutcome{outcome: "failed", code: code, message: message, articleID: w.row.ArticleID}
}

// goneAfter is how often running a page must be missing before it counts as gone: sites have bad moments.
const goneAfter = 2

func (w *pageWriter) gone() {
	w.row.Misses++
	switch {
	case w.row.State == PageConflict || w.row.State == PageGone:
	case w.row.Hash == nil:
		w.row.State = PageFailed
		w.said = pageOutcome{outcome: "failed", code: "page_missing", message: "A link leads to this page, and it is not there."}
	case w.row.Misses < goneAfter:
		w.row.State = PageFailed
		w.said = pageOutcome{outcome: "failed", code: "page_missing", message: "The page is not there. If it is missing next time as well, it counts as gone.", articleID: w.row.ArticleID}
	default:
		w.row.State = PageGone
		w.said = pageOutcome{outcome: "gone", code: "page_gone", message: "The page is gone. Decide whether its article is still right; nothing was changed.", articleID: w.row.ArticleID}
	}
}

// twin is the page that this one is a copy of, by its own word or by its text.
func (w *pageWriter) twin(ctx context.Context) (string, error) {
	if w.row.ArticleID != nil {
		return "", nil
	}
	if w.got.same != "" {
		if u, err := url.Parse(w.got.same); err == nil {
			return u.String(), nil
		}
	}
	rows, _ := w.tx.Query(ctx, `
		SELECT url FROM knowledge_pages WHERE source_id = $1 AND text_hash = $2 AND url <> $3 AND article_id IS NOT NULL LIMIT 1`, w.source.ID, w.got.text, w.row.URL)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// change writes what is new as a draft, unless an editor has written in between.
func (w *pageWriter) change(ctx context.Context, hash []byte) error {
	id, err := w.article(ctx)
	if err != nil {
		return err
	}
	if id == 0 {
		return w.create(ctx, hash)
	}
	at, err := lockArticle(ctx, w.tx, id)
	if err != nil {
		return err
	}
	newest, err := newestContent(ctx, w.tx, id)
	if err != nil {
		return err
	}
	content := w.got.content
	content.Asked = newest.Asked // the words of customers are ours, not the page's
	newest.Asked = nil
	w.row.ArticleID = &id
	switch now := newest.hash(); {
	case bytes.Equal(now, hash): // somebody brought it here already
		w.row.State, w.row.Hash = PageOK, hash
		return nil
	case !bytes.Equal(now, w.row.Hash):
		w.conflict(id)
		return nil
	}
	err = saveDraft(ctx, w.tx, id, at.draftRevision, content, nil)
	if fault.Is(err, "draft_scheduled") {
		w.conflict(id)
		return nil
	}
	if err != nil {
		return err
	}
	return w.took(ctx, id, hash, "updated")
}

// conflict leaves the choice to an editor.
func (w *pageWriter) conflict(id int64) {
	w.row.State, w.incoming = PageConflict, &w.got.content
	w.said = pageOutcome{outcome: "conflict", code: "page_conflict", message: "The page has changed, and the article was edited here or is scheduled. Choose which text stays; nothing was overwritten.", articleID: &id}
}

// article finds the article of the page, 0 for none: by an earlier reading, or by its id in the library.
func (w *pageWriter) article(ctx context.Context) (int64, error) {
	if w.row.ArticleID != nil {
		return *w.row.ArticleID, nil
	}
	rows, _ := w.tx.Query(ctx, `SELECT id FROM knowledge_articles WHERE external_id = $1`, w.row.URL)
	list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0], nil
}

func (w *pageWriter) create(ctx context.Context, hash []byte) error {
	var id int64
	if err := w.tx.QueryRow(ctx, `INSERT INTO knowledge_articles (external_id, revision, owner_id) VALUES ($1, 1, $2) RETURNING id`, w.row.URL, w.source.OwnerID).Scan(&id); err != nil {
		return err
	}
	if err := insertDraft(ctx, w.tx, id, 1, 1, w.got.content, nil); err != nil {
		return err
	}
	w.row.ArticleID = &id
	return w.took(ctx, id, hash, "created")
}

// took notes that the draft holds what the page says.
func (w *pageWriter) took(ctx context.Context, id int64, hash []byte, outcome string) error {
	w.row.State, w.row.Hash, w.moved = PageChanged, hash, true
	w.said = pageOutcome{outcome: outcome, articleID: &id}
	err := w.tx.QueryRow(ctx, `SELECT revision FROM knowledge_versions WHERE article_id = $1 AND state = 'draft'`, id).Scan(&w.said.revision)
	w.row.Revision = w.said.revision
	return err
}
