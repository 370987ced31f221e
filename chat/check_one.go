// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

// CheckOne is Check of one conversation: its chain, its texts, and the seals that
// hold one of its heads.
func (s *Service) CheckOne(ctx context.Context, conversationID int64) (Checked, []Violation, error) {
	var done Checked
	found := []Violation{}
	report := func(v Violation) { found = append(found, v) }
	err := pgx.BeginTxFunc(ctx, s.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		var c checkedConversation
		known, err := readChecked(ctx, tx, "c.id = $1", conversationID, &c)
		if err != nil || !known {
			return err
		}
		if err := s.checkConversation(ctx, tx, c, report, &done); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM seal_heads WHERE conversation_id = $1", c.ID).Scan(&done.Seals); err != nil {
			return fmt.Errorf("count the seals: %w", err)
		}
		return reportMissingHeads(ctx, tx, report, " AND h.conversation_id = $1", c.ID)
	})
	return done, found, postgres.Away(err)
}
