// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

// maxBlocks is how many blocks a list shows.
const maxBlocks = 200

// BlockInForce is a block in a list, with the newest case of the conversation it
// was made in.
type BlockInForce struct {
	PublicID  string // of the conversation
	Category  string
	CreatedAt time.Time
	Until     time.Time
	AgentID   int64
	AgentName string
	CaseID    *int64
	Reference *string
}

// Blocks gives the blocks in force, the next to end first.
func (s *Service) Blocks(ctx context.Context) ([]BlockInForce, error) {
	rows, err := s.db.Query(ctx, `
		SELECT c.public_id, b.category, b.created_at, b.until, a.id, a.name, k.id, k.reference
		FROM blocks b
		JOIN conversations c ON c.id = b.conversation_id
		JOIN accounts a ON a.id = b.by_id
		LEFT JOIN LATERAL (SELECT id, reference FROM cases WHERE conversation_id = c.id ORDER BY id DESC LIMIT 1) k ON true
		WHERE b.lifted_at IS NULL AND b.until > now()
		ORDER BY b.until
		LIMIT $1`, maxBlocks)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list the blocks: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[BlockInForce])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list the blocks: %w", err))
	}
	return list, nil
}
