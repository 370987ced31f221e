// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

// maxHolds is how many holds a list shows.
const maxHolds = 500

// HoldInForce is a hold in a list.
type HoldInForce struct {
	PublicID  string // of the conversation
	Reference *string
	Reason    string
	PlacedAt  time.Time
	PlacedBy  *string // none: the operator, at a terminal
}

// Holds gives the holds in force, the newest first.
func (s *Service) Holds(ctx context.Context) ([]HoldInForce, error) {
	rows, err := s.db.Query(ctx, `
		SELECT c.public_id, k.reference, h.reason, h.placed_at, a.name
		FROM holds h
		JOIN conversations c ON c.id = h.conversation_id
		LEFT JOIN accounts a ON a.id = h.placed_by
		LEFT JOIN LATERAL (SELECT reference FROM cases WHERE conversation_id = c.id ORDER BY id DESC LIMIT 1) k ON true
		WHERE h.released_at IS NULL
		ORDER BY h.placed_at DESC
		LIMIT $1`, maxHolds)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list the holds: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[HoldInForce])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list the holds: %w", err))
	}
	return list, nil
}
