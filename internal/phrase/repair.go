// SPDX-License-Identifier: MIT

package phrase

import (
	"slices"
	"strings"
	"unicode"
)

// key is a word of the rules whose misspellings are repaired.
type key struct {
	word  string
	langs uint16
}

func (p *parser) key(w string) {
	if k, ok := p.keyWords[w]; ok {
		k.langs |= p.bit
		return
	}
	if len(w) < shortestKey {
		return
	}
	k := &key{w, p.bit}
	p.keyWords[w] = k
	// The first letter may be the one that is wrong, so a key word is found by its second as well.
	p.keys[w[0]] = append(p.keys[w[0]], k)
	if w[1] != w[0] {
		p.keys[w[1]] = append(p.keys[w[1]], k)
	}
}

// Shorter words are not repaired, nor to; a word that begins wrongly must be longer.
const (
	shortestKey   = 4
	shortestBegin = 5
)

// repairAll replaces unknown words by the key words they were meant to be: stretched letters (agennnt), two words run together
// (bloodyperson), and a slip or two of the fingers (operater), as far as only one key word comes into question.
func (b *Book) repairAll(tokens []token, langs uint16) []token {
	out := make([]token, 0, len(tokens)+2)
	for _, t := range tokens {
		if !repairable(t) || b.known(t.word) {
			out = append(out, t)
			continue
		}
		words := b.repair(t.word, langs)
		for i, w := range words {
			n := t
			n.word, n.text, n.first, n.repaired = w, w, t.first && i == 0, w != t.word
			out = append(out, n)
		}
	}
	return out
}

func repairable(t token) bool {
	return !t.mark && len(t.word) >= shortestKey && len(t.word) <= 40 && latin(t.word)
}

func latin(w string) bool {
	for _, r := range w {
		if !unicode.Is(unicode.Latin, r) {
			return false
		}
	}
	return true
}

// junk is a scrap of letters that no language's rules know: it may stand among the little words of a pattern.
func (b *Book) junk(t token) bool {
	return !t.mark && len(t.word) < shortestKey && len(t.ids) == 0 && latin(t.word) && !b.common[t.word]
}

func (b *Book) known(w string) bool {
	if _, ok := b.ids[w]; ok || b.common[w] || b.aliases[w].words != nil {
		return true
	}
	for end := 3; end <= len(w); end++ {
		if _, ok := b.prefixes[w[:end]]; ok {
			return true
		}
	}
	return false
}

// likely are the languages with the most known words in the message: a slip is repaired only within them.
func (b *Book) likely(tokens []token) uint16 {
	var counts [16]int
	for _, t := range tokens {
		for i, known := 0, b.langs[t.word]; known != 0; i, known = i+1, known>>1 {
			counts[i] += int(known & 1)
		}
	}
	most := slices.Max(counts[:])
	var langs uint16
	for i, n := range counts {
		if n == most {
			langs |= 1 << i
		}
	}
	return langs
}

func (b *Book) repair(w string, langs uint16) []string {
	for _, short := range []string{squeeze(w, 1), squeeze(w, 2)} {
		if short != w && b.known(short) {
			return []string{short}
		}
	}
	if fixed := b.nearest(squeeze(w, 2), langs); fixed != "" {
		return []string{fixed}
	}
	for cut := 1; cut < len(w); cut++ {
		if b.known(w[:cut]) && b.known(w[cut:]) && (b.isKey(w[:cut]) || b.isKey(w[cut:])) {
			return []string{w[:cut], w[cut:]}
		}
	}
	return []string{w}
}

func (b *Book) isKey(w string) bool { return b.keyWords[w] != nil }

// squeeze shortens runs of three and more of one letter to n, or all runs to one where n is 1.
func squeeze(w string, n int) string {
	var out strings.Builder
	run := 0
	var last rune
	for _, r := range w {
		if r == last {
			run++
		} else {
			run, last = 1, r
		}
		if run <= n {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// nearest is the one key word a slip away; none where two of one language are equally near.
func (b *Book) nearest(w string, langs uint16) string {
	best, bestLangs, bestCost, tie := "", uint16(0), 3, false
	near := b.keys[w[0]]
	if len(w) > 1 && w[1] != w[0] {
		near = append(slices.Clip(near), b.keys[w[1]]...)
	}
	for _, k := range near {
		if k.langs&langs == 0 || abs(len(k.word)-len(w)) > 2 || k.word == best {
			continue
		}
		cost := slips(w, k.word)
		if cost > allowed(w, k.word) {
			continue
		}
		switch {
		case cost < bestCost:
			best, bestLangs, bestCost, tie = k.word, k.langs, cost, false
		case cost == bestCost && bestLangs&k.langs != 0 && !strings.HasPrefix(k.word, best) && !strings.HasPrefix(best, k.word):
			tie = true
		}
	}
	if tie {
		return ""
	}
	return best
}

// allowed is how many slips a word of this length may hold: one up to six letters, two beyond or where all letters are there.
func allowed(w, key string) int {
	if w[0] != key[0] {
		swapped := w[0] == key[1] && w[1] == key[0]
		if swapped || len(key) >= shortestBegin || len(w) > len(key) {
			return 1
		}
		return 0
	}
	if len(key) >= 7 || len(key) >= 5 && sameLetters(w, key) {
		return 2
	}
	return 1
}

func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return string(x) == string(y)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// slips counts the letters added, dropped, changed or swapped with a neighbour between two words (optimal string alignment).
func slips(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
