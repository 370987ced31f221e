// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

// Listed is an article in a list: what its live version or else its newest one says.
type Listed struct {
	ID         int64
	ExternalID string
	State      State
	Stage      Stage // of its draft
	Asked      bool  // somebody waits for a review
	AskedOf    *int64
	PublishAt  *time.Time
	Title      string
	Lang       string
	URL        string
	Version    int
	HasDraft   bool
	OwnerID    *int64
	Owner      string
	Audience   Audience
	ReviewBy   *time.Time
	ExpiresAt  *time.Time
	Overdue    bool
	// TranslationOf is the article that this one says in another language; Outdated that it says
	// something else by now.
	TranslationOf *int64
	Outdated      bool
	UpdatedAt     time.Time
}

// ListFilter narrows a list of articles. After goes on behind the last article of the page before.
type ListFilter struct {
	State    State    // "" for any
	Stage    Stage    // of the draft; "" for any
	Lang     string   // "" for any
	Title    string   // a part of the title
	Owner    int64    // 0 for any
	Audience Audience // "" for any
	Due      bool     // those past their review or their end, or within DueWithin of it
	Outdated bool     // those whose source says something else by now
	Imported *bool    // nil for any
	After    Cursor
	Limit    int // at most 200, 50 if 0
}

// DueWithin is how long before its review or its end an article is shown as due.
const DueWithin = 30 * 24 * time.Hour

// Cursor is a place in the order of titles.
type Cursor struct {
	Title string
	ID    int64
}

// listedSQL is all articles with what a list shows of them.
const listedSQL = `
	SELECT a.id, COALESCE(a.external_id, '') AS external_id,
	       CASE WHEN a.shown_state = 'published' AND a.expires_at <= now() THEN 'expired' ELSE a.shown_state END AS state,
	       COALESCE(g.stage, 'writing') AS stage, g.asked_by IS NOT NULL AND g.approved_by IS NULL AS asked, g.asked_of, g.publish_at,
	       a.shown_title AS title, a.shown_lang AS lang, a.shown_url AS url, a.shown_version AS version, a.has_draft,
	       a.owner_id, COALESCE(o.name, '') AS owner, a.audience, a.review_by, a.expires_at, COALESCE(a.review_by <= now(), false) AS overdue,
	       a.translation_of, COALESCE(source.shown_version > COALESCE(a.translated_version, 0), false) AS outdated, a.updated_at
	FROM knowledge_articles a
	LEFT JOIN knowledge_stages g ON g.article_id = a.id
	LEFT JOIN accounts o ON o.id = a.owner_id
	LEFT JOIN knowledge_articles source ON source.id = a.translation_of AND source.shown_state = 'published'
	WHERE a.kind = 'article' AND a.shown_state IS NOT NULL`

// filterSQL keeps those that a filter asks for. The columns are those of the tables, whose statistics the
// planner has: it walks the index of the titles where many fit, and sorts where few do.
const filterSQL = `
	AND ($1 = '' OR a.shown_state = CASE $1 WHEN 'expired' THEN 'published' ELSE $1 END
	     AND ($1 NOT IN ('published', 'expired') OR (a.expires_at <= now()) IS TRUE = ($1 = 'expired')))
	AND ($2 = '' OR g.stage = $2 OR $2 = 'in_review' AND g.asked_by IS NOT NULL AND g.approved_by IS NULL
	     OR $2 = 'writing' AND a.has_draft AND g.article_id IS NULL)
	AND ($3 = '' OR a.shown_lang = $3)
	AND ($4 = '' OR strpos(lower(a.shown_title), lower($4)) > 0)
	AND ($5::bigint = 0 OR a.owner_id = $5)
	AND ($6 = '' OR a.audience = $6)
	AND (NOT $7 OR a.shown_state = 'published' AND LEAST(a.review_by, a.expires_at) < now() + $8::interval)
	AND (NOT $9 OR source.shown_version > COALESCE(a.translated_version, 0))
	AND ($10::bool IS NULL OR (a.external_id IS NOT NULL) = $10)
	AND (a.shown_title, a.id) > ($11::text, $12::bigint)
	ORDER BY a.shown_title, a.id LIMIT $13`

// Articles lists articles by title, in the order of an index: the cursor's place is found in it, and no title is
// empty, so that the first page starts at the zero cursor. A page shorter than the limit is the last one.
func (s *Service) Articles(ctx context.Context, f ListFilter) ([]Listed, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	// Planned anew with its values each time: a plan for any values would sort all titles.
	rows, _ := s.db.Query(ctx, listedSQL+filterSQL, pgx.QueryExecModeCacheDescribe,
		string(f.State), string(f.Stage), f.Lang, f.Title, f.Owner, string(f.Audience), f.Due, DueWithin, f.Outdated, f.Imported,
		f.After.Title, f.After.ID, min(f.Limit, 200))
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Listed])
	if err != nil {
		return nil, fmt.Errorf("list articles: %w", postgres.Away(err))
	}
	return list, nil
}

// Counts is how many articles each list has.
type Counts struct {
	All       int `json:"all"`
	Published int `json:"published"`
	Drafts    int `json:"drafts"` // a draft waits, beside a live version or alone
	InReview  int `json:"in_review"`
	ForYou    int `json:"for_you"` // in review, asked of the caller
	Approved  int `json:"approved"`
	Scheduled int `json:"scheduled"`
	KeptBack  int `json:"kept_back"`
	Due       int `json:"due"`
	Expired   int `json:"expired"`
	Archived  int `json:"archived"`
	Outdated  int `json:"outdated"`
	Mine      int `json:"mine"`
}

// Counts counts the articles for a member of staff.
func (s *Service) Counts(ctx context.Context, account int64) (Counts, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT count(*), count(*) FILTER (WHERE state = 'published'), count(*) FILTER (WHERE has_draft),
		       count(*) FILTER (WHERE stage = 'in_review' OR asked), count(*) FILTER (WHERE asked AND asked_of = $1),
		       count(*) FILTER (WHERE stage = 'approved'), count(*) FILTER (WHERE stage = 'scheduled'), count(*) FILTER (WHERE stage = 'kept_back'),
		       count(*) FILTER (WHERE state IN ('published', 'expired') AND LEAST(review_by, expires_at) < now() + $2::interval),
		       count(*) FILTER (WHERE state = 'expired'), count(*) FILTER (WHERE state = 'archived'),
		       count(*) FILTER (WHERE outdated), count(*) FILTER (WHERE owner_id = $1)
		FROM (`+listedSQL+`) l`, account, DueWithin)
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Counts])
	if err != nil {
		return Counts{}, fmt.Errorf("count the articles: %w", postgres.Away(err))
	}
	return c, nil
}
