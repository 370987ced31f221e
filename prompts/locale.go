// SPDX-License-Identifier: MIT

package prompts

import "golang.org/x/text/language"

// Locale is one of the languages in which Candor speaks to customers.
type Locale string

// The locales there is wording for.
const (
	English    Locale = "en"
	Chinese    Locale = "zh"
	Spanish    Locale = "es"
	French     Locale = "fr"
	German     Locale = "de"
	Portuguese Locale = "pt"
	Japanese   Locale = "ja"
	Arabic     Locale = "ar"
)

var (
	locales = []Locale{English, Chinese, Spanish, French, German, Portuguese, Japanese, Arabic}
	matcher = newMatcher()
)

// Locales lists all locales, English first.
func Locales() []Locale { return append([]Locale(nil), locales...) }

func newMatcher() language.Matcher {
	tags := make([]language.Tag, len(locales))
	for i, l := range locales {
		tags[i] = language.Make(string(l))
	}
	return language.NewMatcher(tags)
}

// Match finds the locale for a BCP 47 tag ("pt-PT") or a whole Accept-Language header; English where none fits.
func Match(tag string) Locale {
	tags, _, err := language.ParseAcceptLanguage(tag)
	if err != nil || len(tags) == 0 {
		return English
	}
	_, index, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return English
	}
	return locales[index]
}

// Dir is the writing direction as HTML names it: "rtl" for Arabic, "ltr" for the others.
func (l Locale) Dir() string {
	if l == Arabic {
		return "rtl"
	}
	return "ltr"
}

// Name is the language's name in that language, for a menu.
func (l Locale) Name() string { return table(l)["locale.name"].text() }
