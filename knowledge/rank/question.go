// SPDX-License-Identifier: MIT

package rank

import (
	"math"
	"strings"

	"candor/internal/text"
	"candor/knowledge/concept"
)

// MaxUnits bounds the terms of one question that are searched for; a longer one says it again.
const MaxUnits = 48

// Weights of a question's units against a plain word's 1, chosen by retrieval measured on dev splits.
const (
	stopWeight           = 0.6
	conceptWeight        = 0.4
	foreignConceptWeight = 1.5 // where question and article share no language, concepts are what they share
	rivalConceptWeight   = 0.8 // the same, where there are articles in the question's language as well
	correctedWeight      = 0.8
)

// Unit is one thing that a question asks for.
type Unit struct {
	Term     string
	Repeats  float64
	Stop     bool
	Concept  bool
	Concepts []string // what the word of a plain unit names
	Instead  string   // the index's word that a word it does not know was taken for
}

// Question is a question as articles of one language are searched for it.
type Question struct {
	Lang    string // of the articles
	Foreign bool   // the question is in another one
	Units   []Unit
}

// Read takes the question apart as if it were in the articles' language: each side of a search must
// come to the same terms. questionLang may be "" if unknown, then it is taken for the articles'.
func Read(question, questionLang, articleLang string) Question {
	q := Question{Lang: base(articleLang)}
	asked := base(questionLang)
	q.Foreign = asked != "" && q.Lang != "" && asked != q.Lang
	if asked == "" {
		asked = q.Lang
	}
	// A word is looked for in the form that the articles' language gives it, and means what it means in
	// the question's own. The two readings are word by word the same, unless an apostrophe is read apart.
	terms, meant := text.AllTerms(question, articleLang), text.Analyse(question, asked)
	at := map[string]int{}
	for i, t := range terms {
		own := t
		if len(meant.Terms) == len(terms) {
			own = meant.Terms[i]
		}
		stop := t.Stop || own.Stop
		if stop && q.Foreign {
			continue
		}
		u := Unit{Term: t.Text, Stop: stop}
		if !stop {
			u.Concepts = concept.Of(own.Text, asked)
		}
		q.add(at, u)
	}
	for _, c := range concept.In(meant) {
		q.add(at, Unit{Term: c, Concept: true})
	}
	return q
}

func (q *Question) add(at map[string]int, u Unit) {
	if i, ok := at[u.Term]; ok {
		q.Units[i].Repeats++
		return
	}
	if len(q.Units) >= MaxUnits {
		return
	}
	u.Repeats = 1
	at[u.Term] = len(q.Units)
	q.Units = append(q.Units, u)
}

func base(lang string) string {
	lang, _, _ = strings.Cut(strings.ToLower(lang), "-")
	return lang
}

// Stats are the numbers of the live index that a question is weighed with.
type Stats struct {
	Chunks        int
	Articles      int
	Length        int            // of all chunks together
	ArticleLength int            // of all articles together
	In            map[string]int // in how many chunks each term of the question stands
}

// idf is the weight of a term by how rare it is.
func (s Stats) idf(term string) float64 {
	in := float64(min(s.In[term], s.Chunks))
	return math.Log(1 + (float64(s.Chunks)-in+0.5)/(in+0.5))
}

// weighed is a unit ready for scoring.
type weighed struct {
	hash     uint32
	concepts []uint32
	idf      float64 // of the word itself, for coverage
	weight   float64 // in BM25
	stop     bool
	concept  bool
	unknown  bool // the index has never seen it
	credit   float64
}

// weigh gives the units of a question their weights in this index. amongOwn tells that there are
// articles in the question's language as well: then one in another is not ahead for sharing concepts
// as easily.
func (s Stats) weigh(q Question, amongOwn bool) []weighed {
	out := make([]weighed, 0, len(q.Units))
	for _, u := range q.Units {
		w := weighed{hash: Hash(u.Term), idf: s.idf(u.Term), stop: u.Stop, concept: u.Concept, unknown: s.In[u.Term] == 0, credit: 1}
		w.weight = w.idf * u.Repeats
		switch {
		case u.Instead != "":
			w.hash, w.credit = Hash(u.Instead), correctedWeight
			w.weight = min(w.idf, s.idf(u.Instead)) * u.Repeats * correctedWeight
		case u.Stop:
			w.weight *= stopWeight
		case u.Concept && q.Foreign && amongOwn:
			w.weight *= rivalConceptWeight
		case u.Concept && q.Foreign:
			w.weight *= foreignConceptWeight
		case u.Concept:
			w.weight *= conceptWeight
		}
		for _, c := range u.Concepts {
			w.concepts = append(w.concepts, Hash(c))
		}
		out = append(out, w)
	}
	return out
}
