// SPDX-License-Identifier: MIT

package guard

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"candor/internal/text"
)

// fact is a number as it is meant: what is counted, and the values it may stand for ("1.000" is a thousand or one).
type fact struct {
	values []string
	unit   string // "" where it is not known
	source string // as written
}

// matches tells whether a passage's number says the same.
func (f fact) matches(o fact) bool {
	if f.unit != "" && o.unit != "" && f.unit != o.unit {
		return false
	}
	return slices.ContainsFunc(f.values, func(v string) bool { return slices.Contains(o.values, v) })
}

var (
	clock     = regexp.MustCompile(`\b([01]?\d|2[0-4])[:h]([0-5]\d)(?::[0-5]\d)?\s*(a\.?m\b\.?|p\.?m\b\.?)?`)
	hour      = regexp.MustCompile(`\b(1[0-2]|0?[1-9])\s*(a\.?m\b\.?|p\.?m\b\.?)`)
	hourWord  = regexp.MustCompile(`(上午|早上|凌晨|下午|晚上|午前|午後)?\s*([01]?\d|2[0-4])\s*(?:点|時)(半|間|钟)?|\b([01]?\d|2[0-4])\s*(?:uhr|o'clock)\b`)
	hanDate   = regexp.MustCompile(`(?:((?:19|20)\d{2})\s*年\s*)?(1[0-2]|0?[1-9])\s*月\s*(3[01]|[12]\d|0?[1-9])\s*[日号號]`)
	isoDate   = regexp.MustCompile(`\b((?:19|20)\d{2})[-/.](\d{1,2})[-/.](\d{1,2})\b`)
	dayDate   = regexp.MustCompile(`\b(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)\d{2})\b`)
	telephone = regexp.MustCompile(`\+?\(?\d[\d ()/.-]{5,}\d`)
	number    = regexp.MustCompile(`\d+(?:[.,'’\x{00a0}\x{202f} ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?`)
	listMark  = regexp.MustCompile(`^\s*(?:\d{1,3}[.)、]|[-*+•])\s+`)
)

// facts lists the numbers, dates, times and telephone numbers of a text.
func facts(s string) []fact {
	s = westernDigits(listMark.ReplaceAllString(s, ""))
	s = strings.ToLower(s)
	for _, a := range append(webAddress.FindAllString(s, -1), mailAddress.FindAllString(s, -1)...) {
		s = strings.ReplaceAll(s, a, " ") // compared as a whole elsewhere
	}
	var out []fact
	take := func(pattern *regexp.Regexp, read func(m []string) []fact) {
		s = pattern.ReplaceAllStringFunc(s, func(m string) string {
			got := read(pattern.FindStringSubmatch(m))
			if got == nil {
				return m
			}
			out = append(out, got...)
			return " ; "
		})
	}
	take(hanDate, func(m []string) []fact { return date(m[0], m[1], m[2], m[3], "") })
	take(isoDate, func(m []string) []fact { return date(m[0], m[1], m[2], m[3], "") })
	take(dayDate, func(m []string) []fact { return date(m[0], m[3], m[2], m[1], m[1]) })
	take(clock, func(m []string) []fact { return clockTime(m[0], m[1], m[2], m[3]) })
	take(hour, func(m []string) []fact { return clockTime(m[0], m[1], "00", m[2]) })
	take(hourWord, hourFact)
	take(telephone, phoneFact)
	words := splitNumbers(s)
	out = append(out, months(words)...)
	return append(out, counted(words)...)
}

// date gives year, month and day apart, so that it meets "3 December 2026"; alsoMonth is the day where the order is not certain.
func date(source, year, month, day, alsoMonth string) []fact {
	m := fact{values: []string{trimZero(month)}, unit: "month name", source: source}
	d := fact{values: []string{trimZero(day)}, source: source}
	if alsoMonth != "" {
		m.values, d.values = append(m.values, trimZero(alsoMonth)), append(d.values, trimZero(month))
	}
	if year == "" {
		return []fact{m, d}
	}
	return []fact{{values: []string{year}, source: source}, m, d}
}

func trimZero(s string) string {
	if t := strings.TrimLeft(s, "0"); t != "" {
		return t
	}
	return "0"
}

func clockTime(source, h, m, half string) []fact {
	n, _ := strconv.Atoi(h)
	if strings.HasPrefix(half, "p") && n < 12 {
		n += 12
	}
	if strings.HasPrefix(half, "a") && n == 12 {
		n = 0
	}
	return []fact{{values: []string{strconv.Itoa(n) + ":" + m}, unit: "clock", source: strings.TrimSpace(source)}}
}

func hourFact(m []string) []fact {
	h, minutes, half := m[2], "00", ""
	switch m[3] {
	case "間":
		return nil // so many hours, not a time of day
	case "半":
		minutes = "30"
	}
	if m[4] != "" {
		h = m[4]
	}
	if slices.Contains([]string{"下午", "晚上", "午後"}, m[1]) {
		half = "pm"
	}
	return clockTime(m[0], h, minutes, half)
}

// phoneFact reads what is too long for a number; grouped amounts are none.
func phoneFact(m []string) []fact {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, m[0])
	if len(digits) < 7 || number.FindString(m[0]) == m[0] && !strings.HasPrefix(m[0], "0") && len(digits) < 10 || grouped.MatchString(m[0]) {
		return nil
	}
	return []fact{{values: []string{strings.TrimPrefix(digits, "00")}, unit: "telephone", source: m[0]}}
}

var grouped = regexp.MustCompile(`^\d{1,3}(?:[., ]\d{3})+(?:[.,]\d{1,2})?$`)

// counted lists plain numbers, in digits and in words, with what they count.
func counted(words []string) []fact {
	var out []fact
	for i, w := range words {
		values := valuesOf(w)
		if values == nil {
			continue
		}
		out = append(out, fact{values: values, unit: unitAround(words, i), source: w})
	}
	return out
}

// splitNumbers cuts a text into numbers, words, single characters of scripts without spaces, and signs.
func splitNumbers(s string) []string {
	s = text.Fold(text.Normalize(s))
	var out []string
	for s != "" {
		var n string
		switch {
		case s[0] >= '0' && s[0] <= '9':
			n = number.FindString(s)
		case s[0] >= utf8.RuneSelf:
			n = hanNumber(s)
		}
		if n != "" {
			out, s = append(out, n), s[len(n):]
			continue
		}
		end := wordLength(s)
		if w := s[:end]; strings.TrimSpace(w) != "" {
			out = append(out, w)
		}
		s = s[end:]
	}
	return joinNumberWords(out)
}

func wordLength(s string) int {
	for i, r := range s {
		if dense(r) || !unicode.IsLetter(r) && !unicode.IsMark(r) {
			if i == 0 {
				return len(string(r))
			}
			return i
		}
	}
	return len(s)
}

func dense(r rune) bool { return r >= 0x3040 && r <= 0x30FF || r >= 0x3400 && r <= 0x9FFF }

// valuesOf reads a number; nil where w is none.
func valuesOf(w string) []string {
	if w[0] >= '0' && w[0] <= '9' {
		return digitValues(w)
	}
	if v, ok := wordValue(w); ok {
		return []string{v}
	}
	return nil
}

// digitValues reads digits with separators in the ways in which they may be meant.
func digitValues(w string) []string {
	groups := strings.FieldsFunc(w, func(r rune) bool { return r < '0' || r > '9' })
	joined := trimZero(strings.Join(groups, ""))
	last := groups[len(groups)-1]
	if len(groups) == 1 {
		return []string{joined}
	}
	decimal := trimDecimal(trimZero(strings.Join(groups[:len(groups)-1], "")) + "." + last)
	sep := w[len(w)-len(last)-1]
	switch {
	case sep != '.' && sep != ',':
		return []string{joined}
	case len(last) != 3:
		return []string{decimal}
	case len(groups) == 2:
		return []string{joined, decimal}
	}
	return []string{joined}
}

func trimDecimal(s string) string { return strings.TrimRight(strings.TrimRight(s, "0"), ".") }

// westernDigits writes the digits of every script and width as ASCII.
func westernDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			return '0' + r - '۰'
		case r >= '０' && r <= '９':
			return '0' + r - '０'
		case r == '٫':
			return '.'
		case r == '٬':
			return ','
		case r == '：':
			return ':'
		}
		return r
	}, s)
}
