// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"candor/knowledge/chunk"
	"candor/knowledge/embed"
	"candor/postgres"
)

// fillBatch is how many chunks are embedded at a time.
const fillBatch = 64

// unfilled is a live chunk that a model has no vector of.
type unfilled struct {
	ID          int64
	Title       string
	Lang        string
	Heading     string
	Text        string
	UsableUntil time.Time
}

// missing returns live chunks without a vector of the model, from behind a chunk on.
func (s *Service) missing(ctx context.Context, m model, after int64) ([]unfilled, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT c.id, v.title, c.lang, c.heading, c.text, c.usable_until
		FROM knowledge_chunks c
		JOIN knowledge_versions v ON v.article_id = c.article_id AND v.version = c.version
		WHERE c.id > $1 AND NOT EXISTS (SELECT FROM `+vectorTable(m.ID)+` t WHERE t.chunk_id = c.id)
		ORDER BY c.id LIMIT $2`, after, fillBatch)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[unfilled])
	if err != nil {
		return nil, fmt.Errorf("find chunks without a vector: %w", err)
	}
	return list, nil
}

// fill makes the provider's vectors that are missing.
func (s *Service) fill(ctx context.Context, m model) error {
	return s.fillWith(ctx, m, func(list []unfilled) ([][]float32, error) {
		texts := make([]string, len(list))
		for i, u := range list {
			texts[i] = passageText(u.Title, u.Heading, u.Text)
		}
		return s.embedAll(ctx, m, texts)
	})
}

// fillBuiltin makes the built-in vectors that are missing, after a change of the built-in model.
func (s *Service) fillBuiltin(ctx context.Context, m model) error {
	return s.fillWith(ctx, m, func(list []unfilled) ([][]float32, error) {
		out := make([][]float32, len(list))
		for i, u := range list {
			out[i] = embed.Vector(
				embed.Part{Text: u.Title, Lang: u.Lang, Weight: titlePull},
				embed.Part{Text: u.Heading + "\n" + chunk.Searchable(u.Text), Lang: u.Lang, Weight: 1})
		}
		return out, nil
	})
}

func (s *Service) fillWith(ctx context.Context, m model, vectors func([]unfilled) ([][]float32, error)) error {
	for after := int64(0); ; {
		list, err := s.missing(ctx, m, after)
		if err != nil || len(list) == 0 {
			return err
		}
		made, err := vectors(list)
		if err != nil {
			return fmt.Errorf("embed for model %s: %w", m.Name, err)
		}
		if err := s.writeVectors(ctx, m, list, made); err != nil {
			return err
		}
		after = list[len(list)-1].ID
	}
}

// writeVectors stores vectors of the chunks that are still live.
func (s *Service) writeVectors(ctx context.Context, m model, list []unfilled, made [][]float32) error {
	batch := &pgx.Batch{}
	for i, u := range list {
		batch.Queue(`
			INSERT INTO `+vectorTable(m.ID)+` (chunk_id, usable_until, embedding)
			SELECT id, usable_until, $2 FROM knowledge_chunks WHERE id = $1 FOR KEY SHARE
			ON CONFLICT (chunk_id) DO NOTHING`, u.ID, pgvector.NewHalfVector(made[i]))
	}
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write vectors of model %s: %w", m.Name, err)
	}
	return nil
}

// activate switches to a model once it is complete: index first, then the flip.
func (s *Service) activate(ctx context.Context, m model) error {
	if _, err := s.db.Exec(ctx, `UPDATE knowledge_models SET seen_at = now() WHERE id = $1`, m.ID); err != nil {
		return fmt.Errorf("note that model %s is in use: %w", m.Name, err)
	}
	if m.State == "ready" {
		return nil
	}
	if err := s.buildIndex(ctx, m); err != nil {
		return fmt.Errorf("build the index of model %s: %w", m.Name, err)
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE knowledge_models SET active = false WHERE active`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE knowledge_models SET state = 'ready', active = true, ready_at = now() WHERE id = $1`, m.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("activate model %s: %w", m.Name, err)
	}
	s.log.InfoContext(ctx, "embedding model active", "model", m.Name, "dimensions", m.Dimensions)
	return nil
}

// buildIndex builds the HNSW index without blocking publications. It takes minutes on a large
// library, so the statement's time limit is lifted on a connection of its own.
func (s *Service) buildIndex(ctx context.Context, m model) error {
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
		CREATE INDEX CONCURRENTLY %s ON %s USING hnsw (embedding halfvec_cosine_ops)`, vectorIndex(m.ID), vectorTable(m.ID)))
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
