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
		remove(main, surroundings, around)
	}
	if main == nil {
		return Document{}, broken("The page has no text.")
	}
	remove(main, decoration, unshown)
	p.address(main)
	markdown, err := toMarkdown(main)
	if err != nil {
		return Document{}, broken("The page cannot be turned into Markdown.")
	}
	if strings.TrimSpace(markdown) == "" {
		return Document{}, broken("The page has no text of its own; one that is put together by a script cannot be read.")
	}
	return Document{Title: p.heading(main), Lang: p.lang, URL: p.canonical, Markdown: unseen.Replace(markdown), Links: p.links}, nil
}

// page is what a first walk over the tree finds.
type page struct {
	from        *url.URL
	title, lang string
	canonical   string
	links       []string
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
		case atom.A:
			p.link(attribute(node, "href"))
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

// maxLinks is how many links of a page are noted.
const maxLinks = 2000

func (p *page) link(ref string) {
	if p.from == nil || len(p.links) == maxLinks {
		return
	}
	if to := p.resolve(ref); strings.HasPrefix(to, "http") {
		p.links = append(p.links, to)
	}
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
func remove(root *html.Node, kinds []atom.Atom, also func(*html.Node) bool) {
	if root == nil {
		return
	}
	var found []*html.Node
	for node := range root.Descendants() {
		if node.Type == html.ElementNode && (slices.Contains(kinds, node.DataAtom) || also(node)) {
			found = append(found, node)
		}
	}
	for _, node := range found {
		if node.Parent != nil {
			node.Parent.RemoveChild(node)
		}
	}
}

// unshown is what a reader does not see, or sees on every page until it is clicked
// away: text that is hidden from people must not speak to a model.
func unshown(node *html.Node) bool {
	style := strings.ReplaceAll(strings.ToLower(attribute(node, "style")), " ", "")
	return slices.ContainsFunc(node.Attr, func(a html.Attribute) bool { return a.Key == "hidden" || a.Key == "aria-hidden" && a.Val == "true" }) ||
		strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden") ||
		slices.Contains([]string{"dialog", "alertdialog"}, attribute(node, "role")) || consent(node)
}

// around is what surrounds the text of a page whose main part is not marked.
func around(node *html.Node) bool {
	return slices.Contains([]string{"navigation", "banner", "contentinfo", "complementary", "search"}, attribute(node, "role")) || unshown(node)
}

// consent tells whether an element is a cookie banner, by what the common ones are called.
func consent(node *html.Node) bool {
	if node.DataAtom != atom.Div && node.DataAtom != atom.Section && node.DataAtom != atom.Aside {
		return false
	}
	for name := range strings.FieldsFuncSeq(strings.ToLower(attribute(node, "id")+" "+attribute(node, "class")), func(r rune) bool { return r == ' ' || r == '-' || r == '_' }) {
		if slices.Contains([]string{"cookie", "cookies", "consent", "gdpr", "onetrust", "cookiebot", "cookiebanner", "cookieconsent"}, name) {
			return len(text(node)) < maxConsent // a page about cookies has more to say
		}
	}
	return false
}

const maxConsent = 2000

// unseen are characters that no reader sees and a model does: Unicode's tags and
// the marks of no width that no script needs.
var unseen = func() *strings.Replacer {
	var pairs []string
	for r := rune(0xE0000); r <= 0xE007F; r++ {
		pairs = append(pairs, string(r), "")
	}
	for _, r := range "\u200b\u2060\u2061\u2062\u2063\u2064\u00ad\ufeff" {
		pairs = append(pairs, string(r), "")
	}
	return strings.NewReplacer(pairs...)
}()

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
