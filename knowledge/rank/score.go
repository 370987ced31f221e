// SPDX-License-Identifier: MIT

package rank

import (
	"cmp"
	"slices"
)

// BM25's usual parameters.
const (
	k1 = 1.2
	b  = 0.75
)

// Shares are the parts of the fused score. Each part lies between 0 and 1, relative to the best
// candidate, so that no scale of a model or an index enters.
type Shares struct{ Chunk, Article, Vector, Title float64 }

var (
	// Lexical is for the built-in vectors, chosen on the dev splits of CLINC150, Banking77, CMRC 2018 and
	// the Dify pages; the optimum is flat.
	Lexical = Shares{Chunk: 0.20, Article: 0.35, Vector: 0.30, Title: 0.15}
	// Semantic is for the vectors of a language model, which know more than words do. It is a choice, not
	// a measurement: no such model was at hand.
	Semantic = Shares{Chunk: 0.15, Article: 0.25, Vector: 0.50, Title: 0.10}
)

// foreignShare is what a passage in another language counts for beside those in the question's own: of
// two translations the customer is given the one to read.
const foreignShare = 0.85

// Candidate is a chunk that may answer; the fields below the blank line are set by Rank.
type Candidate struct {
	ChunkID, ArticleID    int64
	StandsFor             *int64 // the chunk that is shown in its place; nil: itself
	Lang                  string
	Length, ArticleLength int
	Bag                   Bag
	Cosine                float64 // similarity of the vectors, 0 if there is none
	Near                  bool    // found by its vector

	Text       float64 // BM25 of the chunk
	TextNorm   float64 // BM25 of the question's plain words as a share of the best that any chunk could have
	Coverage   float64 // share of the question's words that the chunk has, weighed by rarity
	Article    float64 // BM25 of the article, over those of its chunks that are candidates
	Title      float64 // share of the title's words that the question has
	Concepts   float64 // share of the question's concepts that the chunk names, weighed by rarity
	Fused      float64
	TextRank   int // from 1, among all candidates
	VectorRank int

	foreign bool // in another language than the question, while there are articles in that

	counts []uint8 // of each unit of the question in Bag, as it stands there
}

// Shown is the chunk that is shown where this one is found.
func (c Candidate) Shown() int64 {
	if c.StandsFor != nil {
		return *c.StandsFor
	}
	return c.ChunkID
}

// Rank scores the candidates for the question, read once for each language of articles, and sorts
// them, best first. The best of two alike is the one with the lower id, so that the order is stable.
func Rank(cands []Candidate, questions map[string]Question, s Stats, shares Shares) {
	amongOwn := false
	for _, q := range questions {
		amongOwn = amongOwn || !q.Foreign
	}
	units := map[string][]weighed{}
	for lang, q := range questions {
		units[lang] = s.weigh(q, amongOwn)
	}
	for i := range cands {
		cands[i].foreign = amongOwn && questions[base(cands[i].Lang)].Foreign
		of := units[base(cands[i].Lang)]
		cands[i].count(of)
		cands[i].score(of, s)
	}
	scoreArticles(cands, units, s)
	shares.fuse(cands)
}

// count looks up the units of the question once; chunk and article are scored from it.
func (c *Candidate) count(units []weighed) {
	c.counts = make([]uint8, len(units))
	for i, u := range units {
		c.counts[i] = c.Bag.entry(u.hash)
	}
}

// score computes what one chunk has of the question.
func (c *Candidate) score(units []weighed, s Stats) {
	average := float64(s.Length) / max(1, float64(s.Chunks))
	norm := k1 * (1 - b + b*float64(c.Length)/max(1, average))
	var plain, best, asked, found, meant, named float64
	titleHits := 0
	onlyStops := !slices.ContainsFunc(units, func(u weighed) bool { return !u.concept && !u.stop })
	for i, u := range units {
		n, inTitle := counted(c.counts[i])
		score := u.weight * float64(n) * (k1 + 1) / (float64(n) + norm)
		c.Text += score
		if !u.concept && (!u.stop || onlyStops) {
			plain += score
			best += u.weight * (k1 + 1)
		}
		switch {
		case u.concept:
			meant += u.idf
			if n > 0 {
				named += u.idf
			}
		case !u.stop:
			asked += u.idf
			found += u.idf * c.credit(u, n)
			if inTitle {
				titleHits++
			}
		}
	}
	c.TextNorm = ratio(plain, best)
	c.Coverage = ratio(found, asked)
	c.Concepts = ratio(named, meant)
	c.Title = min(1, ratio(float64(titleHits), float64(c.Bag.TitleTerms())))
}

// sameConcept is what a word counts for that the chunk has only another word for.
const sameConcept = 0.5

// credit is how much of a word the chunk has.
func (c *Candidate) credit(u weighed, n int) float64 {
	if n > 0 {
		return u.credit
	}
	for _, h := range u.concepts {
		if m, _ := c.Bag.Count(h); m > 0 {
			return sameConcept
		}
	}
	return 0
}

func ratio(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

// scoreArticles computes BM25 over articles: what one chunk lacks another may have.
func scoreArticles(cands []Candidate, units map[string][]weighed, s Stats) {
	average := float64(s.ArticleLength) / max(1, float64(s.Articles))
	byArticle := map[int64][]*Candidate{}
	for i := range cands {
		byArticle[cands[i].ArticleID] = append(byArticle[cands[i].ArticleID], &cands[i])
	}
	for _, chunks := range byArticle {
		first := chunks[0]
		norm := k1 * (1 - b + b*float64(first.ArticleLength)/max(1, average))
		score := 0.0
		for i, u := range units[base(first.Lang)] {
			sum, title := 0, 0
			for _, c := range chunks {
				n, inTitle := counted(c.counts[i])
				if inTitle && n >= titleWeight {
					n, title = n-titleWeight, titleWeight
				}
				sum += n
			}
			if n := float64(sum + title); n > 0 {
				score += u.weight * n * (k1 + 1) / (n + norm)
			}
		}
		for _, c := range chunks {
			c.Article = score
		}
	}
}

// fuse joins the scores and sorts by them.
func (p Shares) fuse(cands []Candidate) {
	if len(cands) == 0 {
		return
	}
	setRanks(cands, func(c *Candidate) float64 { return c.Text }, func(c *Candidate, n int) { c.TextRank = n })
	setRanks(cands, func(c *Candidate) float64 { return c.Cosine }, func(c *Candidate, n int) { c.VectorRank = n })
	top := func(f func(*Candidate) float64) float64 {
		best := f(&cands[0])
		for i := range cands {
			best = max(best, f(&cands[i]))
		}
		return best
	}
	text := top(func(c *Candidate) float64 { return c.Text })
	article := top(func(c *Candidate) float64 { return c.Article })
	near := top(func(c *Candidate) float64 { return c.Cosine })
	far := -top(func(c *Candidate) float64 { return -c.Cosine })
	for i := range cands {
		c := &cands[i]
		c.Fused = p.Chunk*ratio(c.Text, text) + p.Article*ratio(c.Article, article) +
			p.Vector*max(0, ratio(c.Cosine-far, near-far)) + p.Title*c.Title
		if c.foreign {
			c.Fused *= foreignShare
		}
	}
	slices.SortFunc(cands, func(x, y Candidate) int {
		return cmp.Or(cmp.Compare(y.Fused, x.Fused), cmp.Compare(x.ChunkID, y.ChunkID))
	})
}

// setRanks numbers the candidates by a score, best first; equals share a number.
func setRanks(cands []Candidate, by func(*Candidate) float64, set func(*Candidate, int)) {
	order := make([]*Candidate, len(cands))
	for i := range cands {
		order[i] = &cands[i]
	}
	slices.SortFunc(order, func(x, y *Candidate) int { return cmp.Compare(by(y), by(x)) })
	rank := 0
	for i, c := range order {
		if i == 0 || by(c) != by(order[i-1]) {
			rank = i + 1
		}
		set(c, rank)
	}
}
