// SPDX-License-Identifier: MIT

// Package waiting reckons how long somebody in a queue will wait, as a range and
// not as a number: it is simulated from how long cases took lately and who is at
// work now, and corrected by how far earlier ranges were off. Pure functions.
//
// The simulation is that of a queue with several servers in which service times
// are those that were measured (a bootstrap, Efron 1979) and the work under way
// goes on as such work did that had lasted as long already. What no simulation
// knows, such as agents who leave, take a break or are slow to take a case, shows
// in how far the ranges told before were off: their ends are moved by the
// quantiles of that, which is split conformal prediction for quantiles (Romano,
// Patterson and Candès, "Conformalized Quantile Regression", NeurIPS 2019), on
// the latest cases only, so that it follows a change (Gibbs and Candès, "Adaptive
// Conformal Inference Under Distribution Shift", NeurIPS 2021).
package waiting

import (
	"cmp"
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Range is what is said of a wait: in eight or more of ten cases it is within.
type Range struct{ Low, High time.Duration }

// State is a queue as it stands.
type State struct {
	Service []time.Duration // how long cases took lately, in any order
	Busy    []time.Duration // how long each case that is worked on has taken so far
	Free    int             // how many more could be taken at once
	Ahead   float64         // cases a second that come in and go ahead of those who wait
	Leaving float64         // of those who wait, the share that gives up in a second
}

const (
	// MinService is how many service times it takes to say anything.
	MinService = 10
	// MaxPosition is the last place that is simulated; behind it the wait grows in proportion.
	MaxPosition = 400
	runs        = 200
)

// Curve simulates the wait at the places from 1 to n; nil while too little is
// known to be honest, or nobody is at work. The same state gives the same curve.
func Curve(s State, n int) []Range {
	if len(s.Service) < MinService || len(s.Busy)+s.Free == 0 {
		return nil
	}
	n = min(max(n, 1), MaxPosition)
	dice := rand.New(rand.NewPCG(uint64(len(s.Service)), uint64(len(s.Busy)))) //nolint:gosec // a simulation
	service := seconds(s.Service)
	slices.Sort(service)
	starts := make([][]float64, n)
	for range runs {
		for i, at := range run(s, service, n, dice) {
			starts[i] = append(starts[i], at)
		}
	}
	curve := make([]Range, n)
	for i := range starts {
		slices.Sort(starts[i])
		curve[i] = Range{duration(quantile(starts[i], 0.1)), duration(quantile(starts[i], 0.9))}
	}
	return curve
}

// At is the range at a place of a curve.
func At(curve []Range, position int) Range {
	if position <= len(curve) {
		return curve[max(position, 1)-1]
	}
	last, times := curve[len(curve)-1], float64(position)/float64(len(curve))
	return Range{duration(last.Low.Seconds() * times), duration(last.High.Seconds() * times)}
}

// run plays the queue once and gives when each place is served.
func run(s State, sorted []float64, n int, dice *rand.Rand) []float64 {
	hands := make(times, 0, len(s.Busy)+s.Free)
	for _, so := range s.Busy {
		hands = append(hands, remaining(sorted, so.Seconds(), dice))
	}
	for range s.Free {
		hands = append(hands, 0)
	}
	heap.Init(&hands)
	overtakes := math.Inf(1)
	if s.Ahead > 0 {
		overtakes = dice.ExpFloat64() / s.Ahead
	}
	starts := make([]float64, 0, n)
	for len(starts) < n {
		at := hands[0]
		if overtakes <= at {
			overtakes += dice.ExpFloat64() / s.Ahead
		} else {
			starts = append(starts, at)
			if s.Leaving > 0 && dice.ExpFloat64() < at*s.Leaving {
				continue // whoever stands there has left by then, and takes up nobody
			}
		}
		hands[0] = at + sorted[dice.IntN(len(sorted))]
		heap.Fix(&hands, 0)
	}
	return starts
}

// remaining draws how much longer a case takes that has taken so long already.
// One that outlasts all that were measured is given its age once more, on average.
func remaining(sorted []float64, so float64, dice *rand.Rand) float64 {
	longer, _ := slices.BinarySearch(sorted, math.Nextafter(so, math.Inf(1)))
	if left := len(sorted) - longer; left > 0 {
		return sorted[longer+dice.IntN(left)] - so
	}
	return dice.ExpFloat64() * so
}

// Outcome is a range that was simulated and the wait that came of it. A wait that
// is longer than its range already and not over counts as it is so far.
type Outcome struct {
	Simulated Range
	Waited    time.Duration
}

const (
	// MinOutcomes is how many outcomes it takes to learn from them.
	MinOutcomes = 20
	// outside is the share of waits that may end before the range, and after it:
	// half of one in ten, since what comes is never quite like what was.
	outside = 0.045
	// unlearned widens both ends while nothing was learned yet.
	unlearned = 0.3
	// farthest is how much an end is moved at most: to the triple, or a third.
	farthest = 1.1
)

// Correct moves the ends of a simulated range by how far the latest ones were
// off, in proportion to the wait. unit is how long a case takes: differences that
// are small beside it do not count.
func Correct(simulated Range, past []Outcome, unit time.Duration) Range {
	unit = max(unit, time.Second)
	scale := func(d time.Duration) float64 { return math.Log((d + unit).Seconds()) }
	unscale := func(x float64) time.Duration { return max(0, duration(math.Exp(x))-unit) }
	low, high := scale(simulated.Low), scale(simulated.High)
	down, up := unlearned, unlearned
	if len(past) >= MinOutcomes {
		early, late := make([]float64, len(past)), make([]float64, len(past))
		for i, o := range past {
			waited := scale(o.Waited)
			early[i], late[i] = scale(o.Simulated.Low)-waited, waited-scale(o.Simulated.High)
		}
		down, up = conformal(early), conformal(late)
	}
	low, high = low-min(down, farthest), high+min(up, farthest)
	if low > high {
		low = (low + high) / 2
		high = low
	}
	return Range{unscale(low), unscale(high)}
}

// conformal is the quantile that the next value stays under with probability
// 1-outside when it is of the same kind as the others.
func conformal(values []float64) float64 {
	slices.Sort(values)
	rank := int(math.Ceil(float64(len(values)+1)*(1-outside))) - 1
	return values[min(rank, len(values)-1)]
}

// Mean is how long a case takes on average; 0 when nothing was measured.
func (s State) Mean() time.Duration {
	var sum time.Duration
	for _, d := range s.Service {
		sum += d / time.Duration(len(s.Service))
	}
	return sum
}

// quantile reads between the ranks of what is sorted.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

func seconds(list []time.Duration) []float64 {
	out := make([]float64, len(list))
	for i, d := range list {
		out[i] = d.Seconds()
	}
	return out
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// times is a heap of when each pair of hands is free.
type times []float64

func (t times) Len() int           { return len(t) }
func (t times) Less(i, j int) bool { return cmp.Less(t[i], t[j]) }
func (t times) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *times) Push(x any)        { *t = append(*t, x.(float64)) } //nolint:forcetypeassert // only floats are in it
func (t *times) Pop() any          { panic("nothing leaves") }
