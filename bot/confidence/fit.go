// SPDX-License-Identifier: MIT

package confidence

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"candor/knowledge/rank"
)

// Sample is a question of which it is known whether the best article answered it.
type Sample struct {
	Features rank.Features
	Right    bool
	Weight   float64 // how much it counts; sets of different size can be made to count alike
}

const (
	ridge    = 0.001 // pull of the weights towards zero, per unit of sample weight
	maxSteps = 50
	settled  = 1e-8
)

// ErrTooFew says that there is nothing to learn from: both outcomes must be there, and more samples
// than weights.
var ErrTooFew = errors.New("too few labelled questions of both outcomes to fit a confidence")

// Fit finds the model under which the samples are likeliest, by Newton's method with a ridge penalty.
func Fit(samples []Sample) (Model, error) {
	var m Model
	right := 0
	for _, s := range samples {
		if s.Right {
			right++
		}
	}
	if len(samples) < 3*size || right == 0 || right == len(samples) {
		return m, ErrTooFew
	}
	for range maxSteps {
		step := m.step(samples)
		moved := 0.0
		for i := range m.Weights {
			m.Weights[i] += step[i]
			moved += math.Abs(step[i])
		}
		if moved < settled {
			break
		}
	}
	return m, nil
}

// step is one step of Newton's method: the gradient, divided by the curvature.
func (m Model) step(samples []Sample) [size]float64 {
	var a [size][size + 1]float64
	total := 0.0
	for _, s := range samples {
		x := inputs(s.Features)
		p := m.probability(x)
		off := s.Weight * (bit(s.Right) - p)
		bend := s.Weight * p * (1 - p)
		total += s.Weight
		for i := range size {
			a[i][size] += off * x[i]
			for j := range size {
				a[i][j] += bend * x[i] * x[j]
			}
		}
	}
	for i := range size {
		a[i][i] += 1e-9 * (total + 1) // keeps an input that never varies from dividing by zero
		if i > 0 {
			a[i][i] += ridge * total
			a[i][size] -= ridge * total * m.Weights[i]
		}
	}
	return solve(a)
}

// solve solves the linear equations whose right sides stand in the last column. The matrix is
// symmetric and positive, so no rows need to be exchanged.
func solve(a [size][size + 1]float64) [size]float64 {
	for i := range size {
		pivot := a[i][i]
		for j := i; j <= size; j++ {
			a[i][j] /= pivot
		}
		for k := range size {
			if k == i {
				continue
			}
			factor := a[k][i]
			for j := i; j <= size; j++ {
				a[k][j] -= factor * a[i][j]
			}
		}
	}
	var x [size]float64
	for i := range size {
		x[i] = a[i][size]
	}
	return x
}

// Point is a threshold with what it leads to.
type Point struct {
	Threshold float64 `json:"threshold"`
	Answered  float64 `json:"answered"` // share of the questions that are answered
	Wrong     float64 `json:"wrong"`    // share of the answers that are wrong
}

// Scored is a sample with the confidence that some model gave it.
type Scored struct {
	Sample
	Confidence float64
}

// Curve is CurveOf by the model.
func (m Model) Curve(samples []Sample) []Point {
	list := make([]Scored, len(samples))
	for i, s := range samples {
		list[i] = Scored{s, m.Score(s.Features)}
	}
	return CurveOf(list)
}

// CurveOf returns, for each threshold that makes a difference, how many questions are answered and how
// many of the answers are wrong, from the highest threshold to the lowest.
func CurveOf(list []Scored) []Point {
	list = slices.Clone(list)
	total := 0.0
	for _, s := range list {
		total += s.Weight
	}
	slices.SortFunc(list, func(a, b Scored) int { return cmp.Compare(b.Confidence, a.Confidence) })
	var out []Point
	answered, wrong := 0.0, 0.0
	for i, s := range list {
		answered += s.Weight
		wrong += s.Weight * (1 - bit(s.Right))
		if i+1 == len(list) || list[i+1].Confidence != s.Confidence {
			out = append(out, Point{Threshold: s.Confidence, Answered: answered / total, Wrong: wrong / answered})
		}
	}
	return out
}

// ThresholdFor returns the lowest threshold at which at most the target share of the answers is wrong,
// and at every higher one with a telling number of answers, too; ok is false if there is none.
func ThresholdFor(curve []Point, target float64) (p Point, ok bool) {
	for _, at := range curve {
		if at.Answered < leastAnswered {
			continue
		}
		if at.Wrong > target {
			break
		}
		p, ok = at, true
	}
	return p, ok
}

// leastAnswered is the share of questions below which a share of wrong answers is chance.
const leastAnswered = 0.02
