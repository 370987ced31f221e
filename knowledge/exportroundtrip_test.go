// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
)

// oddPages are pages as people keep them: with every kind of line end, of space at the end and of front matter.
func oddPages() fstest.MapFS {
	files := fstest.MapFS{}
	heads := []string{
		"", "---\ntitle: Plain\n---\n", "---\r\ntitle: \"With: a colon\"\r\nlang: de\r\n---\r\n", "---\n# a comment\ntitle: 'Quoted ''twice'''\nid: id/with a space & more\ntags: [a, b]\nnested:\n  deep: {x: 1}\n---\n\n\n",
		"\uFEFF---\ntitle: After a BOM\n---\n", "---\ntitle: Überschrift 发票 \U0001F4C4\nreview_by: 2999-01-31\nexpires: 2999-02-01T10:00:00Z\nurl: https://shop.example/a?b=c&d=%20\n---\n", "---\n---\n",
		"---\ntitle: |\n  A block\nlang: en\n---\n", "---\ntitle: \"tab\\there\"\n---   \n",
	}
	bodies := []string{
		"# Heading\n\nText without an end", "# Heading\r\n\r\nText with\r\nreturns.\r\n", "Two spaces  \nand a tab\t\n\n\n\n", "Text\n---\nnot: front matter\n---\n", "```md\n---\ncandor: article\n---\n```\n",
		"Mixed\r\nline\nends\r and a lone return\n", " leading space\n\n\ttab\n   ", "<Info>\n  A component.\n</Info>\n\nimport x from 'y'\n",
	}
	for i, head := range heads {
		for j, body := range bodies {
			head := strings.Replace(head, "id: id/", fmt.Sprintf("id: %d/", j), 1)
			files[fmt.Sprintf("folder %d/page-%d-%d.md", i%3, i, j)] = &fstest.MapFile{Data: []byte(head + body)}
		}
	}
	return files
}

func TestExport_comes_back_byte_for_byte_after_edits(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	files := oddPages()
	report, err := l.ImportFS(t.Context(), files, nil)
	require.NoError(t, err)
	require.Equal(t, len(files), report.Created, "%+v", report)
	for name, f := range files { // what came in is kept verbatim
		for _, it := range report.Items {
			if it.Name == name {
				a, err := l.Article(t.Context(), it.ArticleID)
				require.NoError(t, err)
				require.Equal(t, string(f.Data), a.Live.Source, name)
			}
		}
	}
	for n, it := range report.Items { // some are edited, with questions and without
		if n%4 != 0 {
			continue
		}
		a, err := l.Article(t.Context(), it.ArticleID)
		require.NoError(t, err)
		c := knowledge.Content{Title: a.Live.Title + " (edited)", Lang: a.Live.Lang, URL: a.Live.URL, Source: "Edited. \r\n" + a.Live.Source + "  "}
		if n%8 == 0 {
			c.Source = "---\ntitle: of the author\n---\n" + c.Source
			c.Asked = []string{"Where is: it?", "- 'why'\t\"not\" "}
		}
		a, err = l.SaveDraft(t.Context(), a.ID, 0, c, nil)
		require.NoError(t, err)
		_, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
		require.NoError(t, err)
	}
	first := l.export()
	require.Len(t, first, len(files))
	again, err := l.ImportFS(t.Context(), first, nil)
	require.NoError(t, err)
	require.Equal(t, len(files), again.Unchanged, "%+v", again)
	require.Equal(t, first, l.export())

	other := newLibrary(t)
	_, err = other.ImportFS(t.Context(), first, nil)
	require.NoError(t, err)
	second := other.export()
	require.Len(t, second, len(first))
	require.ElementsMatch(t, contents(first), contents(second), "another library says the same, byte for byte")
}
