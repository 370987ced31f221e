// SPDX-License-Identifier: MIT

// Package concept knows which words of ten languages mean the same thing to a customer: "refund",
// "reimbursement", 退款 and 返金 are one concept. It lets a question find an article that says it in
// other words or in another language, without any model. The list is small and written by hand; a
// word it does not know has no concept. Everything is safe for concurrent use.
package concept

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"candor/internal/text"
)

//go:embed concepts.txt
var list string

// languages are the columns of the list.
var languages = []string{"en", "zh", "ja", "ko", "es", "fr", "de", "pt", "ar", "ru"}

// Mark starts the term of a concept, so that it cannot be taken for a word.
const Mark = "~"

type lexicon struct {
	words   map[string]map[string][]string // language, stem: concepts
	dense   map[string][]string            // characters without blanks: concepts
	longest int                            // of dense, in characters
}

var known = sync.OnceValue(func() *lexicon {
	l := &lexicon{words: map[string]map[string][]string{}, dense: map[string][]string{}}
	for line := range strings.SplitSeq(list, "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			l.add(strings.Split(line, "|"))
		}
	}
	return l
})

// add takes in one line; a concept is named after its first English word.
func (l *lexicon) add(columns []string) {
	name, _, _ := strings.Cut(columns[0], ",")
	name = Mark + strings.TrimSpace(name)
	for i, column := range columns {
		for form := range strings.SplitSeq(column, ",") {
			l.addForm(strings.TrimSpace(form), languages[i], name)
		}
	}
}

func (l *lexicon) addForm(form, lang, name string) {
	if runs := text.Analyse(form, lang).Dense; len(runs) == 1 && (lang == "zh" || lang == "ja" || lang == "ko") {
		if n := utf8.RuneCountInString(runs[0]); n > 1 {
			l.dense[runs[0]] = appendNew(l.dense[runs[0]], name)
			l.longest = max(l.longest, n)
		}
		return
	}
	terms := text.Terms(form, lang)
	if len(terms) != 1 {
		return // written apart, the form has no term of its own
	}
	if l.words[lang] == nil {
		l.words[lang] = map[string][]string{}
	}
	l.words[lang][terms[0]] = appendNew(l.words[lang][terms[0]], name)
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// Terms returns the concepts that the words of s name, in no particular order, repeats included, each
// as a term that starts with Mark. lang is the language of s; English words are known in any.
func Terms(s, lang string) []string { return In(text.Analyse(s, lang)) }

// In is Terms of a text that has been taken apart already.
func In(a text.Analysis) []string {
	l := known()
	var out []string
	for _, t := range a.Terms {
		if !t.Stop {
			out = append(out, l.word(t.Text, a.Lang)...)
		}
	}
	for _, run := range a.Dense {
		out = l.appendDense(out, []rune(run))
	}
	return out
}

// Of returns the concepts that a term of text.Terms names by itself.
func Of(term, lang string) []string {
	l := known()
	if names, ok := l.dense[term]; ok {
		return names
	}
	return l.word(term, lang)
}

func (l *lexicon) word(term, lang string) []string {
	if names, ok := l.words[lang][term]; ok {
		return names
	}
	return l.words["en"][term]
}

// appendDense finds the longest known word at each place of a run.
func (l *lexicon) appendDense(out []string, run []rune) []string {
	for i := 0; i < len(run); {
		n := min(l.longest, len(run)-i)
		for ; n > 1; n-- {
			if names, ok := l.dense[string(run[i:i+n])]; ok {
				out = append(out, names...)
				break
			}
		}
		i += max(n, 1)
	}
	return out
}
