// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/audit"
	"candor/internal/fault"
	"candor/postgres"
)

// RecordEntry is one link of a conversation's record, opened.
type RecordEntry struct {
	N         int             `json:"n"`
	Kind      string          `json:"kind"`
	Body      json.RawMessage `json:"body"`
	Private   json.RawMessage `json:"private,omitempty"` // what was sealed; left out when it was erased or redacted
	CreatedAt time.Time       `json:"created_at"`
	Hash      string          `json:"hash"`
}

// Export opens the whole record of a conversation and writes down who read it.
// Of somebody who was erased it has what happened without what was said.
func (s *Service) Export(ctx context.Context, c Conversation, by Agent) ([]RecordEntry, error) {
	key, err := s.key(ctx, c.KeyID)
	erased := fault.Is(err, codeErased)
	if err != nil && !erased {
		return nil, err
	}
	var list []RecordEntry
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT n, kind, body, sealed, created_at, hash FROM log WHERE conversation_id = $1 ORDER BY n", c.ID)
		if err != nil {
			return fmt.Errorf("read the record: %w", err)
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (RecordEntry, error) {
			var e RecordEntry
			var sealed, hash []byte
			if err := row.Scan(&e.N, &e.Kind, &e.Body, &sealed, &e.CreatedAt, &hash); err != nil {
				return e, err
			}
			e.Hash, e.CreatedAt = hex.EncodeToString(hash), e.CreatedAt.UTC()
			if sealed == nil || erased {
				return e, nil
			}
			plain, _, err := key.Open(entryPlace(c.PublicID, e.N), sealed)
			e.Private = plain
			return e, err
		})
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: by.ID, Action: "record.exported", Subject: "conversation/" + c.PublicID})
	})
	return list, postgres.Away(err)
}

// CustomersByEmail finds the customers who gave an address, by its blind index.
func (s *Service) CustomersByEmail(ctx context.Context, email string) ([]int64, error) {
	index, err := s.keys.Index(strings.ToLower(strings.TrimSpace(email)))
	if err != nil {
		return nil, fmt.Errorf("index an address: %w", err)
	}
	rows, err := s.db.Query(ctx, "SELECT id FROM customers WHERE email_index = $1 ORDER BY id", index)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("find customers: %w", err))
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	return ids, postgres.Away(err)
}
