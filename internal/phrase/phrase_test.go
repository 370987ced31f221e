// SPDX-License-Identifier: MIT

package phrase

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func book(t *testing.T, rules string) *Book {
	t.Helper()
	b, err := Load(fstest.MapFS{"r/en.txt": {Data: []byte(rules)}}, "r", "ask", "warn")
	require.NoError(t, err)
	return b
}

const sample = `
alias pls = please
set filler = please hello
set common = urgent
set agent = agent~ live_person human~ 人工客服
set talk = talk speak* # a prefix
ask.talk 0.9 = @talk to (a|an|the)* @agent
ask.word 0.8 = ^ @agent $
ask.want 0.6 = want .. @agent
mask ask = travel agent
scale ask 0.5 = if ... @agent
mask ask = dont want (a|an)? @agent
warn.fire 0.7 = on fire
warn.smoke 0.5 = smoke
`

func TestReading_Find(t *testing.T) {
	t.Parallel()
	b := book(t, sample)
	for _, c := range []struct {
		text  string
		score float64
		match string
	}{
		{"I want to talk to an agent", 0.9, "talk to an agent"},
		{"speaking to a live person", 0.9, "speaking to a live person"},
		{"Hello, agent, pls!", 0.8, "agent"},
		{"agent", 0.8, "agent"},
		{"my travel agent", 0, ""},
		{"I don't want an agent", 0, ""},
		{"if I talk to an agent", 0.45, "talk to an agent"},
		{"I want. Agent", 0.8, "agent"},
		{"agnet", 0.8 * 0.93, "agent"},
		{"aggggent", 0.8 * 0.93, "agent"},
		{"talk to the livve person", 0.9 * 0.93, "talk to the live person"},
		{"urgent", 0, ""},
		{"我要人工客服", 0, ""},
		{"人工客服", 0.8, "人工客服"},
		{"the button \"talk to an agent\" is grey", 0.36, "talk to an agent"},
		{"want", 0, ""},
		{"", 0, ""},
	} {
		f := b.Read(c.text).Find()[0]
		require.InDelta(t, c.score, f.Score, 1e-9, c.text)
		require.Equal(t, c.match, f.Match, c.text)
	}
	f := b.Read("smoke, and it is on fire").Find()[1]
	require.InDelta(t, 0.85, f.Score, 1e-9)
	require.Equal(t, "fire", f.Kind())
}

func TestReading_Covered(t *testing.T) {
	t.Parallel()
	b := book(t, sample)
	require.True(t, b.Read("Hello, talk to an agent, please.").Covered(0))
	require.False(t, b.Read("Hello, talk to an agent about fish.").Covered(0))
}

func TestRead_bounds_a_long_text(t *testing.T) {
	t.Parallel()
	b := book(t, sample)
	long := strings.Repeat("a word ", 5000)
	require.LessOrEqual(t, len(b.Read(long).tokens), headTokens+tailTokens)
	require.Positive(t, b.Read(long + ". agent").Find()[0].Score)
}

func TestRead_knows_arabic_words_joined_to_others(t *testing.T) {
	t.Parallel()
	b := book(t, "set agent = موظف\nask.word 0.8 = @agent")
	for _, s := range []string{"موظف", "الموظف", "للموظف", "والموظف", "بموظف"} {
		require.Positive(t, b.Read(s).Find()[0].Score, s)
	}
	require.Zero(t, b.Read("موظفون").Find()[0].Score)
}

func TestLoad_refuses_broken_rules(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"ask 0.9 = agent", "ask.talk = agent", "ask.talk 1.5 = agent", "robot.talk 0.9 = agent", "ask.talk 0.9 = @nobody", "ask.talk 0.9 = ^ $",
		"ask.talk 0.9 = (agent", "ask.talk 0.9 = agent)", "ask.talk 0.9 = ..", "set x =_", "nothing", "ask.talk 0.9 = (a|)", "ask.talk 0.9 = (a)!",
	} {
		_, err := Load(fstest.MapFS{"r/en.txt": {Data: []byte(line)}}, "r", "ask")
		require.Error(t, err, line)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(sample, "talk to an agent")
	f.Add("ask.a 0.5 = (a|b)* ... c+", "a b c")
	f.Fuzz(func(t *testing.T, rules, text string) {
		b, err := Load(fstest.MapFS{"r/en.txt": {Data: []byte(rules)}}, "r", "ask", "warn")
		if err != nil {
			return
		}
		for _, found := range b.Read(text).Find() {
			require.GreaterOrEqual(t, found.Score, 0.0)
			require.LessOrEqual(t, found.Score, 1.0)
		}
	})
}
