// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// Article returns an article with its live version and its draft, sources included.
func (s *Service) Article(ctx context.Context, id int64) (Article, error) {
	a, err := s.article(ctx, id)
	if err != nil {
		return Article{}, err
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
	if a.Draft != nil && a.Draft.AuthorID == nil {
		if a.Draft.AuthorID, err = importedBy(ctx, s.db, id, a.Draft.Revision); err != nil {
			return Article{}, fmt.Errorf("read who imported article %d: %w", id, err)
		}
	}
	if len(versions) == 0 {
		if a.Last, err = s.lastVersion(ctx, id); err != nil {
			return Article{}, err
		}
	}
	return a, s.name(ctx, &a)
}

// article reads an article without its versions.
func (s *Service) article(ctx context.Context, id int64) (Article, error) {
	var a Article
	err := s.db.QueryRow(ctx, `
		SELECT id, COALESCE(external_id, ''), owner_id, audience, review_by, expires_at, created_at, updated_at,
		       COALESCE(expires_at <= now(), false), COALESCE(review_by <= now(), false), translation_of, translated_version, details_rev
		FROM knowledge_articles WHERE id = $1`, id).
		Scan(&a.ID, &a.ExternalID, &a.OwnerID, &a.Audience, &a.ReviewBy, &a.ExpiresAt, &a.CreatedAt, &a.UpdatedAt,
			&a.Expired, &a.Overdue, &a.TranslationOf, &a.TranslatedVersion, &a.DetailsRev)
	if errors.Is(err, pgx.ErrNoRows) {
		return Article{}, fault.NotFound("article_not_found", "There is no article %d.", id)
	}
	if err != nil {
		return Article{}, fmt.Errorf("read article %d: %w", id, err)
	}
	rows, _ := s.db.Query(ctx, `SELECT `+standingColumns+` FROM knowledge_stages WHERE article_id = $1`, id)
	a.Standing, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Standing])
	if errors.Is(err, pgx.ErrNoRows) {
		a.Standing, err = Standing{Stage: StageWriting}, nil
	}
	if err != nil {
		return Article{}, fmt.Errorf("read the stage of article %d: %w", id, err)
	}
	return a, nil
}

// AudienceOf is whom an article is for.
func (s *Service) AudienceOf(ctx context.Context, id int64) (a Audience, err error) {
	err = s.db.QueryRow(ctx, `SELECT audience FROM knowledge_articles WHERE id = $1`, id).Scan(&a)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.NotFound("article_not_found", "There is no article %d.", id)
	}
	if err != nil {
		return "", fmt.Errorf("read whom article %d is for: %w", id, postgres.Away(err))
	}
	return a, nil
}

func (s *Service) lastVersion(ctx context.Context, id int64) (*Version, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT `+versionColumns+`, source FROM knowledge_versions WHERE article_id = $1 ORDER BY version DESC LIMIT 1`, id)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Version])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.NotFound("article_not_found", "There is no article %d.", id)
	}
	if err != nil {
		return nil, fmt.Errorf("read the last version of article %d: %w", id, err)
	}
	return v, nil
}

// name looks up the names of those whom the article mentions.
func (s *Service) name(ctx context.Context, a *Article) error {
	ids := []int64{}
	add := func(list ...*int64) {
		for _, id := range list {
			if id != nil {
				ids = append(ids, *id)
			}
		}
	}
	add(a.OwnerID, a.Standing.AskedBy, a.Standing.AskedOf, a.Standing.ApprovedBy, a.Standing.ScheduledBy, a.Standing.NoteBy)
	for _, v := range []*Version{a.Live, a.Draft, a.Last} {
		if v != nil {
			add(v.AuthorID, v.PublishedBy, v.ApprovedBy)
		}
	}
	var err error
	a.People, err = s.Names(ctx, ids)
	return err
}

// Publishers are the accounts that published and approved versions.
func Publishers(list []Version) (ids []int64) {
	for _, v := range list {
		for _, id := range []*int64{v.PublishedBy, v.ApprovedBy} {
			if id != nil {
				ids = append(ids, *id)
			}
		}
	}
	return ids
}

// Names looks up what accounts are called.
func (s *Service) Names(ctx context.Context, ids []int64) (map[int64]string, error) {
	names := map[int64]string{}
	if len(ids) == 0 {
		return names, nil
	}
	rows, _ := s.db.Query(ctx, `SELECT id, name FROM accounts WHERE id = ANY ($1)`, ids)
	var id int64
	var name string
	_, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		names[id] = name
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up names: %w", err)
	}
	return names, nil
}

const versionColumns = `article_id, version, state, revision, title, lang, url, asked, chunks, author_id, published_by, approved_by, created_at, updated_at, published_at, archived_at, wrong_at`

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

// VersionRef names a version of an article.
type VersionRef struct {
	ArticleID int64
	Version   int
}

// Live tells, inside the caller's transaction, whether all these versions are published, for whoever is
// told, and neither expired nor past their review. It holds them so until that transaction ends.
func (s *Service) Live(ctx context.Context, tx pgx.Tx, refs []VersionRef, reader Audience) (bool, error) {
	ids, versions := make([]int64, len(refs)), make([]int, len(refs))
	for i, r := range refs {
		ids[i], versions[i] = r.ArticleID, r.Version
	}
	rows, _ := tx.Query(ctx, `
		SELECT v.article_id, v.version
		FROM unnest($1::bigint[], $2::int[]) AS cited (article_id, version)
		JOIN knowledge_versions v USING (article_id, version)
		WHERE v.state = 'published'
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
	// Read behind the locks: whoever changes the audience of a live version locks it, too.
	var barred bool
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM knowledge_articles
			WHERE id = ANY ($1) AND (audience <> ALL ($2) OR review_by <= now() OR expires_at <= now()))`, ids, reader.reads()).Scan(&barred)
	if err != nil {
		return false, fmt.Errorf("check the cited articles: %w", err)
	}
	return !barred, nil
}
