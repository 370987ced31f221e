// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
)

func docx(t testing.TB, paragraphs ...string) string {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	w, err := archive.Create("word/document.xml")
	require.NoError(t, err)
	_, err = w.Write([]byte(`<w:document><w:body><w:p><w:r><w:t>` + strings.Join(paragraphs, `</w:t></w:r></w:p><w:p><w:r><w:t>`) + `</w:t></w:r></w:p></w:body></w:document>`))
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	return out.String()
}

func TestImport_makes_Markdown_of_documents(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	report := l.importText("moving.docx", docx(t, "Tell us three weeks before you move.", "We will move your line."), knowledge.ImportOptions{})
	require.Equal(t, 1, report.Created, "%+v", report)
	a, err := l.ArticleByExternalID(t.Context(), "moving.docx")
	require.NoError(t, err)
	require.Equal(t, "Tell us three weeks before you move.\n\nWe will move your line.\n", a.Live.Source)
	require.Equal(t, "en", a.Live.Lang)

	page := `<html lang="no such language!"><head><title>` + strings.Repeat("long ", 200) + `</title><link rel="canonical" href="/relative"></head><body><p>Roaming costs two euros a day when you are in a country that is not on the list.</p></body></html>`
	report = l.importText("roaming.html", page, knowledge.ImportOptions{})
	require.Equal(t, 1, report.Created, "%+v", report)
	a, err = l.ArticleByExternalID(t.Context(), "roaming.html")
	require.NoError(t, err)
	require.Empty(t, a.Live.URL)
	require.Equal(t, "en", a.Live.Lang, "found in the text, since the page says nothing usable")

	report = l.importText("roaming.html", page, knowledge.ImportOptions{})
	require.Equal(t, 1, report.Unchanged)
	require.Equal(t, "document_broken", l.importText("broken.docx", "PK", knowledge.ImportOptions{}).Items[0].Code)
	require.Equal(t, "article_too_large", l.importText("huge.html", strings.Repeat("x", 50<<20), knowledge.ImportOptions{}).Items[0].Code)
}

func TestImport_reads_tables(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	report := l.importText("faq.csv", "\uFEFFid;question;answer\n1;When is the bill due?;\"On the fifth;\nof each month\"\n;No id;x\n2;Empty;\n3;How do I pay?;By card.\n", knowledge.ImportOptions{})
	require.Equal(t, 2, report.Created, "%+v", report)
	require.Equal(t, 2, report.Failed)
	a, err := l.ArticleByExternalID(t.Context(), "1")
	require.NoError(t, err)
	require.Equal(t, "When is the bill due?", a.Live.Title)
	require.Equal(t, "On the fifth;\nof each month", a.Live.Source)
	var wrong []string
	for _, i := range report.Items {
		if i.Error != "" {
			wrong = append(wrong, i.Code)
			require.Contains(t, []int{4, 5}, i.Line)
		}
	}
	require.Equal(t, []string{"id_missing", "text_missing"}, wrong)

	report = l.importText("broken.csv", "id,title,body\n9,Fine,Text\n10,\"never closed,Text\n", knowledge.ImportOptions{})
	require.Equal(t, 1, report.Created, "what stands before the broken row is taken")
	require.Contains(t, []string{report.Items[0].Code, report.Items[1].Code}, "csv_broken")
	report = l.importText("other.csv", "name,price\nx,1\n", knowledge.ImportOptions{})
	require.Contains(t, report.Items[0].Error, "id is missing; title is missing; body is missing")
}
