// SPDX-License-Identifier: MIT

package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed static templates
var embedded embed.FS

// ContentSecurityPolicy is what every page is served with: own scripts and styles only, none of them inline, and HTML enters the
// document through one place (setServerHTML) alone.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'; " +
	"require-trusted-types-for 'script'; trusted-types candor"

// Site renders pages and serves what they load.
type Site struct {
	pages  map[string]*template.Template
	assets *assets
}

// New reads the embedded files once. An error means a broken binary.
func New() (*Site, error) {
	static, err := fs.Sub(embedded, "static")
	if err != nil {
		return nil, fmt.Errorf("opening assets: %w", err)
	}
	s := &Site{pages: make(map[string]*template.Template)}
	if s.assets, err = newAssets(static); err != nil {
		return nil, err
	}
	base, err := template.New("").Funcs(s.funcs()).ParseFS(embedded, "templates/parts/*.html")
	if err != nil {
		return nil, fmt.Errorf("parsing templates: %w", err)
	}
	names, err := fs.Glob(embedded, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("listing templates: %w", err)
	}
	for _, name := range names {
		page, err := template.Must(base.Clone()).ParseFS(embedded, name)
		if err != nil {
			return nil, fmt.Errorf("parsing %s: %w", name, err)
		}
		s.pages[strings.TrimSuffix(path.Base(name), ".html")] = page
	}
	return s, nil
}

// Assets serves /widget.js, /favicon.svg, /favicon.ico and everything below /static/.
func (s *Site) Assets() http.Handler { return s.assets }

// Render writes a page ("shop", "chat", "desk" ...) with its data, the type of the same name in this package. Nothing is written
// when it fails.
func (s *Site) Render(w io.Writer, page string, data any) error {
	t, ok := s.pages[page]
	if !ok {
		return fmt.Errorf("rendering: no page %q", page)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, page+".html", data); err != nil {
		return fmt.Errorf("rendering %s: %w", page, err)
	}
	if _, err := b.WriteTo(w); err != nil {
		return fmt.Errorf("writing %s: %w", page, err)
	}
	return nil
}
