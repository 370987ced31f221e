// SPDX-License-Identifier: MIT

package eval_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/bot/confidence"
	"candor/bot/eval"
	"candor/knowledge"
)

// asked are questions whose article is the likelier right the nearer it is, but only from .5 on: the
// program's own calibration cannot know.
func asked(n int, split string, seed uint64) []eval.Row {
	random := rand.New(rand.NewPCG(seed, 1))
	rows := make([]eval.Row, n)
	for i := range rows {
		near := random.Float64()
		right := near > 0.5 && random.Float64() < min(0.9, 2*(near-0.5)+0.3)
		rows[i] = eval.Row{Ranked: []string{"a"}, Features: knowledge.Features{Nearness: near, Coverage: 0.9, Likeness: 0.9, Title: 0.9, Margin: 0.6, TextMargin: 0.6, TextAgrees: 1, VectorAgrees: 1, Words: 5}}
		rows[i].Labelled = eval.Labelled{Relevant: []string{"b"}, Lang: "en", Split: split}
		if right {
			rows[i].Labelled.Relevant = []string{"a"}
		}
	}
	return rows
}

func TestCalibrate_keeps_to_the_target_on_questions_it_has_not_seen(t *testing.T) {
	t.Parallel()
	rows := append(asked(2000, "dev", 1), asked(2000, "test", 2)...)
	c, err := eval.Calibrate(rows, eval.CalibrateOptions{Target: 0.2, ClarifyTarget: 0.4})
	require.NoError(t, err)
	require.Equal(t, 2000, c.Questions)
	require.Equal(t, 2000, c.After.Questions)
	require.InDelta(t, 0.2, c.After.Wrong, 0.05)
	require.Greater(t, c.Before.Wrong, c.After.Wrong+0.2, "the negative control: as it comes it answers far too much here")
	require.Less(t, c.After.Brier, c.Before.Brier)
	require.LessOrEqual(t, c.Clarify.Threshold, c.Answer.Threshold)
	require.InDelta(t, 1, c.Curve[len(c.Curve)-1].Answered, 1e-9)

	var out bytes.Buffer
	require.NoError(t, c.Write(&out))
	require.Contains(t, out.String(), "of the answers are wrong (target 20 %)")
	raw, err := json.Marshal(c.Calibration)
	require.NoError(t, err)
	again, err := confidence.Parse(raw)
	require.NoError(t, err)
	require.Equal(t, c.Calibration, again)
	require.InDelta(t, c.Calibration.Score(rows[0].Features), again.Score(rows[0].Features), 1e-12)
}

func TestCalibrate_says_what_it_cannot_do(t *testing.T) {
	t.Parallel()
	_, err := eval.Calibrate(asked(20, "", 1), eval.CalibrateOptions{Target: 0.1})
	require.ErrorIs(t, err, confidence.ErrTooFew)
	_, err = eval.Calibrate(asked(2000, "", 1), eval.CalibrateOptions{Target: 0.0001})
	require.ErrorContains(t, err, "no threshold")
}
