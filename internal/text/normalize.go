// SPDX-License-Identifier: MIT

package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normalize returns s in compatibility form (NFKC), lower case, with every run of white space
// folded to one blank and none at the ends. Invisible format characters are dropped, so that a
// zero-width space cannot hide a word. Normalising twice changes nothing.
func Normalize(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if !isPlainASCII(s) {
		// Lower-casing may take a text out of normal form (U+0130), and leave it again.
		s = norm.NFKC.String(strings.ToLower(norm.NFKC.String(s)))
		return foldSpace(strings.ToLower(s))
	}
	return foldSpace(strings.ToLower(s))
}

func isPlainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func foldSpace(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = b.Len() > 0
			continue
		case unicode.Is(unicode.Cf, r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Fold strips accents and folds the letters that people type for one another, so that
// "telefono" finds "teléfono" and "strasse" finds "straße". s should be normalised.
func Fold(s string) string {
	if isPlainASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFD.String(s) {
		if to, ok := foldedLetters[r]; ok {
			b.WriteString(to)
			continue
		}
		// Marks of the Indic and South East Asian scripts are vowels, not accents.
		if unicode.Is(unicode.Mn, r) && r < 0x0900 {
			continue
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

var foldedLetters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i",
	// Arabic: the carriers of hamza have lost it in decomposition; these remain.
	'ى': "ي", 'ة': "ه", 'ٱ': "ا", 'ـ': "", 'ک': "ك", 'ی': "ي",
}
