// SPDX-License-Identifier: MIT

package chunk

import (
	"regexp"
	"strings"
	"unicode"
)

// maxTag bounds how far the end of a tag is looked for.
const maxTag = 8 << 10

// tag is a tag or comment that is not shown, with the text that its attributes show.
type tag struct {
	text string
	end  int
}

// htmlNames are the elements that are taken for tags without a closing one; any other word in angle
// brackets, such as <your-key>, is text.
var htmlNames = nameSet(`a abbr address article aside b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em
	figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i iframe img input ins kbd label li main mark nav ol option p picture pre q
	s samp section select small source span strong sub summary sup svg path table tbody td textarea tfoot th thead tr u ul var video wbr button`)

// hiddenAttributes say how something looks or where it leads, not what it says.
var hiddenAttributes = nameSet(`accept align allow allowfullscreen charset class classname color colspan cols defaultopen dir for frameborder
	height href icon icontype id img key lang loading method rel role rowspan scope size src srcset style tabindex target valign value
	width theme variant action defaultvalue horizontal`)

// shownByHTML are the attributes of an HTML element that a reader meets.
var shownByHTML = nameSet(`alt title placeholder label summary`)

// bareAttributes stand in HTML without a value; other bare words mean that "a <b and c> d" is text.
var bareAttributes = nameSet(`allowfullscreen async autoplay checked controls defer disabled hidden loop multiple muted open playsinline readonly required selected`)

func nameSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

var (
	tagStart  = regexp.MustCompile(`^<(/?)([A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*)`)
	attribute = regexp.MustCompile(`^\s*([A-Za-z_:@][\w:.-]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'{}<>=` + "`" + `]+))?`)
)

// parseTag reads the tag or comment at i.
func (c *cleaner) parseTag(i int) (tag, bool) {
	rest := c.src[i:min(len(c.src), i+maxTag)]
	for open, closing := range map[string]string{"<!--": "-->", "{/*": "*/}"} {
		if strings.HasPrefix(rest, open) {
			n := strings.Index(rest, closing)
			return tag{"", i + n + len(closing)}, n >= 0
		}
	}
	if t, ok := unseenElement(rest, i); ok {
		return t, true
	}
	m := tagStart.FindStringSubmatch(rest)
	if m == nil {
		return tag{}, false
	}
	isHTML := htmlNames[strings.ToLower(m[2])]
	text, n, selfClosing, ok := readAttributes(rest[len(m[0]):], isHTML && !c.names[m[2]] || !isComponent(m[2]))
	known := isHTML || c.names[m[2]] || selfClosing && isComponent(m[2])
	if !ok || !known {
		return tag{}, false
	}
	if m[1] != "" {
		text = ""
	}
	return tag{text + spacing(m[2]), i + len(m[0]) + n}, true
}

func isComponent(name string) bool { return unicode.IsUpper(rune(name[0])) }

// spacing keeps the words of two cells or lines apart when the tag between them goes.
func spacing(name string) string {
	switch strings.ToLower(name) {
	case "br", "td", "th", "li", "dd", "dt":
		return " "
	}
	return ""
}

var unseen = regexp.MustCompile(`(?is)^<(script|style)\b[^>]*>.*?</(?:script|style)\s*>`)

// unseenElement reads a script or style element with its content.
func unseenElement(rest string, i int) (tag, bool) {
	if len(rest) < 7 || !strings.EqualFold(rest[:7], "<script") && !strings.EqualFold(rest[:6], "<style") {
		return tag{}, false
	}
	m := unseen.FindString(rest)
	return tag{"", i + len(m)}, m != ""
}

// readAttributes reads up to the end of a tag. text is what the attributes show, n the bytes read.
func readAttributes(s string, isHTML bool) (text string, n int, selfClosing, ok bool) {
	var shown []string
	for n < len(s) {
		rest := s[n:]
		trimmed := strings.TrimLeft(rest, " \t\r\n")
		gap := len(rest) - len(trimmed)
		switch {
		case strings.HasPrefix(trimmed, "/>"):
			return bold(shown), n + gap + 2, true, true
		case strings.HasPrefix(trimmed, ">"):
			return bold(shown), n + gap + 1, false, true
		case strings.HasPrefix(trimmed, "{"), strings.HasPrefix(trimmed, "={"):
			end := braceEnd(trimmed)
			if end < 0 {
				return "", 0, false, false
			}
			n += gap + end
			continue
		}
		m := attribute.FindStringSubmatch(rest)
		if m == nil || gap == 0 || isHTML && m[2] == "" && !bareAttributes[strings.ToLower(m[1])] {
			return "", 0, false, false
		}
		n += len(m[0])
		if v := strings.TrimSpace(strings.Trim(m[2], `"'`)); v != "" && isShown(m[1], isHTML) {
			shown = append(shown, v)
		}
	}
	return "", 0, false, false
}

func isShown(name string, isHTML bool) bool {
	name = strings.ToLower(name)
	if isHTML {
		return shownByHTML[name]
	}
	return !hiddenAttributes[name] && !strings.HasPrefix(name, "data-") && !strings.HasPrefix(name, "on")
}

// bold sets what attributes say apart from the text around it.
func bold(shown []string) string {
	if len(shown) == 0 {
		return ""
	}
	return "**" + strings.Join(shown, " ") + "** "
}

// braceEnd returns the offset behind the expression in braces that s starts with, or -1.
func braceEnd(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
