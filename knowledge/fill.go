// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"candor/knowledge/chunk"
	"candor/knowledge/embed"
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
	Asked       bool // it is a question in the words of customers
}

// missing returns live chunks without a vector of the model, from behind a chunk on.
func (s *Service) missing(ctx context.Context, m model, audience Audience, after int64) ([]unfilled, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT c.id, v.title, c.lang, c.heading, c.text, c.usable_until, c.stands_for IS NOT NULL AS asked
		FROM `+chunksOf(audience)+` c
		JOIN knowledge_versions v ON v.article_id = c.article_id AND v.version = c.version
		WHERE c.id > $1 AND NOT EXISTS (SELECT FROM `+vectorsOf(m, audience)+` t WHERE t.chunk_id = c.id)
		ORDER BY c.id LIMIT $2`, after, fillBatch)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[unfilled])
	if err != nil {
		return nil, fmt.Errorf("find chunks without a vector: %w", err)
	}
	return list, nil
}

// fill makes the provider's vectors that are missing.
func (s *Service) fill(ctx context.Context, m model) error {
	return s.fillWith(ctx, m, func(list []unfilled) ([][]float32, error) { return s.providerVectors(ctx, m, list) })
}

func (s *Service) providerVectors(ctx context.Context, m model, list []unfilled) ([][]float32, error) {
	texts := make([]string, len(list))
	for i, u := range list {
		texts[i] = u.Text
		if !u.Asked {
			texts[i] = passageText(u.Title, u.Heading, u.Text)
		}
	}
	return s.embedAll(ctx, m, texts)
}

// fillBuiltin makes the built-in vectors that are missing, after a change of the built-in model.
func (s *Service) fillBuiltin(ctx context.Context, m model) error {
	return s.fillWith(ctx, m, func(list []unfilled) ([][]float32, error) {
		out := make([][]float32, len(list))
		for i, u := range list {
			if u.Asked {
				out[i] = embed.Vector(embed.Part{Text: u.Text, Lang: u.Lang, Weight: 1})
				continue
			}
			out[i] = embed.Vector(
				embed.Part{Text: u.Title, Lang: u.Lang, Weight: titlePull},
				embed.Part{Text: u.Heading + "\n" + chunk.Searchable(u.Text), Lang: u.Lang, Weight: 1})
		}
		return out, nil
	})
}

func (s *Service) fillWith(ctx context.Context, m model, vectors func([]unfilled) ([][]float32, error)) error {
	for _, audience := range wide {
		if err := s.fillFor(ctx, m, audience, vectors); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) fillFor(ctx context.Context, m model, audience Audience, vectors func([]unfilled) ([][]float32, error)) error {
	for after := int64(0); ; {
		list, err := s.missing(ctx, m, audience, after)
		if err == nil && len(list) == 0 && after > 0 {
			return touchIndex(ctx, s.db)
		}
		if err != nil || len(list) == 0 {
			return err
		}
		made, err := vectors(list)
		if err != nil {
			return fmt.Errorf("embed for model %s: %w", m.Name, err)
		}
		if err := s.writeVectors(ctx, m, audience, list, made); err != nil {
			return err
		}
		after = list[len(list)-1].ID
	}
}

// writeVectors stores vectors of the chunks that are still live.
func (s *Service) writeVectors(ctx context.Context, m model, audience Audience, list []unfilled, made [][]float32) error {
	sql, more := `
		INSERT INTO `+vectorTable(m.ID)+` (chunk_id, usable_until, embedding)
		SELECT id, usable_until, $2 FROM knowledge_chunks WHERE id = $1 FOR KEY SHARE
		ON CONFLICT DO NOTHING`, []any(nil)
	if audience != ForEveryone {
		sql, more = `
			INSERT INTO knowledge_closed_vectors (chunk_id, usable_until, embedding, model_id, audience)
			SELECT id, usable_until, $2, $3, audience FROM knowledge_closed_chunks WHERE id = $1 FOR KEY SHARE
			ON CONFLICT DO NOTHING`, []any{m.ID}
	}
	batch := &pgx.Batch{}
	for i, u := range list {
		batch.Queue(sql, append([]any{u.ID, pgvector.NewHalfVector(made[i])}, more...)...)
	}
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write vectors of model %s: %w", m.Name, err)
	}
	return nil
}
