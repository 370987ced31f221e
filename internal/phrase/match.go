// SPDX-License-Identifier: MIT

package phrase

import (
	"slices"
	"strings"
)

// span is a stretch of tokens.
type span struct{ from, to int }

func (s span) overlaps(o span) bool { return s.from < o.to && o.from < s.to }

// masked is a stretch in which a detector's matches count only in part.
type masked struct {
	span
	detector int
	factor   float64
}

// setHit is a set found at a token, with the token after it.
type setHit struct{ set, end int }

// Reading is a text made ready for the rules. It is of one goroutine.
type Reading struct {
	book     *Book
	tokens   []token
	sets     [][]setHit // by token
	hasSet   []bool
	hasWord  []bool
	lead     []bool // only fillers between the beginning of the sentence and this token
	tail     []bool // only fillers between this token and the end of the sentence
	unquoted bool   // something stands outside quotation marks
	masks    []masked
	steps    int
}

// maxSteps bounds the work of one rule on one message.
const maxSteps = 20000

// Finding is what one detector found.
type Finding struct {
	Score float64 // 0 to 1
	Rule  string  // the strongest rule: kind and language, "fire.en"
	Match string  // the words it matched, normalised
}

// Kind is the first part of the rule.
func (f Finding) Kind() string {
	kind, _, _ := strings.Cut(f.Rule, ".")
	return kind
}

// Find tries all rules and returns what each detector found, in the order in which Load was told of them.
func (m *Reading) Find() []Finding {
	for i := range m.book.rules {
		if r := &m.book.rules[i]; r.mask && m.possible(r) {
			m.each(r, func(s span) bool {
				m.masks = append(m.masks, masked{s, r.detector, r.weight})
				return false
			})
		}
	}
	evidence := make([][]Finding, len(m.book.detectors))
	for i := range m.book.rules {
		if r := &m.book.rules[i]; !r.mask && m.possible(r) {
			if f := m.best(r); f.Score > 0 {
				evidence[r.detector] = append(evidence[r.detector], f)
			}
		}
	}
	out := make([]Finding, len(evidence))
	for d, found := range evidence {
		out[d] = combine(found)
	}
	return out
}

// mostCovered is the number of tokens beyond which no text is nothing but formulas.
const mostCovered = 40

// Covered tells whether nothing but fillers is left of a text without what the given detectors match in it.
func (m *Reading) Covered(detectors ...int) bool {
	if len(m.tokens) > mostCovered {
		return false
	}
	covered := make([]bool, len(m.tokens))
	for at, t := range m.tokens {
		covered[at] = covered[at] || t.mark
		for _, end := range m.fillerEnds(at) {
			for i := at; i < end; i++ {
				covered[i] = true
			}
		}
	}
	for i := range m.book.rules {
		if r := &m.book.rules[i]; !r.mask && slices.Contains(detectors, r.detector) && m.possible(r) {
			m.each(r, func(s span) bool {
				for at := s.from; at < s.to; at++ {
					covered[at] = true
				}
				return false
			})
		}
	}
	return !slices.Contains(covered, false)
}

func (m *Reading) possible(r *rule) bool {
	for _, n := range r.needs {
		if !m.hasOne(n) {
			return false
		}
	}
	return true
}

func (m *Reading) hasOne(n need) bool {
	for _, a := range n {
		if a.set && m.hasSet[a.id] || !a.set && m.hasWord[a.id] {
			return true
		}
	}
	return false
}

// best is the strongest match of a rule once masks, quotation and repairs are counted.
func (m *Reading) best(r *rule) Finding {
	var best Finding
	m.each(r, func(s span) bool {
		score := r.weight * m.factor(r.detector, s)
		if score > best.Score {
			best = Finding{Score: score, Rule: r.name, Match: m.words(s)}
		}
		return score == r.weight
	})
	return best
}

// A repaired word is a guess, and words in quotation marks are most often about something.
const (
	repairFactor = 0.93
	quoteFactor  = 0.4
)

func (m *Reading) factor(detector int, s span) float64 {
	f := 1.0
	for _, k := range m.masks {
		if (k.detector == detector || k.detector == anyDetector) && k.overlaps(s) {
			f = min(f, k.factor)
		}
	}
	repaired, quoted := false, m.unquoted
	for _, t := range m.tokens[s.from:s.to] {
		repaired = repaired || t.repaired || t.junk
		quoted = quoted && t.quoted
	}
	if repaired {
		f *= repairFactor
	}
	if quoted {
		f *= quoteFactor
	}
	return f
}

func (m *Reading) words(s span) string {
	var b strings.Builder
	for i, t := range m.tokens[s.from:s.to] {
		if i > 0 && (!dense(firstRune(t.word)) || !dense(firstRune(m.tokens[s.from+i-1].word))) {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String()
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// combine adds up evidence: kinds are independent, rules of one kind are not.
func combine(found []Finding) Finding {
	var best Finding
	kinds := map[string]float64{}
	for _, f := range found {
		if f.Score > best.Score {
			best = f
		}
		kinds[f.Kind()] = max(kinds[f.Kind()], f.Score)
	}
	scores := make([]float64, 0, len(kinds))
	for _, s := range kinds {
		scores = append(scores, s)
	}
	slices.Sort(scores) // the same message always gets the very same score
	left := 1.0
	for _, s := range scores {
		left *= 1 - s
	}
	best.Score = 1 - left
	return best
}

// each calls fn for the matches of a rule until fn returns true.
func (m *Reading) each(r *rule, fn func(span) bool) {
	m.steps = 0
	for from := range m.tokens {
		if !m.begins(r.pattern[0], from) {
			continue
		}
		seen := -1
		stop := m.match(r.pattern, from, from, func(to int) bool {
			if to == seen || to == from {
				return false
			}
			seen = to
			return fn(span{from, to})
		})
		if stop {
			return
		}
	}
}

// begins tells, cheaply, whether an element may match at a token; it only rules out what surely does not.
func (m *Reading) begins(e element, at int) bool {
	switch {
	case e.op == opBegin:
		return m.lead[at]
	case e.min == 0:
		return true
	case e.op == opWord:
		return slices.Contains(m.tokens[at].ids, e.id)
	case e.op == opSet:
		return slices.ContainsFunc(m.sets[at], func(h setHit) bool { return h.set == e.id })
	}
	return true
}

// match tries a row of elements at a token; next is called with the token after each way in which it matches.
func (m *Reading) match(row []element, at, begin int, next func(int) bool) bool {
	if len(row) == 0 {
		return next(at)
	}
	if m.steps++; m.steps > maxSteps {
		return false
	}
	e, rest := row[0], row[1:]
	then := func(to int) bool { return m.match(rest, to, begin, next) }
	switch e.op {
	case opBegin:
		return at < len(m.tokens) && m.lead[at] && then(at)
	case opEnd:
		return (at == len(m.tokens) || m.tokens[at].first || m.tail[at]) && then(at)
	}
	return m.repeat(e, at, begin, 0, then)
}

// repeat matches an element as often as it allows, most first.
func (m *Reading) repeat(e element, at, begin, done int, then func(int) bool) bool {
	if m.steps++; m.steps > maxSteps {
		return false
	}
	again := func(to int) bool { return m.repeat(e, to, begin, done+1, then) }
	if e.op == opGroup && done < e.max {
		for _, choice := range e.choices {
			// A choice that is an edge takes no word, so it is not tried again.
			if m.match(choice, at, begin, func(to int) bool { return to > at && again(to) || to == at && done+1 >= e.min && then(to) }) {
				return true
			}
		}
	}
	if done < e.max && at < len(m.tokens) && (at == begin || !m.tokens[at].first) {
		t := m.tokens[at]
		switch e.op {
		case opWord:
			if slices.Contains(t.ids, e.id) && again(at+1) {
				return true
			}
		case opSet:
			for _, h := range m.sets[at] {
				if h.set == e.id && again(h.end) {
					return true
				}
			}
			if t.junk && e.max > 1 && at > begin && again(at+1) {
				return true
			}
		case opAny:
			if !t.mark && again(at+1) {
				return true
			}
		case opMark:
			if t.mark && again(at+1) {
				return true
			}
		}
	}
	return done >= e.min && then(at)
}
