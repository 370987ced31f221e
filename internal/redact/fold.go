// SPDX-License-Identifier: MIT

package redact

import (
	"unicode"
	"unicode/utf8"
)

// folded is a text with one byte for each rune, so that patterns over ASCII see digits, letters and signs of any width and script.
type folded struct {
	source string
	ascii  string
	offset []int // of each byte of ascii in the original, and the original's length at the end
}

// Stand-ins for runes that are no ASCII: patterns may name them.
const (
	letter = '\x01' // a letter or mark of an alphabet
	ideo   = '\x02' // a letter of a script written without spaces
	other  = '\x03'
)

func fold(s string) folded {
	f := folded{source: s, offset: make([]int, 0, len(s)+1)}
	ascii := make([]byte, 0, len(s))
	for i, r := range s {
		ascii = append(ascii, foldRune(r))
		f.offset = append(f.offset, i)
	}
	f.ascii, f.offset = string(ascii), append(f.offset, len(s))
	return f
}

func foldRune(r rune) byte {
	switch {
	case r < utf8.RuneSelf:
		return byte(r)
	case r >= '！' && r <= '～': // full width forms of ASCII
		return byte(r - '！' + '!')
	case unicode.Is(unicode.Nd, r):
		return digit(r)
	case r == '‐' || r == '‑' || r == '‒' || r == '–' || r == '−' || r == 'ー':
		return '-'
	case unicode.IsSpace(r):
		return ' '
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
		return ideo
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return letter
	}
	return other
}

// digit finds the value of a decimal digit: each script has its ten in a row, zero first.
func digit(r rune) byte {
	zero := r
	for n := 0; n < 9 && unicode.Is(unicode.Nd, zero-1) && !startsRow(zero); n++ {
		zero--
	}
	return byte('0' + r - zero)
}

// startsRow tells whether r is the digit zero of its script; the mathematical digits are five rows without a gap.
func startsRow(r rune) bool {
	if r >= 0x1D7CE && r <= 0x1D7FF {
		return (r-0x1D7CE)%10 == 0
	}
	return !unicode.Is(unicode.Nd, r-1)
}
