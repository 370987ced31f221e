// SPDX-License-Identifier: MIT

package phrase

import (
	"slices"
)

// Read cuts a text into tokens, reads aliases, repairs misspellings and looks up all sets.
func (b *Book) Read(s string) *Reading {
	m := &Reading{book: b, hasSet: make([]bool, len(b.sets)), hasWord: make([]bool, 2*max(len(b.ids), len(b.prefixes))+2)}
	tokens := tokenize(s)
	langs := b.likely(tokens)
	for _, t := range tokens {
		m.tokens = append(m.tokens, b.alias(t, langs)...)
	}
	m.tokens = b.repairAll(m.tokens, langs)
	for i := range m.tokens {
		t := &m.tokens[i]
		t.ids = b.idsOf(t.word, t.ids)
		if words := b.aliases[t.word].words; len(words) == 1 {
			t.ids = b.idsOf(words[0], t.ids)
		}
		t.junk = b.junk(*t)
		for _, id := range t.ids {
			m.hasWord[id] = true
		}
		m.unquoted = m.unquoted || !t.quoted && !t.mark
	}
	m.findSets()
	m.findEdges()
	return m
}

// alias writes several words for one. One word for another is left to idsOf as one more reading, for the same letters may be a
// word of another language ("im" is one in German); where the language is known, that decides for several words as well.
func (b *Book) alias(t token, langs uint16) []token {
	a := b.aliases[t.word]
	words := a.words
	if len(words) <= 1 || b.langs[t.word]&^a.lang != 0 && langs&a.lang == 0 {
		return []token{t}
	}
	out := make([]token, len(words))
	for i, w := range words {
		out[i] = t
		out[i].word, out[i].text, out[i].first = w, w, t.first && i == 0
	}
	return out
}

// idsOf adds the numbers of a word, of its other readings and of the prefixes it begins with.
func (b *Book) idsOf(w string, ids []int) []int {
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

func (m *Reading) findSets() {
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

func (m *Reading) entryEnd(e entry, at int) int {
	for i, id := range e.words {
		n := at + i
		if n >= len(m.tokens) || i > 0 && m.tokens[n].first || !slices.Contains(m.tokens[n].ids, id) {
			return -1
		}
	}
	return at + len(e.words)
}

// findEdges marks the tokens that only fillers separate from an edge of their sentence.
func (m *Reading) findEdges() {
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

func (m *Reading) fillerEnds(at int) []int {
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
