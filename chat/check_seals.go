// SPDX-License-Identifier: MIT

package chat

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// checkSeals follows the seals and looks for each sealed head in its chain.
func (s *Service) checkSeals(ctx context.Context, tx pgx.Tx, report func(Violation)) (int, error) {
	type row struct {
		ID               int64
		Previous, Digest []byte
		MAC              []byte
	}
	rows, err := tx.Query(ctx, "SELECT id, previous, digest, mac FROM seals ORDER BY id")
	if err != nil {
		return 0, fmt.Errorf("read the seals: %w", err)
	}
	seals, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		return 0, fmt.Errorf("read the seals: %w", err)
	}
	previous := []byte{}
	for _, seal := range seals {
		heads, err := sealedHeads(ctx, tx, seal.ID)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(seal.Previous, previous) || !bytes.Equal(seal.Digest, sealDigest(previous, heads)) || !s.keys.Verify(seal.MAC, seal.Digest) {
			report(Violation{Invariant: InvariantSeal, Detail: fmt.Sprintf("seal %d is not the one that was made", seal.ID)})
		}
		previous = seal.Digest
	}
	return len(seals), reportMissingHeads(ctx, tx, report, "")
}

func sealedHeads(ctx context.Context, tx pgx.Tx, seal int64) ([]sealedHead, error) {
	rows, err := tx.Query(ctx, "SELECT conversation_id, n, head FROM seal_heads WHERE seal_id = $1", seal)
	if err != nil {
		return nil, fmt.Errorf("read the heads of a seal: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[sealedHead])
}

// reportMissingHeads finds chains that were cut short, made anew or deleted as a
// whole after a seal; which may narrow it down.
func reportMissingHeads(ctx context.Context, tx pgx.Tx, report func(Violation), which string, args ...any) error {
	rows, err := tx.Query(ctx, `
		SELECT coalesce(c.public_id, 'number ' || h.conversation_id || ', which is gone'), h.n
		FROM seal_heads h
		LEFT JOIN conversations c ON c.id = h.conversation_id
		LEFT JOIN log l ON l.conversation_id = h.conversation_id AND l.n = h.n AND l.hash = h.head
		WHERE l.n IS NULL`+which, args...)
	if err != nil {
		return fmt.Errorf("compare the seals: %w", err)
	}
	var conversation string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&conversation, &n}, func() error {
		report(Violation{Invariant: InvariantSeal, Conversation: conversation, Entry: n, Detail: "the head that was sealed is not in the record any more"})
		return nil
	})
	return err
}
