// SPDX-License-Identifier: MIT

package triage

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// utterance is one line of a corpus: what must be found in it, what may be, and its text. A line begins with the names of the
// detectors, "-" for none; a name with a question mark may or may not be found.
type utterance struct {
	must, may map[string]bool
	text      string
}

func corpus(t *testing.T, lang string) []utterance {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", lang+".txt"))
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // only read
	var out []utterance
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		labels, text, ok := strings.Cut(line, " | ")
		require.True(t, ok, line)
		u := utterance{must: map[string]bool{}, may: map[string]bool{}, text: text}
		for _, label := range strings.Fields(labels) {
			if name, maybe := strings.CutSuffix(label, "?"); maybe {
				u.may[name] = true
			} else if label != "-" {
				u.must[label] = true
			}
		}
		u.may["upset"] = u.may["upset"] || u.must["complaint"] // dissatisfaction is most often a tone, too
		out = append(out, u)
	}
	require.NoError(t, lines.Err())
	return out
}

func (v Verdict) byName() map[string]Finding {
	return map[string]Finding{
		"human": v.HumanRequest, "complaint": v.Complaint, "safety": v.Safety, "sensitive": v.Sensitive, "asked": v.AskedIfHuman,
		"upset": v.Upset, "greeting": v.Greeting, "thanks": v.Thanks, "bye": v.Bye,
	}
}

// The corpora are the specification: every detector must be right on every line of every language.
func TestDetect_is_right_on_the_corpora(t *testing.T) {
	t.Parallel()
	for lang, least := range map[string]int{"en": 40, "zh": 20, "es": 20, "fr": 20, "de": 20, "pt": 20, "ja": 20, "ar": 20, "mixed": 0} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			var wrong []string
			positives, right, hits, negatives := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
			for _, u := range corpus(t, lang) {
				for name, f := range Detect(u.text).byName() {
					if u.may[name] {
						continue
					}
					if f.Hit != u.must[name] {
						wrong = append(wrong, fmt.Sprintf("\n%s should be %v: %s (%.2f %s %q)", name, u.must[name], u.text, f.Score, f.Rule, f.Match))
					}
					count(positives, name, u.must[name])
					count(negatives, name, !u.must[name])
					count(hits, name, f.Hit)
					count(right, name, f.Hit && u.must[name])
				}
			}
			for name := range positives {
				t.Logf("%s %-9s positives %3d negatives %3d precision %.3f recall %.3f", lang, name, positives[name], negatives[name],
					float64(right[name])/float64(hits[name]), float64(right[name])/float64(positives[name]))
				require.GreaterOrEqual(t, negatives[name], least, name)
			}
			require.Empty(t, wrong)
			for _, name := range []string{"human", "complaint", "safety", "sensitive", "asked", "upset", "greeting", "thanks", "bye"} {
				require.GreaterOrEqual(t, positives[name], least, "positives of %s", name)
			}
		})
	}
}

func count(in map[string]int, name string, is bool) {
	if is {
		in[name]++
	}
}
