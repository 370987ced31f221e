// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/pgvector/pgvector-go"
)

// live is a version that goes into the live index.
type live struct {
	articleID   int64
	version     int
	usableUntil time.Time
	audience    Audience
	*prepared
}

// switchLive replaces what the live index has of these articles. The caller holds their row locks.
func (s *Service) switchLive(ctx context.Context, tx pgx.Tx, list []live) error {
	ids := make([]int64, len(list))
	of := map[Audience][]live{}
	for i, l := range list {
		ids[i] = l.articleID
		of[l.audience] = append(of[l.audience], l)
	}
	if err := removeLive(ctx, tx, ids); err != nil {
		return err
	}
	for _, audience := range wide {
		if err := fillLive(ctx, tx, audience, of[audience]); err != nil {
			return err
		}
	}
	return nil
}

// fillLive puts articles for an audience into its index.
func fillLive(ctx context.Context, tx pgx.Tx, audience Audience, list []live) error {
	if len(list) == 0 {
		return nil
	}
	chunkIDs, err := numberChunks(ctx, tx, list)
	if err != nil {
		return err
	}
	if err := copyChunks(ctx, tx, audience, list, chunkIDs); err != nil {
		return err
	}
	if err := copyVectors(ctx, tx, audience, list, chunkIDs); err != nil {
		return err
	}
	return countIn(ctx, tx, audience, list)
}

// numberChunks takes numbers for all chunks; those of both indexes are different.
func numberChunks(ctx context.Context, tx pgx.Tx, list []live) ([]int64, error) {
	chunks := 0
	for _, l := range list {
		chunks += len(l.docs)
	}
	rows, _ := tx.Query(ctx, `
		SELECT nextval(pg_get_serial_sequence('knowledge_chunks', 'id')) FROM generate_series(1, $1)`, chunks)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("number the chunks: %w", err)
	}
	return ids, nil
}

// removeLive takes articles out of the live index; their vectors go with the chunks.
func removeLive(ctx context.Context, tx pgx.Tx, ids []int64) error {
	_, err := tx.Exec(ctx, `
		WITH open AS (
			DELETE FROM knowledge_chunks WHERE article_id = ANY ($1)
			RETURNING $2::text AS audience, position, lang, length, article_length, terms
		), closed AS (
			DELETE FROM knowledge_closed_chunks WHERE article_id = ANY ($1)
			RETURNING audience, position, lang, length, article_length, terms
		), gone AS (
			SELECT * FROM open UNION ALL SELECT * FROM closed
		), counted AS (
			INSERT INTO knowledge_terms (audience, term, chunks)
			SELECT audience, term, -count(*) FROM gone, unnest(tsvector_to_array(terms)) AS term GROUP BY audience, term
		)
		INSERT INTO knowledge_totals (audience, lang, articles, chunks, length, article_length)
		SELECT audience, lang, -count(*) FILTER (WHERE position = 0), -count(*), -sum(length),
		       -COALESCE(sum(article_length) FILTER (WHERE position = 0), 0)
		FROM gone GROUP BY audience, lang`, ids, ForEveryone)
	if err != nil {
		return fmt.Errorf("take articles out of the live index: %w", err)
	}
	return nil
}

// chunkColumns are the columns of both tables of chunks; closed ones have their audience as well.
var chunkColumns = []string{
	"id", "article_id", "version", "position", "lang", "heading", "text", "start_byte", "end_byte",
	"length", "article_length", "usable_until", "bag", "terms", "stands_for",
}

func copyChunks(ctx context.Context, tx pgx.Tx, audience Audience, list []live, ids []int64) error {
	var rows [][]any
	for _, l := range list {
		own := ids[len(rows):]
		for i, d := range l.docs {
			var head, text string
			var start, end int
			var standsFor *int64
			if i < len(l.chunks) {
				c := l.chunks[i]
				head, text, start, end = heading(c.Headings), c.Text, c.Start, c.End
			} else {
				a := l.asked[i-len(l.chunks)]
				text, standsFor = a.text, &own[a.chunk]
			}
			row := []any{
				own[i], l.articleID, l.version, i, l.content.Lang, head, text, start, end,
				d.Length, l.length, l.usableUntil, []byte(d.Bag), lexemes(d.Terms), standsFor,
			}
			if audience != ForEveryone {
				row = append(row, audience)
			}
			rows = append(rows, row)
		}
	}
	table, columns := "knowledge_chunks", chunkColumns
	if audience != ForEveryone {
		table, columns = closedChunks, append(slices.Clone(columns), "audience")
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
	if err != nil {
		return fmt.Errorf("write the chunks: %w", err)
	}
	return nil
}

func lexemes(terms []string) pgtype.TSVector {
	v := pgtype.TSVector{Lexemes: make([]pgtype.TSVectorLexeme, len(terms)), Valid: true}
	for i, t := range terms {
		v.Lexemes[i].Word = t
	}
	return v
}

func copyVectors(ctx context.Context, tx pgx.Tx, audience Audience, list []live, ids []int64) error {
	rows := map[int][][]any{}
	at := 0
	for _, l := range list {
		for model, vectors := range l.vectors {
			for i, v := range vectors {
				row := []any{ids[at+i], l.usableUntil, pgvector.NewHalfVector(v)}
				if audience != ForEveryone {
					row = append(row, model, audience)
				}
				rows[model] = append(rows[model], row)
			}
		}
		at += len(l.docs)
	}
	columns := []string{"chunk_id", "usable_until", "embedding"}
	for model, r := range rows {
		table := vectorTable(model)
		if audience != ForEveryone {
			table, columns = closedVectors, []string{"chunk_id", "usable_until", "embedding", "model_id", "audience"}
		}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(r))
		if err != nil {
			return fmt.Errorf("write the vectors of model %d: %w", model, err)
		}
	}
	return nil
}

// countIn adds what came to the statistics, in rows of its own: no row is shared with another publication.
func countIn(ctx context.Context, tx pgx.Tx, audience Audience, list []live) error {
	terms := map[string]int{}
	type total struct{ articles, chunks, length, articleLength int }
	totals := map[string]total{}
	for _, l := range list {
		t := totals[l.content.Lang]
		t.articles++
		t.chunks += len(l.docs)
		t.articleLength += l.length
		for _, d := range l.docs {
			t.length += d.Length
			for _, term := range d.Terms {
				terms[term]++
			}
		}
		totals[l.content.Lang] = t
	}
	rows := make([][]any, 0, len(terms))
	for term, n := range terms {
		rows = append(rows, []any{audience, term, n})
	}
	// In the order of the index the insertion touches each of its pages once.
	slices.SortFunc(rows, func(a, b []any) int { return compareText(a[1].(string), b[1].(string)) })
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"knowledge_terms"}, []string{"audience", "term", "chunks"}, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("count terms: %w", err)
	}
	for lang, t := range totals {
		_, err := tx.Exec(ctx, `
			INSERT INTO knowledge_totals (audience, lang, articles, chunks, length, article_length) VALUES ($1, $2, $3, $4, $5, $6)`,
			audience, lang, t.articles, t.chunks, t.length, t.articleLength)
		if err != nil {
			return fmt.Errorf("count chunks: %w", err)
		}
	}
	return nil
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// setUsable repeats an article's end of use where search looks for it.
func (s *Service) setUsable(ctx context.Context, tx pgx.Tx, id int64, until time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE knowledge_chunks SET usable_until = $2 WHERE article_id = $1`, id, until); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		WITH changed AS (UPDATE knowledge_closed_chunks SET usable_until = $2 WHERE article_id = $1 RETURNING id)
		UPDATE knowledge_closed_vectors SET usable_until = $2 WHERE chunk_id IN (SELECT id FROM changed)`, id, until)
	if err != nil {
		return err
	}
	if err := touchIndex(ctx, tx); err != nil {
		return err
	}
	models, err := listModels(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range models {
		_, err := tx.Exec(ctx, `
			UPDATE `+vectorTable(m.ID)+` v SET usable_until = $2
			FROM knowledge_chunks c WHERE c.id = v.chunk_id AND c.article_id = $1`, id, until)
		if err != nil {
			return err
		}
	}
	return nil
}
