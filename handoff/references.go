// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

// References gives those of a conversation's cases, the newest first.
func (s *Service) References(ctx context.Context, conversationID int64) ([]string, error) {
	rows, err := s.db.Query(ctx, "SELECT reference FROM cases WHERE conversation_id = $1 ORDER BY id DESC", conversationID)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read references: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return list, postgres.Away(err)
}
