// SPDX-License-Identifier: MIT

package eval

import (
	"testing"

	"github.com/stretchr/testify/require"

	"candor/bot/confidence"
)

func TestAUROC(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 1, auroc([]float64{0.9, 0.8}, []float64{0.1, 0.7}), 1e-9)
	require.InDelta(t, 0, auroc([]float64{0.1}, []float64{0.2, 0.3}), 1e-9)
	require.InDelta(t, 0.5, auroc([]float64{0.5, 0.5}, []float64{0.5}), 1e-9)
	require.InDelta(t, 0.75, auroc([]float64{0.9, 0.4}, []float64{0.3, 0.5}), 1e-9)
	require.Zero(t, auroc(nil, []float64{1}))
}

func TestMeasure_counts_each_kind_of_outcome(t *testing.T) {
	t.Parallel()
	row := func(p float64, ranked []string, relevant ...string) Row {
		return Row{Ranked: ranked, Confidence: p, Decision: confidence.Decide(p), Labelled: Labelled{Relevant: relevant, Lang: "en"}}
	}
	abc := []string{"a", "b", "c", "d"}
	f := measure([]Row{
		row(0.9, abc, "a"), row(0.8, abc, "b"), row(0.2, abc, "d"), row(0.1, abc, "x"), // in scope
		row(0.7, abc), row(0.1, nil), // out of scope
	}).All
	require.Equal(t, 4, f.InScope)
	require.Equal(t, 2, f.OutScope)
	require.InDelta(t, 1.0/4, f.R1, 1e-9)
	require.InDelta(t, 2.0/4, f.R3, 1e-9)
	require.InDelta(t, (1+0.5+0.25)/4, f.MRR, 1e-9)
	require.InDelta(t, 2.0/4, f.Answered, 1e-9)
	require.InDelta(t, 2.0/3, f.Wrong, 1e-9)
	require.InDelta(t, 1.0/2, f.Let, 1e-9)
	require.Equal(t, Figure{0.9, 1, 1}, f.Bins[9])
}
