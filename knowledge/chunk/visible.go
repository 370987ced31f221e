// SPDX-License-Identifier: MIT

package chunk

import (
	"regexp"
	"sort"
	"strings"
)

// visibleText is what a reader sees of a source, with the way back to the source's bytes.
type visibleText struct {
	text  string
	spans []span
}

// span says that the text from at on stands in the source from src on. For a literal span the bytes
// are the same; else the text was made from the source's bytes up to the next span.
type span struct {
	at, src int
	literal bool
}

// source maps an offset in the text to one in the source.
func (v visibleText) source(at int) int {
	i := sort.Search(len(v.spans), func(i int) bool { return v.spans[i].at > at }) - 1
	if i < 0 {
		return 0
	}
	s := v.spans[i]
	if s.literal {
		return s.src + at - s.at
	}
	return s.src
}

// sourceEnd maps the end of a range of text: bytes that were made from a tag end with the tag.
func (v visibleText) sourceEnd(at, sourceLen int) int {
	if at == 0 {
		return 0
	}
	i := sort.Search(len(v.spans), func(i int) bool { return v.spans[i].at >= at }) - 1
	s := v.spans[i]
	if s.literal {
		return s.src + at - s.at
	}
	if i+1 < len(v.spans) {
		return v.spans[i+1].src
	}
	return sourceLen
}

// cleaner copies the visible parts of src.
type cleaner struct {
	src   string
	out   strings.Builder
	spans []span
	names map[string]bool // components that the source closes somewhere
	mdx   bool            // indentation is layout of components, not code
	list  int             // indentation of the list that goes on, -1 outside of one
}

func (c *cleaner) copy(from, to int) {
	if from < to {
		c.spans = append(c.spans, span{c.out.Len(), from, true})
		c.out.WriteString(c.src[from:to])
	}
}

// put writes text in place of the source from src on.
func (c *cleaner) put(text string, src int) {
	if text != "" {
		c.spans = append(c.spans, span{c.out.Len(), src, false})
		c.out.WriteString(text)
	}
}

var closingTag = regexp.MustCompile(`</([A-Za-z][\w.]*)\s*>`)

// visible takes out of src what a reader would not see.
func visible(src string) visibleText {
	c := &cleaner{src: src, names: map[string]bool{}, list: -1}
	for _, m := range closingTag.FindAllStringSubmatch(src, -1) {
		c.names[m[1]] = true
		c.mdx = c.mdx || isComponent(m[1])
	}
	c.run(frontMatterEnd(src))
	return visibleText{c.out.String(), c.spans}
}

// frontMatterEnd returns the offset behind a block of front matter, 0 if there is none.
func frontMatterEnd(src string) int {
	start := len(src) - len(strings.TrimPrefix(src, "\uFEFF"))
	line, _, _ := strings.Cut(src[start:], "\n")
	if strings.TrimRight(line, " \t\r") != "---" {
		return 0
	}
	for i := start + len(line) + 1; i < len(src); {
		line, _, _ := strings.Cut(src[i:], "\n")
		i += len(line) + 1
		if strings.TrimRight(line, " \t\r") == "---" {
			return min(i, len(src))
		}
	}
	return 0
}

// FrontMatter returns the block of front matter that a source starts with, without its marks, and
// whether there is one. open tells that it begins like one and never ends.
func FrontMatter(source string) (block string, ok, open bool) {
	source = strings.TrimPrefix(source, "\uFEFF")
	if end := frontMatterEnd(source); end > 0 {
		block = strings.TrimRight(source[:end], " \t\r\n")
		return strings.TrimSuffix(block[strings.IndexByte(block, '\n')+1:], "---"), true, false
	}
	return "", false, likeFrontMatter.MatchString(source)
}

// WithoutFrontMatter is what stands behind the front matter, to the byte.
func WithoutFrontMatter(source string) string { return source[frontMatterEnd(source):] }

var likeFrontMatter = regexp.MustCompile(`^---[ \t]*\r?\n[A-Za-z_][\w-]*:(?:[ \t].*)?\r?\n`)

var (
	fenceLine = regexp.MustCompile("^[ \t]*(`{3,}|~{3,})")
	esLine    = regexp.MustCompile(`^(?:import\s.*['"][^'"]+['"];?\s*$|export\s+(?:const|default|function|let)\b.*[;{}]\s*$)`)
)

// run goes through the source line by line from offset i; inside a fence everything is visible.
func (c *cleaner) run(i int) {
	fence, indent, head := "", 0, true
	for i < len(c.src) {
		end := i + strings.IndexByte(c.src[i:], '\n') + 1
		if end == i {
			end = len(c.src)
		}
		line := c.src[i:end]
		mark := fenceLine.FindStringSubmatch(line)
		switch {
		case fence != "":
			c.copy(i+min(indent, margin(line)), end)
			if mark != nil && strings.HasPrefix(mark[1], fence) && strings.Trim(line, " \t\r\n"+fence[:1]) == "" {
				fence = ""
			}
		case mark != nil:
			fence, indent = mark[1], c.layout(line)
			c.copy(i+indent, end)
		case head && esLine.MatchString(line):
		default:
			head = head && strings.TrimSpace(line) == ""
			end = c.line(i+c.layout(line), end)
		}
		i = end
	}
}

var listLine = regexp.MustCompile(`^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]`)

// layout returns how many bytes of a line's indentation only show that it stands in a component.
func (c *cleaner) layout(line string) int {
	indent := margin(line)
	switch {
	case strings.TrimSpace(line) == "":
		return 0
	case listLine.MatchString(line):
		if c.list < 0 || indent < c.list {
			c.list = indent
		}
	case indent <= c.list:
		c.list = -1
	}
	switch {
	case !c.mdx:
		return 0
	case c.list >= 0:
		return min(indent, c.list)
	}
	return indent
}

// margin is the number of blanks and tabs that a line starts with.
func margin(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// line copies one line outside of a fence without its tags. A tag may go on over the next lines; the
// result is the offset behind what was read.
func (c *cleaner) line(i, end int) int {
	from := i
	for i < end {
		switch c.src[i] {
		case '`':
			i = codeSpanEnd(c.src, i, end)
			continue
		case '\\':
			i += 2
			continue
		case '<', '{':
			if t, ok := c.parseTag(i); ok {
				c.copy(from, i)
				c.put(t.text, i)
				i, from = t.end, t.end
				if i >= end {
					return c.finishLine(i)
				}
				continue
			}
		}
		i++
	}
	c.copy(from, max(end, min(i, end)))
	return end
}

// finishLine goes on behind a tag that ended on a later line.
func (c *cleaner) finishLine(i int) int {
	if i > 0 && i <= len(c.src) && c.src[i-1] == '\n' || i >= len(c.src) {
		return i
	}
	end := strings.IndexByte(c.src[i:], '\n')
	if end < 0 {
		return c.line(i, len(c.src))
	}
	return c.line(i, i+end+1)
}

// codeSpanEnd returns the offset behind a span of code that closes on its line, or behind its marks.
func codeSpanEnd(s string, i, end int) int {
	n := 0
	for i+n < end && s[i+n] == '`' {
		n++
	}
	marks := s[i : i+n]
	for j := i + n; j < end; j++ {
		if strings.HasPrefix(s[j:end], marks) && (j+n >= end || s[j+n] != '`') && s[j-1] != '`' {
			return j + n
		}
	}
	return i + n
}

// Visible is what a reader sees of a source: the text that the chunks hold between them.
func Visible(source string) string { return visible(source).text }

var (
	picture    = regexp.MustCompile(`!\[([^\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)`)
	pictureURL = regexp.MustCompile(`https?://\S+\.(?:png|jpe?g|gif|svg|webp|mp4)\b\S*`)
)

// Searchable is the text of a chunk as search should weigh it: without the addresses of pictures,
// whose random words would count as rare ones. Where a link leads is kept, as it says what it is about.
func Searchable(text string) string {
	if strings.Contains(text, "![") {
		text = picture.ReplaceAllString(text, "$1")
	}
	if strings.Contains(text, "://") {
		text = pictureURL.ReplaceAllString(text, "")
	}
	return text
}
