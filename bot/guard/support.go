// SPDX-License-Identifier: MIT

package guard

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"candor/internal/text"
)

// source is what the cited passages say, made ready for comparing.
type source struct {
	raw   string
	names []string
	glance
	reading
}

// glance is what of the passages is needed at once.
type glance struct {
	folded    string
	addresses []string
	lang      string
}

// reading is the rest, in the language of a sentence; most sentences that are refused never need it.
type reading struct {
	facts     []fact
	sentences []clause
	terms     map[string]bool
}

func newSource(cited []Passage, o Options) source {
	parts := make([]string, len(cited))
	for i, p := range cited {
		parts[i] = p.Text
	}
	s := source{raw: strings.Join(parts, "\n\n"), names: o.Names}
	if s.raw == "" {
		return s
	}
	s.glance = glances.get(s.raw, func() glance {
		return glance{text.Fold(text.Normalize(s.raw)), addresses(s.raw), text.DetectLang(s.raw)}
	})
	return s
}

// read works out the rest, unless these passages were read lately.
func (s *source) read(lang string) {
	s.reading = readings.get(passageKey{s.raw, lang}, func() reading { return read(s.raw, lang) })
}

func read(raw, lang string) reading {
	r := reading{facts: facts(percents(raw)), terms: map[string]bool{}}
	for _, line := range strings.Split(raw, "\n") {
		for _, sentence := range text.Sentences(line) {
			c := clauseOf(sentence, lang)
			r.sentences = append(r.sentences, c)
			for t := range c.terms {
				r.terms[t] = true
			}
			if dense(firstRune(sentence)) { // pairs that the denial took apart
				for _, t := range text.Terms(sentence, lang) {
					r.terms[t] = true
				}
			}
		}
	}
	return r
}

// clauses are the sentences of the passages that speak of the same things as c, and their parts.
func (s source) clauses(c clause, lang string) []clause {
	var out []clause
	for _, q := range s.sentences {
		if c.share(q) < alikeFrom {
			continue
		}
		out = append(out, q)
		if parts := cutClauses(q.text); len(parts) > 1 {
			for _, p := range parts {
				out = append(out, clauseOf(p, lang))
			}
		}
	}
	return out
}

// has tells whether the passages hold the very words.
func (s source) has(words string) bool { return s.raw != "" && strings.Contains(s.raw, words) }

// says tells whether the passages hold the words, however written.
func (s source) says(words string) bool {
	return s.raw != "" && strings.Contains(s.folded, text.Fold(text.Normalize(words)))
}

// The share of a sentence's words that its passages must hold. Pairs of characters overlap, so one changed word costs two or three.
const (
	leastWords = 0.6
	leastPairs = 0.45
)

// supported compares a sentence with the passages it cites.
func supported(plain string, s source, o Options) Verdict {
	lang, translated := s.language(plain, o)
	s.read(lang)
	stated := facts(percents(plain))
	for _, f := range stated {
		if !slices.ContainsFunc(s.facts, f.matches) {
			return Verdict{Kind: KindUnsupported, Evidence: f.source}
		}
	}
	covered, missing := s.coverage(plain, lang, len(stated))
	v := Verdict{OK: true, Support: covered}
	if translated && covered < leastWords {
		v.Translated = true
		return v
	}
	if name := s.strangeName(plain, lang); name != "" {
		return Verdict{Kind: KindUnsupported, Evidence: name, Support: covered}
	}
	if turned := s.turned(plain, lang, missing); turned != "" {
		return Verdict{Kind: KindUnsupported, Evidence: turned, Support: covered}
	}
	if covered < least(lang) {
		return Verdict{Kind: KindUnsupported, Evidence: strings.Join(missing, " "), Support: covered}
	}
	return v
}

// language is the one in which sentence and passages are compared, and whether the sentence is in another than the passages. The
// customer's language is believed before a guess from one sentence: a sentence guessed wrongly must not pass as a translation.
func (s source) language(plain string, o Options) (lang string, translated bool) {
	if s.lang == "" || sameLanguage(s.lang, o.Locale) {
		return o.Locale, false
	}
	if guess := text.DetectLang(plain); sameLanguage(guess, s.lang) {
		return s.lang, false
	}
	return o.Locale, true
}

func least(lang string) float64 {
	if lang == "zh" || lang == "ja" || lang == "ko" {
		return leastPairs
	}
	return leastWords
}

func sameLanguage(a, b string) bool {
	cut := func(s string) string { s, _, _ = strings.Cut(s, "-"); return s }
	return cut(a) == cut(b)
}

// percents writes 百分之五十 as 五十%.
func percents(s string) string { return percentOf.ReplaceAllString(s, "$1%") }

// coverage is the share of a sentence's words and facts that the passages hold, with the words they do not; the facts they do.
func (s source) coverage(plain, lang string, facts int) (float64, []string) {
	var missing []string
	total, found := facts, facts
	for _, t := range contentTerms(plain, lang) {
		total++
		if s.terms[t] {
			found++
		} else {
			missing = append(missing, t)
		}
	}
	if total == 0 {
		return 1, nil
	}
	return float64(found) / float64(total), missing
}

// contentTerms are the distinct index terms of a text without numbers, negations and words that only hold a sentence together.
func contentTerms(s, lang string) []string {
	var out []string
	s = hanCounted.ReplaceAllString(percents(s), " ")
	for _, t := range text.Terms(s, lang) {
		if strings.ContainsAny(t, "0123456789") || glue[t] || isNegation(t) || slices.Contains(out, t) {
			continue
		}
		out = append(out, t)
	}
	return out
}

// glue are the stems of words by which answers are introduced and joined, in all languages.
var glue = glueTerms(map[string]string{
	"en": "please note find following also according information article means order here there see however therefore additionally generally usually get make use go",
	"es": "favor tenga cuenta siguiente también según información artículo puede aquí además encontrar",
	"fr": "veuillez noter suivant également selon information article ici outre trouver vous",
	"de": "bitte beachten folgend außerdem laut information artikel hier finden zudem gemäß",
	"pt": "favor observe seguinte também conforme informação artigo aqui além encontrar",
	"ar": "يرجى ملاحظة التالي أيضا وفقا معلومات مقال يمكن يمكنك هنا",
})

func glueTerms(lists map[string]string) map[string]bool {
	set := map[string]bool{}
	for lang, list := range lists {
		for _, t := range text.Terms(list, lang) {
			set[t] = true
		}
		for w := range unitWords() { // units and dates are compared with their numbers
			for _, t := range text.Terms(w, lang) {
				set[t] = true
			}
		}
		for w := range calendar() {
			for _, t := range text.Terms(w, lang) {
				set[t] = true
			}
		}
	}
	return set
}

// strangeName is a name in the sentence that no passage has.
func (s source) strangeName(plain, lang string) string {
	for _, name := range names(plain, lang) {
		folded := text.Fold(text.Normalize(name))
		if _, dated := calendar()[folded]; dated || s.says(name) || slices.ContainsFunc(s.names, func(n string) bool {
			return strings.Contains(text.Fold(text.Normalize(n)), folded)
		}) {
			continue
		}
		terms := text.Terms(name, lang)
		if len(terms) == 0 || slices.ContainsFunc(terms, func(t string) bool { return !s.terms[t] && !glue[t] }) {
			return name
		}
	}
	return ""
}

// clause is a part of a sentence: what it speaks of, and whether it denies it.
type clause struct {
	text    string
	terms   map[string]bool
	negated bool
}

func clauseOf(s, lang string) clause {
	c := clause{text: s, terms: map[string]bool{}, negated: negated(s, lang)}
	for _, t := range contentTerms(hanDenial.ReplaceAllString(s, ""), lang) {
		c.terms[t] = true
	}
	return c
}

var clauseEnd = regexp.MustCompile(`[,;:](?:\s|$)|[，：；、،؛()（）—–]|(?i:\s(?:but|aber|sondern|pero|sino|mais|mas|however|jedoch|لكن|ولكن)\s)|但是|不过`)

func cutClauses(s string) []string {
	var out []string
	for _, p := range clauseEnd.Split(s, -1) {
		if strings.TrimSpace(p) != "" {
			out = append(out, p)
		}
	}
	return out
}

// alikeFrom is the share of a clause's words from which another clause speaks of the same.
const alikeFrom = 0.6

// turned finds a clause that the passages say with the opposite sign: "is refundable" for "is not refundable".
func (s source) turned(plain, lang string, missing []string) string {
	for _, t := range missing {
		if s.opposite(t) {
			return t
		}
	}
	parts := cutClauses(plain)
	if len(parts) > 1 {
		parts = append(parts, plain)
	}
	for _, p := range parts {
		c := clauseOf(p, lang)
		if len(c.terms) < 2 {
			continue
		}
		best, same, other := 0.0, 0.0, 0.0
		for _, q := range s.clauses(c, lang) {
			share := c.share(q)
			best = max(best, share)
			if q.negated == c.negated {
				same = max(same, share)
			} else {
				other = max(other, share)
			}
		}
		if best >= alikeFrom && other > same && same < alikeFrom {
			return strings.TrimSpace(p)
		}
	}
	return ""
}

func (c clause) share(o clause) float64 {
	common := 0
	for t := range c.terms {
		if o.terms[t] {
			common++
		}
	}
	return float64(common) / float64(len(c.terms))
}

// opposite tells whether the passages have the word with, or without, a prefix that denies it.
func (s source) opposite(t string) bool {
	const shortest = 5
	for _, prefix := range []string{"non", "un", "in", "im", "ir", "il", "dis", "nicht"} {
		if rest, ok := strings.CutPrefix(t, prefix); ok && utf8.RuneCountInString(rest) >= shortest && s.terms[rest] {
			return true
		}
		if utf8.RuneCountInString(t) >= shortest && s.terms[prefix+t] {
			return true
		}
	}
	return false
}
