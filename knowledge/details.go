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

// Details are what is known of an article beside its text. They take effect at once.
type Details struct {
	OwnerID   *int64
	Audience  Audience
	ReviewBy  *time.Time // after it the article is not used for answers; nil: no end
	ExpiresAt *time.Time // the same, and it is called expired
	// Expected is the article's DetailsRev that was read: if somebody else has set them since, it is a conflict.
	// Nil: whatever stands there.
	Expected *int64
}

// errLiveChanged tells that another version went live between two reads; it is tried again.
var errLiveChanged = errors.New("another version went live")

// SetDetails changes who owns an article, whom it is for and until when it may be used.
func (s *Service) SetDetails(ctx context.Context, id int64, d Details) (Article, error) {
	if err := d.Audience.check(); err != nil {
		return Article{}, err
	}
	err := errLiveChanged
	for try := 0; try < 3 && errors.Is(err, errLiveChanged); try++ {
		err = s.setDetails(ctx, id, d)
	}
	if err != nil {
		return Article{}, fmt.Errorf("set the details of article %d: %w", id, postgres.Away(err))
	}
	return s.Article(ctx, id)
}

func (s *Service) setDetails(ctx context.Context, id int64, d Details) error {
	a, err := s.Article(ctx, id)
	if err != nil {
		return err
	}
	var p *prepared
	var missing bool
	if a.Live != nil && a.Audience != d.Audience {
		if p, missing, err = s.prepare(ctx, a.Live.content()); err != nil {
			return err
		}
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		before, err := lockArticle(ctx, tx, id)
		if err != nil {
			return err
		}
		if d.Expected != nil && *d.Expected != before.detailsRev {
			return fault.Conflict("details_changed", "Owner, audience or dates have been changed by somebody else meanwhile. Look at them again first.")
		}
		if err := writeDetails(ctx, tx, id, d); err != nil {
			return err
		}
		at, err := lockArticle(ctx, tx, id)
		if err != nil {
			return err
		}
		if before.audience == at.audience {
			return s.setUsable(ctx, tx, id, at.usableUntil)
		}
		if err := s.move(ctx, tx, a, at, p); err != nil || !missing {
			return err
		}
		return s.enqueue(ctx, tx)
	})
}

// prepare does all of a publication that costs time.
func (s *Service) prepare(ctx context.Context, c Content) (p *prepared, missing bool, err error) {
	if p, err = cut(c); err != nil {
		return nil, false, err
	}
	models, err := s.models(ctx)
	if err != nil {
		return nil, false, err
	}
	return p, s.embed(ctx, []*prepared{p}, models), nil
}

// move takes the live version from one index to the other.
func (s *Service) move(ctx context.Context, tx pgx.Tx, a Article, at locked, p *prepared) error {
	var version int
	// A turn that rests on the version holds it; one that comes later sees whom the article is for.
	err := tx.QueryRow(ctx, `
		SELECT version FROM knowledge_versions WHERE article_id = $1 AND state = 'published' FOR UPDATE`, a.ID).Scan(&version)
	switch {
	case errors.Is(err, pgx.ErrNoRows) && a.Live == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows) || err == nil && (p == nil || a.Live.Version != version):
		return errLiveChanged
	case err != nil:
		return err
	}
	return s.switchLive(ctx, tx, []live{{a.ID, version, at.usableUntil, at.audience, p}})
}

func writeDetails(ctx context.Context, tx pgx.Tx, id int64, d Details) error {
	if d.OwnerID != nil {
		var same bool
		if err := tx.QueryRow(ctx, `SELECT owner_id IS NOT DISTINCT FROM $2 FROM knowledge_articles WHERE id = $1`, id, d.OwnerID).Scan(&same); err != nil {
			return err
		}
		// Somebody who left stays the owner until there is another.
		if !same {
			if err := isEditor(ctx, tx, *d.OwnerID); err != nil {
				return err
			}
		}
	}
	_, err := tx.Exec(ctx, `
		UPDATE knowledge_articles SET owner_id = $2, audience = $3, review_by = $4, expires_at = $5, updated_at = now() WHERE id = $1`,
		id, d.OwnerID, d.Audience, d.ReviewBy, d.ExpiresAt)
	return err
}

// SetReview changes until when an article may be used for answers; nil means without end. It takes
// effect at once and needs no new version.
func (s *Service) SetReview(ctx context.Context, id int64, reviewBy, expiresAt *time.Time) (Article, error) {
	for try := 1; ; try++ {
		a, err := s.Article(ctx, id)
		if err != nil {
			return Article{}, err
		}
		d := Details{OwnerID: a.OwnerID, Audience: a.Audience, ReviewBy: reviewBy, ExpiresAt: expiresAt, Expected: &a.DetailsRev}
		if a, err = s.SetDetails(ctx, id, d); try == 3 || !fault.Is(err, "details_changed") {
			return a, err
		}
	}
}
