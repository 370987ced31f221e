// SPDX-License-Identifier: MIT

package text

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

// hanVariants holds pairs of a variant character and the one it is folded to: traditional forms
// (from ICU's Hant-Hans transform, Unicode licence) and Japanese simplified forms (written for this
// project), both to the mainland form.
//
//go:embed han_variants.txt
var hanVariants string

var hanTable = sync.OnceValue(func() map[rune]rune {
	m := make(map[rune]rune, 4096)
	for pair := range strings.FieldsSeq(hanVariants) {
		from, n := utf8.DecodeRuneInString(pair)
		to, _ := utf8.DecodeRuneInString(pair[n:])
		m[from] = to
	}
	return m
})

// FoldHan writes the variants of one Chinese character alike, traditional and Japanese forms as mainland ones.
func FoldHan(s string) string {
	if isPlainASCII(s) {
		return s
	}
	return foldHan(s)
}

// foldHan writes the variants of one character alike, so that 開發 and 开发 share their terms.
// Half of what a Japanese title shares with a Chinese page shows only then.
func foldHan(s string) string {
	table := hanTable()
	return strings.Map(func(r rune) rune {
		if to, ok := table[r]; ok {
			return to
		}
		return r
	}, s)
}
