// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// The states of a page.
const (
	PageOK        = "ok"
	PageChanged   = "changed"   // the newest reading took something over
	PageConflict  = "conflict"  // it has changed, and so has the article: an editor chooses
	PageDuplicate = "duplicate" // another page of the source says the same
	PageGone      = "gone"      // not there twice running; an editor decides about the article
	PageFailed    = "failed"
)

// Page is a page of a source as it was read last.
type Page struct {
	ID        int64
	SourceID  int64
	URL       string
	State     string
	Code      string // why it failed
	Message   string // the same for people
	Title     string
	ArticleID *int64
	FetchedAt time.Time
	ChangedAt *time.Time
	Incoming  *Content // of a conflict: what the page says now
}

const pageColumns = `id, source_id, url, state, code, message, title, article_id, fetched_at, changed_at, incoming`

// pageRow is what a reading needs to know of a page.
type pageRow struct {
	ID                 int64
	URL                string
	State              string
	ETag, LastModified string
	Hash, TextHash     []byte
	Revision           int64
	Misses             int
	Links              []string
	ArticleID          *int64
	ImportID           *int64
	Incoming           *Content
}

const pageRowColumns = `id, url, state, etag, last_modified, hash, text_hash, revision, misses, links, article_id, import_id, incoming`

// pageList is how many pages are listed at once.
const pageList = 200

// Pages lists the pages of a source behind one, in a state or in any.
func (s *Service) Pages(ctx context.Context, source int64, state string, after int64) ([]Page, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT `+pageColumns+` FROM knowledge_pages
		WHERE source_id = $1 AND ($2 = '' OR state = $2) AND id > $3 ORDER BY id LIMIT $4`, source, state, after, pageList)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Page])
	if err != nil {
		return nil, fmt.Errorf("list the pages: %w", postgres.Away(err))
	}
	return list, nil
}

// Page returns a page of a source.
func (s *Service) Page(ctx context.Context, source, id int64) (Page, error) {
	rows, _ := s.db.Query(ctx, `SELECT `+pageColumns+` FROM knowledge_pages WHERE source_id = $1 AND id = $2`, source, id)
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Page])
	if errors.Is(err, pgx.ErrNoRows) {
		return p, fault.NotFound("page_not_found", "There is no such page.")
	}
	if err != nil {
		return p, fmt.Errorf("read a page: %w", postgres.Away(err))
	}
	return p, nil
}

// ResolvePage ends a conflict: the article stays as the editor wrote it, or what the page says becomes its draft.
// expected is the revision of the draft that the editor saw, 0 for none.
func (s *Service) ResolvePage(ctx context.Context, source, id int64, takePage bool, expected, by int64) (Page, error) {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var article *int64
		var incoming *Content
		var url string
		err := tx.QueryRow(ctx, `
			SELECT article_id, incoming, url FROM knowledge_pages WHERE source_id = $1 AND id = $2 FOR UPDATE`, source, id).Scan(&article, &incoming, &url)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return fault.NotFound("page_not_found", "There is no such page.")
		case err != nil:
			return err
		case incoming == nil:
			return fault.Conflict("no_conflict", "Nothing has to be chosen for this page any more.")
		}
		if takePage {
			if article, err = takeIncoming(ctx, tx, article, url, *incoming, expected, by); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `
			UPDATE knowledge_pages SET state = 'ok', code = '', message = '', incoming = NULL, hash = $3, article_id = $4 WHERE source_id = $1 AND id = $2`,
			source, id, incoming.hash(), article)
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("resolve a conflict: %w", postgres.Away(err))
	}
	return s.Page(ctx, source, id)
}

// takeIncoming makes what a page says the draft of its article, or an article anew where that was thrown away since.
func takeIncoming(ctx context.Context, tx pgx.Tx, article *int64, url string, taken Content, expected, by int64) (*int64, error) {
	if article == nil {
		id, err := create(ctx, tx, NewArticle{Content: taken, ExternalID: url, Author: &by})
		return &id, err
	}
	newest, err := newestContent(ctx, tx, *article)
	if err != nil {
		return nil, err
	}
	taken.Asked = newest.Asked
	return article, saveDraft(ctx, tx, *article, expected, taken, &by)
}

// newestContent is what an article's draft says, or else its newest version.
func newestContent(ctx context.Context, tx pgx.Tx, id int64) (Content, error) {
	var c Content
	err := tx.QueryRow(ctx, `
		SELECT title, lang, url, source, asked FROM knowledge_versions
		WHERE article_id = $1 ORDER BY state = 'draft' DESC, version DESC LIMIT 1`, id).Scan(&c.Title, &c.Lang, &c.URL, &c.Source, &c.Asked)
	return c, err
}

// knownPages reads what is known of a source's pages, by address.
func (s *Service) knownPages(ctx context.Context, source int64) (map[string]pageRow, []string, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT `+pageRowColumns+` FROM knowledge_pages WHERE source_id = $1 ORDER BY id`, source)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[pageRow])
	if err != nil {
		return nil, nil, fmt.Errorf("read the known pages: %w", err)
	}
	known := map[string]pageRow{}
	order := make([]string, len(list))
	for i, p := range list {
		known[p.URL], order[i] = p, p.URL
	}
	return known, order, nil
}
