// SPDX-License-Identifier: MIT

package convert_test

import (
	"archive/zip"
	"bytes"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/knowledge/convert"
)

func TestHTML_keeps_the_text_and_leaves_the_decoration(t *testing.T) {
	t.Parallel()
	from, err := url.Parse("https://help.example/plans/")
	require.NoError(t, err)
	d, err := convert.HTML([]byte(`<!doctype html><html lang="en-GB"><head><title>Plans | Larkwire</title>
		<link rel="canonical" href="/plans/fibre"><script>alert(1)</script></head>
		<body><nav>Home Shop</nav><main><h1>Fibre plans</h1><p>Fibre 300 costs <b>29 EUR</b> a month, <a href="../terms">terms</a>
		and <a href="javascript:alert(1)">more</a>.</p><aside>A month is 30 days.</aside>
		<table><tr><th>Plan</th><th>Price</th></tr><tr><td>300</td><td>29 EUR</td></tr></table>
		<p hidden>secret</p><ul><li>one</li><li>two</li></ul></main><footer>© Larkwire</footer></body></html>`), "text/html; charset=utf-8", from)
	require.NoError(t, err)
	require.Equal(t, "Fibre plans", d.Title)
	require.Equal(t, "en-GB", d.Lang)
	require.Equal(t, "https://help.example/plans/fibre", d.URL)
	require.Contains(t, d.Markdown, "# Fibre plans")
	require.Contains(t, d.Markdown, "**29 EUR** a month, [terms](https://help.example/terms)")
	require.Contains(t, d.Markdown, "A month is 30 days.", "an aside of the main part is text")
	require.Regexp(t, `\| 300 +\| 29 EUR`, d.Markdown)
	require.Contains(t, d.Markdown, "- one")
	for _, gone := range []string{"alert", "javascript", "Home", "secret", "©"} {
		require.NotContains(t, d.Markdown, gone)
	}
}

func TestHTML_without_a_main_part_loses_what_surrounds_it(t *testing.T) {
	t.Parallel()
	d, err := convert.HTML([]byte(`<title>Roaming – Larkwire</title><header>Menu</header><form><p>2 EUR a day</p></form><footer>Legal</footer>`), "", nil)
	require.NoError(t, err)
	require.Equal(t, "Roaming", d.Title)
	require.Contains(t, d.Markdown, "2 EUR a day")
	require.NotContains(t, d.Markdown, "Menu")
	require.NotContains(t, d.Markdown, "Legal")
}

func TestHTML_reads_the_encoding_that_the_page_names(t *testing.T) {
	t.Parallel()
	d, err := convert.HTML([]byte("<meta charset=iso-8859-1><p>Geb\xfchr"), "", nil)
	require.NoError(t, err)
	require.Contains(t, d.Markdown, "Gebühr")
}

func TestHTML_refuses(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]string{
		"a page without text":     `<html><body><script>render()</script></body></html>`,
		"a page of a million <b>": strings.Repeat("<b>", 1_000_000),
		"too many elements":       strings.Repeat("<p>x</p>", 300_000),
	} {
		_, err := convert.HTML([]byte(page), "text/html", nil)
		require.True(t, fault.Is(err, "document_broken"), "%s: %v", name, err)
	}
}

// pack makes a Word file of its parts.
func pack(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, content := range parts {
		w, err := archive.Create(name)
		require.NoError(t, err)
		_, err = w.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	return out.Bytes()
}

const wordStyles = `<w:styles><w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="de-DE"/></w:rPr></w:rPrDefault></w:docDefaults>
	<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style><w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style></w:styles>`

func word(body string) map[string]string {
	return map[string]string{
		"word/document.xml":            `<w:document xmlns:w="x" xmlns:r="y"><w:body>` + body + `</w:body></w:document>`,
		"word/styles.xml":              wordStyles,
		"word/_rels/document.xml.rels": `<Relationships><Relationship Id="r1" Type="http://x/hyperlink" Target="https://help.example/"/></Relationships>`,
		"word/numbering.xml": `<w:numbering><w:abstractNum w:abstractNumId="0"><w:lvl><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
			<w:abstractNum w:abstractNumId="1"><w:lvl><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>
			<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>`,
	}
}

func paragraph(properties, text string) string {
	return `<w:p><w:pPr>` + properties + `</w:pPr><w:r><w:t>` + text + `</w:t></w:r></w:p>`
}

func TestDocx(t *testing.T) {
	t.Parallel()
	d, err := convert.Docx(pack(t, word(
		paragraph(`<w:pStyle w:val="berschrift1"/>`, "Umzug")+
			paragraph(`<w:pStyle w:val="berschrift2"/>`, "Fristen")+
			`<w:p><w:r><w:t xml:space="preserve">Kostet </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>29</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>,90 EUR</w:t></w:r>`+
			`<w:del><w:r><w:delText>39 EUR</w:delText></w:r></w:del><w:r><w:t xml:space="preserve"> pro * </w:t></w:r><w:hyperlink r:id="r1"><w:r><w:t>Hilfe</w:t></w:r></w:hyperlink></w:p>`+
			paragraph(`<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>`, "erstens")+
			paragraph(`<w:numPr><w:ilvl w:val="1"/><w:numId w:val="2"/></w:numPr>`, "darin")+
			paragraph(``, "1. kein Punkt")+
			`<w:tbl><w:tr><w:tc>`+paragraph("", "Plan")+`</w:tc><w:tc>`+paragraph("", "a|b")+`</w:tc></w:tr><w:tr><w:tc>`+paragraph("", "300")+`</w:tc></w:tr></w:tbl>`,
	)))
	require.NoError(t, err)
	require.Equal(t, "Umzug", d.Title)
	require.Equal(t, "de-DE", d.Lang)
	require.Equal(t, `# Umzug

## Fristen

Kostet **29,90 EUR** pro \* [Hilfe](<https://help.example/>)

- erstens
   1. darin

1\. kein Punkt

| Plan | a\|b |
| --- | --- |
| 300 |  |
`, d.Markdown)
}

func TestDocx_refuses(t *testing.T) {
	t.Parallel()
	bomb := word(paragraph("", strings.Repeat("a", 64<<20)))
	deep := word(strings.Repeat("<w:sdt>", 5000) + strings.Repeat("</w:sdt>", 5000))
	entities := word("")
	entities["word/document.xml"] = `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:document><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>`
	for name, data := range map[string][]byte{
		"no zip":         []byte("PK but no"),
		"another zip":    pack(t, map[string]string{"hello.txt": "hello"}),
		"no text":        pack(t, word("")),
		"broken xml":     pack(t, map[string]string{"word/document.xml": "<w:document><w:body>"[:15]}),
		"a zip bomb":     pack(t, bomb),
		"endless depth":  pack(t, deep),
		"entities of it": pack(t, entities),
	} {
		_, err := convert.Docx(data)
		require.True(t, fault.Is(err, "document_broken"), "%s: %v", name, err)
	}
}

func FuzzHTML(f *testing.F) {
	f.Add("<p>a<table><tr><td>b</table><!--", "text/html")
	f.Add("<svg><title>x</title></svg><a href='ht!tp://%'>", "text/html; charset=gbk")
	f.Fuzz(func(t *testing.T, page, contentType string) {
		d, err := convert.HTML([]byte(page), contentType, nil)
		if err != nil {
			_, is := fault.Of(err)
			require.True(t, is, "%v", err)
			return
		}
		require.True(t, utf8.ValidString(d.Markdown))
	})
}

func FuzzDocx(f *testing.F) {
	f.Add(`<w:p><w:r><w:t>x</w:t></w:r></w:p>`, wordStyles)
	f.Fuzz(func(t *testing.T, body, styles string) {
		parts := word(body)
		parts["word/styles.xml"] = styles
		_, err := convert.Docx(pack(t, parts))
		if err != nil {
			_, is := fault.Of(err)
			require.True(t, is, "%v", err)
		}
	})
}
