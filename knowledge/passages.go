// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/knowledge/rank"
)

// passagesSQL reads chunks of one of the indexes.
func passagesSQL(table string, audience Audience) string {
	return `
		SELECT c.id, c.article_id, c.version, COALESCE(a.external_id, ''), '` + string(audience) + `', v.title, c.heading, v.url, c.lang, c.text, c.start_byte, c.end_byte
		FROM ` + table + ` c
		JOIN knowledge_versions v ON v.article_id = c.article_id AND v.version = c.version
		JOIN knowledge_articles a ON a.id = c.article_id
		WHERE c.id = ANY ($1)`
}

func staffToo(staff bool) string {
	if !staff {
		return ""
	}
	return " UNION ALL " + passagesSQL("knowledge_staff_chunks", ForStaff)
}

// passages reads what the picked candidates say, in their order. A chunk that was replaced meanwhile
// is left out.
func (s *Service) passages(ctx context.Context, picked []rank.Candidate, draft *draftIndex, staff bool) ([]Passage, error) {
	ids := make([]int64, len(picked))
	for i, c := range picked {
		ids[i] = c.Shown()
	}
	rows, _ := s.read.Query(ctx, passagesSQL("knowledge_chunks", ForEveryone)+staffToo(staff), ids)
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
		if draft != nil && c.ChunkID < 0 {
			p, ok = draft.passage(c.Shown()), true
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

// draftIndex is a draft as it would stand in the live index.
type draftIndex struct {
	article Article
	*prepared
	vectors [][]float32
	query   []float32
}

// draft prepares the draft of an article for a search; nil where none is to be searched. What is for
// staff only stands in no answer to a customer, tried or not.
func (s *Service) draft(ctx context.Context, q Query, v queryVector) (*draftIndex, error) {
	if q.Draft == 0 {
		return nil, nil //nolint:nilnil // no draft is a value
	}
	a, err := s.Article(ctx, q.Draft)
	if err != nil {
		return nil, err
	}
	if a.Draft == nil {
		return nil, fault.Conflict("no_draft", "Article %d has no draft.", q.Draft)
	}
	if a.Audience != ForEveryone && !q.Staff {
		return nil, nil //nolint:nilnil // it is not for this question
	}
	p, err := cut(a.Draft.content())
	if err != nil {
		return nil, err
	}
	d := &draftIndex{article: a, prepared: p, query: v.vector}
	if v.model.Builtin {
		d.vectors = p.embed()
		return d, nil
	}
	d.vectors, err = s.embedAll(ctx, v.model, p.texts())
	return d, err
}

// replace puts the draft's chunks in the place of the article's live ones. They are numbered from -1
// downwards, so that no number is a live chunk's.
func (d *draftIndex) replace(candidates []rank.Candidate) []rank.Candidate {
	if d == nil {
		return candidates
	}
	out := slices.DeleteFunc(candidates, func(c rank.Candidate) bool { return c.ArticleID == d.article.ID })
	for i, doc := range d.docs {
		var standsFor *int64
		if i >= len(d.chunks) {
			standsFor = new(draftNumber(d.asked[i-len(d.chunks)].chunk))
		}
		out = append(out, rank.Candidate{
			ChunkID: draftNumber(i), StandsFor: standsFor, ArticleID: d.article.ID, Lang: d.content.Lang, Near: true,
			Length: doc.Length, ArticleLength: d.length, Bag: doc.Bag, Cosine: cosine(d.query, d.vectors[i]),
		})
	}
	return out
}

func draftNumber(i int) int64 { return int64(-1 - i) }

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

func (d *draftIndex) passage(id int64) Passage {
	c := d.chunks[-1-id]
	return Passage{
		Audience:  d.article.Audience,
		ArticleID: d.article.ID, Version: d.article.Draft.Version, ExternalID: d.article.ExternalID, Title: d.content.Title,
		Heading: heading(c.Headings), URL: d.content.URL, Lang: d.content.Lang, Text: c.Text, Start: c.Start, End: c.End,
	}
}
