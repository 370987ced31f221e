// SPDX-License-Identifier: MIT

package knowledge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/knowledge/rank"
	"candor/postgres"
)

// DraftRef names a draft as it was at a revision.
type DraftRef struct{ ArticleID, Revision int64 }

// DraftSet is drafts cut up and embedded once, to be searched many times as if they were live.
// Safe for concurrent use.
type DraftSet struct {
	drafts []*draftIndex
	of     map[int64]bool // articles
	places []draftPlace   // by the number of a chunk
	langs  []string
	terms  map[string]int // in how many chunks each stands
	alone  bool           // one draft in the place of one article: the statistics stay the library's

	mu sync.Mutex // guards the provider's vectors
}

type draftPlace struct{ draft, chunk int }

// draftIndex is a draft as it would stand in the live index.
type draftIndex struct {
	articleID  int64
	externalID string
	audience   Audience
	past       bool // its review or its end: published it would be used for no answer
	version    int
	*prepared
}

// setNearest is how many chunks of a large set are weighed: those nearest to the question.
const setNearest = 400

// Drafts prepares drafts for searches. One that is at another revision by now is a conflict.
func (s *Service) Drafts(ctx context.Context, refs []DraftRef) (*DraftSet, error) {
	ids, revisions := splitRefs(refs)
	rows, _ := s.db.Query(ctx, `
		SELECT v.article_id, COALESCE(a.external_id, ''), a.audience, LEAST(a.review_by, a.expires_at) <= now() IS TRUE,
		       v.version, v.title, v.lang, v.url, v.source, v.asked
		FROM unnest($1::bigint[], $2::bigint[]) AS r (article_id, revision)
		JOIN knowledge_versions v ON v.article_id = r.article_id AND v.state = 'draft' AND v.revision = r.revision
		JOIN knowledge_articles a ON a.id = v.article_id ORDER BY v.article_id`, ids, revisions)
	set := &DraftSet{of: map[int64]bool{}, terms: map[string]int{}}
	var d draftIndex
	var c Content
	var contents []Content
	_, err := pgx.ForEachRow(rows, []any{&d.articleID, &d.externalID, &d.audience, &d.past, &d.version, &c.Title, &c.Lang, &c.URL, &c.Source, &c.Asked}, func() error {
		next := d
		set.drafts, contents = append(set.drafts, &next), append(contents, c)
		c.Asked = nil
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the drafts: %w", postgres.Away(err))
	}
	if len(set.drafts) != len(refs) {
		return nil, fault.Conflict("draft_changed", "A draft has been changed by somebody else meanwhile.")
	}
	for i, d := range set.drafts {
		if err := set.add(d, contents[i]); err != nil {
			return nil, err
		}
	}
	return set, nil
}

func splitRefs(refs []DraftRef) (ids, revisions []int64) {
	for _, r := range refs {
		ids, revisions = append(ids, r.ArticleID), append(revisions, r.Revision)
	}
	return ids, revisions
}

// draftOf is the set of one article's draft, whatever its revision; nil where none is to be searched. What is not
// for whoever is told stands in no answer to them, tried or not, and what is past its review or its end in none at all.
func (s *Service) draftOf(ctx context.Context, id int64, reader Audience) (*DraftSet, error) {
	a, err := s.Article(ctx, id)
	if err != nil {
		return nil, err
	}
	if a.Draft == nil {
		return nil, fault.Conflict("no_draft", "Article %d has no draft.", id)
	}
	if a.Expired || a.Overdue || !reader.MayRead(a.Audience) {
		return nil, nil //nolint:nilnil // no draft is a value
	}
	set := &DraftSet{of: map[int64]bool{}, terms: map[string]int{}, alone: true}
	d := &draftIndex{articleID: id, externalID: a.ExternalID, audience: a.Audience, version: a.Draft.Version}
	set.drafts = []*draftIndex{d}
	return set, set.add(d, a.Draft.content())
}

// add prepares a draft that stands in the set's list.
func (d *DraftSet) add(x *draftIndex, c Content) error {
	var err error
	if x.prepared, err = cut(c); err != nil {
		return err
	}
	x.builtin = x.embed()
	x.vectors = map[int][][]float32{}
	d.of[x.articleID] = true
	n := slices.Index(d.drafts, x)
	for i, doc := range x.docs {
		d.places = append(d.places, draftPlace{n, i})
		for _, term := range doc.Terms {
			d.terms[term]++
		}
	}
	if !slices.Contains(d.langs, c.Lang) {
		d.langs = append(d.langs, c.Lang)
	}
	return nil
}

// count adds the set to the statistics that a question is weighed by: in an empty library no word would count.
func (d *DraftSet) count(a *asked) {
	if d.alone && a.stats.Chunks > 0 {
		return
	}
	for _, term := range a.terms() {
		if n := d.terms[term]; n > 0 {
			a.stats.In[term] += n
		}
	}
	a.stats.Articles += len(d.drafts)
	a.stats.Chunks += len(d.places)
	for _, x := range d.drafts {
		a.stats.ArticleLength += x.length
		for _, doc := range x.docs {
			a.stats.Length += doc.Length
		}
	}
}

// vectorsOf gives a draft's vectors of the model that the question was embedded with.
func (d *DraftSet) vectorsOf(ctx context.Context, s *Service, x *draftIndex, m model) ([][]float32, error) {
	if m.Builtin {
		return x.builtin, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if x.vectors[m.ID] == nil {
		vectors, err := s.embedAll(ctx, m, x.texts())
		if err != nil {
			return nil, err
		}
		x.vectors[m.ID] = vectors
	}
	return x.vectors[m.ID], nil
}

// replace puts the drafts' chunks in the place of their articles' live ones. They are numbered from -1
// downwards, so that no number is a live chunk's.
func (d *DraftSet) replace(ctx context.Context, s *Service, candidates []rank.Candidate, v queryVector, reader Audience) ([]rank.Candidate, error) {
	out := slices.DeleteFunc(candidates, func(c rank.Candidate) bool { return d.of[c.ArticleID] })
	var ours []rank.Candidate
	number := 0
	for _, x := range d.drafts {
		first := number
		number += len(x.docs)
		if x.past || !reader.MayRead(x.audience) {
			continue
		}
		vectors, err := d.vectorsOf(ctx, s, x, v.model)
		if err != nil {
			return nil, err
		}
		for i, doc := range x.docs {
			var standsFor *int64
			if i >= len(x.chunks) {
				standsFor = new(draftNumber(first + x.asked[i-len(x.chunks)].chunk))
			}
			ours = append(ours, rank.Candidate{
				ChunkID: draftNumber(first + i), StandsFor: standsFor, ArticleID: x.articleID, Lang: x.content.Lang, Near: true,
				Length: doc.Length, ArticleLength: x.length, Bag: doc.Bag, Cosine: cosine(v.vector, vectors[i]),
			})
		}
	}
	if len(ours) > setNearest {
		slices.SortStableFunc(ours, func(a, b rank.Candidate) int { return cmp.Compare(b.Cosine, a.Cosine) })
		ours = ours[:setNearest]
	}
	return append(out, ours...), nil
}

func draftNumber(i int) int64 { return int64(-1 - i) }

func (d *DraftSet) passage(id int64) Passage {
	at := d.places[-1-id]
	x := d.drafts[at.draft]
	c := x.chunks[at.chunk]
	return Passage{
		ArticleID: x.articleID, Version: x.version, ExternalID: x.externalID, Audience: x.audience, Title: x.content.Title,
		Heading: heading(c.Headings), URL: x.content.URL, Lang: x.content.Lang, Text: c.Text, Start: c.Start, End: c.End,
	}
}
