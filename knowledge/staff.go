// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"candor/knowledge/rank"
)

// fillStaff puts articles into the index of what is for staff only.
func fillStaff(ctx context.Context, tx pgx.Tx, list []live) error {
	if len(list) == 0 {
		return nil
	}
	ids, err := numberChunks(ctx, tx, list)
	if err != nil {
		return err
	}
	if err := copyChunks(ctx, tx, "knowledge_staff_chunks", list, ids); err != nil {
		return err
	}
	var rows [][]any
	at := 0
	for _, l := range list {
		for model, vectors := range l.vectors {
			for i, v := range vectors {
				rows = append(rows, []any{ids[at+i], model, pgvector.NewHalfVector(v)})
			}
		}
		at += len(l.docs)
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"knowledge_staff_vectors"}, []string{"chunk_id", "model_id", "embedding"}, pgx.CopyFromRows(rows))
	if err != nil {
		return fmt.Errorf("write the vectors of what is for staff: %w", err)
	}
	return nil
}

// readStaff adds to the statistics of a question what the index of the staff has, and returns its
// languages beside the others.
func (s *Service) readStaff(ctx context.Context, a *asked, langs []string) ([]string, error) {
	rows, _ := s.read.Query(ctx, `
		SELECT lang, count(DISTINCT article_id)::int, count(*)::int, sum(length)::int, COALESCE(sum(article_length) FILTER (WHERE position = 0), 0)::int
		FROM knowledge_staff_chunks GROUP BY lang ORDER BY count(*) DESC, lang`)
	var lang string
	var articles, chunks, length, articleLength int
	_, err := pgx.ForEachRow(rows, []any{&lang, &articles, &chunks, &length, &articleLength}, func() error {
		if !slices.Contains(langs, lang) {
			langs = append(langs, lang)
		}
		a.stats.Articles += articles
		a.stats.Chunks += chunks
		a.stats.Length += length
		a.stats.ArticleLength += articleLength
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the size of the index of the staff: %w", err)
	}
	return langs, nil
}

// countStaff adds in how many chunks for staff each term of the question stands.
func (s *Service) countStaff(ctx context.Context, a *asked) error {
	terms := a.terms()
	rows, _ := s.read.Query(ctx, `
		SELECT t.term, count(*)::int FROM unnest($1::text[], $2::text[]) AS t (term, query)
		JOIN knowledge_staff_chunks c ON c.terms @@ t.query::tsquery GROUP BY t.term`, terms, quotedTerms(terms))
	var term string
	var n int
	_, err := pgx.ForEachRow(rows, []any{&term, &n}, func() error {
		a.stats.In[term] += n
		return nil
	})
	if err != nil {
		return fmt.Errorf("count the question's terms for staff: %w", err)
	}
	return nil
}

func quotedTerms(terms []string) []string {
	out := make([]string, len(terms))
	for i, t := range terms {
		out[i] = textQuery{terms: []string{t}}.tsquery()
	}
	return out
}

// staffCandidates adds the chunks for staff that are near the question or have one of its words, found
// by looking at each.
func (s *Service) staffCandidates(ctx context.Context, a asked, v queryVector, out []rank.Candidate) ([]rank.Candidate, error) {
	const columns = `
		SELECT c.id, c.stands_for, c.article_id, c.lang, c.length, c.article_length, c.bag, 1 - (v.embedding <=> $1)
		FROM knowledge_staff_chunks c
		LEFT JOIN knowledge_staff_vectors v ON v.chunk_id = c.id AND v.model_id = $2
		WHERE c.usable_until > now()`
	vector := pgvector.NewHalfVector(v.vector)
	seen := map[int64]bool{}
	rows, _ := s.read.Query(ctx, columns+` AND v.embedding IS NOT NULL ORDER BY v.embedding <=> $1 LIMIT $3`, vector, v.model.ID, nearest)
	out, err := collect(rows, out, seen, true)
	if err != nil {
		return nil, fmt.Errorf("collect what is for staff: %w", err)
	}
	for _, q := range textQueries(a) {
		rows, _ := s.read.Query(ctx, columns+` AND c.terms @@ $3::text::tsquery LIMIT $4`, vector, v.model.ID, q.tsquery(), q.limit)
		if out, err = collect(rows, out, seen, false); err != nil {
			return nil, fmt.Errorf("collect what is for staff: %w", err)
		}
	}
	return out, nil
}

// fillStaffVectors makes the provider's vectors that are missing of what is for staff.
func (s *Service) fillStaffVectors(ctx context.Context, m model) error {
	for {
		rows, _ := s.db.Query(ctx, `
			SELECT c.id, v.title, c.lang, c.heading, c.text, c.usable_until, c.stands_for IS NOT NULL AS asked
			FROM knowledge_staff_chunks c
			JOIN knowledge_versions v ON v.article_id = c.article_id AND v.version = c.version
			WHERE NOT EXISTS (SELECT FROM knowledge_staff_vectors t WHERE t.chunk_id = c.id AND t.model_id = $1)
			ORDER BY c.id LIMIT $2`, m.ID, fillBatch)
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[unfilled])
		if err != nil || len(list) == 0 {
			return err
		}
		vectors, err := s.providerVectors(ctx, m, list)
		if err != nil {
			return fmt.Errorf("embed for model %s: %w", m.Name, err)
		}
		batch := &pgx.Batch{}
		for i, u := range list {
			batch.Queue(`
				INSERT INTO knowledge_staff_vectors (chunk_id, model_id, embedding)
				SELECT id, $2, $3 FROM knowledge_staff_chunks WHERE id = $1 FOR KEY SHARE
				ON CONFLICT DO NOTHING`, u.ID, m.ID, pgvector.NewHalfVector(vectors[i]))
		}
		if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("write vectors of model %s: %w", m.Name, err)
		}
	}
}
