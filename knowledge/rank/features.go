// SPDX-License-Identifier: MIT

package rank

import (
	"math"
	"slices"
	"unicode/utf8"

	"candor/internal/text"
	"candor/knowledge/embed"
)

// Features say how well the best article answers, free of the scale of any index or model, so that a
// confidence told from them means the same elsewhere. All but Spread and Words lie between 0 and 1.
type Features struct {
	Coverage     float64 `json:"coverage"`      // share of the question's words in the best passage, weighed by rarity
	TextNorm     float64 `json:"text_norm"`     // BM25 of the best passage as a share of what is possible
	Likeness     float64 `json:"likeness"`      // words that the question shares with the likest sentence of that passage, of those of both
	Nearness     float64 `json:"nearness"`      // similarity of the question to its nearest sentence, by built-in vectors
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
	Dense        bool    `json:"dense"`         // it is in a script without blanks, where words are pairs of characters
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
	f.Unknown, f.Words, f.Dense = unknown(q, s)
	// The translation of an article is no rival to it.
	rivals := slices.DeleteFunc(slices.Clone(cands), func(c Candidate) bool { return base(c.Lang) != base(best.Lang) })
	f.compare(articles(rivals), best.ArticleID)
	mean, deviation := spread(rivals)
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
// how many words it has, and whether most of them are of a script without blanks.
func unknown(q Question, s Stats) (share, words float64, dense bool) {
	var all, never, pairs float64
	for _, u := range q.Units {
		if u.Stop || u.Concept {
			continue
		}
		words++
		if r, _ := utf8.DecodeRuneInString(u.Term); r >= 0x2E80 {
			pairs++
		}
		w := s.idf(u.Term)
		all += w
		if s.In[u.Term] == 0 && u.Instead == "" {
			never += w
		}
	}
	return ratio(never, all), words, pairs*2 > words
}

// maxSentences is how many sentences of a passage Look compares with the question.
const maxSentences = 32

// Look adds what only the text of the best passage tells: whether the words of the question stand
// together in one of its sentences or lie about in it.
func (f *Features) Look(question, questionLang, passage, title, passageLang string) {
	asked := content(question, passageLang)
	vector := embed.Vector(embed.Part{Text: question, Lang: questionLang, Weight: 1})
	sentences := append([]string{title}, text.Sentences(passage)...)
	for _, s := range sentences[:min(len(sentences), maxSentences)] {
		f.Likeness = max(f.Likeness, likeness(asked, content(s, passageLang)))
		f.Nearness = max(f.Nearness, dot(vector, embed.Vector(embed.Part{Text: s, Lang: passageLang, Weight: 1})))
	}
}

// content returns the words of a text that are no stop words.
func content(s, lang string) map[string]bool {
	words := map[string]bool{}
	for _, t := range text.AllTerms(s, lang) {
		if !t.Stop {
			words[t.Text] = true
		}
	}
	return words
}

// likeness is the share of the words of both that they share.
func likeness(a, b map[string]bool) float64 {
	shared := 0
	for w := range a {
		if b[w] {
			shared++
		}
	}
	return ratio(2*float64(shared), float64(len(a)+len(b)))
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
