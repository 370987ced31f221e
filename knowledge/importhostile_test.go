// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
)

// inUTF16 writes a text as some editors save it.
func inUTF16(s string, littleEndian bool) []byte {
	out := []byte{0xfe, 0xff}
	if littleEndian {
		out = []byte{0xff, 0xfe}
	}
	for _, u := range utf16.Encode([]rune(s)) {
		if littleEndian {
			out = append(out, byte(u), byte(u>>8))
		} else {
			out = append(out, byte(u>>8), byte(u))
		}
	}
	return out
}

// Each hostile file is refused with its own reason, and none harms another.
func TestImport_refuses_what_is_hostile_and_takes_the_rest(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	var lines strings.Builder
	for n := range 100 {
		fmt.Fprintf(&lines, `{"id":"line-%d","title":"Line %d","body":"Text of line %d."}`+"\n", n, n, n)
		if n == 50 {
			lines.WriteString("{\"id\": oops\n")
		}
	}
	files := fstest.MapFS{
		"a-empty.md":    {Data: nil},
		"b-empty.docx":  {Data: nil},
		"c-empty.csv":   {Data: nil},
		"d-empty.html":  {Data: nil},
		"e-deep.html":   {Data: []byte("<p>" + strings.Repeat("<div>", 100_000) + "deep")},
		"f-big.csv":     {Data: []byte("id,title,body\n1,Fine,Text\n2,Big,\"" + strings.Repeat("x", 10<<20) + "\"\n3,Also fine,Text\n")},
		"g-lines.jsonl": {Data: []byte(lines.String())},
		"h-bad.txt":     {Data: []byte("bad \xc3\x28 bytes")},
		"i-utf16.md":    {Data: inUTF16("# Größe\n\nEine Größe über alles.", true)},
		"j-utf16.csv":   {Data: inUTF16("id;title;body\nsize;Größe;Über alles\n", false)},
		"k-odd.md":      {Data: []byte("\xff\xfea")},
		"l-script.md":   {Data: []byte("# Script\n\n<script>alert(1)</script> [x](javascript:alert(1)) Text that stays.")},
		"m-zip.docx":    {Data: []byte("PK\x03\x04 not really")},
		"n-huge.html":   {Data: []byte("<p>" + strings.Repeat("x", 50<<20))},
		"o-good.md":     {Data: []byte("# Good\n\nThe last one is good.")},
	}
	report, err := l.ImportFS(t.Context(), files, nil)
	require.NoError(t, err)
	got := map[string]string{}
	for _, it := range report.Items {
		if it.Status == knowledge.ImportFailed {
			got[fmt.Sprintf("%s:%d", it.Name, it.Line)] = it.Code
			require.NotEmpty(t, it.Error)
		}
	}
	require.Equal(t, map[string]string{
		"a-empty.md:0": "text_missing", "b-empty.docx:0": "document_broken", "c-empty.csv:1": "csv_broken", "d-empty.html:0": "document_broken",
		"e-deep.html:0": "document_broken", "f-big.csv:3": "article_too_large", "g-lines.jsonl:52": "json_broken", "h-bad.txt:0": "invalid_utf8",
		"k-odd.md:0": "invalid_utf16", "m-zip.docx:0": "document_broken", "n-huge.html:0": "article_too_large",
	}, got)
	require.Equal(t, 2+100+2+1+1, report.Created)
	require.Equal(t, "Größe", l.best("Eine Größe über alles"))
	require.Equal(t, "Good", l.best("the last one is good"))
	l.requireTrueStatistics()
}

func TestImport_keeps_names_in_their_folder(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	for name, id := range map[string]string{
		"../../etc/a.md": "etc/a.md", "/b.md": "b.md", `..\..\c.md`: "c.md", "x/../d.md": "d.md", "e\xff.md": "e-.md", "de/f.md": "de/f.md",
	} {
		report := l.importText(name, "# Title\n\nText of "+id, knowledge.ImportOptions{})
		require.Equal(t, 1, report.Created, "%+v", report)
		_, err := l.ArticleByExternalID(t.Context(), id)
		require.NoError(t, err, name)
	}
}
