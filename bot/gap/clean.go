// SPDX-License-Identifier: MIT

package gap

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"candor/chat"
	"candor/internal/redact"
)

// reference is what a case is called by.
var reference = regexp.MustCompile(`\b[2-9BCDFGHJ-NP-TV-XZ]{4}-[2-9BCDFGHJ-NP-TV-XZ]{4}\b`)

// leastName is under how many characters a word of a name is no sign of anybody.
const leastName = 2

// clean takes out of a text what tells who the customer is: what the redactor
// finds, the references of cases, and the name that they gave.
func clean(s string, who chat.Profile) string {
	s, _ = redact.Text(s)
	s = reference.ReplaceAllString(s, "[reference]")
	names := strings.Fields(who.Name)
	if len(names) > 1 {
		names = append([]string{who.Name}, names...)
	}
	for _, name := range names {
		if utf8.RuneCountInString(name) >= leastName {
			s = wordOf(name).ReplaceAllString(s, "$1[name]$2")
		}
	}
	return strings.TrimSpace(s)
}

// wordOf finds a name as a word of its own. Scripts that write no blanks have no
// such border, so there it is found anywhere.
func wordOf(name string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(name)
	if r, _ := utf8.DecodeRuneInString(name); r >= 0x2E80 {
		return regexp.MustCompile(`()` + quoted + `()`)
	}
	return regexp.MustCompile(`(?i)(^|[^\pL\pN])` + quoted + `($|[^\pL\pN])`)
}

// words is what was said in an excerpt, one message a line, personal data taken out.
func words(e chat.Excerpt) string {
	var lines []string
	for _, m := range e.Messages {
		if line := clean(m.Text, e.Profile); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// tag is what stands in the place of personal data.
var tag = regexp.MustCompile(`\[(?:e-mail|phone|card|iban|id|name|reference)\]`)
