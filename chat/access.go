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

// IssueLink makes a secret that opens the conversation once, to be mailed to an
// address: whoever opens it reads what is mailed there. Only its hash is kept.
func (s *Service) IssueLink(ctx context.Context, conversationID int64, address string) (string, error) {
	secret := rand.Text()
	index, err := s.EmailIndex(address)
	if err != nil {
		return "", err
	}
	_, err = s.db.Exec(ctx, `
		WITH old AS (
			DELETE FROM conversation_access WHERE expires_at < now())
		INSERT INTO conversation_access (secret_hash, conversation_id, kind, expires_at, proves)
		SELECT $1, c.id, 'link', now() + $3::interval, coalesce(u.email_index = $4, false)
		FROM conversations c
		JOIN customers u ON u.id = c.customer_id
		WHERE c.id = $2`, hashToken(secret), conversationID, LinkLife, index)
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
				RETURNING conversation_id, proves),
			proved AS (
				UPDATE customers
				SET email_proved_at = now()
				WHERE id = $4 AND email_proved_at IS NULL AND EXISTS (SELECT FROM used WHERE proves))
			INSERT INTO conversation_access (secret_hash, conversation_id, kind, expires_at)
			SELECT $2, conversation_id, 'token', now() + $3::interval FROM used`, hashToken(secret), hashToken(token), tokenLife, l.CustomerID)
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

// giveToken makes one more token of the conversation, for whoever has one already.
func (l *Locked) giveToken(ctx context.Context) (string, error) {
	token := "cv_" + rand.Text() + rand.Text()
	tx, err := l.Tx(ctx)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO conversation_access (secret_hash, conversation_id, kind, expires_at)
		VALUES ($1, $2, 'token', now() + $3::interval)`, hashToken(token), l.ID, tokenLife)
	if err != nil {
		return "", fmt.Errorf("give a token: %w", err)
	}
	return token, nil
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
