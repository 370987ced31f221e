// SPDX-License-Identifier: MIT

package markdown

import (
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	gtext "github.com/yuin/goldmark/text"
)

// Plain returns the words of src without its marks: link texts without addresses, code as it is,
// one line for each block and each row of a table. It is for previews, search and reading aloud.
func Plain(src string) string {
	if nesting(src) > maxNesting {
		return src
	}
	source := []byte(src)
	doc := engine().Parser().Parse(gtext.NewReader(source))
	w := &plainWriter{source: source}
	_ = ast.Walk(doc, w.visit) // visit returns no error
	return strings.TrimSpace(w.out.String())
}

type plainWriter struct {
	source []byte
	out    strings.Builder
}

func (w *plainWriter) visit(n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		w.leave(n)
		return ast.WalkContinue, nil
	}
	switch n := n.(type) {
	case *ast.Text:
		w.text(n)
	case *ast.String:
		w.out.Write(n.Value)
	case *ast.AutoLink:
		w.out.Write(n.Label(w.source))
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			w.out.Write(line.Value(w.source))
		}
	case *ast.CodeSpan:
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				w.out.Write(t.Segment.Value(w.source))
			}
		}
		return ast.WalkSkipChildren, nil
	}
	return ast.WalkContinue, nil
}

func (w *plainWriter) text(n *ast.Text) {
	if n.IsRaw() {
		w.out.Write(n.Segment.Value(w.source))
	} else {
		w.out.WriteString(html.UnescapeString(unescape(string(n.Segment.Value(w.source)))))
	}
	if n.SoftLineBreak() || n.HardLineBreak() {
		w.out.WriteByte('\n')
	}
}

// leave ends the line of a block; a cell of a table ends with a blank.
func (w *plainWriter) leave(n ast.Node) {
	if _, cell := n.(*east.TableCell); cell {
		w.out.WriteByte(' ')
		return
	}
	if n.Type() == ast.TypeBlock && !strings.HasSuffix(w.out.String(), "\n") {
		w.out.WriteByte('\n')
	}
}

const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// unescape takes the backslash off the punctuation that Markdown lets it protect.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(punctuation, s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
