// SPDX-License-Identifier: MIT

// Package confidence tells how likely the best article that a search found answers the question: a
// probability, not a score. It is a logistic model over features that carry no scale of an index, a
// language or an embedding model with them (see rank.Features), so that it holds beyond the questions
// it was fitted on. Everything is pure and safe for concurrent use.
package confidence

import (
	"math"

	"candor/knowledge/rank"
)

// Decision is what a confidence is good for.
type Decision string

// The decisions, from the highest confidence to the lowest.
const (
	Answer  Decision = "answer"
	Clarify Decision = "clarify"
	Handoff Decision = "handoff"
)

// Score returns the probability by the model that comes with the program.
func Score(f rank.Features) float64 { return Default().Score(f) }

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

// Model is a fitted model: a weight for each of Names.
type Model struct {
	Weights [size]float64
}

// Names are the inputs of a model, in the order of its weights.
func Names() [size]string {
	return [size]string{
		"constant", "likeness", "nearness", "title", "unknown", "margin", "text_margin",
		"vector_margin", "text_agrees", "vector_agrees", "spread", "words", "foreign", "dense",
	}
}

const size = 14

// inputs brings the features to a common size of about one. A lead over other articles counts as far as
// the question is covered: an article that alone has one of its words leads by far, and says little.
func inputs(f rank.Features) [size]float64 {
	return [size]float64{
		1, f.Likeness, f.Nearness, f.Title, f.Unknown, f.Coverage * f.Margin, f.Coverage * f.TextMargin,
		f.Nearness * f.VectorMargin, f.TextAgrees, f.VectorAgrees, f.Nearness * f.Spread / 2, math.Log1p(f.Words) / 3, bit(f.Foreign), bit(f.Dense),
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Score returns the probability that the best article answers.
func (m Model) Score(f rank.Features) float64 {
	return m.probability(inputs(f))
}

func (m Model) probability(x [size]float64) float64 {
	z := 0.0
	for i, v := range x {
		z += m.Weights[i] * v
	}
	return 1 / (1 + math.Exp(-z))
}
