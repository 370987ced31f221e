// SPDX-License-Identifier: MIT

package text

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// citeMark is a citation such as [1] or [2, 3]; partCite may become one.
var (
	citeMark = regexp.MustCompile(`^[ \t]?\[\^?\d{1,3}(?:[,;–-] ?\d{1,3})*\]`)
	partCite = regexp.MustCompile(`^[ \t]?(?:\[(?:\^?\d{0,3}(?:[,;–-] ?\d{0,3})*)?)?$`)
)

// citation takes the citation marks that follow the end of a sentence into it.
func citation(s string, at int) (int, verdict) {
	for {
		if m := citeMark.FindString(s[at:]); m != "" {
			at += len(m)
			continue
		}
		if partCite.MatchString(s[at:]) {
			return at, likely
		}
		return at, yes
	}
}

// listItem is the start of a line that begins something new; partItem may become one.
var (
	listItem = regexp.MustCompile("^(?:(?:[-*+•]|\\d{1,3}[.)]|#{1,6})[ \t]+[^\\s]|[|>]|```|~~~)")
	partItem = regexp.MustCompile("^(?:(?:[-*+•]|\\d{1,3}[.)]?|#{1,6})[ \t\r]*|`{1,2}|~{1,2})?$")
)

// lineBreak decides whether the newline at i ends a sentence that began at start.
func lineBreak(s string, i, start int) (int, verdict) {
	line := strings.TrimLeft(s[i+1:], " \t\r")
	if s[start] == '#' || s[start] == '|' || line != "" && line[0] == '\n' {
		return i + 1, yes
	}
	if partItem.MatchString(line) {
		return i + 1, unlikely
	}
	if listItem.MatchString(line) {
		return i + 1, yes
	}
	return i + 1, no
}

// fullStop decides about the point at i that is followed by white space and then by next.
func fullStop(s string, start, i int, next rune) verdict {
	word := lastWord(s[start:i])
	switch {
	case unicode.IsLower(next):
		return no
	case isNumber(word):
		return numberStop(s, start, i, word, next)
	case word == "":
		return yes
	case utf8.RuneCountInString(word) == 1 && isInitial(word):
		return no
	case strings.Contains(word, ".") && dottedShort(word):
		return no
	case abbreviations[strings.ToLower(word)]:
		return no
	case numberAfter[strings.ToLower(word)] && unicode.IsDigit(next):
		return no
	}
	return yes
}

// numberStop decides about a point behind a number: the number of a list item ("2. Open the app")
// and a German or Scandinavian ordinal ("am 3. Mai") go on, a price at the end does not.
func numberStop(s string, start, i int, word string, next rune) verdict {
	before := strings.TrimSpace(s[start : i-len(word)])
	if len(word) <= 3 && (before == "" || strings.HasSuffix(s[start:i-len(word)], "\n") || strings.Trim(before, "*_>-# ") == "") {
		return no
	}
	if len(word) <= 2 && unicode.IsLetter(next) && ordinalBefore[strings.ToLower(lastWord(before))] {
		return no
	}
	return yes
}

func isNumber(w string) bool {
	return w != "" && strings.Trim(w, "0123456789") == ""
}

func isInitial(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsUpper(r) && r != 'I' || strings.ContainsRune("aozvdhunbs", r)
}

// dottedShort is a word of short parts with points between them, such as e.g or U.S or z.B.
func dottedShort(w string) bool {
	for part := range strings.SplitSeq(w, ".") {
		if utf8.RuneCountInString(part) > 2 || isNumber(part) {
			return false
		}
	}
	return true
}

// lastWord returns the run of letters, digits and inner points at the end of s.
func lastWord(s string) string {
	i := len(s)
	for i > 0 {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && r != '.' {
			break
		}
		i -= n
	}
	return strings.TrimLeft(s[i:], ".")
}

// abbreviations stand before a name or go on with a capital; those that usually end a sentence
// (etc., usw.) are left out, as a wrong cut is worse than a long sentence only before a name.
var abbreviations = wordSet(`mr mrs ms dr prof st sr jr vs inc ltd approx dept est fig tel ext ca cf resp
	sra srta ud uds avda pág núm art mme mlle mgr herr hr fr frau str bzw evtl ggf inkl zzgl vgl sog dipl ing abs geb min max
	dott sig dra exmo av ул г д стр тел им`)

// numberAfter go on only when a number follows: "No. 5", "S. 12".
var numberAfter = wordSet(`no nr nº n p pp art abs kap vol ch sec fig tel ext nummer num pos ziff abt § стр №`)

var ordinalBefore = wordSet(`am der die das den dem des zum vom bis ab im seit den d ab zur jeden`)

// openFence returns the fence that opens a block of code at i, or "".
func openFence(s string, i int) string {
	for _, f := range []string{"```", "~~~"} {
		if strings.HasPrefix(s[i:], f) {
			return f
		}
	}
	return ""
}

// fenceEnd returns the offset behind the block of code that opens at start.
func fenceEnd(s string, start int, fence string, final bool) (int, bool) {
	for i := start; i < len(s); {
		j := strings.IndexByte(s[i:], '\n')
		if j < 0 {
			break
		}
		i += j + 1
		line, _, whole := strings.Cut(s[i:], "\n")
		if strings.HasPrefix(strings.TrimLeft(line, " "), fence) && (whole || final) {
			return i + len(line), true
		}
	}
	if final {
		return len(s), true
	}
	return 0, false
}
