// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"candor/internal/markdown"
	"candor/internal/text"
	"candor/knowledge/embed"
	"candor/postgres"
)

// From when on a question is about an announcement: its built-in vector must be this near to one of the
// announcement's questions or sentences, and nearly as near as to the best passage of the library, which
// else answers it better, unless it is surely near. Chosen on Banking77 and CLINC150, each intent an
// announcement of four of its questions, the others' articles beside it: at most 0.3 % (CLINC150) and
// 1.4 % (Banking77, all questions about one subject) of the questions about anything else get it, and
// 55 % and 57 % of those about it; the articles that it names catch others.
const (
	announcedFrom   = 0.45
	announcedShare  = 0.85
	announcedSurely = 0.58
)

// maxMatches is how many announcements stand before one answer.
const maxMatches = 2

// AnnouncementMatch is an announcement that a question is about.
type AnnouncementMatch struct {
	Announcement
	How       string  // "question", or "article": the answer would rest on one that it names
	Score     float64 // how near
	Threshold float64
}

// AnnouncedFor returns the announcements in force that a question is about, the newest first, and takes
// the articles that they stand in for out of what was found. The question is compared with built-in
// vectors whatever the provider's model is: the same question gets the same announcement. answerable
// tells whether what was found answers it.
func (s *Service) AnnouncedFor(ctx context.Context, q Query, found *Result, answerable bool) ([]AnnouncementMatch, error) {
	list, err := s.Announced(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if q, err = q.clean(); err != nil {
		return nil, err
	}
	named, err := s.namedBy(ctx, list)
	if err != nil {
		return nil, err
	}
	var out []AnnouncementMatch
	vector := embed.Vector(embed.Part{Text: q.Text, Lang: q.Lang, Weight: 1})
	for _, a := range list {
		if m := s.announced.of(a).match(a, named, vector, *found, answerable); m.How != "" && len(out) < maxMatches {
			out = append(out, m)
		}
	}
	found.withhold(named.overridden(list))
	return out, nil
}

// Overridden are the articles that announcements in force stand in for, with their translations.
func (s *Service) Overridden(ctx context.Context) (map[int64]bool, error) {
	list, err := s.Announced(ctx)
	if err != nil {
		return nil, err
	}
	named, err := s.namedBy(ctx, list)
	if err != nil {
		return nil, err
	}
	return named.overridden(list), nil
}

// inAllLanguages gives for an article that is named those that say the same in other languages, itself included:
// what is not true any more is not true in any of them.
type inAllLanguages map[int64][]int64

func (n inAllLanguages) overridden(list []Announcement) map[int64]bool {
	out := map[int64]bool{}
	for _, a := range list {
		for _, id := range a.Overrides {
			for _, same := range n[id] {
				out[same] = true
			}
		}
	}
	return out
}

// namedBy reads the translations of the articles that announcements name.
func (s *Service) namedBy(ctx context.Context, list []Announcement) (inAllLanguages, error) {
	var ids []int64
	for _, a := range list {
		ids = append(append(ids, a.Articles...), a.Overrides...)
	}
	if len(ids) == 0 {
		return nil, nil //nolint:nilnil // none named: nothing to read
	}
	rows, _ := s.db.Query(ctx, `
		WITH named AS (SELECT id, COALESCE(translation_of, id) AS root FROM knowledge_articles WHERE id = ANY ($1))
		SELECT id, root FROM named
		UNION SELECT n.id, t.id FROM named n JOIN knowledge_articles t ON t.translation_of = n.root`, ids)
	named := inAllLanguages{}
	var id, same int64
	if _, err := pgx.ForEachRow(rows, []any{&id, &same}, func() error {
		named[id] = append(named[id], same)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read the translations of what is announced: %w", postgres.Away(err))
	}
	return named, nil
}

// MatchAnnouncement tells whether a question would be about an announcement that is not published yet.
func (s *Service) MatchAnnouncement(ctx context.Context, a Announcement, question string, found Result, answerable bool) (AnnouncementMatch, error) {
	if err := a.clean(); err != nil {
		return AnnouncementMatch{}, err
	}
	named, err := s.namedBy(ctx, []Announcement{a})
	if err != nil {
		return AnnouncementMatch{}, err
	}
	vector := embed.Vector(embed.Part{Text: question, Lang: found.Lang, Weight: 1})
	return unitsOf(a).match(a, named, vector, found, answerable), nil
}

// withhold leaves out the passages of articles. Where the best one goes nothing is left of the answer:
// what was found was found for it.
func (r *Result) withhold(articles map[int64]bool) {
	if len(articles) == 0 || len(r.Passages) == 0 {
		return
	}
	if articles[r.Passages[0].ArticleID] {
		r.Passages, r.Features, r.Withheld = nil, Features{}, true
		return
	}
	kept := r.Passages[:0:0]
	for _, p := range r.Passages {
		if !articles[p.ArticleID] {
			kept = append(kept, p)
		}
	}
	r.Passages = kept
}

// announcedUnits are the vectors of what an announcement is about.
type announcedUnits [][]float32

func (u announcedUnits) match(a Announcement, named inAllLanguages, vector []float32, found Result, answerable bool) AnnouncementMatch {
	m := AnnouncementMatch{Announcement: a, Threshold: min(announcedSurely, max(announcedFrom, announcedShare*found.Features.Nearness))}
	for _, unit := range u {
		m.Score = max(m.Score, cosine(vector, unit))
	}
	switch {
	case m.Score >= m.Threshold:
		m.How = "question"
	case answerable && len(found.Passages) > 0 && slices.ContainsFunc(slices.Concat(a.Articles, a.Overrides), func(id int64) bool {
		return slices.Contains(named[id], found.Passages[0].ArticleID)
	}):
		m.How = "article"
	}
	return m
}

// unitsOf embeds each question and each sentence of each text.
func unitsOf(a Announcement) announcedUnits {
	var out announcedUnits
	add := func(s, lang string) {
		if strings.TrimSpace(s) != "" {
			out = append(out, embed.Vector(embed.Part{Text: s, Lang: lang, Weight: 1}))
		}
	}
	for _, q := range a.About {
		lang := text.DetectLang(q)
		if lang == "" {
			lang = a.Texts[0].Lang
		}
		add(q, lang)
	}
	for _, t := range a.Texts {
		add(t.Title, t.Lang)
		for _, sentence := range text.Sentences(markdown.Plain(t.Text)) {
			add(sentence, t.Lang)
		}
	}
	return out
}

// announcedCache keeps the vectors of announcements, which never change in a version.
type announcedCache struct {
	mu    sync.Mutex
	units map[VersionRef]announcedUnits
}

func (c *announcedCache) of(a Announcement) announcedUnits {
	ref := VersionRef{a.ID, a.Version}
	c.mu.Lock()
	defer c.mu.Unlock()
	if u, ok := c.units[ref]; ok {
		return u
	}
	if c.units == nil || len(c.units) >= 4*maxAnnouncements {
		c.units = map[VersionRef]announcedUnits{} // those of the past go
	}
	c.units[ref] = unitsOf(a)
	return c.units[ref]
}
