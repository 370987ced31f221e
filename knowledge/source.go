// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/knowledge/crawl"
	"candor/postgres"
)

// What a source may be, when it is read and what becomes of what has changed.
const (
	SourcePage = "page"
	SourceSite = "site"

	ScheduleNever  = "never"
	ScheduleDaily  = "daily"
	ScheduleWeekly = "weekly"

	ModeDrafts  = "drafts"
	ModePublish = "publish"
)

// MaxPages is how many pages a source may have.
const MaxPages = 2000

// Source is a page or a site of the company that is read again and again.
type Source struct {
	ID        int64
	URL       string
	Kind      string
	Lang      string // of all its pages; "": as each page says
	Schedule  string
	Mode      string
	MaxPages  int
	OwnerID   *int64
	NextAt    *time.Time // when the schedule reads it next
	CreatedAt time.Time
}

// PageCounts says how many pages of a source are in which state.
type PageCounts map[string]int

// ListedSource is a source with where it stands.
type ListedSource struct {
	Source
	Owner string // name
	Pages PageCounts
	Last  *Import // nil: never read
}

const sourceColumns = `s.id, s.url, s.kind, s.lang, s.schedule, s.mode, s.max_pages, s.owner_id, s.next_at, s.created_at`

func (c Source) scope() (crawl.Scope, error) {
	u, err := crawl.ParseURL(c.URL)
	return crawl.Scope{Start: u, Site: c.Kind == SourceSite}, err
}

// check tells what is wrong with a source, and writes its address as it is kept.
func (c *Source) check() error {
	scope, err := c.scope()
	if err != nil {
		return err
	}
	c.URL = scope.Start.String()
	if c.MaxPages == 0 {
		c.MaxPages = 200
	}
	switch {
	case c.Kind != SourcePage && c.Kind != SourceSite:
		return fault.Invalid("kind_invalid", `The kind must be "page" or "site".`)
	case c.Schedule != ScheduleNever && c.Schedule != ScheduleDaily && c.Schedule != ScheduleWeekly:
		return fault.Invalid("schedule_invalid", `The schedule must be "never", "daily" or "weekly".`)
	case c.Mode != ModeDrafts && c.Mode != ModePublish:
		return fault.Invalid("mode_invalid", `The mode must be "drafts" or "publish".`)
	case c.MaxPages < 1 || c.MaxPages > MaxPages:
		return fault.Invalid("max_pages_invalid", "A source may have 1 to %d pages.", MaxPages)
	case !validLang(c.Lang):
		return fault.Invalid("lang_invalid", "The language must be a tag such as en or zh-Hans.")
	}
	return nil
}

// nextSQL is when a schedule is due next.
const nextSQL = `CASE %s WHEN 'daily' THEN now() + interval '1 day' WHEN 'weekly' THEN now() + interval '7 days' END`

// AddSource notes a source; nothing is read yet.
func (s *Service) AddSource(ctx context.Context, c Source) (Source, error) {
	if err := c.check(); err != nil {
		return Source{}, err
	}
	if err := s.mayOwn(ctx, c.OwnerID, nil); err != nil {
		return Source{}, err
	}
	rows, _ := s.db.Query(ctx, `
		INSERT INTO knowledge_sources AS s (url, kind, lang, schedule, mode, max_pages, owner_id, next_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, `+fmt.Sprintf(nextSQL, "$4::text")+`) RETURNING `+sourceColumns,
		c.URL, c.Kind, c.Lang, c.Schedule, c.Mode, c.MaxPages, c.OwnerID)
	return oneSource(rows, "add a source")
}

// ChangeSource changes all but the address and the kind.
func (s *Service) ChangeSource(ctx context.Context, c Source) (Source, error) {
	now, err := s.Source(ctx, c.ID)
	if err != nil {
		return Source{}, err
	}
	c.URL, c.Kind = now.URL, now.Kind
	if err := c.check(); err != nil {
		return Source{}, err
	}
	if err := s.mayOwn(ctx, c.OwnerID, now.OwnerID); err != nil {
		return Source{}, err
	}
	rows, _ := s.db.Query(ctx, `
		UPDATE knowledge_sources s SET lang = $2, mode = $4, max_pages = $5, owner_id = $6, schedule = $3,
			next_at = CASE WHEN schedule = $3 THEN next_at ELSE `+fmt.Sprintf(nextSQL, "$3::text")+` END
		WHERE id = $1 RETURNING `+sourceColumns, c.ID, c.Lang, c.Schedule, c.Mode, c.MaxPages, c.OwnerID)
	return oneSource(rows, "change a source")
}

// mayOwn: a source belongs to an editor. Somebody who left stays its owner until there is another.
func (s *Service) mayOwn(ctx context.Context, owner, now *int64) error {
	if owner == nil || now != nil && *now == *owner {
		return nil
	}
	return postgres.Away(isEditor(ctx, s.db, *owner))
}

func oneSource(rows pgx.Rows, doing string) (Source, error) {
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Source])
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return c, fault.NotFound("source_not_found", "There is no such source.")
	case postgres.IsUnique(err, "knowledge_sources_url_key"):
		return c, fault.Conflict("source_exists", "This address is a source already.")
	case postgres.IsForeignKey(err):
		return c, fault.Invalid("owner_not_found", "There is no such member of staff.")
	case err != nil:
		return c, fmt.Errorf("%s: %w", doing, postgres.Away(err))
	}
	return c, nil
}

// Source returns a source.
func (s *Service) Source(ctx context.Context, id int64) (Source, error) {
	rows, _ := s.db.Query(ctx, `SELECT `+sourceColumns+` FROM knowledge_sources s WHERE id = $1`, id)
	return oneSource(rows, "read a source")
}

// DeleteSource forgets a source and its history. The articles stay.
func (s *Service) DeleteSource(ctx context.Context, id int64) error {
	tag, err := s.db.Exec(ctx, `DELETE FROM knowledge_sources WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("delete a source: %w", postgres.Away(err))
	}
	if tag.RowsAffected() == 0 {
		return fault.NotFound("source_not_found", "There is no such source.")
	}
	return nil
}

// Sources lists all sources, or the one that is named, with where they stand.
func (s *Service) Sources(ctx context.Context, id int64) ([]ListedSource, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT `+sourceColumns+`, COALESCE(a.name, ''),
		       (SELECT COALESCE(jsonb_object_agg(state, n), '{}') FROM (
		           SELECT state, count(*) AS n FROM knowledge_pages p WHERE p.source_id = s.id GROUP BY state) c),
		       (SELECT max(i.id) FROM knowledge_imports i WHERE i.source_id = s.id)
		FROM knowledge_sources s LEFT JOIN accounts a ON a.id = s.owner_id
		WHERE $1 = 0 OR s.id = $1 ORDER BY s.url LIMIT 500`, id)
	list := []ListedSource{}
	var last []int64
	_, err := scanSources(rows, &list, &last)
	if err != nil {
		return nil, fmt.Errorf("list the sources: %w", postgres.Away(err))
	}
	imports, err := s.imports(ctx, `id = ANY ($1)`, last)
	if err != nil {
		return nil, err
	}
	for i := range list {
		for n := range imports {
			if imports[n].SourceID != nil && *imports[n].SourceID == list[i].ID {
				list[i].Last = &imports[n]
			}
		}
	}
	return list, nil
}

func scanSources(rows pgx.Rows, list *[]ListedSource, last *[]int64) (any, error) {
	var c ListedSource
	var newest *int64
	return pgx.ForEachRow(rows, []any{
		&c.ID, &c.URL, &c.Kind, &c.Lang, &c.Schedule, &c.Mode, &c.MaxPages, &c.OwnerID, &c.NextAt, &c.CreatedAt, &c.Owner, &c.Pages, &newest,
	}, func() error {
		*list = append(*list, c)
		if newest != nil {
			*last = append(*last, *newest)
		}
		c = ListedSource{}
		return nil
	})
}
