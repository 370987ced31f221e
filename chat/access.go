// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

const (
	// LinkLife is how long a link sent by mail opens its conversation.
	LinkLife = 7 * 24 * time.Hour
	// tokenLife is how long the token lasts that a link was exchanged for.
	tokenLife = 90 * 24 * time.Hour
)

// entryAccess is the record of a link that was used.
const entryAccess = "access"

// IssueLink makes a secret that opens the conversation once. Only its hash is kept.
func (s *Service) IssueLink(ctx context.Context, conversationID int64) (string, error) {
	secret := rand.Text()
	_, err := s.db.Exec(ctx, `
		WITH old AS (
			DELETE FROM conversation_access WHERE expires_at < now())
		INSERT INTO conversation_access (secret_hash, conversation_id, kind, expires_at)
		VALUES ($1, $2, 'link', now() + $3::interval)`, hashToken(secret), conversationID, LinkLife)
	if err != nil {
		return "", postgres.Away(fmt.Errorf("make a link: %w", err))
	}
	return secret, nil
}

// OpenLink exchanges the secret of a link for a token of its conversation, once.
func (s *Service) OpenLink(ctx context.Context, secret string) (Conversation, string, error) {
	var id int64
	err := s.db.QueryRow(ctx, "SELECT conversation_id FROM conversation_access WHERE secret_hash = $1 AND kind = 'link'", hashToken(secret)).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Conversation{}, "", errLink()
	}
	if err != nil {
		return Conversation{}, "", postgres.Away(fmt.Errorf("open a link: %w", err))
	}
	token := "cv_" + rand.Text() + rand.Text()
	var c Conversation
	err = s.Lock(ctx, id, func(l *Locked) error {
		if l.erased != nil {
			return errLink()
		}
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			WITH used AS (
				UPDATE conversation_access
				SET used_at = now()
				WHERE secret_hash = $1 AND kind = 'link' AND used_at IS NULL AND expires_at > now()
				RETURNING conversation_id)
			INSERT INTO conversation_access (secret_hash, conversation_id, kind, expires_at)
			SELECT $2, conversation_id, 'token', now() + $3::interval FROM used`, hashToken(secret), hashToken(token), tokenLife)
		if err != nil {
			return fmt.Errorf("open a link: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return errLink()
		}
		c = l.Conversation
		return l.Record(entryAccess, map[string]string{"by": "link"}, nil)
	})
	return c, token, err
}

func errLink() error {
	return fault.NotFound("link_expired", "This link has been used or has expired. Please ask for a new one.")
}

// hasToken reports whether a link was exchanged for that token.
func (s *Service) hasToken(ctx context.Context, conversationID int64, token string) (bool, error) {
	var found bool
	err := s.db.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM conversation_access
			WHERE secret_hash = $1 AND conversation_id = $2 AND kind = 'token' AND expires_at > now())`,
		hashToken(token), conversationID).Scan(&found)
	if err != nil {
		return false, postgres.Away(fmt.Errorf("look for a token: %w", err))
	}
	return found, nil
}

// EmailIndex is the blind index under which an address is found.
func (s *Service) EmailIndex(address string) ([]byte, error) {
	index, err := s.keys.Index(strings.ToLower(strings.TrimSpace(address)))
	if err != nil {
		return nil, fmt.Errorf("index an address: %w", err)
	}
	return index, nil
}
