// SPDX-License-Identifier: MIT

package text_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"candor/internal/text"
)

func TestSentences(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"One. Two! Three? Four": "One.|Two!|Three?|Four",
		"It costs 4.50 euros. Pay at https://a.example/x?y=1.2 today.": "It costs 4.50 euros.|Pay at https://a.example/x?y=1.2 today.",
		"Ask Dr. Smith, e.g. by mail. Or Mr. B. Jones.":                "Ask Dr. Smith, e.g. by mail.|Or Mr. B. Jones.",
		"See No. 5. Then go.":                                "See No. 5.|Then go.",
		"Das gilt z. B. am 3. Mai. Danach nicht.":            "Das gilt z. B. am 3. Mai.|Danach nicht.",
		"The fee is 5. It is due.":                           "The fee is 5.|It is due.",
		"退款需要3天。请等待！好吗？":                                     "退款需要3天。|请等待！|好吗？",
		"他说：“好。”然后走了。":                                       "他说：“好。”|然后走了。",
		"أين طلبي؟ سيصل غدا.":                                "أين طلبي؟|سيصل غدا.",
		"It takes 3 days. [1] Then it arrives.[2] Done [3].": "It takes 3 days. [1]|Then it arrives.[2]|Done [3].",
		"Steps:\n1. Open the app.\n2. Tap Pay\n3. Done":      "Steps:|1. Open the app.|2. Tap Pay|3. Done",
		"- One\n- Two\n\nEnd":                                "- One|- Two|End",
		"# Title\nText goes\nover lines. Next":               "# Title|Text goes\nover lines.|Next",
		"Wait... what? \"Yes.\" He left.":                    "Wait... what?|\"Yes.\"|He left.",
		"**Done.** Next":                                     "**Done.**|Next",
		"Run:\n\n```\na. b. c.\n\nd\n```\nThen stop.":        "Run:|```\na. b. c.\n\nd\n```|Then stop.",
		"| a | b |\n|---|---|\n| 1. | 2. |":                  "| a | b ||---|---|| 1. | 2. |",
		"version 2.0 of node.js works. ok?":                  "version 2.0 of node.js works. ok?",
		"  ":                                                 "", "": "", "...": "...",
	} {
		got := text.Sentences(in)
		if strings.HasPrefix(in, "|") {
			require.Equal(t, strings.Split(in, "\n"), got)
			continue
		}
		require.Equal(t, want, strings.Join(got, "|"), "%q", in)
	}
}

func TestSplitter_returns_a_sentence_once_its_end_is_certain(t *testing.T) {
	t.Parallel()
	var s text.Splitter
	require.Empty(t, s.Push("It costs 4"))
	require.Empty(t, s.Push("."))
	require.Empty(t, s.Push("50 euros."))
	require.Empty(t, s.Push(" "))
	require.Equal(t, []string{"It costs 4.50 euros."}, s.Push("Then"))
	require.Equal(t, "Then", s.Rest())
	require.Empty(t, s.Rest())
}

func FuzzSentences(f *testing.F) {
	for _, s := range []string{
		"One. Two [1]. Three. [2] Four", "退款。“好。”走", "1. a\n2. b\n\n```\nx. y\n```\nz", "z.B. am 3. Mai ... U.S. e.g. x",
		"a\n####### b\n123) c", "x?[1", "...\n12\n1", "~~~\n", "# a\n#", "a.*_[",
	} {
		f.Add(s, uint8(1))
		f.Add(s, uint8(3))
	}
	f.Fuzz(func(t *testing.T, s string, step uint8) {
		whole := text.Sentences(s)
		require.Equal(t, squash(s), squash(strings.Join(whole, " ")), "text lost")
		var sp text.Splitter
		var parts []string
		for n := int(step%7) + 1; s != ""; {
			k := min(n, len(s))
			parts = append(parts, sp.Push(s[:k])...)
			s = s[k:]
		}
		parts = append(parts, text.Sentences(sp.Rest())...)
		require.Equal(t, whole, parts, "pieces and whole disagree")
	})
}

// squash takes all white space out.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func ExampleSentences() {
	for _, s := range text.Sentences("It takes 3.5 days, e.g. from Monday. [1] 请等待。好吗？") {
		fmt.Println(s)
	}
	// Output:
	// It takes 3.5 days, e.g. from Monday. [1]
	// 请等待。
	// 好吗？
}
