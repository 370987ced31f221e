// SPDX-License-Identifier: MIT

package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentences cuts s into sentences, in order and trimmed; nothing but white space is lost. It knows
// Latin, Chinese, Japanese, Arabic and Indic punctuation and keeps whole: abbreviations, decimals,
// initials, URLs, the number of a list item, and a citation mark behind the full stop ("late. [1]").
// A blank line, a heading, a list item and a table row end a sentence as well; a fenced block of code
// is one.
func Sentences(s string) []string {
	var out []string
	for s != "" {
		end, _ := sentenceEnd(s, 0, true)
		if t := strings.TrimSpace(s[:end]); t != "" {
			out = append(out, t)
		}
		s = s[end:]
	}
	return out
}

// Splitter cuts a text that arrives in pieces, such as a model's stream, into the sentences that
// Sentences would find in the whole. The zero value is ready.
type Splitter struct {
	buf  string
	seen int // no sentence of buf ends before this offset
}

// Push takes the next piece and returns the sentences that are certainly complete.
func (p *Splitter) Push(delta string) []string {
	p.buf += delta
	var out []string
	for {
		end, sure := sentenceEnd(wholeRunes(p.buf), p.seen, false)
		if !sure {
			p.seen = end
			return out
		}
		if t := strings.TrimSpace(p.buf[:end]); t != "" {
			out = append(out, t)
		}
		p.buf, p.seen = p.buf[end:], 0
	}
}

// wholeRunes leaves off the first bytes of a character whose others are still to come.
func wholeRunes(s string) string {
	for i := len(s) - 1; i >= 0 && i >= len(s)-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			if !utf8.FullRuneInString(s[i:]) {
				return s[:i]
			}
			break
		}
	}
	return s
}

// Rest returns what has not been returned yet, trimmed, and empties the splitter. It is at most one
// sentence that wants its end, and whatever could not be told without more text.
func (p *Splitter) Rest() string {
	rest := strings.TrimSpace(p.buf)
	p.buf, p.seen = "", 0
	return rest
}

// verdict on one place of a text.
type verdict uint8

const (
	no verdict = iota
	yes
	likely   // an end, unless what has not arrived yet says otherwise
	unlikely // no end, unless what has not arrived yet says otherwise
)

// sentenceEnd returns the offset behind the first sentence of s, which does not end before from.
// If only more text can tell, sure is false and end is where to look next time; final says that
// there is no more.
func sentenceEnd(s string, from int, final bool) (end int, sure bool) {
	body := len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
	if fence := openFence(s, body); fence != "" {
		return fenceEnd(s, body, fence, final)
	}
	for i := max(body, from); i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		at, v := i+n, no
		switch {
		case r == '\n':
			at, v = lineBreak(s, i, body)
		case isTerminator(r) && s[body] != '|': // a table row ends with its line
			at, v = terminator(s, body, i, r)
		}
		switch {
		case v == yes, v == likely && final:
			return at, true
		case v != no && !final:
			return i, false
		}
		i += n
	}
	return len(s), final
}

func isTerminator(r rune) bool {
	return strings.ContainsRune(".!?。！？｡．…؟۔।", r)
}

func isDenseTerminator(r rune) bool { return strings.ContainsRune("。！？｡", r) }

// terminator decides about the mark r at i; at is the offset behind what belongs to the sentence.
func terminator(s string, start, i int, r rune) (at int, v verdict) {
	at = i + utf8.RuneLen(r)
	at, more := skipClosers(s, at)
	if more {
		return at, likely
	}
	next, n := utf8.DecodeRuneInString(s[at:])
	if n == 0 {
		return at, likely
	}
	if isTerminator(next) {
		return at, no
	}
	if isDenseTerminator(r) {
		return citation(s, at)
	}
	if isDense(next) && r != '.' {
		return at, yes
	}
	if next == '[' {
		to, v := citation(s, at)
		if to > at {
			return to, v
		}
		if v == likely {
			return at, unlikely
		}
	}
	if !unicode.IsSpace(next) {
		return at, no
	}
	word, w := utf8.DecodeRuneInString(strings.TrimLeftFunc(s[at:], unicode.IsSpace))
	if w == 0 {
		return at, likely
	}
	if r == '.' && at == i+1 {
		if v := fullStop(s, start, i, word); v != yes {
			return at, v
		}
	}
	if (r == '…' || strings.HasSuffix(s[:i], "..")) && unicode.IsLower(word) {
		return at, no
	}
	return citation(s, at)
}

// skipClosers moves behind the quotes, brackets and emphasis that close with the sentence.
func skipClosers(s string, at int) (int, bool) {
	for at < len(s) {
		r, n := utf8.DecodeRuneInString(s[at:])
		if !strings.ContainsRune("\"'”’»›」』）)]】〉》*_~`", r) {
			return at, false
		}
		at += n
	}
	return at, true
}
