// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
)

// Article returns an article with its live version and its draft, sources included.
func (s *Service) Article(ctx context.Context, id int64) (Article, error) {
	var a Article
	err := s.db.QueryRow(ctx, `
		SELECT id, COALESCE(external_id, ''), review_by, expires_at, created_at, updated_at
		FROM knowledge_articles WHERE id = $1`, id).
		Scan(&a.ID, &a.ExternalID, &a.ReviewBy, &a.ExpiresAt, &a.CreatedAt, &a.UpdatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return Article{}, fault.NotFound("article_not_found", "There is no article %d.", id)
	}
	if err != nil {
		return Article{}, fmt.Errorf("read article %d: %w", id, err)
	}
	rows, _ := s.db.Query(ctx, `
		SELECT `+versionColumns+`, source FROM knowledge_versions
		WHERE article_id = $1 AND state IN ('draft', 'published')`, id)
	versions, err := pgx.CollectRows(rows, pgx.RowToStructByName[Version])
	if err != nil {
		return Article{}, fmt.Errorf("read the versions of article %d: %w", id, err)
	}
	for i, v := range versions {
		if v.State == StateDraft {
			a.Draft = &versions[i]
		} else {
			a.Live = &versions[i]
		}
	}
	return a, nil
}

const versionColumns = `article_id, version, state, revision, title, lang, url, chunks, author_id, created_at, updated_at, published_at, archived_at`

// ArticleByExternalID is Article by the id that an import gave.
func (s *Service) ArticleByExternalID(ctx context.Context, externalID string) (Article, error) {
	var id int64
	err := s.db.QueryRow(ctx, `SELECT id FROM knowledge_articles WHERE external_id = $1`, externalID).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Article{}, fault.NotFound("article_not_found", "There is no article with the id %q.", externalID)
	}
	if err != nil {
		return Article{}, fmt.Errorf("find article %q: %w", externalID, err)
	}
	return s.Article(ctx, id)
}

// Versions lists the versions of an article without their sources, newest first. The draft is among them.
func (s *Service) Versions(ctx context.Context, id int64) ([]Version, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT `+versionColumns+`, '' AS source FROM knowledge_versions
		WHERE article_id = $1 ORDER BY version DESC LIMIT 1000`, id)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Version])
	if err != nil {
		return nil, fmt.Errorf("list the versions of article %d: %w", id, err)
	}
	if len(list) == 0 {
		return nil, fault.NotFound("article_not_found", "There is no article %d.", id)
	}
	return list, nil
}

// Version returns one version with its source.
func (s *Service) Version(ctx context.Context, id int64, version int) (Version, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT `+versionColumns+`, source FROM knowledge_versions
		WHERE article_id = $1 AND version = $2`, id, version)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Version])
	if errors.Is(err, pgx.ErrNoRows) {
		return Version{}, fault.NotFound("version_not_found", "Article %d has no version %d.", id, version)
	}
	if err != nil {
		return Version{}, fmt.Errorf("read version %d of article %d: %w", version, id, err)
	}
	return v, nil
}

// Listed is an article in a list: what its live version or else its newest one says.
type Listed struct {
	ID         int64
	ExternalID string
	State      State
	Title      string
	Lang       string
	URL        string
	Version    int
	HasDraft   bool
	ReviewBy   *time.Time
	ExpiresAt  *time.Time
	UpdatedAt  time.Time
}

// ListFilter narrows a list of articles. After goes on behind the last article of the page before.
type ListFilter struct {
	State State  // "" for any
	Lang  string // "" for any
	Title string // a part of the title
	After Cursor
	Limit int // at most 200, 50 if 0
}

// Cursor is a place in the order of titles.
type Cursor struct {
	Title string
	ID    int64
}

// Articles lists articles by title. A page shorter than the limit is the last one.
func (s *Service) Articles(ctx context.Context, f ListFilter) ([]Listed, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	rows, _ := s.db.Query(ctx, `
		SELECT a.id, COALESCE(a.external_id, '') AS external_id,
		       CASE WHEN live.article_id IS NOT NULL THEN 'published' ELSE shown.state END AS state,
		       shown.title, shown.lang, shown.url, shown.version,
		       EXISTS (SELECT FROM knowledge_versions d WHERE d.article_id = a.id AND d.state = 'draft') AS has_draft,
		       a.review_by, a.expires_at, a.updated_at
		FROM knowledge_articles a
		LEFT JOIN knowledge_versions live ON live.article_id = a.id AND live.state = 'published'
		JOIN LATERAL (
			SELECT v.state, v.title, v.lang, v.url, v.version FROM knowledge_versions v
			WHERE v.article_id = a.id
			ORDER BY v.state = 'published' DESC, v.state = 'draft' DESC, v.version DESC LIMIT 1
		) shown ON true
		WHERE a.kind = 'article' AND ($1 = '' OR shown.state = $1)
		  AND ($2 = '' OR shown.lang = $2)
		  AND ($3 = '' OR strpos(lower(shown.title), lower($3)) > 0)
		  AND ($5::bigint = 0 OR (shown.title, a.id) > ($4, $5))
		ORDER BY shown.title, a.id LIMIT $6`,
		string(f.State), f.Lang, f.Title, f.After.Title, f.After.ID, min(f.Limit, 200))
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Listed])
	if err != nil {
		return nil, fmt.Errorf("list articles: %w", err)
	}
	return list, nil
}

// VersionRef names a version of an article.
type VersionRef struct {
	ArticleID int64
	Version   int
}

// Live tells, inside the caller's transaction, whether all these versions are published and neither
// expired nor past their review. It holds them live until that transaction ends.
func (s *Service) Live(ctx context.Context, tx pgx.Tx, refs []VersionRef) (bool, error) {
	ids, versions := make([]int64, len(refs)), make([]int, len(refs))
	for i, r := range refs {
		ids[i], versions[i] = r.ArticleID, r.Version
	}
	rows, _ := tx.Query(ctx, `
		SELECT v.article_id, v.version
		FROM unnest($1::bigint[], $2::int[]) AS cited (article_id, version)
		JOIN knowledge_versions v USING (article_id, version)
		JOIN knowledge_articles a ON a.id = v.article_id
		WHERE v.state = 'published'
		  AND (a.review_by IS NULL OR a.review_by > now()) AND (a.expires_at IS NULL OR a.expires_at > now())
		ORDER BY v.article_id FOR SHARE OF v`, ids, versions)
	live, err := pgx.CollectRows(rows, pgx.RowToStructByPos[VersionRef])
	if err != nil {
		return false, fmt.Errorf("check the cited versions: %w", err)
	}
	found := map[VersionRef]bool{}
	for _, r := range live {
		found[r] = true
	}
	for _, r := range refs {
		if !found[r] {
			return false, nil
		}
	}
	return true, nil
}
