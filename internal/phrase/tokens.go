// SPDX-License-Identifier: MIT

package phrase

import (
	"strings"
	"unicode"

	"candor/internal/text"
)

// token is a word, a single character of a script written without spaces, or a punctuation mark.
type token struct {
	word     string // as compared
	text     string // as shown: variants of characters are kept
	ids      []int  // of the words and prefixes in the rules that it is, with its other readings
	first    bool   // begins a sentence
	mark     bool   // punctuation inside a sentence
	quoted   bool
	junk     bool // a scrap of letters, most likely a slip
	repaired bool // known only after a misspelling was repaired
}

// A message beyond this many tokens is read at its beginning and its end only: nobody asks for a person in the middle of a page.
const (
	headTokens = 400
	tailTokens = 200
)

// tokenize cuts normalised text without accents into tokens.
func tokenize(s string) []token {
	var out []token
	begin, quoted := true, false
	add := func(t token) {
		t.first, t.quoted, t.text = begin, quoted, t.word
		t.word = text.FoldHan(t.word)
		begin = false
		out = append(out, t)
	}
	runes := []rune(prepare(s))
	for i := 0; i < len(runes); {
		r := runes[i]
		switch {
		case dense(r):
			add(token{word: string(r)})
			i++
		case wordRune(r):
			j := i
			for j < len(runes) && wordRune(runes[j]) && !dense(runes[j]) {
				j++
			}
			for _, w := range strings.Split(clitics(string(runes[i:j])), " ") {
				if w != "" {
					add(token{word: w})
				}
			}
			i = j
		default:
			switch {
			case strings.ContainsRune(".!?;。！？；؟؛\n", r):
				begin = true
			case strings.ContainsRune("\"“”„«»「」『』", r):
				quoted = !quoted
			case strings.ContainsRune(",:()[]—–…，、：（）،", r) && !begin:
				add(token{word: ",", mark: true})
			}
			i++
		}
	}
	if len(out) > headTokens+tailTokens {
		tail := out[len(out)-tailTokens:]
		tail[0].first = true
		out = append(out[:headTokens:headTokens], tail...)
	}
	return out
}

func prepare(s string) string {
	// Line breaks end sentences, but Normalize folds them into blanks.
	s = lineBreaks.Replace(s)
	s = text.Fold(text.Normalize(s))
	return apostrophes.Replace(s)
}

var lineBreaks = strings.NewReplacer("\r", "", "\n", " . ")

var apostrophes = strings.NewReplacer("’", "'", "‘", "'", "´", "'", "`", "'", "ʼ", "'")

func wordRune(r rune) bool {
	return r == '\'' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

func dense(r rune) bool {
	return r >= 0x3040 && r <= 0x30FF || r >= 0x3400 && r <= 0x9FFF || r == '々' || r == 'ー'
}

// clitics takes apart what an apostrophe joins: "i'd" is "i would", "don't" is "dont", "l'agent" is "l agent".
func clitics(w string) string {
	w = strings.Trim(w, "'")
	head, tail, ok := strings.Cut(w, "'")
	if !ok {
		return w
	}
	switch tail {
	case "t":
		return head + tail
	case "d", "m", "ll", "re", "ve", "s":
		return head + " " + map[string]string{"d": "would", "m": "am", "ll": "will", "re": "are", "ve": "have", "s": "is"}[tail]
	}
	return strings.ReplaceAll(w, "'", " ")
}

// readings are the other words a token may stand for: Arabic writes the article and small words joined to the next.
func readings(w string) []string {
	r := []rune(w)
	if len(r) < 4 || !unicode.Is(unicode.Arabic, r[0]) {
		return nil
	}
	var out []string
	add := func(s string) {
		if len([]rune(s)) >= 2 && s != w {
			out = append(out, s)
		}
	}
	stems := []string{w}
	if strings.ContainsRune("وف", r[0]) {
		stems = append(stems, string(r[1:]))
		add(string(r[1:]))
	}
	for _, s := range stems {
		for _, p := range []string{"بال", "كال", "لل", "ال", "ب", "ل", "ك", "س"} {
			if rest, ok := strings.CutPrefix(s, p); ok {
				add(rest)
			}
		}
	}
	return out
}
