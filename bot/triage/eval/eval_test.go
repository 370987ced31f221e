// SPDX-License-Identifier: MIT

package eval

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const set = `{"text":"I want to talk to a person","label":"human_request","split":"dev"}

{"text":"I want to lodge a complaint","label":"complaint","split":"test"}
{"text":"Where is my order?","label":"neither","split":"dev"}
{"text":"How do I pay?","label":"neither","split":"test"}
`

func TestRun_measures_each_class_and_split(t *testing.T) {
	t.Parallel()
	examples, err := Read(strings.NewReader(set))
	require.NoError(t, err)
	rows := Run(examples)
	require.Len(t, rows, 4)
	got := Measures(examples, rows)
	require.Len(t, got, 6)
	require.Equal(t, Measure{"all", "human_request", 1, 3, 1, 1, 1, 1}, got[0])
	require.Equal(t, Measure{"dev", "complaint", 0, 2, 0, 0, 0, 0}, got[3])
	require.Contains(t, got[0].String(), "F1 1.000")
	var out strings.Builder
	require.NoError(t, Write(&out, rows[2:3]))
	require.JSONEq(t, `{"text":"Where is my order?","human_request":{"hit":false,"score":0},"complaint":{"hit":false,"score":0}}`, out.String())
}

func TestRead_refuses_what_it_does_not_know(t *testing.T) {
	t.Parallel()
	_, err := Read(strings.NewReader(`{"text":"a","label":"angry"}`))
	require.ErrorContains(t, err, "line 1")
	_, err = Read(strings.NewReader("{\"text\":\"a\"}\n{"))
	require.ErrorContains(t, err, "line 2")
}

func TestAUROC_counts_ties_half(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 0.5, auroc([]float64{1, 1}, []float64{1, 1}), 1e-9)
	require.InDelta(t, 1.0, auroc([]float64{0.9}, []float64{0.1}), 1e-9)
}
