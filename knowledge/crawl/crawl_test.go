// SPDX-License-Identifier: MIT

package crawl_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"candor/internal/fault"
	"candor/knowledge/crawl"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var first = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

func scope(t *testing.T, address string) crawl.Scope {
	t.Helper()
	u, err := crawl.ParseURL(address)
	require.NoError(t, err)
	return crawl.Scope{Start: u, Site: true}
}

// read reads one page of a new visit.
func read(t *testing.T, c *crawl.Client, base, path string) (crawl.Page, error) {
	t.Helper()
	v, err := c.Visit(t.Context(), scope(t, base+"/"))
	if err != nil {
		return crawl.Page{}, err
	}
	return v.Read(t.Context(), base+path, crawl.Known{})
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// packed is n bytes of nothing, packed.
func packed(n int64) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.CopyN(w, zeros{}, n)
	_ = w.Close()
	return out.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return copy(p, strings.Repeat(" ", len(p))), nil }

func TestRead_refuses_what_is_hostile(t *testing.T) {
	t.Parallel()
	inside := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(inside, "http://"))
	require.NoError(t, err)
	var reached atomic.Int32
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.2:0")
	require.NoError(t, err)
	canary := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	require.NoError(t, canary.Listener.Close())
	canary.Listener = listener
	canary.Start()
	t.Cleanup(canary.Close)
	_, canaryPort, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)

	release := make(chan struct{})
	bomb := packed(200 << 20)
	away := map[string]string{
		"/to-private": "http://10.1.2.3/", "/to-metadata": "http://169.254.169.254/latest/meta-data/", "/to-loopback": "http://127.0.0.2:" + canaryPort + "/",
		"/to-six": "http://[::1]:" + canaryPort + "/", "/to-mapped": "http://[::ffff:127.0.0.2]:" + canaryPort + "/", "/to-decimal": "http://2130706434:" + canaryPort + "/",
		"/to-octal": "http://0177.0.0.2:" + canaryPort + "/", "/to-hex": "http://0x7f000002:" + canaryPort + "/", "/to-short": "http://127.2:" + canaryPort + "/",
		"/to-file": "file:///etc/passwd", "/to-gopher": "gopher://127.0.0.2:" + canaryPort + "/", "/to-data": "data:text/html,x", "/to-script": "javascript:alert(1)",
		"/to-password": "http://a:b@127.0.0.1:" + port + "/", "/to-nothing": "http://", "/to-broken": "http://[::",
	}
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if to := away[r.URL.Path]; to != "" {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
			return
		}
		switch r.URL.Path {
		case "/robots.txt":
			http.NotFound(w, r)
		case "/ring-a":
			http.Redirect(w, r, "/ring-b", http.StatusFound)
		case "/ring-b":
			http.Redirect(w, r, "/ring-a", http.StatusFound)
		case "/far":
			http.Redirect(w, r, "/far?"+r.URL.RawQuery+"x", http.StatusFound)
		case "/huge":
			_, _ = io.CopyN(w, zeros{}, 50<<20)
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		case "/packed":
			w.Header().Set("Content-Encoding", "br")
		case "/slow":
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-release
		case "/denied":
			w.WriteHeader(http.StatusForbidden)
		case "/sick":
			w.WriteHeader(http.StatusBadGateway)
		default:
			_, _ = w.Write([]byte("<p>fine"))
		}
	})
	t.Cleanup(func() { close(release) })
	c := crawl.New(crawl.Config{Allow: first, Pause: -1, Timeout: time.Second, Resolve: func(ctx context.Context, host string) ([]netip.Addr, error) {
		return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	}})
	for path, codes := range map[string]string{
		"/ring-a": "redirect_loop", "/far": "redirects_too_many", "/huge": "page_too_large", "/bomb": "page_too_large", "/packed": "page_packed",
		"/slow": "page_timeout", "/denied": "page_denied", "/sick": "page_unavailable",
		"/to-file": "address_refused", "/to-gopher": "address_refused", "/to-data": "address_refused", "/to-script": "address_refused", "/to-password": "address_refused",
		"/to-nothing": "address_refused", "/to-broken": "page_unreachable",
	} {
		_, err := read(t, c, base, path)
		require.True(t, fault.Is(err, codes), "%s: %v", path, err)
	}
	// A site keeps to itself, and a single page may not be led into a network either.
	for path := range away {
		_, err := read(t, c, base, path)
		_, is := fault.Of(err)
		require.True(t, is, "%s: %v", path, err)
		v, err := c.Visit(t.Context(), scope(t, base+path))
		require.NoError(t, err)
		_, err = v.Read(t.Context(), base+path, crawl.Known{})
		require.Error(t, err, path)
	}
	for _, address := range []string{
		"http://127.0.0.2:" + canaryPort, "http://[::1]:" + canaryPort, "http://[::ffff:127.0.0.2]:" + canaryPort, "http://2130706434:" + canaryPort,
		"http://0177.0.0.2:" + canaryPort, "http://0x7f000002:" + canaryPort, "http://127.2:" + canaryPort, "http://169.254.169.254", "http://0:" + canaryPort,
	} {
		_, err := c.Visit(t.Context(), scope(t, address+"/"))
		require.True(t, fault.Is(err, "address_refused") || fault.Is(err, "page_unreachable"), "%s: %v", address, err)
	}
	require.Zero(t, reached.Load(), "nobody inside was called")
	_, err = read(t, c, base, "/fine")
	require.NoError(t, err, "the control")
}

func TestVisit_refuses_a_name_that_means_a_private_address(t *testing.T) {
	t.Parallel()
	c := crawl.New(crawl.Config{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("192.168.1.1")}, nil
	}})
	_, err := c.Visit(t.Context(), scope(t, "https://intranet.example/"))
	require.True(t, fault.Is(err, "address_refused"), "%v", err)
	f, _ := fault.Of(err)
	require.NotContains(t, f.Message, "192.168", "what a name means inside is nobody's business outside")
}

func TestParseURL(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "example.com", "file:///etc/passwd", "gopher://example.com/", "data:text/html,x", "ftp://example.com/", "https://a:b@example.com/", "https://", "http://[::", "https://example.com/" + strings.Repeat("x", 600)} {
		_, err := crawl.ParseURL(address)
		_, is := fault.Of(err)
		require.True(t, is, address)
	}
	u, err := crawl.ParseURL(" HTTPS://Example.COM:443#top ")
	require.NoError(t, err)
	require.Equal(t, "https://example.com/", u.String())
}

func TestScope(t *testing.T) {
	t.Parallel()
	for start, want := range map[string][]bool{
		"https://x.example/help":            {true, true, false, false, false},
		"https://x.example/help/":           {true, true, false, false, false},
		"https://x.example/help/index.html": {true, true, false, false, false},
		"https://x.example/":                {true, true, true, false, false},
	} {
		s := scope(t, start)
		for i, address := range []string{"https://x.example/help", "https://x.example/help/a?b=c", "https://x.example/helpless", "http://x.example/help/a", "https://y.example/help/a"} {
			u, err := url.Parse(address)
			require.NoError(t, err)
			require.Equal(t, want[i], s.Holds(u), "%s holds %s", start, address)
		}
	}
	s := scope(t, "https://x.example/help/")
	require.Equal(t, []string{"https://x.example/help/a", "https://x.example/help/b"},
		s.Pick([]string{"https://x.example/help/a#x", "https://x.example/help/a", "https://x.example/help/a.pdf", "mailto:x@x.example", "https://x.example/help/b", "https://x.example/help/c"}, 2))
}

func TestListed_follows_sitemaps_within_bounds(t *testing.T) {
	t.Parallel()
	var base string
	var asked atomic.Int32
	base = serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch r.URL.Path {
		case "/robots.txt":
			_, _ = w.Write([]byte("User-agent: candor\nDisallow: /help/private\n\nSitemap: " + base + "/index.xml\nSitemap: https://elsewhere.example/sitemap.xml"))
		case "/index.xml": // it names itself, too
			_, _ = w.Write([]byte("<sitemapindex><sitemap><loc>" + base + "/index.xml</loc></sitemap><sitemap><loc>" + base + "/one.xml.gz</loc></sitemap></sitemapindex>"))
		case "/one.xml.gz":
			g := gzip.NewWriter(w)
			_, _ = g.Write([]byte("<urlset><url><loc>\n" + base + "/help/a \n</loc></url><url><loc>" + base + "/shop</loc></url><url><loc>file:///etc/passwd</loc></url><url><loc>" + base + "/help/b</loc>"))
			_ = g.Close()
		case "/sitemap.xml":
			_, _ = w.Write([]byte("no sitemap"))
		}
	})
	c := crawl.New(crawl.Config{Allow: first, Pause: -1})
	v, err := c.Visit(t.Context(), scope(t, base+"/help/"))
	require.NoError(t, err)
	pages, err := v.Listed(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, []string{base + "/help/a", base + "/help/b"}, pages)
	require.EqualValues(t, 4, asked.Load())
	_, err = v.Read(t.Context(), base+"/help/private/x", crawl.Known{})
	require.True(t, fault.Is(err, "robots_refused"), "%v", err)
	require.EqualValues(t, 4, asked.Load(), "it was not asked for")
}

func TestKind_tells_by_content(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ named, body, want string }{
		{"text/html; charset=utf-8", "<p>x", "html"},
		{"", "<!doctype html><p>x", "html"},
		{"text/plain", "plain words", "text"},
		{"text/markdown", "# x", "text"},
		{"text/html", "%PDF-1.7 x", ""},
		{"text/html", "\x89PNG\r\n\x1a\n", ""},
		{"application/json", `{"a":1}`, ""},
		{"image/png", "<!doctype html>", ""},
		{"text/html", "a\x00b\x01", ""},
	} {
		require.Equal(t, c.want, crawl.Page{ContentType: c.named, Body: []byte(c.body)}.Kind(), "%+v", c)
	}
}
