// SPDX-License-Identifier: MIT

package rank

import (
	"unicode"
	"unicode/utf8"
)

const (
	shortestCorrected = 5 // letters; a shorter word has too many neighbours
	twoMistakes       = 8 // letters from which two mistakes are taken for the same word
)

// Correctable tells whether a word that the index does not know may be one it knows, misspelt: letters
// only, as two numbers that differ in one digit are two things, and of an alphabet.
func Correctable(u Unit) bool {
	if u.Stop || u.Concept || utf8.RuneCountInString(u.Term) < shortestCorrected {
		return false
	}
	for _, r := range u.Term {
		if r >= 0x0800 || !unicode.IsLetter(r) {
			return false
		}
	}
	return true
}

// Prefix is the start that a misspelt word and the right one are taken to share.
func Prefix(word string) string {
	n := 0
	for i := range word {
		if n == 2 {
			return word[:i]
		}
		n++
	}
	return word
}

// Nearest returns the known word that a misspelt one most likely is, "" if none is near enough or two
// are equally near.
func Nearest(word string, known []string) string {
	limit := 1
	if utf8.RuneCountInString(word) >= twoMistakes {
		limit = 2
	}
	best, bestAt, tie := "", limit+1, false
	w := []rune(word)
	for _, k := range known {
		d := distance(w, []rune(k), limit)
		switch {
		case d < bestAt:
			best, bestAt, tie = k, d, false
		case d == bestAt && d <= limit:
			tie = true
		}
	}
	if tie {
		return ""
	}
	return best
}

// distance counts the mistakes between two words: letters added, left out, replaced, or two swapped.
// Beyond limit it returns limit+1.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit+1)
}
