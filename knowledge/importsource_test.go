// SPDX-License-Identifier: MIT

package knowledge

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
)

func FuzzItems(f *testing.F) {
	for _, s := range []string{
		"---\ntitle: a\n---\nb", "---\n- a\n---\nb", "---\na: &x [*x]\n---\nb", "{\"id\":1,\"body\":\"x\"}\n[]\n{", "\xff", "\x00", "\uFEFF# T\n", "---\nexpires_at: 2024-99-99\n---\n",
	} {
		for _, name := range []string{"a.md", "b.txt", "c.jsonl", "d.pdf"} {
			f.Add(name, s)
		}
	}
	f.Fuzz(func(t *testing.T, name, data string) {
		for it := range items(name, strings.NewReader(data)) {
			if it.err == nil {
				it.err = it.content.check()
			}
			if it.err != nil {
				problem, ok := fault.Of(it.err)
				require.True(t, ok, "%v is no sentence for the person who imports", it.err)
				require.True(t, utf8.ValidString(problem.Message))
				continue
			}
			require.NotEmpty(t, it.content.Title)
			require.True(t, utf8.ValidString(it.content.Source))
			_, _ = cut(it.content) // must not panic
		}
	})
}
