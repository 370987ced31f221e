// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/cmd/candor-load/reference"
	"candor/llm/llmtest"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	values := []float64{4, 1, 3, 2}
	require.InDelta(t, 1, quantile(values, 0), 1e-9)
	require.InDelta(t, 2.5, quantile(values, 0.5), 1e-9)
	require.InDelta(t, 4, quantile(values, 1), 1e-9)
	require.Equal(t, []float64{4, 1, 3, 2}, values, "the order of rounds is kept")
	require.True(t, math.IsNaN(quantile(nil, 0.5)))
}

func TestCompare(t *testing.T) {
	t.Parallel()

	t.Run("divides round by round and judges the median", func(t *testing.T) {
		t.Parallel()
		f := compare("x", "ms", []float64{10, 20, 30}, "y", []float64{10, 10, 10}, atMost("P6", 1.2))
		require.InDelta(t, 2, f.Ratio, 1e-9)
		require.Equal(t, verdictMissed, f.Verdict)
		require.Equal(t, verdictMet, compare("x", "/s", []float64{9, 9, 9}, "y", []float64{10, 10, 10}, atLeast("P7", 0.9)).Verdict)
		require.Equal(t, verdictMissed, compare("x", "/s", []float64{8, 8, 8}, "y", []float64{10, 10, 10}, atLeast("P7", 0.9)).Verdict)
	})

	t.Run("refuses a verdict where the reference itself moved", func(t *testing.T) {
		t.Parallel()
		f := compare("x", "ms", []float64{10, 10, 10, 10}, "y", []float64{5, 10, 20, 40}, atMost("P6", 99))
		require.Equal(t, verdictUnsteady, f.Verdict)
		var out bytes.Buffer
		f.print(&out)
		require.Contains(t, out.String(), "do not trust this ratio")
	})

	t.Run("has no verdict without a target", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, verdictNone, compare("x", "ms", []float64{1}, "y", []float64{1}, goal{}).Verdict)
	})
}

func TestSingle(t *testing.T) {
	t.Parallel()
	require.Equal(t, verdictMet, single("x", "", 0, atMost("P15", 0)).Verdict)
	require.Equal(t, verdictMissed, single("x", "", 1, atMost("P15", 0)).Verdict)
	require.Equal(t, verdictMissed, single("x", "", math.NaN(), atLeast("P12", 0.98)).Verdict)
	raw, err := json.Marshal(single("x", "ms", 1, goal{}))
	require.NoError(t, err, "a ratio that does not exist is no trouble for JSON")
	require.Contains(t, string(raw), `"product":1`)
}

func TestInterleave_discards_the_first_round(t *testing.T) {
	t.Parallel()
	b := &bench{benchOptions: benchOptions{rounds: 3}}
	calls := 0
	var order []string
	count := func(name string) contender {
		return contender{name, func(context.Context) (map[string]float64, error) {
			calls++
			order = append(order, name)
			return map[string]float64{"calls": float64(calls)}, nil
		}}
	}
	r, err := b.interleave(t.Context(), count("a"), count("b"))
	require.NoError(t, err)
	require.Len(t, r["a"]["calls"], 3)
	require.Equal(t, 8, calls)
	require.Equal(t, []string{"a", "b", "b", "a", "a", "b", "b", "a"}, order, "each begins in turn")
}

func TestMakeLibrary(t *testing.T) {
	t.Parallel()
	l := makeLibrary(300)
	require.Equal(t, l.jsonl, makeLibrary(300).jsonl, "it is the same in every run")
	lines := bufio.NewScanner(bytes.NewReader(l.jsonl))
	titles := map[string]bool{}
	for lines.Scan() {
		var article struct{ ID, Title, Body string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &article))
		require.NotEmpty(t, article.Body)
		titles[article.Title] = true
	}
	require.Len(t, titles, 100, "no two articles are about the same thing")
	require.Len(t, l.questions, 300)
}

func TestFirstSentence_cites_what_it_says(t *testing.T) {
	t.Parallel()
	r := llmtest.Request{Messages: []llmtest.Message{{Role: "user", Content: "<passage n=\"1\" title=\"The box\">\n## What it costs\n\n" +
		"Renting the box is billed every month. More of it here.\n</passage>\n<passage n=\"2\" title=\"x\">\nNo. Not this.\n</passage>"}}}
	require.Equal(t, "Renting the box is billed every month [1].", firstSentence(r).Text)
	require.Equal(t, llmtest.Unknown, firstSentence(llmtest.Request{}).Text)
}

func TestReference(t *testing.T) {
	t.Parallel()
	fake := llmtest.Start(llmtest.Static(llmtest.Say("one two three.")))
	t.Cleanup(fake.Close)
	side := httptest.NewServer(reference.Handler(fake.URL(), nil))
	t.Cleanup(side.Close)
	body := []byte(`{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}`)
	for path, mark := range map[string]string{"/copy": "[DONE]", "/parse": `"finish_reason":"stop"`} {
		r, err := ask(t.Context(), newHTTP(1), side.URL+path, body, mark)
		require.NoError(t, err, path)
		require.Positive(t, r.First, path)
		_, err = ask(t.Context(), newHTTP(1), side.URL+path, body, "never said")
		require.ErrorIs(t, err, errIncomplete, path)
	}
}

func TestRun_says_what_is_wrong(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"fly"}, {"run", "-customers", "0"}, {"bench", "-only", "nothing"}, {"bench", "-rounds", "0"}, {"bench", "-cases", "-1"}} {
		var out, errs strings.Builder
		require.ErrorAs(t, run(t.Context(), args, &out, &errs), new(usageError), fmt.Sprint(args))
	}
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"help"}, &out, &out))
	require.Contains(t, out.String(), "candor-load run")
}
