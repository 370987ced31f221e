// SPDX-License-Identifier: MIT

package rank

import (
	"math"
)

// Features say how well the best article answers, free of the scale of any index or model, so that a
// confidence told from them means the same elsewhere. All but Spread and Words lie between 0 and 1.
type Features struct {
	Coverage     float64 `json:"coverage"`      // share of the question's words in the best passage, weighed by rarity
	TextNorm     float64 `json:"text_norm"`     // BM25 of the best passage as a share of what is possible
	Title        float64 `json:"title"`         // share of the title's words in the question
	Concepts     float64 `json:"concepts"`      // share of the question's concepts in the best passage
	Unknown      float64 `json:"unknown"`       // share of the question's words that no article has
	Margin       float64 `json:"margin"`        // lead over the next article in the fused score
	TextMargin   float64 `json:"text_margin"`   // lead in BM25; 0 if another article leads
	VectorMargin float64 `json:"vector_margin"` // lead in similarity, against the spread of all; 0 if another leads
	TextAgrees   float64 `json:"text_agrees"`   // 1 / place of the best article by BM25 alone
	VectorAgrees float64 `json:"vector_agrees"` // 1 / place of the best article by similarity alone
	Spread       float64 `json:"spread"`        // how far its similarity stands out, in standard deviations
	Words        float64 `json:"words"`         // content words of the question
	Foreign      bool    `json:"foreign"`       // the question is in another language than the article
}

// Describe computes the features of a ranked list.
func Describe(cands []Candidate, questions map[string]Question, s Stats) Features {
	if len(cands) == 0 {
		return Features{}
	}
	best := cands[0]
	q := questions[base(best.Lang)]
	f := Features{
		Coverage: best.Coverage, TextNorm: best.TextNorm, Title: best.Title, Concepts: best.Concepts, Foreign: q.Foreign,
	}
	f.Unknown, f.Words = unknown(q, s)
	f.compare(articles(cands), best.ArticleID)
	mean, deviation := spread(cands)
	f.Spread = min(10, ratio(best.Cosine-mean, deviation))
	return f
}

// standing is an article's best by each measure.
type standing struct{ fused, text, cosine float64 }

func articles(cands []Candidate) map[int64]standing {
	out := map[int64]standing{}
	for _, c := range cands {
		s := out[c.ArticleID]
		out[c.ArticleID] = standing{max(s.fused, c.Fused), max(s.text, c.Text), max(s.cosine, c.Cosine)}
	}
	return out
}

// compare sets what depends on the other articles.
func (f *Features) compare(all map[int64]standing, best int64) {
	own := all[best]
	var next standing
	textPlace, vectorPlace, lowest := 1, 1, own.cosine
	for id, s := range all {
		if id == best {
			continue
		}
		next = standing{max(next.fused, s.fused), max(next.text, s.text), max(next.cosine, s.cosine)}
		lowest = min(lowest, s.cosine)
		if s.text > own.text {
			textPlace++
		}
		if s.cosine > own.cosine {
			vectorPlace++
		}
	}
	f.Margin = max(0, ratio(own.fused-next.fused, own.fused))
	f.TextMargin = max(0, ratio(own.text-next.text, own.text))
	f.VectorMargin = max(0, ratio(own.cosine-next.cosine, own.cosine-lowest))
	f.TextAgrees, f.VectorAgrees = 1/float64(textPlace), 1/float64(vectorPlace)
	if own.text == 0 {
		f.TextAgrees = 0
	}
}

// spread returns the mean and the standard deviation of the candidates' similarities.
func spread(cands []Candidate) (mean, deviation float64) {
	n, squares := float64(len(cands)), 0.0
	for _, c := range cands {
		mean += c.Cosine / n
	}
	for _, c := range cands {
		squares += (c.Cosine - mean) * (c.Cosine - mean) / n
	}
	return mean, math.Sqrt(squares)
}

// unknown returns the share of a question's words that the index has never seen, weighed by rarity,
// and how many words it has.
func unknown(q Question, s Stats) (share, words float64) {
	var all, never float64
	for _, u := range q.Units {
		if u.Stop || u.Concept {
			continue
		}
		words++
		w := s.idf(u.Term)
		all += w
		if s.In[u.Term] == 0 && u.Instead == "" {
			never += w
		}
	}
	return ratio(never, all), words
}
