// SPDX-License-Identifier: MIT

package chunk

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limit is the largest size of a chunk's text, and target the one that neighbouring blocks of a
// section are packed up to. A section shorter than least is joined with the one that follows.
const (
	Limit  = 1600
	target = 1200
	least  = 160
)

// Chunk is one passage of a source.
type Chunk struct {
	Start, End int      // bytes of the source that it covers
	Headings   []string // path of the headings it stands under, outermost first
	Text       string   // visible Markdown; a table or code that was cut has its head repeated
}

// Size measures text for the limit: characters, those of Chinese, Japanese and Korean twice, as they
// say more and cost a model more.
func Size(s string) int {
	n := utf8.RuneCountInString(s)
	if n == len(s) {
		return n
	}
	for _, r := range s {
		if r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			n++
		}
	}
	return n
}

// Split cuts the source of an article into chunks, in order.
func Split(source string) []Chunk {
	v := visible(source)
	p := packer{v: v, sourceLen: len(source)}
	for _, b := range blocks(v.text) {
		p.add(b)
	}
	p.flush()
	return p.out
}

// packer puts blocks into chunks.
type packer struct {
	v         visibleText
	sourceLen int
	out       []Chunk
	headings  []heading // that the next block stands under
	at, end   int       // range of text in the open chunk; empty if they are equal
	path      []string  // of the open chunk
	body      int       // size of what is no heading in the open chunk
}

type heading struct {
	level int
	title string
}

func (p *packer) add(b block) {
	if b.kind == kindHeading {
		if p.body >= least || p.body > 0 && (b.level <= 2 || p.over(b)) {
			p.flush()
		}
		p.enter(b)
	}
	if p.body > 0 && p.over(b) {
		p.flush()
	}
	if Size(p.v.text[p.start(b):b.end]) > Limit {
		p.addPieces(b)
		return
	}
	p.append(b.start, b.end)
	if b.kind != kindHeading {
		p.body += Size(p.v.text[b.start:b.end])
	}
}

// start is where the open chunk would start if b joined it.
func (p *packer) start(b block) int {
	if p.at == p.end {
		return b.start
	}
	return p.at
}

// over tells whether b would make the open chunk larger than it should be.
func (p *packer) over(b block) bool { return Size(p.v.text[p.start(b):b.end]) > target }

// enter makes b the heading of what follows.
func (p *packer) enter(b block) {
	for len(p.headings) > 0 && p.headings[len(p.headings)-1].level >= b.level {
		p.headings = p.headings[:len(p.headings)-1]
	}
	p.headings = append(p.headings, heading{b.level, b.title})
	if p.body == 0 {
		p.path = p.titles()
	}
}

func (p *packer) titles() []string {
	var out []string
	for _, h := range p.headings {
		if h.title != "" {
			out = append(out, h.title)
		}
	}
	return out
}

func (p *packer) append(start, end int) {
	if p.at == p.end {
		p.at, p.path = start, p.titles()
	}
	p.end = end
}

// flush ends the open chunk.
func (p *packer) flush() {
	if p.at < p.end {
		p.emit(p.at, p.end, strings.TrimSpace(p.v.text[p.at:p.end]), p.path)
	}
	p.at, p.end, p.body = 0, 0, 0
}

func (p *packer) emit(at, end int, text string, path []string) {
	if strings.TrimSpace(p.v.text[at:end]) == "" {
		return
	}
	p.out = append(p.out, Chunk{
		Start: p.v.source(at), End: p.v.sourceEnd(end, p.sourceLen), Headings: path, Text: text,
	})
}

// addPieces cuts a block that does not fit into one chunk with the headings it stands under.
func (p *packer) addPieces(b block) {
	head, tail := repeated(b, p.v.text)
	room := Limit - Size(head) - Size(tail)
	if room < Limit/2 {
		head, tail, room = "", "", Limit
	}
	from := p.start(b)
	p.at, p.end, p.body = 0, 0, 0
	for i, cut := range cuts(p.v.text[from:b.end], b.kind, room) {
		text := strings.Trim(p.v.text[from+cut[0]:from+cut[1]], "\n")
		if i > 0 {
			text = head + text
		}
		if from+cut[1] < b.end {
			text += tail
		}
		p.emit(from+cut[0], from+cut[1], text, p.titles())
	}
}
