// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
)

func (l library) export() fstest.MapFS {
	l.t.Helper()
	files := fstest.MapFS{}
	require.NoError(l.t, l.Export(l.t.Context(), knowledge.ExportOptions{Drafts: true, Owners: true}, func(f knowledge.ExportedFile) error {
		require.NotContains(l.t, files, f.Name)
		files[f.Name] = &fstest.MapFile{Data: f.Data}
		return nil
	}))
	return files
}

func TestExport_comes_back_unchanged(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	files := fstest.MapFS{
		"help/refunds.md": {Data: []byte("---\ntitle: \"Refunds: how\"\nlang: en\nid: refunds\nreview_by: 2999-01-31\n---\r\n# Ignored\r\n\r\nRefunds take five days.   \n\n\n")},
		"../../etc/x.md":  nil,
		"REFUNDS.txt":     {Data: []byte("\uFEFFAnother one\n\n--- not front matter ---\n")},
		"more.jsonl":      {Data: []byte(`{"id":"../../../etc/passwd","title":"- # 'quotes' \"and\": all\tof it","body":"---\nx: y\n---\nNot ours.","lang":"en","url":"https://shop.example/bill"}` + "\n" + `{"id":"12345678901234567890","body":"# 发票\n\n可以下载电子发票。"}` + "\n")},
	}
	delete(files, "../../etc/x.md")
	report, err := l.ImportFS(t.Context(), files, nil)
	require.NoError(t, err)
	require.Equal(t, 4, report.Created, "%+v", report)
	_, err = l.CreateArticle(t.Context(), "", knowledge.Content{Title: "Written here", Lang: "en", Source: "No id, and a draft."}, nil)
	require.NoError(t, err)

	first := l.export()
	require.Len(t, first, 5)
	for name := range first {
		require.NotContains(t, name, "..")
	}
	again, err := l.ImportFS(t.Context(), first, nil)
	require.NoError(t, err)
	require.Equal(t, 5, again.Unchanged, "%+v: a draft stays one", again)
	require.Equal(t, first, l.export())

	other := newLibrary(t)
	_, err = other.ImportFS(t.Context(), first, nil)
	require.NoError(t, err)
	require.ElementsMatch(t, contents(first), contents(other.export()), "another library has the same")
}

func contents(files fstest.MapFS) (list []string) {
	for _, f := range files {
		list = append(list, string(f.Data))
	}
	return list
}
