// SPDX-License-Identifier: MIT

package guard

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// sample is one line of a corpus: what is expected ("ok" or a kind), the sentence, and the passage it cites, if any.
type sample struct{ want, sentence, passage string }

func corpus(t *testing.T, lang string) []sample {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", lang+".txt"))
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // only read
	var out []sample
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.SplitN(line, " | ", 3)
		require.GreaterOrEqual(t, len(parts), 2, line)
		s := sample{want: strings.TrimSpace(parts[0]), sentence: strings.TrimSpace(parts[1])}
		if len(parts) == 3 {
			s.passage = parts[2]
		}
		out = append(out, s)
	}
	require.NoError(t, lines.Err())
	return out
}

func (s sample) check(lang string) Verdict {
	var cited []Passage
	if s.passage != "" {
		cited = []Passage{{ID: 1, Text: s.passage}}
	}
	return Check(s.sentence, cited, Options{Locale: lang, Canary: "zq-7731-canary", Names: []string{"Norda"}})
}

var langs = []string{"en", "zh", "es", "fr", "de", "pt", "ja", "ar"}

func TestCheck_decides_as_the_corpora_say(t *testing.T) {
	t.Parallel()
	for _, lang := range langs {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			kinds := map[string]int{}
			var wrong []string
			for _, s := range corpus(t, lang) {
				got := s.check(lang)
				want := s.want
				if want == "ok" {
					want = ""
				}
				if want != got.Kind || got.OK != (want == "") {
					wrong = append(wrong, fmt.Sprintf("\n%s | %s | %s: %+v", s.want, s.sentence, s.passage, got))
				}
				kinds[s.want]++
			}
			require.Empty(t, wrong)
			for _, kind := range []string{KindUnsupported, KindNoCitation, KindPromise, KindAction, KindHuman, KindHandoff, KindDisclaimer, KindThreat, KindTone} {
				require.Positive(t, kinds[kind], "no sample of %s", kind)
			}
			require.GreaterOrEqual(t, kinds["ok"], 12, "reverse cases")
		})
	}
}

func TestCheck_a_citation_mark_is_no_part_of_the_sentence(t *testing.T) {
	t.Parallel()
	passage := []Passage{{Text: "The contract runs for two years."}}
	for _, s := range []string{"The contract runs for two years [1].", "The contract runs for two years. [1][2]", "The contract runs for two years.[1, 2]"} {
		require.True(t, Check(s, passage, Options{Locale: "en"}).OK, s)
	}
}

func TestCheck_says_that_a_translation_could_not_be_compared(t *testing.T) {
	t.Parallel()
	passage := []Passage{{Text: "办理宽带移机需要提前5个工作日预约，费用为100元。如需取消预约，请至少提前一天联系我们。"}}
	v := Check("Please book the move of your broadband line 5 working days ahead; the fee is 100 yuan [1].", passage, Options{Locale: "en"})
	require.True(t, v.OK, "%+v", v)
	require.True(t, v.Translated)
	v = Check("Please book the move of your broadband line 7 working days ahead [1].", passage, Options{Locale: "en"})
	require.Equal(t, KindUnsupported, v.Kind)
}

func TestDroppable_is_what_leaves_the_rest_of_an_answer_standing(t *testing.T) {
	t.Parallel()
	require.True(t, Droppable(KindUnsupported))
	require.False(t, Droppable(KindPromise))
	require.False(t, Droppable(KindHuman))
}

func FuzzCheck(f *testing.F) {
	for _, lang := range langs {
		file, err := os.ReadFile(filepath.Join("testdata", lang+".txt"))
		require.NoError(f, err)
		for line := range strings.Lines(string(file)) {
			if parts := strings.SplitN(line, " | ", 3); len(parts) == 3 {
				f.Add(parts[1], parts[2], lang)
			}
		}
	}
	f.Fuzz(func(t *testing.T, sentence, passage, lang string) {
		cited := []Passage{{ID: 1, Text: passage}}
		v := Check(sentence, cited, Options{Locale: lang, Canary: "zq-7731-canary"})
		require.Equal(t, v.OK, v.Kind == "")
		require.GreaterOrEqual(t, v.Support, 0.0)
		require.LessOrEqual(t, v.Support, 1.0)
		require.Equal(t, v, Check(sentence, cited, Options{Locale: lang, Canary: "zq-7731-canary"}))
		planted := Check(sentence+" zq-7731-canary", cited, Options{Locale: lang, Canary: "zq-7731-canary"})
		require.False(t, planted.OK)
		if utf8.ValidString(sentence) && !slices.Contains([]string{KindMarkup, KindLeak}, v.Kind) {
			require.False(t, Check(sentence+" <script>x</script>", nil, Options{Locale: lang}).OK)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	passage := []Passage{{Text: strings.Repeat("Goods can be returned within thirty days of delivery if they are unused. The fee is 5 euro. ", 12)}}
	for b.Loop() {
		Check("You can return unused goods within 30 days [1].", passage, Options{Locale: "en"})
	}
}
