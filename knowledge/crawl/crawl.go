// SPDX-License-Identifier: MIT

// Package crawl reads pages of web sites for the library, politely and without
// trust: public addresses alone, what robots.txt allows, one page at a time with
// a pause, and nothing without a bound: size, time, redirects and number of
// pages. Each refusal has a stable code and a sentence that an editor can act
// on. A Client is safe for concurrent use; a Visit is for one reader.
package crawl

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"candor/internal/fault"
	"candor/internal/safedial"
)

const (
	// MaxPage is the largest page that is read, unpacked.
	MaxPage = 10 << 20
	// maxRedirects is how often a page may send on.
	maxRedirects = 5
	// maxAddress is the longest address of a page, in bytes.
	maxAddress   = 500
	pageTimeout  = 20 * time.Second
	defaultPause = 500 * time.Millisecond
	maxPause     = 10 * time.Second
	// Agent is how the crawler calls itself, also to robots.txt.
	Agent     = "Candor"
	userAgent = Agent + "/1.0 (library sync)"
)

// Config is what a Client may do; the zero value is right.
type Config struct {
	Allow   []netip.Prefix // networks that may be read although they are not public
	Pause   time.Duration  // between two pages; 0: half a second, negative: none
	Timeout time.Duration  // of a page with its redirects; 0: 20 seconds
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
}

// Client reads pages.
type Client struct {
	http    *safedial.Client
	pause   time.Duration
	timeout time.Duration
}

// New makes a Client.
func New(c Config) *Client {
	if c.Pause == 0 {
		c.Pause = defaultPause
	}
	if c.Timeout == 0 {
		c.Timeout = pageTimeout
	}
	// Redirects are followed here, so that each is held against the scope and robots.txt as well.
	dial := safedial.New(safedial.Config{Allow: c.Allow, Timeout: c.Timeout, MaxBody: MaxPage, Resolve: c.Resolve})
	return &Client{http: dial, pause: c.Pause, timeout: c.Timeout}
}

// Page is what an address answered.
type Page struct {
	URL          *url.URL // after redirects
	Unchanged    bool     // since the one with the tag that was given; there is no Body
	Gone         bool     // the site says that there is no such page
	ETag         string
	LastModified string
	ContentType  string
	Body         []byte
}

// Known is what was noted when the page was read before.
type Known struct{ ETag, LastModified string }

// ParseURL reads an address that somebody typed.
func ParseURL(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	switch {
	case err != nil || u.Host == "":
		return nil, fault.Invalid("url_invalid", "This is no address of a web page. It must start with https:// or http://.")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fault.Invalid("url_invalid", "Only addresses that start with https:// or http:// can be read.")
	case u.User != nil:
		return nil, fault.Invalid("url_invalid", "An address with a password in it is not read.")
	case len(address) > maxAddress:
		return nil, fault.Invalid("url_too_long", "The address has more than %d bytes.", maxAddress)
	}
	return clean(u), nil
}

// clean gives the same page always the same address.
func clean(u *url.URL) *url.URL {
	c := *u
	c.Fragment, c.RawFragment = "", ""
	c.Scheme, c.Host = strings.ToLower(c.Scheme), strings.ToLower(c.Host)
	if c.Scheme == "https" {
		c.Host = strings.TrimSuffix(c.Host, ":443")
	} else {
		c.Host = strings.TrimSuffix(c.Host, ":80")
	}
	if c.Path == "" {
		c.Path = "/"
	}
	return &c
}

// fetch asks for one address and follows where it sends on; may judges each step.
func (c *Client) fetch(ctx context.Context, u *url.URL, known Known, may func(*url.URL) error) (Page, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	seen := map[string]bool{}
	for range maxRedirects + 1 {
		if seen[u.String()] {
			return Page{}, fault.Invalid("redirect_loop", "The page sends on to itself without end.")
		}
		seen[u.String()] = true
		if may != nil {
			if err := may(u); err != nil {
				return Page{}, err
			}
		}
		answer, err := c.get(ctx, u, known)
		if err != nil {
			return Page{}, err
		}
		to := answer.Header.Get("Location")
		if answer.Status < 300 || answer.Status > 399 || answer.Status == http.StatusNotModified || to == "" {
			return pageOf(u, answer)
		}
		if u, err = follow(u, to); err != nil {
			return Page{}, err
		}
	}
	return Page{}, fault.Invalid("redirects_too_many", "The page sends on more than %d times.", maxRedirects)
}

func follow(from *url.URL, to string) (*url.URL, error) {
	ref, err := url.Parse(to)
	if err != nil {
		return nil, fault.Invalid("redirect_broken", "The page sends on to something that is no address.")
	}
	next := clean(from.ResolveReference(ref))
	if _, err := ParseURL(next.String()); err != nil {
		return nil, fault.Invalid("address_refused", "The page sends on to an address that is not read: only web pages on public addresses are.")
	}
	if from.Scheme == "https" && next.Scheme == "http" {
		return nil, fault.Invalid("address_refused", "The page sends on from a protected line to an open one.")
	}
	return next, nil
}

func (c *Client) get(ctx context.Context, u *url.URL, known Known) (*safedial.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fault.Invalid("url_invalid", "This is no address of a web page.")
	}
	r.Header.Set("User-Agent", userAgent)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,text/plain;q=0.8,text/markdown;q=0.8,application/xml;q=0.5")
	r.Header.Set("Accept-Encoding", "identity")
	if known.ETag != "" {
		r.Header.Set("If-None-Match", known.ETag)
	}
	if known.LastModified != "" {
		r.Header.Set("If-Modified-Since", known.LastModified)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, trouble(ctx, err)
	}
	return answer, nil
}

// trouble says why there is no answer, without a word about what lies inside a network.
func trouble(ctx context.Context, err error) error {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, safedial.ErrRefused):
		return fault.Invalid("address_refused", "The address is not a public one, so it is not read.").Because(err)
	case errors.Is(err, safedial.ErrTooLarge):
		return fault.Invalid("page_too_large", "The page is larger than %d MiB.", MaxPage>>20)
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &timeout) && timeout.Timeout(), ctx.Err() != nil:
		return fault.Invalid("page_timeout", "The page did not arrive in time.").Because(err)
	default:
		return fault.Invalid("page_unreachable", "The site cannot be reached. Please check the address.").Because(err)
	}
}

func pageOf(u *url.URL, answer *safedial.Response) (Page, error) {
	p := Page{URL: u, ETag: bounded(answer.Header.Get("ETag")), LastModified: bounded(answer.Header.Get("Last-Modified"))}
	switch {
	case answer.Status == http.StatusNotModified:
		p.Unchanged = true
		return p, nil
	case answer.Status == http.StatusNotFound || answer.Status == http.StatusGone:
		p.Gone = true
		return p, nil
	case answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden:
		return p, fault.Invalid("page_denied", "The site does not let the page be read without signing in (status %d).", answer.Status)
	case answer.Status != http.StatusOK:
		return p, fault.Invalid("page_unavailable", "The site did not give the page (status %d).", answer.Status)
	}
	var err error
	if p.Body, err = unpack(answer); err != nil {
		return p, err
	}
	p.ContentType = answer.Header.Get("Content-Type")
	return p, nil
}

// bounded drops what no honest server sends.
func bounded(header string) string {
	if len(header) > 300 {
		return ""
	}
	return strings.ToValidUTF8(header, "")
}

// unpack undoes the compression of a server that uses it although it was not asked to.
func unpack(answer *safedial.Response) ([]byte, error) {
	switch strings.ToLower(answer.Header.Get("Content-Encoding")) {
	case "", "identity":
		return answer.Body, nil
	case "gzip", "x-gzip":
		return gunzip(answer.Body)
	default:
		return nil, fault.Invalid("page_packed", "The page is packed in a way that was not asked for.")
	}
}

func gunzip(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fault.Invalid("page_packed", "The page is packed and cannot be unpacked.")
	}
	body, err := io.ReadAll(io.LimitReader(r, MaxPage+1))
	if len(body) > MaxPage {
		return nil, fault.Invalid("page_too_large", "The page is larger than %d MiB when it is unpacked.", MaxPage>>20)
	}
	if err != nil {
		return nil, fault.Invalid("page_packed", "The page is packed and cannot be unpacked.")
	}
	return body, nil
}

// Kind says what a page is by what it holds, not by what it calls itself alone:
// "html", "text", or "" for anything else.
func (p Page) Kind() string {
	named, _, _ := mime.ParseMediaType(p.ContentType)
	found, _, _ := mime.ParseMediaType(http.DetectContentType(p.Body))
	switch {
	case !strings.HasPrefix(found, "text/"):
		return ""
	case named == "text/html" || named == "application/xhtml+xml" || found == "text/html" && (named == "" || named == "text/plain"):
		return "html"
	case named == "text/plain" || named == "text/markdown":
		return "text"
	}
	return ""
}
