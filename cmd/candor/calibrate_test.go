// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/postgres/pgtest"
)

// TestCalibrate fits on articles of a file, and a gateway takes the result, or
// refuses what is none.
func TestCalibrate(t *testing.T) {
	t.Parallel()
	s := emptySite(t, pgtest.URL(t))
	dir := t.TempDir()
	file := func(name string, lines []string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
		return path
	}
	var articles, questions []string
	for i, thing := range strings.Fields("lamp chair table carpet mirror shelf sofa wardrobe mattress curtain pillow candle") {
		articles = append(articles, fmt.Sprintf(`{"id":"%[1]s","title":"The %[1]s","body":"The %[1]s costs %[2]d euros. It is delivered within %[2]d days.","lang":"en"}`, thing, i+3))
		for _, q := range []string{"What does the %s cost?", "How much is a %s?", "price of the %s", "When is the %s delivered?", "delivery of a %s"} {
			questions = append(questions, fmt.Sprintf(`{"query":"%s","relevant":["%s"],"lang":"en"}`, fmt.Sprintf(q, thing), thing))
		}
		for _, q := range []string{"Who invented the %s and where was that?", "May I eat soup while I repair my neighbour's %s myself?"} {
			questions = append(questions, fmt.Sprintf(`{"query":"%s","relevant":[],"lang":"en"}`, fmt.Sprintf(q, thing)))
		}
	}
	kb, queries, out := file("kb.jsonl", articles), file("queries.jsonl", questions), filepath.Join(dir, "confidence.json")
	said := s.works(t, "calibrate", "--kb", kb, "--queries", queries, "--target", "0.2", "--out", out)
	require.Contains(t, said, "fitted on 84 questions")
	require.Contains(t, said, "CANDOR_CONFIDENCE_FILE="+out)

	var fitted struct {
		Curve  []struct{ Threshold, Answered, Wrong float64 }
		Answer struct{ Threshold, Wrong float64 }
	}
	cmd := s.works(t, "calibrate", "--kb", kb, "--queries", queries, "--target", "0.2", "--json")
	require.NoError(t, json.Unmarshal([]byte(cmd), &fitted))
	require.NotEmpty(t, fitted.Curve)
	require.LessOrEqual(t, fitted.Answer.Wrong, 0.2)

	s.works(t, "migrate")
	s.env = append(s.env, "CANDOR_CONFIDENCE_FILE="+out)
	require.Contains(t, s.works(t, "check"), "0 violations")
	require.NoError(t, os.WriteFile(out, []byte(`{"answer_threshold": 2}`), 0o600))
	refused, code := s.command(t, "check")
	require.Equal(t, 1, code)
	require.Contains(t, refused, "CANDOR_CONFIDENCE_FILE")
}
