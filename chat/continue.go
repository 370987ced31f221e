// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
	"candor/prompts"
)

type createdEntry struct {
	Locale    string `json:"locale"`
	Continues string `json:"continues,omitempty"` // the closed conversation before this one
}

// Continue opens a new conversation of the same customer that goes on where a
// closed one ended, and the same one, under another token, when it is asked for
// again. When that is closed by now, the new one goes on with that. first may add
// to a new one in the same transaction; it may be nil.
func (s *Service) Continue(ctx context.Context, closed Conversation, locale string, first func(l *Locked, closed Conversation) error) (Created, error) {
	if closed.State != StateClosed {
		return Created{}, fault.Conflict("conversation_open", "This conversation is open; please write in it.")
	}
	if _, err := s.key(ctx, closed.KeyID); err != nil {
		return Created{}, err
	}
	var created Created
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		end, err := s.lockEnd(ctx, tx, closed.ID)
		if err != nil {
			return err
		}
		if end.State == StateClosed {
			created, err = s.openAfter(ctx, tx, end.Conversation, locale, first)
			return err
		}
		if created.Disclosure, err = end.Disclosure(ctx); err != nil {
			return err
		}
		if created.Token, err = end.giveToken(ctx); err != nil {
			return err
		}
		created.Conversation = end.Conversation
		return end.finish(ctx)
	})
	if err != nil {
		return Created{}, postgres.Away(fmt.Errorf("continue a conversation: %w", err))
	}
	return created, nil
}

// lockEnd locks the last of the conversations that go on with one another, one
// after the other, so that who asks at the same time finds what was opened.
func (s *Service) lockEnd(ctx context.Context, tx pgx.Tx, id int64) (*Locked, error) {
	for {
		l, err := s.lockTx(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		err = tx.QueryRow(ctx, "SELECT id FROM conversations WHERE continues = $1", l.ID).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return l, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// openAfter opens the conversation that goes on with a closed one.
func (s *Service) openAfter(ctx context.Context, tx pgx.Tx, closed Conversation, locale string, first func(l *Locked, closed Conversation) error) (Created, error) {
	created := Created{Token: "cv_" + rand.Text() + rand.Text()}
	publicID := rand.Text()
	var id int64
	err := tx.QueryRow(ctx, `
		INSERT INTO conversations (public_id, token_hash, customer_id, locale, head, continues)
		VALUES ($1, $2, $3, $4, $5, $6)
		RETURNING id`,
		publicID, hashToken(created.Token), closed.CustomerID, string(prompts.Match(locale)), genesis(publicID), closed.ID).Scan(&id)
	if err != nil {
		return created, err
	}
	l, err := s.lockTx(ctx, tx, id)
	if err != nil {
		return created, err
	}
	if err := l.Record(entryCreated, createdEntry{Locale: l.Locale, Continues: closed.PublicID}, nil); err != nil {
		return created, err
	}
	if created.Disclosure, err = l.disclose(); err != nil {
		return created, err
	}
	if first != nil {
		if err := first(l, closed); err != nil {
			return created, err
		}
	}
	if err := l.finish(ctx); err != nil {
		return created, err
	}
	created.Conversation = l.Conversation
	return created, nil
}

// Continues gives the closed conversation that this one goes on with, false when
// there is none.
func (s *Service) Continues(ctx context.Context, c Conversation) (Conversation, bool, error) {
	var id int64
	err := s.db.QueryRow(ctx, "SELECT continues FROM conversations WHERE id = $1 AND continues IS NOT NULL", c.ID).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Conversation{}, false, nil
	}
	if err != nil {
		return Conversation{}, false, postgres.Away(fmt.Errorf("find what a conversation continues: %w", err))
	}
	before, err := s.Get(ctx, id)
	return before, err == nil, err
}
