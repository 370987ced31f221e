// SPDX-License-Identifier: MIT

package text

import (
	"strings"
	"unicode"
)

// script classes that are indexed differently
type script uint8

const (
	scriptNone  script = iota // not part of a word
	scriptWord                // written with blanks between words
	scriptDense               // Chinese, Japanese, Korean: pairs of characters
	scriptSouth               // Thai, Lao, Khmer, Burmese: no blanks, pairs of syllable signs
)

func scriptOf(r rune) script {
	switch {
	case r < 0x80:
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return scriptWord
		}
		return scriptNone
	case r >= 0x0E00 && r <= 0x0EFF, r >= 0x1780 && r <= 0x17FF, r >= 0x1000 && r <= 0x109F:
		if unicode.In(r, unicode.L, unicode.M) {
			return scriptSouth
		}
	case isDense(r):
		return scriptDense
	}
	if unicode.In(r, unicode.L, unicode.N, unicode.M) {
		return scriptWord
	}
	return scriptNone
}

func isDense(r rune) bool {
	return r >= 0x1100 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		r == 'ー' || r == '々')
}

// word is a run of one script class in normalised text.
type word struct {
	text   string
	script script
}

// words cuts normalised text into runs. A word keeps its inner apostrophe ("don't", "l'eau") and a
// number its inner point ("4.50"), because the two halves mean something else alone.
func words(s string) []word {
	out := make([]word, 0, len(s)/5)
	rs := []rune(s)
	for i := 0; i < len(rs); {
		kind := scriptOf(rs[i])
		if kind == scriptNone || unicode.Is(unicode.M, rs[i]) && kind == scriptWord {
			i++
			continue
		}
		j := i + 1
		for j < len(rs) && (scriptOf(rs[j]) == kind || kind == scriptWord && joins(rs, j)) {
			j++
		}
		out = append(out, word{strings.ReplaceAll(string(rs[i:j]), "’", "'"), kind})
		i = j
	}
	return out
}

// joins tells whether the punctuation at i holds the word around it together.
func joins(rs []rune, i int) bool {
	if i == 0 || i+1 >= len(rs) || scriptOf(rs[i+1]) != scriptWord {
		return false
	}
	before, after := rs[i-1], rs[i+1]
	switch rs[i] {
	case '\'', '’':
		return unicode.IsLetter(before) && unicode.IsLetter(after)
	case '.', ',':
		return unicode.IsDigit(before) && unicode.IsDigit(after)
	}
	return false
}
