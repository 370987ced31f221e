// SPDX-License-Identifier: MIT

package triage

import (
	"strings"

	"candor/internal/text"
)

// What repeats count: the same question word for word is a loop at its second time, a rephrased one at its third, or at its second
// where the customer says that it was asked before.
const (
	repeatWeight  = 0.5  // of one earlier message that is the same
	saidSoWeight  = 0.35 // of "I already asked"
	alikeFrom     = 0.5  // share of common terms from which a message counts as the same question
	shortestTerms = 2    // fewer terms are an answer ("yes"), not a question
)

// Loop tells whether the customer asks the same question again, in the same or in other words. previous are the customer's
// earlier messages of the conversation; the last five are enough.
func Loop(previous []string, current string) Finding {
	now := termsOf(current)
	if len(now) < shortestTerms {
		return Finding{}
	}
	left, match := 1.0, ""
	for _, p := range previous {
		if same := alike(now, termsOf(p)); same >= alikeFrom {
			left *= 1 - repeatWeight*same
			match = text.Normalize(p)
		}
	}
	if match == "" {
		return Finding{}
	}
	if saysSo(current) {
		left *= 1 - saidSoWeight
	}
	score := 1 - left
	return Finding{Hit: score >= Threshold, Score: score, Rule: "repeat.all", Match: match}
}

// saysSo tells whether the customer complains of having to ask again.
func saysSo(s string) bool { return rules().Read(s).Find()[again].Score > 0 }

func termsOf(s string) map[string]bool {
	out := map[string]bool{}
	for _, t := range text.Terms(s, text.DetectLang(s)) {
		if !strings.ContainsAny(t, "0123456789") { // an order number does not make two questions the same
			out[t] = true
		}
	}
	return out
}

// alike is the share of terms that two messages have in common (Dice), the shorter counting more: a question repeated with a
// sentence of reproach around it is still the same question.
func alike(a, b map[string]bool) float64 {
	if len(a) < shortestTerms || len(b) < shortestTerms {
		return 0
	}
	common := 0
	for t := range a {
		if b[t] {
			common++
		}
	}
	dice := 2 * float64(common) / float64(len(a)+len(b))
	inside := float64(common) / float64(min(len(a), len(b)))
	if common < 3 {
		inside = 0
	}
	return max(dice, 0.85*inside)
}
