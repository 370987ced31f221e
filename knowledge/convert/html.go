// SPDX-License-Identifier: MIT

package convert

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// maxNodes bounds what a page may grow to when it is read.
const maxNodes = 400_000

// decoration is never what a page says.
var decoration = []atom.Atom{
	atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Iframe, atom.Object, atom.Embed, atom.Canvas, atom.Svg, atom.Math,
	atom.Button, atom.Input, atom.Select, atom.Textarea, atom.Dialog, atom.Audio, atom.Video, atom.Img, atom.Picture,
}

// surroundings are on every page of a site; inside the main part they are text.
var surroundings = []atom.Atom{atom.Nav, atom.Header, atom.Footer, atom.Aside}

// HTML reads a page, in whatever encoding it says it has. base is where it came
// from, so that its links lead somewhere; nil for a file.
func HTML(data []byte, contentType string, from *url.URL) (Document, error) {
	utf8, err := charset.NewReader(bytes.NewReader(data), contentType)
	if err != nil {
		return Document{}, broken("The page is in an encoding that is not known.")
	}
	root, err := html.Parse(utf8)
	if err != nil {
		return Document{}, broken("The page cannot be read as HTML.")
	}
	p := page{from: from}
	if !p.read(root) {
		return Document{}, broken("The page has more than %d elements.", maxNodes)
	}
	main := p.main
	if main == nil {
		main = p.body
		remove(main, surroundings)
	}
	if main == nil {
		return Document{}, broken("The page has no text.")
	}
	remove(main, decoration)
	p.address(main)
	markdown, err := toMarkdown(main)
	if err != nil {
		return Document{}, broken("The page cannot be turned into Markdown.")
	}
	if strings.TrimSpace(markdown) == "" {
		return Document{}, broken("The page has no text of its own; one that is put together by a script cannot be read.")
	}
	return Document{Title: p.heading(main), Lang: p.lang, URL: p.canonical, Markdown: markdown}, nil
}

// page is what a first walk over the tree finds.
type page struct {
	from        *url.URL
	title, lang string
	canonical   string
	body, main  *html.Node
}

// read walks the tree; false when it is too large.
func (p *page) read(root *html.Node) bool {
	n := 0
	for node := range root.Descendants() {
		if n++; n > maxNodes {
			return false
		}
		if node.Type != html.ElementNode {
			continue
		}
		switch node.DataAtom {
		case atom.Html:
			p.lang = strings.TrimSpace(attribute(node, "lang"))
		case atom.Title:
			if p.title == "" && node.Namespace == "" {
				p.title = clean(text(node))
			}
		case atom.Link:
			if strings.EqualFold(attribute(node, "rel"), "canonical") {
				p.canonical = p.resolve(attribute(node, "href"))
			}
		case atom.Body:
			p.body = node
		case atom.Main:
			p.main = node
		case atom.Article:
			if p.main == nil {
				p.main = node
			}
		}
		if p.main == nil && attribute(node, "role") == "main" {
			p.main = node
		}
	}
	return true
}

// heading is the page's first main heading, else its title without the site's name.
func (p *page) heading(main *html.Node) string {
	for node := range main.Descendants() {
		if node.Type == html.ElementNode && node.DataAtom == atom.H1 {
			if heading := clean(text(node)); heading != "" {
				return heading
			}
		}
	}
	for _, mark := range []string{" | ", " – ", " — ", " · "} {
		if i := strings.LastIndex(p.title, mark); i > 0 {
			return p.title[:i]
		}
	}
	return p.title
}

// address makes links absolute and drops those that lead nowhere a reader can go.
func (p *page) address(main *html.Node) {
	for node := range main.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		for i, a := range node.Attr {
			if a.Key == "href" {
				node.Attr[i].Val = p.resolve(a.Val)
			}
		}
	}
}

func (p *page) resolve(ref string) string {
	u, err := url.Parse(strings.TrimSpace(ref))
	if err != nil {
		return ""
	}
	if p.from != nil {
		u = p.from.ResolveReference(u)
	}
	switch u.Scheme {
	case "http", "https", "mailto", "tel", "":
		return u.String()
	default:
		return ""
	}
}

// remove takes elements out of the tree.
func remove(root *html.Node, kinds []atom.Atom) {
	if root == nil {
		return
	}
	var found []*html.Node
	for node := range root.Descendants() {
		if node.Type == html.ElementNode && (slices.Contains(kinds, node.DataAtom) || hidden(node)) {
			found = append(found, node)
		}
	}
	for _, node := range found {
		if node.Parent != nil {
			node.Parent.RemoveChild(node)
		}
	}
}

func hidden(node *html.Node) bool {
	return slices.ContainsFunc(node.Attr, func(a html.Attribute) bool { return a.Key == "hidden" || a.Key == "aria-hidden" && a.Val == "true" })
}

func attribute(node *html.Node, key string) string {
	for _, a := range node.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(root *html.Node) string {
	var out strings.Builder
	for node := range root.Descendants() {
		if node.Type == html.TextNode {
			out.WriteString(node.Data)
		}
	}
	return out.String()
}

func toMarkdown(node *html.Node) (string, error) {
	c := converter.NewConverter(converter.WithPlugins(base.NewBasePlugin(), commonmark.NewCommonmarkPlugin(), table.NewTablePlugin()))
	out, err := c.ConvertNode(node)
	return string(out), err
}
