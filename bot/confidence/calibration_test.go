// SPDX-License-Identifier: MIT

package confidence_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"candor/bot/confidence"
)

func TestCalibration_zero_value_is_the_programs_own(t *testing.T) {
	t.Parallel()
	var c confidence.Calibration
	require.Equal(t, "built-in", c.Name())
	require.InDelta(t, confidence.Score(strong), c.Score(strong), 1e-12)
	require.Equal(t, confidence.Answer, c.Decide(confidence.AnswerThreshold))
	require.Equal(t, confidence.Clarify, c.Decide(confidence.ClarifyThreshold))
	require.Equal(t, confidence.Handoff, c.Decide(0))
}

func TestCalibration_other_thresholds_have_another_name(t *testing.T) {
	t.Parallel()
	a, b := confidence.New(confidence.Default(), 0.7, 0.3), confidence.New(confidence.Default(), 0.8, 0.3)
	require.NotEqual(t, a.Name(), b.Name())
	require.Equal(t, confidence.Answer, a.Decide(0.75))
	require.Equal(t, confidence.Clarify, b.Decide(0.75))
}

func TestParse_refuses_what_it_cannot_use(t *testing.T) {
	t.Parallel()
	for want, raw := range map[string]string{
		"not what":            `weights`,
		"must lie between":    `{"answer_threshold": 0.2, "clarify_threshold": 0.5, "weights": {}}`,
		"it has 1 weights":    `{"answer_threshold": 0.6, "clarify_threshold": 0.3, "weights": {"constant": 1}}`,
		`"constant" is missi`: `{"answer_threshold": 0.6, "clarify_threshold": 0.3, "weights": {"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1,"10":1,"11":1,"12":1,"13":1,"14":1}}`,
	} {
		_, err := confidence.Parse([]byte(raw))
		require.ErrorContains(t, err, want)
	}
}
