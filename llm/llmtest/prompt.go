// SPDX-License-Identifier: MIT

package llmtest

import (
	"html"
	"regexp"
	"strconv"
	"strings"
)

// Passage is a numbered passage found in a prompt.
type Passage struct {
	N     int
	Title string
	Text  string
}

// The convention of the prompts: `<passage n="1" title="...">`, the text,
// `</passage>`, and the customer's words between <question> and </question>.
// Older prompts number their passages by lines that begin with [1].
var (
	passageBlock  = regexp.MustCompile(`(?is)<passage\b([^>\n]*)>(.*?)</passage\s*>`)
	passageAttr   = regexp.MustCompile(`(?i)\b(n|title)\s*=\s*"([^"]*)"`)
	passageLine   = regexp.MustCompile(`(?m)^\[(\d+)\][ \t]*(.*)$`)
	questionBlock = regexp.MustCompile(`(?is)<question\b[^>]*>(.*?)</question\s*>`)
)

// Passages finds the numbered passages in the last user message, or, when that has
// none, in the whole prompt.
func (r Request) Passages() []Passage {
	if p := passages(r.User()); len(p) > 0 {
		return p
	}
	return passages(r.Prompt())
}

// Question is what the customer asks: the last <question> of the prompt, or the
// whole last user message.
func (r Request) Question() string {
	for _, text := range []string{r.User(), r.Prompt()} {
		if all := questionBlock.FindAllStringSubmatch(text, -1); len(all) > 0 {
			return strings.TrimSpace(all[len(all)-1][1])
		}
	}
	return strings.TrimSpace(r.User())
}

// passages parses the passages of a text.
func passages(text string) []Passage {
	blocks := passageBlock.FindAllStringSubmatch(text, -1)
	if len(blocks) == 0 {
		return linePassages(text)
	}
	list := make([]Passage, 0, len(blocks))
	for i, b := range blocks {
		p := Passage{N: i + 1, Text: strings.TrimSpace(b[2])}
		for _, attr := range passageAttr.FindAllStringSubmatch(b[1], -1) {
			switch strings.ToLower(attr[1]) {
			case "n":
				if n, err := strconv.Atoi(attr[2]); err == nil {
					p.N = n
				}
			case "title":
				p.Title = html.UnescapeString(attr[2])
			}
		}
		list = append(list, p)
	}
	return list
}

// linePassages parses passages that are headed by lines like "[1] title".
func linePassages(text string) []Passage {
	heads := passageLine.FindAllStringSubmatchIndex(text, -1)
	list := make([]Passage, 0, len(heads))
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		body := text[h[1]:end]
		if q := questionBlock.FindStringIndex(body); q != nil {
			body = body[:q[0]]
		}
		n, err := strconv.Atoi(text[h[2]:h[3]])
		if err != nil {
			continue
		}
		list = append(list, Passage{N: n, Title: text[h[4]:h[5]], Text: strings.TrimSpace(body)})
	}
	return list
}
