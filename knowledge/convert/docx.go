// SPDX-License-Identifier: MIT

package convert

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// maxPart is the largest part of a Word file that is read, unpacked: what a
	// zip bomb swells to.
	maxPart = 16 << 20
	// maxElements bounds what a part takes in memory once it is read.
	maxElements = 500_000
	// maxDepth is how deep the elements of a part may be nested.
	maxDepth = 200
)

// Docx reads a Word file: headings, paragraphs, lists, tables, links, bold and italic.
func Docx(data []byte) (Document, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return Document{}, broken("The file is not a Word document (.docx).")
	}
	f := docxFile{archive: archive}
	body, err := f.part("word/document.xml")
	if err != nil {
		return Document{}, err
	}
	if body == nil {
		return Document{}, broken("The file is not a Word document (.docx): it has no text part.")
	}
	if err := f.readStyles(); err != nil {
		return Document{}, err
	}
	w := docxWriter{file: &f}
	w.blocks(body.child("body"))
	markdown := strings.TrimSpace(w.out.String())
	if markdown == "" {
		return Document{}, broken("The Word document has no text.")
	}
	title := w.title
	if title == "" {
		title = f.title
	}
	return Document{Title: title, Lang: f.lang, Markdown: markdown + "\n"}, nil
}

// docxFile is what the parts beside the text say.
type docxFile struct {
	archive  *zip.Reader
	headings map[string]int    // level by style id; 0 is the title
	links    map[string]string // address by relationship id
	numbered map[string]bool   // list id: true for numbers, false for bullets
	title    string
	lang     string
}

// part reads one part as a tree; nil when the file has none of that name.
func (f *docxFile) part(name string) (*element, error) {
	for _, entry := range f.archive.File {
		if entry.Name != name {
			continue
		}
		r, err := entry.Open()
		if err != nil {
			return nil, broken("The Word document is damaged.")
		}
		defer r.Close()
		limited := &io.LimitedReader{R: r, N: maxPart + 1}
		root, err := readXML(limited)
		if limited.N <= 0 {
			return nil, broken("The Word document is larger than %d MiB when it is unpacked.", maxPart>>20)
		}
		if err != nil {
			return nil, broken("The Word document is damaged.")
		}
		return root, nil
	}
	return nil, nil //nolint:nilnil // the part is optional
}

func (f *docxFile) readStyles() error {
	f.headings, f.links, f.numbered = map[string]int{}, map[string]string{}, map[string]bool{}
	styles, err := f.part("word/styles.xml")
	if err != nil {
		return err
	}
	for _, style := range styles.children("style") {
		name := strings.ToLower(style.child("name").get("val"))
		var level int
		if name == "title" {
			f.headings[style.get("styleId")] = 0
		} else if n, _ := fmt.Sscanf(name, "heading %d", &level); n == 1 && level >= 1 && level <= 9 {
			f.headings[style.get("styleId")] = level
		}
	}
	f.lang = styles.child("docDefaults").child("rPrDefault").child("rPr").child("lang").get("val")
	relations, err := f.part("word/_rels/document.xml.rels")
	if err != nil {
		return err
	}
	for _, r := range relations.children("Relationship") {
		if strings.HasSuffix(r.get("Type"), "/hyperlink") {
			f.links[r.get("Id")] = r.get("Target")
		}
	}
	if err := f.readNumbering(); err != nil {
		return err
	}
	core, err := f.part("docProps/core.xml")
	f.title = clean(core.child("title").text())
	return err
}

func (f *docxFile) readNumbering() error {
	numbering, err := f.part("word/numbering.xml")
	if err != nil {
		return err
	}
	bullets := map[string]bool{}
	for _, a := range numbering.children("abstractNum") {
		bullets[a.get("abstractNumId")] = a.child("lvl").child("numFmt").get("val") == "bullet"
	}
	for _, n := range numbering.children("num") {
		f.numbered[n.get("numId")] = !bullets[n.child("abstractNumId").get("val")]
	}
	return nil
}

// element is a node of a part. Namespaces are dropped: the names are distinct enough.
// A nil element is one that is not there, and has nothing.
type element struct {
	name  string
	attrs []xml.Attr
	nodes []*element
	data  string // of a text node, whose name is ""
}

func readXML(r io.Reader) (*element, error) {
	decoder := xml.NewDecoder(r)
	root := &element{}
	open := []*element{root}
	n := 0
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read xml: %w", err)
		}
		top := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if len(open) > maxDepth {
				return nil, errors.New("read xml: nested too deep")
			}
			e := &element{name: t.Name.Local, attrs: t.Attr}
			top.nodes = append(top.nodes, e)
			open = append(open, e)
			if n++; n > maxElements {
				return nil, errors.New("read xml: too many elements")
			}
		case xml.EndElement:
			if len(open) == 1 {
				return nil, errors.New("read xml: an end without a start")
			}
			open = open[:len(open)-1]
		case xml.CharData:
			top.nodes = append(top.nodes, &element{data: string(t)})
		}
	}
	for _, e := range root.nodes {
		if e.name != "" {
			return e, nil
		}
	}
	return nil, errors.New("read xml: empty")
}

func (e *element) child(name string) *element {
	if e == nil {
		return nil
	}
	for _, n := range e.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

func (e *element) children(name string) (found []*element) {
	if e == nil {
		return nil
	}
	for _, n := range e.nodes {
		if n.name == name {
			found = append(found, n)
		}
	}
	return found
}

func (e *element) get(attribute string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.attrs {
		if a.Name.Local == attribute {
			return a.Value
		}
	}
	return ""
}

// text is all text below the element.
func (e *element) text() string {
	if e == nil {
		return ""
	}
	if e.name == "" {
		return e.data
	}
	var out strings.Builder
	for _, n := range e.nodes {
		out.WriteString(n.text())
	}
	return out.String()
}
