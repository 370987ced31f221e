// SPDX-License-Identifier: MIT

package triage

import (
	"embed"
	"strings"
	"sync"
	"unicode"

	"candor/internal/phrase"
)

// Threshold is the score from which a finding counts.
const Threshold = 0.5

// Finding is what one detector says of a message.
type Finding struct {
	Hit   bool    // the score reaches Threshold
	Score float64 // 0 to 1
	Rule  string  // the strongest rule: kind and language, "fire.en"
	Match string  // the words it matched, normalised
}

// Kind is the first part of the rule: which emergency ("fire"), which sensitive matter ("legal"), which way of asking ("talk").
func (f Finding) Kind() string {
	kind, _, _ := strings.Cut(f.Rule, ".")
	return kind
}

// Verdict is everything found in one message.
type Verdict struct {
	HumanRequest Finding // a person is wanted
	Complaint    Finding // dissatisfaction that wants to be dealt with, or a complaint to be filed
	Safety       Finding // danger to life or limb; kinds: self_harm fire gas electric violence medical
	Sensitive    Finding // kinds: legal data bereavement health fraud hardship misconduct
	AskedIfHuman Finding // "are you a bot?"
	Upset        Finding // tone only
	Greeting     Finding // nothing but a greeting, thanks or a farewell
	Thanks       Finding
	Bye          Finding
}

// detector numbers, in the order of Verdict, with their names in the rules.
const (
	human = iota
	complaint
	safety
	sensitive
	asked
	upset
	greeting
	thanks
	bye
	again // the customer says that it was asked before; only Loop listens to it
)

//go:embed rules/*.txt
var ruleFiles embed.FS

var rules = sync.OnceValue(func() *phrase.Book {
	b, err := phrase.Load(ruleFiles, "rules", "human", "complaint", "safety", "sensitive", "asked", "upset", "greeting", "thanks", "bye", "again")
	if err != nil {
		panic(err) // an embedded file is broken; no test passes
	}
	return b
})

// Detect reads one message.
func Detect(text string) Verdict {
	reading := rules().Read(text)
	found := reading.Find()
	shouting(text, &found[upset])
	if found[greeting].Score+found[thanks].Score+found[bye].Score > 0 && !reading.Covered(greeting, thanks, bye) {
		found[greeting], found[thanks], found[bye] = phrase.Finding{}, phrase.Finding{}, phrase.Finding{}
	}
	of := func(detector int) Finding { return finding(found[detector]) }
	return Verdict{of(human), of(complaint), of(safety), of(sensitive), of(asked), of(upset), of(greeting), of(thanks), of(bye)}
}

func finding(f phrase.Finding) Finding {
	return Finding{Hit: f.Score >= Threshold, Score: f.Score, Rule: f.Rule, Match: f.Match}
}

// Capitals and rows of exclamation marks are a tone as well.
const (
	capitalsWeight = 0.55
	marksWeight    = 0.3
)

// shouting raises the score of a tone for capitals and rows of exclamation marks.
func shouting(s string, f *phrase.Finding) {
	upper, lower, marks, words, inWord := 0, 0, 0, 0, false
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		case r == '!' || r == '！':
			marks++
		}
		if unicode.IsLetter(r) && !inWord {
			words++
		}
		inWord = unicode.IsLetter(r)
	}
	extra := 0.0
	if marks >= 3 {
		extra = marksWeight
	}
	if words >= 4 && upper >= 12 && upper > 4*lower {
		extra = capitalsWeight
	}
	if extra == 0 {
		return
	}
	if f.Rule == "" {
		f.Rule = "shouting.all"
	}
	f.Score = 1 - (1-f.Score)*(1-extra)
}
