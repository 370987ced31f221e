// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// PublishDraft makes the draft the live version. expected is the revision that was read: what goes
// live is what the editor saw. The version before serves until the moment of the switch.
func (s *Service) PublishDraft(ctx context.Context, id, expected int64) (Article, error) {
	a, err := s.Article(ctx, id)
	if err != nil {
		return Article{}, err
	}
	if a.Draft == nil || a.Draft.Revision != expected {
		return Article{}, draftChanged()
	}
	if err := s.publish(ctx, id, a.Draft.content(), expected); err != nil {
		return Article{}, fmt.Errorf("publish article %d: %w", id, err)
	}
	return s.Article(ctx, id)
}

func (v Version) content() Content {
	return Content{Title: v.Title, Lang: v.Lang, URL: v.URL, Source: v.Source}
}

func draftChanged() error {
	return fault.Conflict("draft_changed", "The draft has been changed by somebody else meanwhile. Load it again before you publish.")
}

func (s *Service) publish(ctx context.Context, id int64, c Content, expected int64) error {
	if err := c.check(); err != nil {
		return err
	}
	p, err := cut(c)
	if err != nil {
		return err
	}
	models, err := s.models(ctx)
	if err != nil {
		return err
	}
	missing := s.embed(ctx, []*prepared{p}, models)
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		at, err := lockArticle(ctx, tx, id)
		if err != nil {
			return err
		}
		if at.draftRevision != expected {
			return draftChanged()
		}
		version, err := promoteDraft(ctx, tx, id, at, len(p.chunks))
		if err != nil {
			return err
		}
		err = s.switchLive(ctx, tx, []live{{id, version, at.usableUntil, p}})
		if err != nil || !missing {
			return err
		}
		return s.enqueue(ctx, tx)
	})
}

// promoteDraft makes the draft the published version, with the highest number, and returns it.
func promoteDraft(ctx context.Context, tx pgx.Tx, id int64, at locked, chunks int) (int, error) {
	if err := archiveLive(ctx, tx, []int64{id}); err != nil {
		return 0, err
	}
	version := at.draftVersion
	if version < at.lastVersion {
		version = at.lastVersion + 1 // an import has gone past the draft
	}
	_, err := tx.Exec(ctx, `
		UPDATE knowledge_versions
		SET state = 'published', version = $2, chunks = $3, published_at = now(), updated_at = now()
		WHERE article_id = $1 AND state = 'draft'`, id, version, chunks)
	if err != nil {
		return 0, err
	}
	return version, touch(ctx, tx, id)
}

func touch(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, `UPDATE knowledge_articles SET updated_at = now() WHERE id = $1`, id)
	return err
}

func archiveLive(ctx context.Context, tx pgx.Tx, ids []int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE knowledge_versions SET state = 'archived', archived_at = now(), updated_at = now()
		WHERE article_id = ANY ($1) AND state = 'published'`, ids)
	return err
}

// Archive takes an article out of every answer. Its versions stay on record.
func (s *Service) Archive(ctx context.Context, id int64) (Article, error) {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := lockArticle(ctx, tx, id); err != nil {
			return err
		}
		var isLive bool
		err := tx.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM knowledge_versions WHERE article_id = $1 AND state = 'published')`, id).Scan(&isLive)
		if err != nil {
			return err
		}
		if !isLive {
			return fault.Conflict("not_published", "The article is not published.")
		}
		if err := removeLive(ctx, tx, []int64{id}); err != nil {
			return err
		}
		if err := archiveLive(ctx, tx, []int64{id}); err != nil {
			return err
		}
		return touch(ctx, tx, id)
	})
	if err != nil {
		return Article{}, fmt.Errorf("archive article %d: %w", id, err)
	}
	return s.Article(ctx, id)
}

// Restore writes what an older version says into the draft, for an editor to publish. expected is the
// revision of the draft that this replaces, 0 if there is none.
func (s *Service) Restore(ctx context.Context, id int64, version int, expected int64, author *int64) (Article, error) {
	v, err := s.Version(ctx, id, version)
	if err != nil {
		return Article{}, err
	}
	if v.State == StateDraft {
		return Article{}, fault.Invalid("version_is_draft", "Version %d is the draft itself.", version)
	}
	return s.SaveDraft(ctx, id, expected, v.content(), author)
}

// SetReview changes until when an article may be used for answers; nil means without end. It takes
// effect at once and needs no new version.
func (s *Service) SetReview(ctx context.Context, id int64, reviewBy, expiresAt *time.Time) (Article, error) {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := lockArticle(ctx, tx, id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE knowledge_articles SET review_by = $2, expires_at = $3, updated_at = now() WHERE id = $1`,
			id, reviewBy, expiresAt)
		if err != nil {
			return err
		}
		at, err := lockArticle(ctx, tx, id)
		if err != nil {
			return err
		}
		return s.setUsable(ctx, tx, id, at.usableUntil)
	})
	if err != nil {
		return Article{}, fmt.Errorf("set the review date of article %d: %w", id, err)
	}
	return s.Article(ctx, id)
}
