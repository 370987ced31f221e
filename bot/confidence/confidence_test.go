// SPDX-License-Identifier: MIT

package confidence_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/bot/confidence"
	"candor/knowledge/rank"
)

// strong is what a good match looks like, weak what a passage beside the point does.
var (
	strong = rank.Features{
		Coverage: 0.9, TextNorm: 0.6, Likeness: 0.6, Nearness: 0.7, Title: 0.5, Margin: 0.4, TextMargin: 0.5,
		VectorMargin: 0.4, TextAgrees: 1, VectorAgrees: 1, Spread: 5, Words: 4,
	}
	weak = rank.Features{Coverage: 0.2, TextNorm: 0.1, Likeness: 0.1, Nearness: 0.2, Unknown: 0.6, Margin: 0.05, TextAgrees: 0.5, VectorAgrees: 0.3, Spread: 2, Words: 5}
)

func TestScore_tells_a_match_from_a_near_miss(t *testing.T) {
	t.Parallel()
	require.Equal(t, confidence.Answer, confidence.Decide(confidence.Score(strong)))
	require.Equal(t, confidence.Handoff, confidence.Decide(confidence.Score(weak)))
	require.Equal(t, confidence.Handoff, confidence.Decide(confidence.Score(rank.Features{})), "nothing found")
}

func TestScore_rises_with_what_speaks_for_the_article(t *testing.T) {
	t.Parallel()
	base := confidence.Score(weak)
	for name, better := range map[string]func(*rank.Features){
		"coverage": func(f *rank.Features) { f.Coverage += 0.2 },
		"likeness": func(f *rank.Features) { f.Likeness += 0.2 },
		"nearness": func(f *rank.Features) { f.Nearness += 0.2 },
		"title":    func(f *rank.Features) { f.Title += 0.2 },
		"margin":   func(f *rank.Features) { f.Margin += 0.2 },
		"known":    func(f *rank.Features) { f.Unknown -= 0.2 },
		"agrees":   func(f *rank.Features) { f.VectorAgrees += 0.2 },
	} {
		f := weak
		better(&f)
		require.Greater(t, confidence.Score(f), base, name)
	}
}

func TestFit_finds_the_probabilities_of_what_it_was_given(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var samples []confidence.Sample
	for range 4000 {
		f := rank.Features{Nearness: random.Float64(), Title: random.Float64()}
		p := 1 / (1 + math.Exp(-(4*f.Nearness - 2)))
		samples = append(samples, confidence.Sample{Features: f, Right: random.Float64() < p, Weight: 1})
	}
	m, err := confidence.Fit(samples)
	require.NoError(t, err)
	for _, c := range []float64{0.1, 0.5, 0.9} {
		want := 1 / (1 + math.Exp(-(4*c - 2)))
		require.InDelta(t, want, m.Score(rank.Features{Nearness: c, Title: 0.5}), 0.05)
	}
}

func TestFit_needs_both_outcomes(t *testing.T) {
	t.Parallel()
	_, err := confidence.Fit(make([]confidence.Sample, 100))
	require.ErrorIs(t, err, confidence.ErrTooFew)
}

func TestThresholdFor_keeps_to_the_target(t *testing.T) {
	t.Parallel()
	curve := []confidence.Point{{0.9, 0.01, 1}, {0.8, 0.3, 0.02}, {0.6, 0.5, 0.08}, {0.4, 0.7, 0.2}, {0.2, 1, 0.3}}
	p, ok := confidence.ThresholdFor(curve, 0.1)
	require.True(t, ok)
	require.Equal(t, curve[2], p, "one wrong answer among very few is no verdict")
	_, ok = confidence.ThresholdFor(curve, 0.001)
	require.False(t, ok)
}

func TestCurve_counts_by_weight(t *testing.T) {
	t.Parallel()
	curve := confidence.Default().Curve([]confidence.Sample{{strong, true, 3}, {weak, false, 1}})
	require.Len(t, curve, 2)
	require.InDelta(t, 0.75, curve[0].Answered, 1e-9)
	require.InDelta(t, 0, curve[0].Wrong, 1e-9)
	require.InDelta(t, 0.25, curve[1].Wrong, 1e-9)
}

func ExampleScore() {
	fmt.Printf("%.2f %s\n", confidence.Score(strong), confidence.Decide(confidence.Score(strong)))
	// Output: 0.95 answer
}
