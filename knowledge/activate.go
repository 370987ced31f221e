// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

// graph builds the HNSW graph of a model's vectors once there are enough of them.
func (s *Service) graph(ctx context.Context, m model) error {
	if m.Indexed {
		return nil
	}
	var chunks int
	if err := s.db.QueryRow(ctx, `SELECT COALESCE(sum(chunks), 0) FROM knowledge_totals WHERE audience = $1`, ForEveryone).Scan(&chunks); err != nil {
		return fmt.Errorf("read the size of the index: %w", err)
	}
	if chunks < s.graphAt {
		return nil
	}
	if err := s.buildGraph(ctx, m); err != nil {
		return fmt.Errorf("build the graph of model %s: %w", m.Name, err)
	}
	if _, err := s.db.Exec(ctx, `UPDATE knowledge_models SET indexed = true WHERE id = $1`, m.ID); err != nil {
		return fmt.Errorf("note the graph of model %s: %w", m.Name, err)
	}
	return nil
}

// buildGraph builds it without blocking publications. It takes minutes on a large
// library, so the statement's time limit is lifted on a connection of its own.
func (s *Service) buildGraph(ctx context.Context, m model) error {
	conn, err := s.db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	var valid bool
	err = conn.QueryRow(ctx, `SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)`, vectorIndex(m.ID)).Scan(&valid)
	switch {
	case err == nil && valid:
		return nil
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	defer conn.Exec(context.WithoutCancel(ctx), `RESET statement_timeout`) //nolint:errcheck // a broken connection is not reused
	if _, err := conn.Exec(ctx, `SET statement_timeout = 0`); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `DROP INDEX IF EXISTS `+vectorIndex(m.ID)); err != nil {
		return err // left behind invalid by a build that was cut off
	}
	_, err = conn.Exec(ctx, fmt.Sprintf(`
		CREATE INDEX CONCURRENTLY %s ON %s USING hnsw (embedding halfvec_cosine_ops) WITH (m = 32, ef_construction = 128)`, vectorIndex(m.ID), vectorTable(m.ID)))
	return err
}

// keepUnseen is how long the vectors of a model are kept that no gateway has any more: longer than any
// turn that searched with it, and than a deployment that may be taken back.
const keepUnseen = 24 * time.Hour

// retire drops the vectors of models that are not in use. The built-in model becomes the active one
// where the active one goes.
func (s *Service) retire(ctx context.Context) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, `
			UPDATE knowledge_models SET state = 'retired', active = false, retired_at = now()
			WHERE NOT builtin AND state <> 'retired' AND seen_at < now() - $1::interval
			RETURNING id`, keepUnseen)
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int])
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if _, err := tx.Exec(ctx, `DROP TABLE IF EXISTS `+vectorTable(id)); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `
			UPDATE knowledge_models SET active = true
			WHERE builtin AND NOT EXISTS (SELECT FROM knowledge_models WHERE active)`)
		return err
	})
}
