// SPDX-License-Identifier: MIT

package triage

import (
	"slices"
	"unicode"
)

// newMessage cuts a text into tokens, reads aliases, repairs misspellings and looks up all sets.
func newMessage(s string) *message {
	b := theBook()
	m := &message{book: b, hasSet: make([]bool, len(b.sets)), hasWord: make([]bool, 2*max(len(b.ids), len(b.prefixes))+2)}
	for _, t := range tokenize(s) {
		m.tokens = append(m.tokens, b.alias(t)...)
	}
	m.tokens = b.repairAll(m.tokens)
	for i := range m.tokens {
		t := &m.tokens[i]
		t.ids = b.idsOf(t.word, t.ids)
		for _, id := range t.ids {
			m.hasWord[id] = true
		}
		m.unquoted = m.unquoted || !t.quoted && !t.mark
	}
	m.findSets()
	m.findEdges()
	return m
}

func (b *book) alias(t token) []token {
	words, ok := b.aliases[t.word]
	if !ok {
		return []token{t}
	}
	out := make([]token, len(words))
	for i, w := range words {
		out[i] = t
		out[i].word, out[i].first = w, t.first && i == 0
	}
	return out
}

// idsOf adds the numbers of a word, of its other readings and of the prefixes it begins with.
func (b *book) idsOf(w string, ids []int) []int {
	for _, reading := range append([]string{w}, readings(w)...) {
		if id, ok := b.ids[reading]; ok {
			ids = append(ids, id)
		}
		for end := range reading {
			if end < 3 {
				continue
			}
			if id, ok := b.prefixes[reading[:end]]; ok {
				ids = append(ids, id)
			}
		}
		if id, ok := b.prefixes[reading]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func (m *message) findSets() {
	m.sets = make([][]setHit, len(m.tokens))
	for at, t := range m.tokens {
		for _, id := range t.ids {
			for _, e := range m.book.entries[id] {
				if end := m.entryEnd(e, at); end > at && !slices.Contains(m.sets[at], setHit{e.set, end}) {
					m.sets[at] = append(m.sets[at], setHit{e.set, end})
					m.hasSet[e.set] = true
				}
			}
		}
		slices.SortStableFunc(m.sets[at], func(a, b setHit) int { return b.end - a.end }) // longest first
	}
}

func (m *message) entryEnd(e entry, at int) int {
	for i, id := range e.words {
		n := at + i
		if n >= len(m.tokens) || i > 0 && m.tokens[n].first || !slices.Contains(m.tokens[n].ids, id) {
			return -1
		}
	}
	return at + len(e.words)
}

// findEdges marks the tokens that only fillers separate from an edge of their sentence.
func (m *message) findEdges() {
	n := len(m.tokens)
	m.lead, m.tail = make([]bool, n), make([]bool, n)
	for at := range n {
		t := m.tokens[at]
		m.lead[at] = m.lead[at] || t.first
		if !m.lead[at] {
			continue
		}
		for _, end := range m.fillerEnds(at) {
			if end < n && !m.tokens[end].first {
				m.lead[end] = true
			}
		}
	}
	for at := n - 1; at >= 0; at-- {
		for _, end := range m.fillerEnds(at) {
			m.tail[at] = m.tail[at] || end == n || m.tokens[end].first || m.tail[end]
		}
	}
}

func (m *message) fillerEnds(at int) []int {
	if m.tokens[at].mark {
		return []int{at + 1}
	}
	var ends []int
	for _, h := range m.sets[at] {
		if m.book.fillers[h.set] {
			ends = append(ends, h.end)
		}
	}
	return ends
}

// onlySmallTalk tells whether every sentence is a greeting, thanks, a farewell or filler as a whole.
func (m *message) onlySmallTalk(found [detectors]Finding) bool {
	if found[greeting].Score+found[thanks].Score+found[bye].Score == 0 {
		return false
	}
	covered := make([]bool, len(m.tokens))
	for i := range m.book.rules {
		if r := &m.book.rules[i]; !r.mask && r.detector >= greeting && r.detector <= bye && m.possible(r) {
			m.each(r, func(s span) bool {
				for at := s.from; at < s.to; at++ {
					covered[at] = true
				}
				return false
			})
		}
	}
	for at, t := range m.tokens {
		if !covered[at] && !m.lead[at] && !m.tail[at] && !t.mark {
			return false
		}
		if !covered[at] && !t.mark && len(m.fillerEnds(at)) == 0 && !m.insideFiller(at) {
			return false
		}
	}
	return true
}

func (m *message) insideFiller(at int) bool {
	for from := max(0, at-4); from < at; from++ {
		if slices.ContainsFunc(m.fillerEnds(from), func(end int) bool { return end > at }) {
			return true
		}
	}
	return false
}

// shouting raises the score of a tone for capitals and rows of exclamation marks.
func shouting(s string, f *Finding) {
	upper, lower, marks, words, inWord := 0, 0, 0, 0, false
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		case r == '!' || r == '！':
			marks++
		}
		if unicode.IsLetter(r) && !inWord {
			words++
		}
		inWord = unicode.IsLetter(r)
	}
	extra := 0.0
	if words >= 4 && upper >= 12 && upper > 4*lower {
		extra = 0.55
	}
	if marks >= 3 {
		extra = max(extra, 0.3)
	}
	if extra == 0 {
		return
	}
	if f.Rule == "" {
		f.Rule, f.Match = "shouting.all", ""
	}
	f.Score = 1 - (1-f.Score)*(1-extra)
}
