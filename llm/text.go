// SPDX-License-Identifier: MIT

package llm

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cleaner makes the contents of events the text of an answer. push takes a content
// and gives what of the text is certain; flush gives the rest.
type cleaner struct {
	bytes joiner
	think thinker
}

func (c *cleaner) push(content string) string { return c.think.push(c.bytes.push(content)) }

func (c *cleaner) flush() string { return c.think.push(c.bytes.flush()) + c.think.flush() }

// joiner puts characters together that were split over two contents, replaces
// bytes that are no UTF-8, and drops control characters: NUL, which no text column
// takes, and terminal escapes.
type joiner struct{ tail string }

func (j *joiner) push(s string) string {
	s, j.tail = j.tail+s, ""
	if n := incomplete(s); n > 0 {
		s, j.tail = s[:len(s)-n], s[len(s)-n:]
	}
	return printable(s)
}

func (j *joiner) flush() string {
	s := j.tail
	j.tail = ""
	return printable(s)
}

// incomplete is how many bytes at the end of s begin a character that more bytes
// could complete.
func incomplete(s string) int {
	for n := 1; n < utf8.UTFMax && n <= len(s); n++ {
		if utf8.RuneStart(s[len(s)-n]) {
			if utf8.FullRuneInString(s[len(s)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}

// printable makes s valid and free of control characters but tabs and line ends.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
}

// masked is where maskBytes puts the byte 0: in a plane for private use.
const masked = 0x10FE00

// maskBytes replaces each byte of raw that is no UTF-8 by a private character, so
// that a JSON decoder keeps it.
func maskBytes(raw []byte) []byte {
	out := make([]byte, 0, len(raw)+16)
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r == utf8.RuneError && size == 1 {
			out = utf8.AppendRune(out, masked+rune(raw[0]))
		} else {
			out = append(out, raw[:size]...)
		}
		raw = raw[size:]
	}
	return out
}

// unmaskBytes brings the bytes back.
func unmaskBytes(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r >= masked && r <= masked+0xFF {
			out = append(out, byte(r-masked))
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}

// The marks that some models put around what they think before the answer.
const thinkOpen, thinkClose = "<think>", "</think>"

// thinker leaves out a thinking block at the beginning of an answer.
type thinker struct {
	state thinkState
	held  string
}

type thinkState int

const (
	thinkMaybe  thinkState = iota // nothing but blanks, or a part of the opening mark, so far
	thinkInside                   // in the block
	thinkAfter                    // the block is over, the answer has not begun
	thinkOver                     // in the answer
)

func (t *thinker) push(s string) string {
	if t.state == thinkOver {
		return s
	}
	t.held += s
	if t.state == thinkMaybe {
		t.begin()
	}
	if t.state == thinkInside {
		t.inside()
	}
	if t.state == thinkAfter {
		t.held = strings.TrimLeftFunc(t.held, unicode.IsSpace)
		if t.held != "" {
			t.state = thinkOver
		}
	}
	if t.state != thinkOver {
		return ""
	}
	s, t.held = t.held, ""
	return s
}

// begin decides whether the answer begins with a block.
func (t *thinker) begin() {
	trimmed := strings.TrimLeftFunc(t.held, unicode.IsSpace)
	if rest, ok := strings.CutPrefix(trimmed, thinkOpen); ok {
		t.state, t.held = thinkInside, rest
	} else if !strings.HasPrefix(thinkOpen, trimmed) {
		t.state = thinkOver
	}
}

// inside looks for the end of the block and forgets what is before it.
func (t *thinker) inside() {
	if _, rest, ok := strings.Cut(t.held, thinkClose); ok {
		t.state, t.held = thinkAfter, rest
		return
	}
	t.held = t.held[max(0, len(t.held)-len(thinkClose)+1):]
}

// flush gives what was held back in the hope of a mark.
func (t *thinker) flush() string {
	if t.state != thinkMaybe {
		return ""
	}
	s := t.held
	t.held = ""
	return s
}

// estimate guesses the tokens of a text: four letters of the Latin script to a
// token, two of others, and each character of scripts without spaces.
func estimate(s string) float64 {
	var n float64
	for _, r := range s {
		switch {
		case r < 0x250:
			n += 0.25
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai):
			n++
		default:
			n += 0.5
		}
	}
	return n
}
