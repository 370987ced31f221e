// SPDX-License-Identifier: MIT

package chunk

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"candor/internal/text"
)

type kind uint8

const (
	kindParagraph kind = iota
	kindHeading
	kindFence
	kindTable
	kindList // one item with what is indented under it
)

// block is a range of text that should stay together. Blocks follow each other without gaps.
type block struct {
	start, end int
	kind       kind
	level      int    // of a heading
	title      string // of a heading, without its marks
}

var (
	atxHeading = regexp.MustCompile(`^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$`)
	setext     = regexp.MustCompile(`^ {0,3}(=+|-{2,})[ \t]*$`)
	anchor     = regexp.MustCompile(`\s*\{#[^}]*\}$`)
)

// blocks cuts text into blocks line by line.
func blocks(s string) []block {
	sc := scanner{s: s}
	for i := 0; i < len(s); {
		n := strings.IndexByte(s[i:], '\n') + 1
		if n == 0 {
			n = len(s) - i
		}
		sc.line(strings.TrimRight(s[i:i+n], "\r\n"), i, i+n)
		i += n
	}
	return sc.out
}

type scanner struct {
	s     string
	out   []block
	fence string
	blank bool // the line before was empty
}

func (sc *scanner) line(line string, start, end int) {
	trimmed := strings.TrimSpace(line)
	blank := sc.blank
	sc.blank = trimmed == "" && sc.fence == ""
	mark := fenceLine.FindStringSubmatch(line)
	switch {
	case sc.fence != "":
		sc.extend(end)
		if mark != nil && strings.HasPrefix(mark[1], sc.fence) && strings.Trim(trimmed, sc.fence[:1]) == "" {
			sc.fence = ""
		}
	case mark != nil:
		sc.fence = mark[1]
		if sc.last() == kindList && margin(line) > 0 {
			sc.extend(end) // code under a list item stays with it
			return
		}
		sc.open(kindFence, start, end)
	case trimmed == "":
		sc.extend(end)
	case sc.heading(line, start, end):
	case strings.HasPrefix(trimmed, "|"):
		sc.join(kindTable, blank, start, end)
	case listLine.MatchString(line):
		sc.item(line, start, end)
	case sc.last() == kindList && (margin(line) > 0 || !blank):
		sc.extend(end)
	default:
		sc.join(kindParagraph, blank, start, end)
	}
}

// item opens a block for a list item, or goes on with the one that it is nested in.
func (sc *scanner) item(line string, start, end int) {
	if sc.last() == kindList && margin(line) > 1 {
		sc.extend(end)
		return
	}
	sc.open(kindList, start, end)
}

func (sc *scanner) last() kind {
	if len(sc.out) == 0 {
		return kindHeading
	}
	return sc.out[len(sc.out)-1].kind
}

func (sc *scanner) open(k kind, start, end int) {
	sc.out = append(sc.out, block{start: start, end: end, kind: k})
}

// extend adds the line to the last block.
func (sc *scanner) extend(end int) {
	if len(sc.out) == 0 {
		sc.open(kindParagraph, 0, end)
		return
	}
	sc.out[len(sc.out)-1].end = end
}

// join goes on with a block of the same kind that no blank line has ended.
func (sc *scanner) join(k kind, blank bool, start, end int) {
	if !blank && len(sc.out) > 0 && sc.last() == k {
		sc.extend(end)
		return
	}
	sc.open(k, start, end)
}

// heading reads a heading of either form; the underlined form turns the paragraph above into one.
func (sc *scanner) heading(line string, start, end int) bool {
	if m := atxHeading.FindStringSubmatch(line); m != nil {
		sc.out = append(sc.out, block{start, end, kindHeading, len(m[1]), headingTitle(m[2])})
		return true
	}
	m := setext.FindStringSubmatch(line)
	if m == nil || len(sc.out) == 0 || sc.last() != kindParagraph {
		return false
	}
	b := &sc.out[len(sc.out)-1]
	above := sc.s[b.start:b.end]
	if strings.HasSuffix(strings.TrimRight(above, " \t\r"), "\n\n") || strings.Count(strings.TrimSpace(above), "\n") > 0 || len(above) > 200 {
		return false
	}
	b.kind, b.level, b.title, b.end = kindHeading, 2, headingTitle(strings.TrimSpace(above)), end
	if m[1][0] == '=' {
		b.level = 1
	}
	return true
}

const maxTitle = 200

// headingTitle is a heading's text without marks and anchors, cut where it is no title any more.
func headingTitle(s string) string {
	s = strings.TrimSpace(strings.NewReplacer("**", "", "`", "").Replace(anchor.ReplaceAllString(s, "")))
	for i := range s {
		if i >= maxTitle {
			return s[:i]
		}
	}
	return s
}

// repeated is what stands at the head and the tail of each piece of a table or of code that is cut.
func repeated(b block, s string) (head, tail string) {
	lines := strings.SplitN(strings.TrimLeft(s[b.start:b.end], "\r\n"), "\n", 3)
	switch {
	case b.kind == kindTable && len(lines) == 3 && strings.Trim(lines[1], "|-: \t\r") == "":
		return lines[0] + "\n" + lines[1] + "\n", ""
	case b.kind == kindFence && len(lines) > 1:
		mark := fenceLine.FindStringSubmatch(lines[0])
		if mark != nil {
			return lines[0] + "\n", "\n" + mark[1]
		}
	}
	return "", ""
}

// cuts returns consecutive ranges of s, each of at most room: whole lines if they fit, else whole
// sentences, else words, else characters.
func cuts(s string, k kind, room int) [][2]int {
	var out [][2]int
	start, end := 0, 0
	for _, piece := range pieces(s, k, room) {
		if end > start && Size(s[start:piece]) > room {
			out = append(out, [2]int{start, end})
			start = end
		}
		end = piece
	}
	return append(out, [2]int{start, end})
}

// pieces returns the ends of the smallest parts of s that no cut may go through; none is over room.
func pieces(s string, k kind, room int) []int {
	var ends []int
	at := 0
	for at < len(s) {
		n := strings.IndexByte(s[at:], '\n') + 1
		if n == 0 {
			n = len(s) - at
		}
		line := s[at : at+n]
		if Size(line) <= room {
			at += n
			ends = append(ends, at)
			continue
		}
		for _, e := range longLine(line, k, room) {
			ends = append(ends, at+e)
		}
		at += n
	}
	return ends
}

// longLine cuts one line at its sentences, and a sentence that is still too long at its words.
func longLine(line string, k kind, room int) []int {
	var ends []int
	at := 0
	units := []string{line}
	if k == kindParagraph || k == kindList {
		units = text.Sentences(line)
	}
	for i, u := range units {
		end := len(line)
		if i+1 < len(units) {
			end = at + strings.Index(line[at:], u) + len(u)
		}
		for at < end {
			at += wordsUpTo(line[at:end], room)
			ends = append(ends, at)
		}
	}
	return ends
}

// wordsUpTo returns the length of the longest start of s within room, cut behind a blank if there is
// one in its second half.
func wordsUpTo(s string, room int) int {
	size, blank := 0, 0
	for i, r := range s {
		n := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, n = utf8.DecodeRuneInString(s[i:])
		}
		if size += Size(s[i : i+n]); size > room {
			if blank > i/2 {
				return blank
			}
			return max(i, n)
		}
		if r == ' ' || r == '\t' {
			blank = i + n
		}
	}
	return len(s)
}
