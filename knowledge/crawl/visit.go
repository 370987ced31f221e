// SPDX-License-Identifier: MIT

package crawl

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/temoto/robotstxt"

	"candor/internal/fault"
)

// Scope is what of the web belongs to a source.
type Scope struct {
	Start *url.URL
	Site  bool // and what lies under the start's path
}

// Holds tells whether an address is the start, or of the site below it.
func (s Scope) Holds(u *url.URL) bool {
	if u.Scheme != s.Start.Scheme || u.Host != s.Start.Host {
		return false
	}
	if !s.Site {
		return u.String() == s.Start.String()
	}
	under := s.under()
	return u.Path == strings.TrimSuffix(under, "/") || strings.HasPrefix(u.Path, under)
}

// under is the folder that the site is: /help/ for /help, /help/ and /help/index.html.
func (s Scope) under() string {
	p := s.Start.Path
	if strings.HasSuffix(p, "/") {
		return p
	}
	if path.Ext(p) != "" {
		return p[:strings.LastIndex(p, "/")+1]
	}
	return p + "/"
}

// notPages are what links lead to and no page is.
var notPages = map[string]bool{
	".png": true, ".jpg": true, ".jpeg": true, ".gif": true, ".webp": true, ".svg": true, ".ico": true, ".css": true, ".js": true, ".json": true,
	".xml": true, ".pdf": true, ".zip": true, ".gz": true, ".mp3": true, ".mp4": true, ".webm": true, ".woff": true, ".woff2": true, ".exe": true, ".dmg": true,
}

// Pick gives those of the links that lead to pages of the scope, each once.
func (s Scope) Pick(links []string, most int) []string {
	var out []string
	seen := map[string]bool{}
	for _, link := range links {
		u, err := ParseURL(link)
		if err != nil || !s.Holds(u) || notPages[strings.ToLower(path.Ext(u.Path))] || seen[u.String()] {
			continue
		}
		seen[u.String()] = true
		if out = append(out, u.String()); len(out) == most {
			break
		}
	}
	return out
}

// Visit is one reading of a source.
type Visit struct {
	client *Client
	scope  Scope
	robots *robotstxt.RobotsData
	group  *robotstxt.Group
	pause  time.Duration
	next   *time.Timer
	Beat   func(context.Context) error // called while sitemaps are read; may be nil
}

// maxRobots is how much of a robots.txt is read.
const maxRobots = 500 << 10

// Visit begins a reading: it asks the site what it allows.
func (c *Client) Visit(ctx context.Context, scope Scope) (*Visit, error) {
	v := &Visit{client: c, scope: scope, pause: max(c.pause, 0)}
	page, err := c.fetch(ctx, &url.URL{Scheme: scope.Start.Scheme, Host: scope.Start.Host, Path: "/robots.txt"}, Known{}, v.sameHost)
	status := http.StatusOK
	switch {
	case fault.Is(err, "page_unavailable"):
		return nil, fault.Invalid("robots_unavailable", "The site does not say now what may be read (robots.txt); try again later.")
	case page.Gone, fault.Is(err, "page_denied"), fault.Is(err, "redirect_away"):
		status = http.StatusNotFound
	case err != nil:
		return nil, err
	}
	if v.robots, err = robotstxt.FromStatusAndBytes(status, page.Body[:min(len(page.Body), maxRobots)]); err != nil {
		v.robots, _ = robotstxt.FromStatusAndBytes(http.StatusNotFound, nil) // unreadable: as if there were none
	}
	v.group = v.robots.FindGroup(Agent)
	if v.client.pause >= 0 {
		v.pause = min(max(v.pause, v.group.CrawlDelay), maxPause)
	}
	return v, nil
}

func (v *Visit) sameHost(u *url.URL) error {
	if u.Host != v.scope.Start.Host {
		return fault.Invalid("redirect_away", "The page sends on to another site.")
	}
	return nil
}

// may judges where a page is read or sent on to.
func (v *Visit) may(u *url.URL) error {
	switch {
	case !v.scope.Holds(u) && (v.scope.Site || u.Host != v.scope.Start.Host):
		return fault.Invalid("redirect_away", "The page sends on to %s, which is not part of this source.", u.Redacted())
	case !v.group.Test(u.RequestURI()):
		return fault.Invalid("robots_refused", "The site's robots.txt asks programs not to read this page.")
	}
	return nil
}

// Read reads a page of the source, after a pause.
func (v *Visit) Read(ctx context.Context, address string, known Known) (Page, error) {
	u, err := ParseURL(address)
	if err != nil {
		return Page{}, err
	}
	if err := v.wait(ctx); err != nil {
		return Page{}, err
	}
	return v.client.fetch(ctx, u, known, v.may)
}

func (v *Visit) wait(ctx context.Context) error {
	if v.next != nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-v.next.C:
		}
	}
	v.next = time.NewTimer(v.pause)
	return ctx.Err()
}

const (
	maxSitemaps = 20
	// maxListed is how many addresses of sitemaps are looked at.
	maxListed = 50_000
)

// Listed gives the pages of the source that the site's sitemaps name, at most so
// many; none if it has no sitemap.
func (v *Visit) Listed(ctx context.Context, most int) ([]string, error) {
	if !v.scope.Site {
		return nil, nil
	}
	todo := append([]string{}, v.robots.Sitemaps...)
	todo = append(todo, (&url.URL{Scheme: v.scope.Start.Scheme, Host: v.scope.Start.Host, Path: "/sitemap.xml"}).String())
	var found []string
	seen := map[string]bool{}
	for n := 0; len(todo) > 0 && n < maxSitemaps; {
		address := todo[0]
		todo = todo[1:]
		u, err := ParseURL(address)
		if err != nil || seen[u.String()] || u.Host != v.scope.Start.Host {
			continue
		}
		seen[u.String()] = true
		n++
		if err := v.wait(ctx); err != nil {
			return nil, err
		}
		if v.Beat != nil {
			if err := v.Beat(ctx); err != nil {
				return nil, err
			}
		}
		page, err := v.client.fetch(ctx, u, Known{}, v.sameHost)
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		if err != nil || page.Gone {
			continue
		}
		pages, more := readSitemap(page.Body)
		found = append(found, pages[:min(len(pages), maxListed-len(found))]...)
		todo = append(todo, more...)
	}
	return v.scope.Pick(found, most), nil
}

// readSitemap gives the pages and the further sitemaps that one names. What is
// no sitemap names none.
func readSitemap(data []byte) (pages, more []string) {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		var err error
		if data, err = gunzip(data); err != nil {
			return nil, nil
		}
	}
	decoder := xml.NewDecoder(bytes.NewReader(data))
	var in string
	for len(pages)+len(more) < maxListed {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) || err != nil {
			return pages, more
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local != "loc" {
				if t.Name.Local == "url" || t.Name.Local == "sitemap" {
					in = t.Name.Local
				}
				continue
			}
			token, _ = decoder.RawToken()
			text, _ := token.(xml.CharData)
			if address := strings.TrimSpace(string(text)); in == "sitemap" {
				more = append(more, address)
			} else if address != "" {
				pages = append(pages, address)
			}
		case xml.EndElement:
			if t.Name.Local == in {
				in = ""
			}
		}
	}
	return pages, more
}
