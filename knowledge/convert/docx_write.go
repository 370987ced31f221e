// SPDX-License-Identifier: MIT

package convert

import (
	"regexp"
	"strconv"
	"strings"

	"candor/internal/markdown"
)

// docxWriter writes the text part of a Word file as Markdown.
type docxWriter struct {
	file  *docxFile
	out   strings.Builder
	title string // the first title or top heading
	list  bool   // the paragraph before was an item
}

// blocks writes what stands one below the other.
func (w *docxWriter) blocks(parent *element) {
	if parent == nil {
		return
	}
	for _, e := range parent.nodes {
		switch e.name {
		case "p":
			w.paragraph(e)
		case "tbl":
			w.table(e)
		case "sdt", "sdtContent", "customXml", "smartTag", "ins":
			w.blocks(e)
		}
	}
}

func (w *docxWriter) paragraph(p *element) {
	line := strings.TrimSpace(w.inline(p))
	if line == "" {
		return
	}
	properties := p.child("pPr")
	if level, is := w.file.headings[properties.child("pStyle").get("val")]; is {
		w.heading(level, p)
		return
	}
	if number := properties.child("numPr"); number != nil {
		w.item(number, line)
		return
	}
	w.gap(false)
	w.out.WriteString(escapeStart(line) + "\n")
}

func (w *docxWriter) heading(level int, p *element) {
	plain := clean(p.text())
	if w.title == "" && level <= 1 {
		w.title = plain
	}
	w.gap(false)
	w.out.WriteString(strings.Repeat("#", min(max(level, 1), 6)) + " " + markdown.Literal(plain) + "\n")
}

func (w *docxWriter) item(number *element, line string) {
	depth, err := strconv.Atoi(number.child("ilvl").get("val"))
	if err != nil {
		depth = 0
	}
	mark := "- "
	if w.file.numbered[number.child("numId").get("val")] {
		mark = "1. "
	}
	w.gap(true)
	w.out.WriteString(strings.Repeat("   ", min(max(depth, 0), 8)) + mark + line + "\n")
}

// gap leaves an empty line between blocks, none between the items of a list.
func (w *docxWriter) gap(item bool) {
	if w.out.Len() > 0 && (!item || !w.list) {
		w.out.WriteString("\n")
	}
	w.list = item
}

func (w *docxWriter) table(t *element) {
	var rows [][]string
	width := 0
	for _, tr := range t.children("tr") {
		var cells []string
		for _, tc := range tr.children("tc") {
			var lines []string
			for _, p := range tc.children("p") {
				if line := clean(w.inline(p)); line != "" {
					lines = append(lines, line)
				}
			}
			cells = append(cells, strings.Join(lines, " "))
		}
		width = max(width, len(cells))
		rows = append(rows, cells)
	}
	if width == 0 {
		return
	}
	w.gap(false)
	for i, cells := range rows {
		for len(cells) < width {
			cells = append(cells, "")
		}
		w.out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		if i == 0 {
			w.out.WriteString("|" + strings.Repeat(" --- |", width) + "\n")
		}
	}
}

// look is how a run of text is set.
type look struct{ bold, italic bool }

// inline writes the runs of a paragraph; Word cuts even words into several, so
// those of one look are joined first. What was deleted under tracking of changes
// is not text any more.
func (w *docxWriter) inline(parent *element) string {
	var out, pending strings.Builder
	var current look
	flush := func() {
		out.WriteString(current.mark(pending.String()))
		pending.Reset()
	}
	for _, e := range parent.nodes {
		switch e.name {
		case "r":
			if l := lookOf(e); l != current {
				flush()
				current = l
			}
			pending.WriteString(plain(e))
		case "hyperlink":
			flush()
			out.WriteString(w.link(e))
		case "ins", "smartTag", "sdt", "sdtContent", "fldSimple":
			flush()
			out.WriteString(w.inline(e))
		}
	}
	flush()
	return out.String()
}

func (w *docxWriter) link(e *element) string {
	label, target := w.inline(e), w.file.links[e.get("id")]
	if target == "" || strings.TrimSpace(label) == "" {
		return label
	}
	return "[" + strings.TrimSpace(label) + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", "\n", "").Replace(target) + ">)"
}

// plain is the text of a run.
func plain(r *element) string {
	var out strings.Builder
	for _, e := range r.nodes {
		switch e.name {
		case "t":
			out.WriteString(e.text())
		case "tab", "br", "cr":
			out.WriteString(" ")
		case "noBreakHyphen":
			out.WriteString("-")
		}
	}
	return out.String()
}

func lookOf(r *element) look {
	properties := r.child("rPr")
	return look{on(properties.child("b")), on(properties.child("i"))}
}

// mark writes text in its look, with the space around it outside the marks.
func (l look) mark(s string) string {
	core := strings.TrimSpace(s)
	if core == "" {
		return s
	}
	marked := markdown.Literal(core)
	if l.bold {
		marked = "**" + marked + "**"
	}
	if l.italic {
		marked = "*" + marked + "*"
	}
	at := strings.Index(s, core)
	return s[:at] + marked + s[at+len(core):]
}

// on reports whether a property is set: it is there, and not switched off.
func on(e *element) bool {
	if e == nil {
		return false
	}
	switch e.get("val") {
	case "0", "false", "off":
		return false
	default:
		return true
	}
}

// startsBlock finds paragraphs that Markdown would take for an item of a list.
var startsBlock = regexp.MustCompile(`^([-+=]|\d{1,9}[.)])(\s|$)`)

// escapeStart keeps such a paragraph what it is.
func escapeStart(line string) string {
	at := startsBlock.FindStringSubmatchIndex(line)
	if at == nil {
		return line
	}
	return line[:at[3]-1] + `\` + line[at[3]-1:]
}
