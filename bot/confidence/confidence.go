// SPDX-License-Identifier: MIT

// Package confidence tells how likely the best article that a search found answers the question: a
// probability, not a score. Everything is pure and safe for concurrent use.
package confidence

import (
	"math"

	"candor/knowledge/rank"
)

// Thresholds of the probability.
const (
	AnswerThreshold  = 0.5
	ClarifyThreshold = 0.3
)

// Score returns the probability that the best article answers.
func Score(f rank.Features) float64 {
	z := -3 + 3*f.Coverage + 2*f.TextNorm + 3*f.Margin
	return 1 / (1 + math.Exp(-z))
}

// Decision is what a confidence is good for.
type Decision string

// The decisions, from the highest confidence to the lowest.
const (
	Answer  Decision = "answer"
	Clarify Decision = "clarify"
	Handoff Decision = "handoff"
)

// Decide compares a confidence with the thresholds.
func Decide(p float64) Decision {
	switch {
	case p >= AnswerThreshold:
		return Answer
	case p >= ClarifyThreshold:
		return Clarify
	}
	return Handoff
}
