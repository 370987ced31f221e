// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

type erasedEntry struct {
	AgentID *int64 `json:"agent_id,omitempty"` // who did it; none when the company's operator asked for it
}

// Erase erases a customer: everything they wrote and were, in backups too. What
// is open in their conversations ends first, one transaction each, so that
// nobody is left with words to answer that nobody can read; then the key is
// destroyed. The record of what happened stands and verifies. by is nil when it
// is nobody of the staff.
//
// end is what packages above end in the same transactions: call this through
// handoff, which closes the cases. What was interrupted is finished by calling
// it again; see [Service.ToErase]. While the deletion of one of the conversations
// is held, it is asked for and waits.
func (s *Service) Erase(ctx context.Context, customerID int64, by *Agent, end func(context.Context, *Locked) error) error {
	keyID, conversations, err := s.requestErasure(ctx, customerID, by)
	if err != nil {
		return postgres.Away(fmt.Errorf("request an erasure: %w", err))
	}
	if err := s.refuseHeld(ctx, customerID); err != nil {
		return err
	}
	for _, id := range conversations {
		if err := s.EndErased(ctx, id, end); err != nil {
			return err
		}
	}
	if err := s.keys.Destroy(ctx, keyID); err != nil {
		return postgres.Away(err)
	}
	_, err = s.db.Exec(ctx, "UPDATE customers SET erased_at = coalesce(erased_at, now()), email_index = NULL, email_proved_at = NULL, subject_index = NULL WHERE id = $1", customerID)
	if err != nil {
		return postgres.Away(fmt.Errorf("note an erasure: %w", err))
	}
	return nil
}

// requestErasure commits that the customer is to be erased, before anything ends.
func (s *Service) requestErasure(ctx context.Context, customerID int64, by *Agent) (keyID string, conversations []int64, err error) {
	var agentID *int64
	if by != nil {
		agentID = &by.ID
	}
	err = s.db.QueryRow(ctx, `
		WITH asked AS (
			UPDATE customers
			SET erase_requested_at = coalesce(erase_requested_at, now()), erase_requested_by = coalesce(erase_requested_by, $2)
			WHERE id = $1
			RETURNING id, key_id)
		SELECT key_id, ARRAY(SELECT c.id FROM conversations c WHERE c.customer_id = asked.id ORDER BY c.id)
		FROM asked`, customerID, agentID).Scan(&keyID, &conversations)
	return keyID, conversations, err
}

// EndErased ends what is open in a conversation whose words are gone or about to
// be. A second time changes nothing.
func (s *Service) EndErased(ctx context.Context, conversationID int64, end func(context.Context, *Locked) error) error {
	return s.Lock(ctx, conversationID, func(l *Locked) error {
		done, by, err := l.erasure(ctx)
		if err != nil || done {
			return err
		}
		if err := end(ctx, l); err != nil {
			return err
		}
		if err := l.dropTurn(ctx); err != nil {
			return err
		}
		if l.State != StateClosed {
			if err := l.Move(ctx, StateClosed, nil); err != nil {
				return err
			}
		}
		return l.Record(entryErased, erasedEntry{AgentID: by}, nil)
	})
}

// erasure reports whether the record says that the conversation was erased, and
// who asked for it.
func (l *Locked) erasure(ctx context.Context) (done bool, by *int64, err error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return false, nil, err
	}
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM log WHERE conversation_id = $1 AND kind = $2), erase_requested_by
		FROM customers
		WHERE id = $3`, l.ID, entryErased, l.CustomerID).Scan(&done, &by)
	if err != nil {
		return false, nil, fmt.Errorf("look for an erasure: %w", err)
	}
	return done, by, nil
}

// ToErase gives customers whose erasure was asked for and is not finished.
func (s *Service) ToErase(ctx context.Context, limit int) ([]int64, error) {
	rows, err := s.db.Query(ctx, `
		SELECT id
		FROM customers u
		WHERE erase_requested_at IS NOT NULL AND erased_at IS NULL AND NOT `+heldSQL+`
		ORDER BY erase_requested_at
		LIMIT $1`, limit)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for erasures: %w", err))
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for erasures: %w", err))
	}
	return ids, nil
}
