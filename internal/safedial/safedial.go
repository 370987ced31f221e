// SPDX-License-Identifier: MIT

// Package safedial calls addresses that somebody else chose without becoming a
// way into the network it runs in: a name is resolved once, an address that is
// not public is refused, and the connection goes to the very address that was
// judged. Redirects are judged like the first call; answers are cut at a size
// and a time. A Client is safe for concurrent use.
package safedial

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

var (
	// ErrRefused says that an address is not one to call. It names no address:
	// what a name means inside a network is nobody's business outside.
	ErrRefused = errors.New("the address is not a public one")
	// ErrTooLarge says that the answer was longer than was allowed.
	ErrTooLarge = errors.New("the answer is too large")
	// ErrRedirects says that one redirect too many was answered.
	ErrRedirects = errors.New("too many redirects")
)

// Config says what a Client may do. The zero value is a strict one.
type Config struct {
	Allow        []netip.Prefix // networks that may be called although they are not public
	Timeout      time.Duration  // of a whole call; 0: ten seconds
	MaxBody      int64          // bytes of an answer; 0: 64 KiB
	MaxRedirects int            // 0: a redirect is the answer
	TLS          *tls.Config    // nil: the system's authorities
	// Resolve finds the addresses of a name; nil: the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
}

const (
	defaultTimeout = 10 * time.Second
	defaultBody    = 64 << 10
	maxHeader      = 16 << 10
)

// Client calls public addresses.
type Client struct {
	config Config
	http   *http.Client
}

// New makes a Client. It keeps no connection open between calls.
func New(c Config) *Client {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.MaxBody == 0 {
		c.MaxBody = defaultBody
	}
	if c.Resolve == nil {
		c.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	client := &Client{config: c}
	client.http = &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: client.redirect,
		// No proxy: it would resolve the name anew.
		Transport: &http.Transport{
			DialContext: client.DialContext, TLSClientConfig: c.TLS, ForceAttemptHTTP2: true,
			DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeader,
		},
	}
	return client
}

// Response is an answer, read whole.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request and reads its answer.
func (c *Client) Do(r *http.Request) (*Response, error) {
	if err := checkURL(r.URL); err != nil {
		return nil, err
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, c.config.MaxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if int64(len(body)) > c.config.MaxBody {
		return nil, ErrTooLarge
	}
	return &Response{answer.StatusCode, answer.Header, body}, nil
}

// checkURL refuses what is no address of a web server, and one with a password.
func checkURL(u *url.URL) error {
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return fmt.Errorf("only http and https without a password: %w", ErrRefused)
	}
	return nil
}

// redirect judges where an answer leads to; the dial judges the address there.
func (c *Client) redirect(r *http.Request, via []*http.Request) error {
	switch {
	case c.config.MaxRedirects == 0:
		return http.ErrUseLastResponse
	case len(via) > c.config.MaxRedirects:
		return ErrRedirects
	case via[0].URL.Scheme == "https" && r.URL.Scheme != "https":
		return fmt.Errorf("a redirect to an open line: %w", ErrRefused)
	}
	return checkURL(r.URL)
}

// Check says of an address before it is called whether a call would be refused.
// A name that has no address now is not refused; it is looked up at each call.
func (c *Client) Check(ctx context.Context, u *url.URL) error {
	if err := checkURL(u); err != nil {
		return err
	}
	if _, err := c.judge(ctx, u.Hostname()); errors.Is(err, ErrRefused) {
		return err
	}
	return nil
}

// judge gives the addresses of a host, all of which may be called. One that may
// not condemns the name.
func (c *Client) judge(ctx context.Context, host string) ([]netip.Addr, error) {
	list := []netip.Addr{}
	if a, err := netip.ParseAddr(host); err == nil {
		list = append(list, a)
	} else if list, err = c.config.Resolve(ctx, host); err != nil {
		return nil, fmt.Errorf("look up the name: %w", err)
	}
	for i, a := range list {
		list[i] = a.Unmap()
		if !Public(a) && !within(c.config.Allow, list[i]) {
			return nil, ErrRefused
		}
	}
	if len(list) == 0 {
		return nil, errors.New("the name has no address")
	}
	return list, nil
}

// DialContext connects to an address that was judged, and to no other.
func (c *Client) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	list, err := c.judge(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		var conn net.Conn
		if conn, err = (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(a.String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, fmt.Errorf("connect: %w", err)
}
