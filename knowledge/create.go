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

// NewArticle is an article to be made, with its first draft.
type NewArticle struct {
	Content
	ExternalID string // of an import; may be ""
	Author     *int64 // nil: an import
	// Key makes the creation safe to repeat: the second one with the same key gives the article that the
	// first one made. "" for none.
	Key string
}

const maxKey = 100

// CreateArticle makes an article with a first draft. externalID may be ""; author may be nil.
func (s *Service) CreateArticle(ctx context.Context, externalID string, c Content, author *int64) (Article, error) {
	return s.Create(ctx, NewArticle{Content: c, ExternalID: externalID, Author: author})
}

// Create makes an article with a first draft. Its author is its owner.
func (s *Service) Create(ctx context.Context, n NewArticle) (Article, error) {
	if err := errors.Join(n.check(), checkExternalID(n.ExternalID), checkKey(n.Key)); err != nil {
		return Article{}, firstFault(err)
	}
	var id int64
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var err error
		id, err = create(ctx, tx, n)
		return err
	})
	if err != nil {
		return Article{}, fmt.Errorf("create an article: %w", err)
	}
	return s.Article(ctx, id)
}

func create(ctx context.Context, tx pgx.Tx, n NewArticle) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO knowledge_articles (external_id, revision, client_key, created_by, owner_id)
		VALUES (NULLIF($1, ''), 1, NULLIF($2, ''), $3, $3)
		ON CONFLICT (client_key) DO NOTHING RETURNING id`, n.ExternalID, n.Key, n.Author).Scan(&id)
	switch {
	case postgres.IsUnique(err, "knowledge_articles_external_id_key"):
		return 0, fault.Conflict("external_id_taken", "There is already an article with the id %q.", n.ExternalID)
	case errors.Is(err, pgx.ErrNoRows):
		return created(ctx, tx, n)
	case err != nil:
		return 0, err
	}
	return id, insertDraft(ctx, tx, id, 1, 1, n.Content, n.Author)
}

// created finds what was made with the key before. It is nobody else's to have.
func created(ctx context.Context, tx pgx.Tx, n NewArticle) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		SELECT id FROM knowledge_articles WHERE client_key = $1 AND created_by IS NOT DISTINCT FROM $2`, n.Key, n.Author).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fault.Conflict("key_taken", "Somebody else has made an article with this key.")
	}
	return id, err
}

func checkKey(key string) error {
	if len(key) > maxKey {
		return fault.Invalid("key_too_long", "The key may have at most %d bytes.", maxKey)
	}
	return checkText(key)
}
