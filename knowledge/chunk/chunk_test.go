// SPDX-License-Identifier: MIT

package chunk_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"candor/knowledge/chunk"
)

func texts(cs []chunk.Chunk) []string {
	var out []string
	for _, c := range cs {
		out = append(out, c.Text)
	}
	return out
}

func words(n int) string { return strings.TrimSpace(strings.Repeat("word ", n)) }

func TestSplit_follows_headings(t *testing.T) {
	t.Parallel()
	src := "# Roaming\n\nIntro " + words(40) + "\n\n## In the EU\n\n" + words(60) + "\n\n### Limits\n\n" + words(50) + "\n\nElsewhere\n---------\n" + words(50)
	cs := chunk.Split(src)
	require.Len(t, cs, 4)
	require.Equal(t, []string{"Roaming"}, cs[0].Headings)
	require.Equal(t, []string{"Roaming", "In the EU"}, cs[1].Headings)
	require.Equal(t, []string{"Roaming", "In the EU", "Limits"}, cs[2].Headings)
	require.Equal(t, []string{"Roaming", "Elsewhere"}, cs[3].Headings)
	for _, c := range cs {
		require.Equal(t, c.Text, strings.TrimSpace(src[c.Start:c.End]), "the bytes are those of the source")
	}
}

func TestSplit_joins_short_sections(t *testing.T) {
	t.Parallel()
	cs := chunk.Split("# FAQ\n### One?\nYes.\n### Two?\nNo.\n")
	require.Equal(t, []string{"# FAQ\n### One?\nYes.\n### Two?\nNo."}, texts(cs))
}

func TestSplit_repeats_the_head_of_a_cut_table(t *testing.T) {
	t.Parallel()
	src := "## Prices\n\n| Plan | Price |\n|---|---|\n" + strings.Repeat("| Mobile flat with a long name | 19.90 |\n", 80)
	cs := chunk.Split(src)
	require.Greater(t, len(cs), 1)
	for _, c := range cs[1:] {
		require.True(t, strings.HasPrefix(c.Text, "| Plan | Price |\n|---|---|\n| Mobile"), c.Text[:60])
	}
}

func TestSplit_closes_and_reopens_cut_code(t *testing.T) {
	t.Parallel()
	cs := chunk.Split("```go\n" + strings.Repeat("x := compute(1, 2, 3)\n\n", 120) + "```\n")
	require.Greater(t, len(cs), 1)
	for _, c := range cs {
		require.True(t, strings.HasPrefix(c.Text, "```go\n"))
		require.True(t, strings.HasSuffix(strings.TrimSpace(c.Text), "\n```"), c.Text[len(c.Text)-20:])
	}
}

func TestSplit_shows_what_a_reader_sees(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ src, want string }{
		"front matter":         {"---\ntitle: A\n---\nBody", "Body"},
		"unclosed front":       {"---\nBody", "---\nBody"},
		"component":            {"<Info>\n    Text **in** it\n</Info>\nAfter", "Text **in** it\n\nAfter"},
		"attributes that show": {"<Step title=\"Open the app\" icon=\"star\">\n  Tap.\n</Step>", "**Open the app** \nTap."},
		"self-closing":         {"<Card title='T' href=\"/x\" />", "**T**"},
		"tag over lines":       {"<Card\n  title=\"T\"\n  href=\"/x\"\n>\nIn\n</Card>", "**T** \nIn"},
		"no tag":               {"choose a <or> b, 3 < 4, <your-key>", "choose a <or> b, 3 < 4, <your-key>"},
		"unknown component":    {"if A <B and c> d", "if A <B and c> d"},
		"comments":             {"a <!-- not\nthis --> b {/* nor this */} c", "a  b  c"},
		"imports":              {"import X from '/snippets/x.mdx'\n\nText\nimport this from 'x'", "Text\nimport this from 'x'"},
		"code":                 {"Use `<Info>` here\n```\n<Info>\n```", "Use `<Info>` here\n```\n<Info>\n```"},
		"indented code":        {"<Tab title=\"Go\">\n    ```go\n    a()\n      b()\n    ```\n</Tab>", "**Go** \n```go\na()\n  b()\n```"},
		"nested list":          {"<Note>\n  - one\n    - two\n</Note>", "- one\n  - two"},
		"html table":           {"<table><tr><td>a</td><td>b</td></tr></table>", "a  b"},
		"script":               {"a<script>alert(1)</script>b", "ab"},
		"escaped":              {`\<b> and <b>bold</b>`, `\<b> and bold`},
		"image":                {"<Frame caption=\"The page\">![alt](x.png)</Frame>", "**The page** ![alt](x.png)"},
		"heading with anchor":  {"## T {#t}\nx", "## T {#t}\nx"},
	} {
		require.Equal(t, c.want, strings.TrimSpace(strings.Join(texts(chunk.Split(c.src)), "\n")), name)
	}
}

func TestSplit_offsets_lead_back_to_the_source(t *testing.T) {
	t.Parallel()
	src := "---\ntitle: x\n---\n\n# A\n\n<Info>\n" + words(60) + " end-of-a\n</Info>\n\n# B\n\n" + words(60) + " 中文内容。\n"
	cs := chunk.Split(src)
	require.Len(t, cs, 2)
	require.True(t, strings.HasPrefix(src[cs[0].Start:], "# A"))
	require.Contains(t, src[cs[0].Start:cs[0].End], "end-of-a")
	require.NotContains(t, src[cs[0].Start:cs[0].End], "# B")
	require.Equal(t, cs[1].Text, strings.TrimSpace(src[cs[1].Start:cs[1].End]))
}

func TestSplit_of_nothing(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"", " \n\t\n", "---\ntitle: only\n---\n", "<Info></Info>"} {
		require.Empty(t, chunk.Split(src), "%q", src)
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		"# A\n\ntext. more\n\n- a\n  - b\n\n```\ncode\n```\n|a|b|\n|-|-|\n|1|2|\n",
		"<Info>\nx\n</Info><Card title=\"q\"/>", "---\na: b\n---\nx", strings.Repeat("中文。", 900), strings.Repeat("x", 5000),
		"```" + strings.Repeat("y", 2000) + "\n" + strings.Repeat("z z\n", 900), "|h|\n|-|\n" + strings.Repeat("|1|\n", 900),
		"a\n===\nb\n---\n", "<a\n\n`b\n<!--", "# " + strings.Repeat("h", 3000) + "\nt", strings.Repeat("# h\n", 700), "\\", "<br", "{/*",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		cs := chunk.Split(src)
		end := 0
		for _, c := range cs {
			require.LessOrEqual(t, chunk.Size(c.Text), chunk.Limit)
			require.GreaterOrEqual(t, c.Start, end, "chunks overlap")
			require.LessOrEqual(t, c.Start, c.End)
			require.LessOrEqual(t, c.End, len(src))
			end = c.End
			if utf8.ValidString(src) {
				require.True(t, utf8.ValidString(c.Text))
			}
		}
		requireInOrder(t, chunk.Visible(src), strings.Join(texts(cs), "\n"))
		if !strings.ContainsAny(src, "<{") && !strings.HasPrefix(strings.TrimPrefix(src, "\uFEFF"), "---") && !strings.Contains(src, "port") {
			require.Equal(t, squash(src), squash(chunk.Visible(src)), "plain text is all visible")
		}
	})
}

// requireInOrder checks that every character of want that is no white space stands in got, in order.
func requireInOrder(t *testing.T, want, got string) {
	t.Helper()
	g := []rune(got)
	i := 0
	for n, r := range []rune(want) {
		if unicode.IsSpace(r) {
			continue
		}
		for i < len(g) && g[i] != r {
			i++
		}
		require.Less(t, i, len(g), "character %d (%q) of the visible text is in no chunk", n, r)
		i++
	}
}

func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func BenchmarkChunk(b *testing.B) {
	src := strings.Repeat("## Section\n\n<Info>\n"+words(60)+".\n</Info>\n\n- one item\n- another item\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n", 40)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		chunk.Split(src)
	}
}

func ExampleSplit() {
	src := "---\ntitle: Moving\n---\n# Moving house\n\n<Info>\nTell us three weeks before.\n</Info>\n"
	for _, c := range chunk.Split(src) {
		fmt.Printf("%v %q at %d\n", c.Headings, c.Text, c.Start)
	}
	// Output: [Moving house] "# Moving house\n\n\nTell us three weeks before." at 22
}

func TestSearchable_leaves_pictures_out(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"see [our page](/en/tariffs) now":           "see [our page](/en/tariffs) now",
		"![alt](https://cdn.example/a8f.png \"t\")": "alt",
		"![alt](x(1)y) b":                           "alt b",
		"at https://cdn.example/i/9a.jpg?x=1 and":   "at  and",
		"at https://shop.example/tariffs":           "at https://shop.example/tariffs",
		"plain":                                     "plain",
	} {
		require.Equal(t, want, chunk.Searchable(in))
	}
}
