// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"candor/knowledge/rank"
)

// passagesSQL reads chunks of one of the indexes.
func passagesSQL(table, audience string) string {
	return `
		SELECT c.id, c.article_id, c.version, COALESCE(a.external_id, ''), ` + audience + `, v.title, c.heading, v.url, c.lang, c.text, c.start_byte, c.end_byte
		FROM ` + table + ` c
		JOIN knowledge_versions v ON v.article_id = c.article_id AND v.version = c.version
		JOIN knowledge_articles a ON a.id = c.article_id
		WHERE c.id = ANY ($1)`
}

// readPassages reads chunks that somebody may read.
func (s *Service) readPassages(ctx context.Context, ids []int64, reader Audience) pgx.Rows {
	sql, args := passagesSQL("knowledge_chunks", `'`+string(ForEveryone)+`'`), []any{ids}
	if closed := reader.closed(); len(closed) > 0 {
		sql += " UNION ALL " + passagesSQL(closedChunks, "c.audience") + " AND c.audience = ANY ($2)"
		args = append(args, closed)
	}
	rows, _ := s.read.Query(ctx, sql, args...)
	return rows
}

// passages reads what the picked candidates say, in their order. A chunk that was replaced meanwhile
// is left out.
func (s *Service) passages(ctx context.Context, picked []rank.Candidate, q Query) ([]Passage, error) {
	ids := make([]int64, len(picked))
	for i, c := range picked {
		ids[i] = c.Shown()
	}
	rows := s.readPassages(ctx, ids, q.For)
	read := map[int64]Passage{}
	var p Passage
	_, err := pgx.ForEachRow(rows, []any{
		&p.ChunkID, &p.ArticleID, &p.Version, &p.ExternalID, &p.Audience, &p.Title, &p.Heading, &p.URL, &p.Lang, &p.Text, &p.Start, &p.End,
	}, func() error {
		read[p.ChunkID] = p
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the passages: %w", err)
	}
	out := make([]Passage, 0, len(picked))
	for _, c := range picked {
		p, ok := read[c.Shown()]
		if q.Drafts != nil && c.ChunkID < 0 {
			p, ok = q.Drafts.passage(c.Shown()), true
		}
		if ok {
			out = append(out, p.scored(c))
		}
	}
	return out, nil
}

func (p Passage) scored(c rank.Candidate) Passage {
	p.VectorScore, p.VectorRank = c.Cosine, c.VectorRank
	p.TextScore, p.TextNorm, p.TextRank = c.Text, c.TextNorm, c.TextRank
	p.Coverage, p.Fused = c.Coverage, c.Fused
	return p
}

func cosine(a, b []float32) float64 {
	var dot, na, nb float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		na += float64(a[i]) * float64(a[i])
		nb += float64(b[i]) * float64(b[i])
	}
	if na == 0 || nb == 0 {
		return 0
	}
	return dot / math.Sqrt(na*nb)
}
