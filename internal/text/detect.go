// SPDX-License-Identifier: MIT

package text

import (
	"strings"
	"unicode"
)

// detectLimit bounds how much of a text is looked at: the language shows early.
const detectLimit = 4000

// DetectLang returns the base language of s ("en", "zh", "ja", ...), or "" when it is unsure: most
// scripts tell by themselves, languages in Latin, Cyrillic and Arabic script by their function words
// and letters. A word or two of Latin script is rarely enough.
func DetectLang(s string) string {
	c := countScripts(s)
	if lang := denseLanguage(c); lang != "" {
		return lang
	}
	best, n := "", 0
	for _, k := range []struct {
		lang string
		n    int
	}{{"latin", c.latin}, {"cyrillic", c.cyrillic}, {"arabic", c.arabic}, {"th", c.thai}, {"he", c.hebrew}, {"el", c.greek}, {"hi", c.indic}} {
		if k.n > n {
			best, n = k.lang, k.n
		}
	}
	switch best {
	case "latin":
		return byWords(s, latinLanguages, 1)
	case "cyrillic":
		return orElse(byWords(s, []string{"ru", "uk"}, 0), "ru")
	case "arabic":
		return orElse(byWords(s, []string{"ar", "fa"}, 0), "ar")
	}
	return best
}

var latinLanguages = []string{"en", "es", "fr", "de", "pt", "it", "nl", "sv", "no", "da", "pl", "tr", "hu", "id", "vi"}

type scriptCount struct {
	han, kana, hangul                                   int
	latin, cyrillic, arabic, thai, hebrew, greek, indic int
	latinWords                                          int
}

func countScripts(s string) scriptCount {
	var c scriptCount
	seen, inWord := 0, false
	for _, r := range s {
		if seen++; seen > detectLimit {
			break
		}
		latin := false
		switch {
		case !unicode.IsLetter(r):
		case unicode.Is(unicode.Latin, r):
			c.latin++
			latin = true
		case unicode.Is(unicode.Han, r):
			c.han++
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			c.kana++
		case unicode.Is(unicode.Hangul, r):
			c.hangul++
		case unicode.Is(unicode.Cyrillic, r):
			c.cyrillic++
		case unicode.Is(unicode.Arabic, r):
			c.arabic++
		case unicode.Is(unicode.Thai, r):
			c.thai++
		case unicode.Is(unicode.Hebrew, r):
			c.hebrew++
		case unicode.Is(unicode.Greek, r):
			c.greek++
		case r >= 0x0900 && r <= 0x0DFF:
			c.indic++
		}
		if latin && !inWord {
			c.latinWords++
		}
		inWord = latin
	}
	return c
}

// denseLanguage decides among Chinese, Japanese and Korean: one of their characters weighs about as
// much as half a Latin word, so that product names do not make a Chinese question English.
func denseLanguage(c scriptCount) string {
	dense := c.han + c.kana + c.hangul
	if dense == 0 || dense < c.latinWords {
		return ""
	}
	switch {
	case c.hangul*2 >= dense:
		return "ko"
	case c.kana*20 >= dense:
		return "ja"
	}
	return "zh"
}

// letterHints are letters that hardly any other language of the list uses.
var letterHints = map[rune]string{
	'ñ': "es", '¿': "es", '¡': "es", 'ß': "de", 'ã': "pt", 'õ': "pt", 'œ': "fr", 'ê': "fr pt vi", 'ç': "fr pt tr", 'ø': "da no",
	'å': "sv da no", 'ä': "de sv", 'ü': "de tr hu", 'ö': "de sv tr hu", 'ł': "pl", 'ą': "pl", 'ę': "pl", 'ż': "pl", 'ź': "pl", 'ś': "pl", 'ć': "pl",
	'ğ': "tr", 'ş': "tr", 'ı': "tr", 'ő': "hu", 'ű': "hu", 'ơ': "vi", 'ư': "vi", 'đ': "vi", 'ạ': "vi", 'ế': "vi", 'ò': "it vi", 'ì': "it", 'ù': "it fr", 'è': "it fr",
	'і': "uk", 'ї': "uk", 'є': "uk", 'ґ': "uk", 'ы': "ru", 'э': "ru", 'ё': "ru", 'پ': "fa", 'چ': "fa", 'ژ': "fa", 'گ': "fa", 'ی': "fa", 'ک': "fa",
}

// byWords scores languages by the function words they own; two points lead makes a decision.
func byWords(s string, langs []string, lead int) string {
	score := map[string]int{}
	norm := Normalize(truncate(s, detectLimit))
	ws := words(norm)
	for _, w := range ws {
		for part := range strings.SplitSeq(w.text, "'") {
			for _, l := range langs {
				if functionWords[l][part] {
					score[l] += 2
				}
			}
		}
	}
	for _, r := range norm {
		for _, l := range strings.Fields(letterHints[r]) {
			score[l]++
		}
	}
	best, second := "", ""
	for _, l := range langs {
		switch {
		case best == "" || score[l] > score[best]:
			best, second = l, best
		case second == "" || score[l] > score[second]:
			second = l
		}
	}
	if score[best] == 0 || score[best]-score[second] < lead || score[best]*12 < len(ws) {
		return ""
	}
	return best
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// truncate cuts s to at most n bytes without leaving half a character.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
