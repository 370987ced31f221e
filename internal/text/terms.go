// SPDX-License-Identifier: MIT

package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxTerm bounds a term in bytes: longer words are serial numbers or noise, and an index entry has a limit.
const maxTerm = 64

// Terms returns the index terms of s in order, repeats included: words of the language stemmed and
// without accents, its stop words dropped, and pairs of characters for scripts that write no blanks.
// Words of another script than the language's own (product names in a Chinese page) are stemmed as
// English, so that both sides of a search come to the same term. lang may be empty or a full tag.
// A text of nothing but stop words keeps them: "who are you" is a question, too.
func Terms(s, lang string) []string {
	all := AllTerms(s, lang)
	kept := make([]string, 0, len(all))
	for _, t := range all {
		if !t.Stop {
			kept = append(kept, t.Text)
		}
	}
	if len(kept) > 0 {
		return kept
	}
	for _, t := range all {
		kept = append(kept, t.Text)
	}
	return kept
}

// Term is one index term and whether the language counts it among its stop words.
type Term struct {
	Text string
	Stop bool
}

// AllTerms is Terms with the stop words left in and marked.
func AllTerms(s, lang string) []Term { return Analyse(s, lang).Terms }

// Analysis is a text taken apart once.
type Analysis struct {
	Lang  string   // base language that it was read in
	Terms []Term   // in order, repeats included
	Dense []string // the runs of Chinese, Japanese and Korean characters, variants folded
}

// Analyse takes s apart: its terms, as Terms has them with stop words marked, and the runs that have to
// be looked into to find words where no blanks are written.
func Analyse(s, lang string) Analysis {
	a := Analysis{Lang: base(lang)}
	ws := words(Normalize(s))
	a.Terms = make([]Term, 0, len(ws))
	for _, w := range ws {
		switch w.script {
		case scriptDense:
			run := foldHan(w.text)
			a.Dense = append(a.Dense, run)
			a.Terms = appendPairs(a.Terms, run)
		case scriptSouth:
			a.Terms = appendSyllables(a.Terms, w.text)
		default:
			a.Terms = appendWord(a.Terms, w.text, a.Lang)
		}
	}
	return a
}

func base(lang string) string {
	lang, _, _ = strings.Cut(lang, "-")
	lang, _, _ = strings.Cut(lang, "_")
	return strings.ToLower(lang)
}

// appendPairs adds the overlapping pairs of characters, or the only one. Pairs that touch a function
// word are stop words, so that what is left are mostly pairs within words.
func appendPairs(out []Term, run string) []Term {
	rs := []rune(run)
	if len(rs) == 1 {
		return append(out, Term{run, false})
	}
	stop := make([]bool, len(rs))
	for i, r := range rs {
		stop[i] = stop[i] || unicode.Is(unicode.Hiragana, r)
		if i+1 < len(rs) && densePairs[string(rs[i:i+2])] {
			stop[i], stop[i+1] = true, true
		}
	}
	for i := 0; i+1 < len(rs); i++ {
		out = append(out, Term{string(rs[i : i+2]), stop[i] || stop[i+1]})
	}
	return out
}

// appendSyllables adds overlapping pairs of base letters with the marks that belong to them.
func appendSyllables(out []Term, run string) []Term {
	var cuts []int
	for i, r := range run {
		if !unicode.Is(unicode.M, r) || i == 0 {
			cuts = append(cuts, i)
		}
	}
	if len(cuts) < 3 {
		return append(out, Term{clip(run), false})
	}
	cuts = append(cuts, len(run))
	for i := 0; i+2 < len(cuts); i++ {
		out = append(out, Term{clip(run[cuts[i]:cuts[i+2]]), false})
	}
	return out
}

func appendWord(out []Term, w, lang string) []Term {
	if !isLanguageOf(w, lang) {
		lang = fallbackLanguage(w)
	}
	for _, part := range splitClitics(w, lang) {
		stop := isStop(part, lang)
		t := clip(Fold(Stem(part, lang)))
		if t != "" {
			out = append(out, Term{t, stop})
		}
	}
	return out
}

// clip shortens t to maxTerm bytes at a rune boundary.
func clip(t string) string {
	if len(t) <= maxTerm {
		return t
	}
	n := maxTerm
	for n > 0 && !utf8.RuneStart(t[n]) {
		n--
	}
	return t[:n]
}

// isLanguageOf tells whether a word's script is the one lang is written in.
func isLanguageOf(w, lang string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	switch lang {
	case "":
		return false
	case "zh", "ja", "ko", "th", "lo", "km", "my":
		return false
	case "ru", "uk", "bg", "be", "sr", "mk", "kk":
		return unicode.Is(unicode.Cyrillic, r)
	case "ar", "fa", "ur":
		return unicode.Is(unicode.Arabic, r)
	case "el":
		return unicode.Is(unicode.Greek, r)
	case "he":
		return unicode.Is(unicode.Hebrew, r)
	case "hi", "bn", "ta":
		return r >= 0x0900 && r <= 0x0DFF
	}
	return unicode.Is(unicode.Latin, r) || unicode.IsDigit(r)
}

// fallbackLanguage is the language a word out of its text's script is stemmed as.
func fallbackLanguage(w string) string {
	r, _ := utf8.DecodeRuneInString(w)
	switch {
	case unicode.Is(unicode.Cyrillic, r):
		return "ru"
	case unicode.Is(unicode.Arabic, r):
		return "ar"
	}
	return "en"
}

// splitClitics takes apart what the apostrophe joined: "isn't" is "is" and "not", "l'eau" is "l"
// and "eau", "bank's" is "bank".
func splitClitics(w, lang string) []string {
	head, tail, ok := strings.Cut(w, "'")
	if !ok {
		return []string{strings.ReplaceAll(w, ",", "")}
	}
	tail = strings.ReplaceAll(tail, "'", "")
	switch {
	case lang == "en" && tail == "t" && strings.HasSuffix(head, "n"):
		return []string{negated(head), "not"}
	case lang == "en" && len(tail) <= 2:
		return []string{head}
	case utf8.RuneCountInString(head) <= 2 || head == "qu" || head == "dell" || head == "nell" || head == "all":
		return []string{head, tail}
	}
	return []string{head + tail}
}

func negated(head string) string {
	switch head {
	case "can", "won", "shan":
		return map[string]string{"can": "can", "won": "will", "shan": "shall"}[head]
	}
	return strings.TrimSuffix(head, "n")
}
