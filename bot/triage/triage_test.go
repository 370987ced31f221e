// SPDX-License-Identifier: MIT

package triage

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDetect_reads_through_misspelling(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"humann", "speek to a persn", "operater", "agennnt", "AGENT!!!", "agnet", "hunam please", "taalk to a bloodyperson", "i want to chat with an oeprator",
		"reprezentative", "can i talkk to somone",
	} {
		f := Detect(s).HumanRequest
		require.True(t, f.Hit, "%s: %+v", s, f)
	}
	for _, s := range []string{"arent", "urgent", "prison", "contract", "compliant", "climate", "walk", "charts", "what", "a personal matter"} {
		require.False(t, Detect(s).HumanRequest.Hit, s)
		require.False(t, Detect(s).Complaint.Hit, s)
	}
}

func TestDetect_finds_the_request_among_other_sentences(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("I have tried to change my address in the app. ", 100)
	require.True(t, Detect(long+"Please let me talk to a person.").HumanRequest.Hit)
	require.True(t, Detect("Let me talk to a person. "+long).HumanRequest.Hit)
	require.False(t, Detect(long).HumanRequest.Hit)
}

func TestDetect_is_not_fooled_by_quotation(t *testing.T) {
	t.Parallel()
	require.False(t, Detect(`the button "talk to a person" is grey on my screen`).HumanRequest.Hit)
	require.True(t, Detect(`"talk to a person"`).HumanRequest.Hit)
}

func TestDetect_names_rule_and_words(t *testing.T) {
	t.Parallel()
	f := Detect("There is a GAS leak in my kitchen!").Safety
	require.True(t, f.Hit)
	require.Equal(t, "gas", f.Kind())
	require.Equal(t, "gas leak", f.Match)
}

func TestDetect_scores_are_graded(t *testing.T) {
	t.Parallel()
	strong := Detect("I want to talk to a person").HumanRequest.Score
	weak := Detect("If I want to talk to a person, what are the hours?").HumanRequest.Score
	none := Detect("What are the hours?").HumanRequest.Score
	require.Greater(t, strong, weak)
	require.Greater(t, weak, none)
}

func FuzzDetect(f *testing.F) {
	for _, s := range []string{"I want a human", "转人工", "不要转人工", "أريد التحدث إلى موظف", "quiero un humano!!!", "\"\"\"", "\xff\xfe", "人人人人人人", strings.Repeat("talk to ", 50)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := Detect(s)
		for _, got := range []Finding{v.HumanRequest, v.Complaint, v.Safety, v.Sensitive, v.AskedIfHuman, v.Upset, v.Greeting, v.Thanks, v.Bye} {
			require.GreaterOrEqual(t, got.Score, 0.0)
			require.LessOrEqual(t, got.Score, 1.0)
			require.Equal(t, got.Score >= Threshold, got.Hit)
			require.Equal(t, got.Score > 0, got.Rule != "")
		}
		require.Equal(t, v, Detect(s))
	})
}
