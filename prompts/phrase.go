// SPDX-License-Identifier: MIT

package prompts

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Wait words an expected wait between two durations: "about 2 to 5 minutes". Hours are used from 90 minutes on.
// A high end of zero or less means that nothing is known.
func Wait(l Locale, low, high time.Duration) string {
	switch {
	case high <= 0:
		return phrase(l, "wait.unknown", nil)
	case high < time.Minute:
		return phrase(l, "wait.under_minute", nil)
	case high < 90*time.Minute:
		return span(l, "wait.minutes", low.Minutes(), high.Minutes())
	default:
		return span(l, "wait.hours", low.Hours(), high.Hours())
	}
}

// span rounds outwards, so that the wait told is never shorter than the wait expected.
func span(l Locale, k Key, low, high float64) string {
	from, to := max(1, int(math.Floor(low))), max(1, int(math.Ceil(high)))
	if from >= to {
		return phrase(l, k+"."+category(l, to), Args{"n": strconv.Itoa(to)})
	}
	return phrase(l, k+"_range."+category(l, to), Args{"low": strconv.Itoa(from), "high": strconv.Itoa(to)})
}

// category is the plural category of n in a language (CLDR); that of a range is that of its end in all eight.
func category(l Locale, n int) Key {
	names := map[plural.Form]Key{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}
	name := names[plural.Cardinal.MatchPlural(language.Make(string(l)), n, 0, 0, 0, 0)]
	if name == "" {
		name = "other"
	}
	return name
}

// phrase renders a text of this package's own making and falls back to a plural's general form.
func phrase(l Locale, k Key, args Args) string {
	s, err := Render(l, k, args)
	if err == nil {
		return s
	}
	general := k[:max(0, strings.LastIndex(string(k), "."))] + ".other"
	s, _ = Render(l, general, args) // a test renders every phrase in every locale
	return s
}

// Date words a day: "3 December 2026". The time's own zone is used.
func Date(l Locale, t time.Time) string {
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = phrase(l, "date.first_day", nil)
	}
	return bare(l, "date.format", Args{"day": day, "month": list(l, "date.months")[t.Month()-1], "year": strconv.Itoa(t.Year())})
}

// DateTime words a day and a time of day with 24 hours: "3 December 2026, 14:30". The time's own zone is used.
func DateTime(l Locale, t time.Time) string {
	return bare(l, "date.time", Args{"date": Date(l, t), "time": t.Format("15:04")})
}

// Span is a run of weekdays with the same hours, as "09:00" and "18:00".
type Span struct {
	From, To    time.Weekday
	Open, Close string
}

// Hours words opening hours: "Monday to Friday, 09:00 to 18:00 and Saturday, 10:00 to 14:00". No spans at all: open at all hours.
func Hours(l Locale, spans []Span) string {
	if len(spans) == 0 {
		return phrase(l, "date.always", nil)
	}
	days := list(l, "date.weekdays")
	parts := make([]string, len(spans))
	for i, s := range spans {
		k := Key("date.span")
		if s.From == s.To {
			k = "date.one_day"
		}
		parts[i] = bare(l, k, Args{"from": days[s.From], "to": days[s.To], "open": s.Open, "close": s.Close})
	}
	return List(l, parts)
}

// List words an enumeration: "telephone, e-mail and post".
func List(l Locale, items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	head := strings.Join(items[:len(items)-1], phrase(l, "date.comma", nil))
	return bare(l, "date.and", Args{"list": head, "last": items[len(items)-1]})
}

func list(l Locale, k Key) []string { return strings.Split(phrase(l, k, nil), "|") }

// bare renders a part of a phrase without isolating its values one by one: the whole phrase is isolated where it is used.
func bare(l Locale, k Key, args Args) string {
	t := table(l)[k]
	var b strings.Builder
	for i, literal := range t.literals {
		b.WriteString(literal)
		if i < len(t.names) {
			fmt.Fprint(&b, args[t.names[i]])
		}
	}
	return b.String()
}
