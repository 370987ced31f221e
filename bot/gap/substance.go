// SPDX-License-Identifier: MIT

package gap

import (
	_ "embed"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"candor/internal/text"
)

//go:embed courtesy.txt
var courtesyText string

var courtesies = func() (list []string) {
	for line := range strings.Lines(courtesyText) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list
}()

const (
	// courtesyRunes is how long a sentence is at most that says nothing else, and
	// wordRunes that of one that begins with a single word: "Thanks to ..." may go on.
	courtesyRunes = 80
	wordRunes     = 30
	// salutationRunes is how far an opening reaches at most: "Hello [name], ".
	salutationRunes = 30
)

// listed is a line that is no running text: an item of a list, a heading.
var listed = regexp.MustCompile(`^\s*(?:[-*+#>]|\d+[.)])\s`)

// substance is what of an agent's message could stand in an article: without
// salutation, courtesies and signature.
func substance(s, agent string) string {
	var lines []string
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		if line == "" || strings.EqualFold(strings.Trim(line, "-–—., "), agent) {
			continue
		}
		if listed.MatchString(line) {
			lines = append(lines, line)
			continue
		}
		if line = plain(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// plain is a line without the sentences that only are polite.
func plain(line string) string {
	var kept []string
	for _, sentence := range text.Sentences(unsaluted(line)) {
		if sentence = strings.TrimSpace(sentence); sentence != "" && !courteous(sentence) {
			kept = append(kept, sentence)
		}
	}
	return strings.Join(kept, " ")
}

// courteous reports whether a sentence says nothing but a courtesy. One with a
// number in it may say more, and stays; so does a long one.
func courteous(sentence string) bool {
	n, most := begins(sentence), wordRunes
	if strings.Contains(sentence[:n], " ") {
		most = courtesyRunes
	}
	return n > 0 && utf8.RuneCountInString(sentence) <= most && !strings.ContainsAny(sentence, "0123456789")
}

// begins is how many bytes of a courtesy a sentence begins with; 0: none.
func begins(sentence string) int {
	lower := strings.ToLower(sentence)
	for _, c := range courtesies {
		if !strings.HasPrefix(lower, c) {
			continue
		}
		next, _ := utf8.DecodeRuneInString(lower[len(c):])
		if first, _ := utf8.DecodeRuneInString(c); first >= 0x2E80 || !unicode.IsLetter(next) {
			return len(c)
		}
	}
	return 0
}

// unsaluted takes "Hello [name]," from the beginning of a line that goes on.
func unsaluted(line string) string {
	n := begins(line)
	if n == 0 {
		return line
	}
	end := strings.IndexAny(line[n:], ",!，！、،")
	if end < 0 || utf8.RuneCountInString(line[:n+end]) > salutationRunes {
		return line
	}
	_, width := utf8.DecodeRuneInString(line[n+end:])
	rest := strings.TrimSpace(line[n+end+width:])
	if rest == "" {
		return line
	}
	r, width := utf8.DecodeRuneInString(rest)
	return string(unicode.ToUpper(r)) + rest[width:]
}
