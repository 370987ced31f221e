// SPDX-License-Identifier: MIT

package markdown_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"candor/internal/markdown"
)

func TestHTML(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Hello **you**":                "<p>Hello <strong>you</strong></p>",
		"[a](https://x.example/?q=1)":  `<p><a href="https://x.example/?q=1" rel="nofollow noopener" target="_blank">a</a></p>`,
		"[a](mailto:a@x.example)":      `<p><a href="mailto:a@x.example" rel="nofollow">a</a></p>`,
		"[a](javascript:alert(1))":     "<p>a</p>",
		"[a](data:text/html;x)":        "<p>a</p>",
		"[a](/local)":                  "<p>a</p>",
		"<script>alert(1)</script>":    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
		"a <b onclick=x>b</b>":         "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>",
		"![a cat](https://x/y.png)":    "<p>a cat</p>",
		"one\ntwo":                     "<p>one<br>\ntwo</p>",
		"3. c\n4. d":                   "<ol start=\"3\">\n<li>c</li>\n<li>d</li>\n</ol>",
		"`<x>`":                        "<p><code>&lt;x&gt;</code></p>",
		"~~old~~":                      "<p><del>old</del></p>",
		"see https://x.example/a now":  `<p>see <a href="https://x.example/a" rel="nofollow noopener" target="_blank">https://x.example/a</a> now</p>`,
		"# T":                          "<h1>T</h1>",
		"|a|b|\n|-|-:|\n|1|2|":         "<table>\n<thead>\n<tr>\n<th>a</th>\n<th align=\"right\">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td align=\"right\">2</td>\n</tr>\n</tbody>\n</table>",
		"":                             "",
		"<a href=\"https://x\">k</a>":  "<p>&lt;a href=&#34;https://x&#34;&gt;k&lt;/a&gt;</p>",
		"<https://x.example/\"onload>": `<p><a href="https://x.example/%22onload" rel="nofollow noopener" target="_blank">https://x.example/&#34;onload</a></p>`,
	} {
		require.Equal(t, want, strings.TrimSpace(markdown.HTML(in)), "%q", in)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"# Title\n\nHello **you** and [this](https://x)": "Title\nHello you and this",
		"- one\n- two\n\n1. three":                       "one\ntwo\nthree",
		"```go\nx := 1\n```":                             "x := 1",
		"a `b*c` \\*d\\* &amp; e":                        "a b*c *d* & e",
		"|a|b|\n|-|-|\n|1|2|":                            "a b \n1 2",
		"![a cat](https://x/y.png)":                      "a cat",
		"<b>x</b>":                                       "<b>x</b>",
		"line\nbreak":                                    "line\nbreak",
	} {
		require.Equal(t, want, markdown.Plain(in), "%q", in)
	}
}

func TestHTML_does_not_choke_on_deep_nesting(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{">", "- ", "[", "![", "*a ", "((", "`", "> - "} {
		start := time.Now()
		markdown.HTML(strings.Repeat(unit, 20_000))
		markdown.Plain(strings.Repeat(unit, 20_000))
		require.Less(t, time.Since(start), 10*time.Second, "%q", unit)
	}
}

var (
	tag     = regexp.MustCompile(`<[^>]*>`)
	goodTag = regexp.MustCompile(`^</?(p|br|hr|strong|em|del|code|pre|blockquote|ul|ol|li|h[1-6]|table|thead|tbody|tr|th|td|a)( start="\d+"| align="(left|right|center)"| href="(https?:|mailto:)[^"<>]*"| rel="nofollow noopener"| rel="nofollow"| target="_blank")*/?>$`)
)

func FuzzHTML(f *testing.F) {
	for _, s := range []string{
		"**a** [b](https://c) <script>", "[x](javascript:y)", "|a|\n|-|\n|<i>|", "> - 1. `x`", "<a href=javascript:1>",
		"![x](y \"z\")", "[a]: https://x\n[a]", "<https://x/%22 onload=1>", "&lt;img src=x onerror=1&gt;",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, m := range tag.FindAllString(markdown.HTML(s), -1) {
			require.Regexp(t, goodTag, m)
		}
		if utf8.ValidString(s) {
			require.True(t, utf8.ValidString(markdown.Plain(s)))
		}
	})
}

func ExampleHTML() {
	fmt.Print(markdown.HTML("See **our** [tariffs](https://shop.example/tariffs) <script>"))
	// Output: <p>See <strong>our</strong> <a href="https://shop.example/tariffs" rel="nofollow noopener" target="_blank">tariffs</a> &lt;script&gt;</p>
}
