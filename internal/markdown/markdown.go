// SPDX-License-Identifier: MIT

// Package markdown turns the Markdown that models, agents and customers write into safe HTML and
// into plain words. Raw HTML is never passed on: it shows as the text it is. Both functions are pure
// and safe for concurrent use.
package markdown

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	ghtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// maxNesting is how deep quotes and lists may stand in one another; a text that goes deeper was
// written to hurt, and is shown as it is.
const maxNesting = 200

// HTML renders src as a fragment that is safe to put into a page: no raw HTML, no images (their
// description stays), no scripts; links lead to http, https and mailto only and carry
// rel="nofollow noopener".
func HTML(src string) string {
	if nesting(src) > maxNesting {
		return "<p>" + html.EscapeString(src) + "</p>"
	}
	var out bytes.Buffer
	if err := engine().Convert([]byte(src), &out); err != nil {
		return "<p>" + html.EscapeString(src) + "</p>"
	}
	return policy().Sanitize(out.String())
}

var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "li",
		"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^\d{1,9}$`)).OnElements("ol")
	p.AllowElements("ol", "th", "td")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|right|center)$`)).OnElements("th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	p.RequireNoFollowOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
})

var engine = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(textOnlyParser()),
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough, extension.Linkify,
		),
		goldmark.WithRendererOptions(
			ghtml.WithHardWraps(),
			renderer.WithNodeRenderers(util.Prioritized(describer{}, 1)),
		),
	)
})

// textOnlyParser is CommonMark without its two parsers of HTML, so that a tag is text like any other.
func textOnlyParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewEmphasisParser(), 500),
		),
		parser.WithParagraphTransformers(util.Prioritized(parser.LinkReferenceParagraphTransformer, 100)),
	)
}

// describer shows an image as its description: the reader gets the words, nobody's server gets a visit.
type describer struct{}

func (describer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindImage, func(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
		return ast.WalkContinue, nil
	})
}

// nesting is a cheap upper bound of how deep containers stand in one another on one line.
func nesting(src string) int {
	deepest, depth := 0, 0
	for i := range len(src) {
		switch src[i] {
		case '>', '-', '*', '+', '[', '(', '.', ')':
			depth++
			deepest = max(deepest, depth)
		case ' ', '\t', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '!':
		default:
			depth = 0
		}
	}
	return deepest
}

// Escape shows plain text as it was written: escaped, its line breaks kept.
func Escape(src string) string {
	return "<p>" + strings.ReplaceAll(html.EscapeString(src), "\n", "<br>") + "</p>"
}

// literals are the characters that mean something in Markdown.
var literals = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`, `#`, `\#`, `~`, `\~`, `|`, `\|`, `!`, `\!`,
)

// Literal makes Markdown that shows plain text as it was written.
func Literal(s string) string { return literals.Replace(s) }
