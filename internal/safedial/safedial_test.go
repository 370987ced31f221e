// SPDX-License-Identifier: MIT

package safedial_test

import (
	"context"
	"errors"
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

	"candor/internal/safedial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPublic(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450::1"} {
		require.True(t, safedial.Public(netip.MustParseAddr(text)), text)
	}
	for _, text := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.192", "192.168.1.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fd00:ec2::254",
		"fc00::1", "ff02::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1",
	} {
		require.False(t, safedial.Public(netip.MustParseAddr(text)), text)
	}
	require.False(t, safedial.Public(netip.Addr{}))
}

// peer serves on an address of the loopback network and counts its calls.
func peer(t *testing.T, address string, handler http.HandlerFunc) (port string, calls *atomic.Int32) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	calls = &atomic.Int32{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		handler(w, r)
	}))
	require.NoError(t, server.Listener.Close())
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	_, port, err = net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port, calls
}

func answer(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("fine")) }

func get(t *testing.T, c *safedial.Client, address string) (*safedial.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	return c.Do(r)
}

// first allows the first address of the loopback network, not the second.
var first = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

func TestDo_refuses_what_is_not_public(t *testing.T) {
	t.Parallel()
	port, calls := peer(t, "127.0.0.1:0", answer)
	strict := safedial.New(safedial.Config{})
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"} {
		_, err := get(t, strict, "http://"+host+":"+port)
		require.ErrorIs(t, err, safedial.ErrRefused, host)
	}
	for _, address := range []string{"ftp://example.com/", "file:///etc/passwd", "http://user:secret@example.com/", "http:///nothing"} {
		_, err := get(t, strict, address)
		require.ErrorIs(t, err, safedial.ErrRefused, address)
		require.NotContains(t, err.Error(), "secret")
	}
	require.Zero(t, calls.Load(), "nobody was called")

	got, err := get(t, safedial.New(safedial.Config{Allow: first}), "http://127.0.0.1:"+port)
	require.NoError(t, err)
	require.Equal(t, "fine", string(got.Body))
}

// A name whose meaning changes between the look-up and the connection.
func TestDo_connects_to_the_address_that_was_judged(t *testing.T) {
	t.Parallel()
	port, good := peer(t, "127.0.0.1:0", answer)
	_, bad := peer(t, "127.0.0.2:"+port, answer)
	var lookups atomic.Int32
	c := safedial.New(safedial.Config{Allow: first, Resolve: func(context.Context, string) ([]netip.Addr, error) {
		if lookups.Add(1) == 1 {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.2")}, nil
	}})
	_, err := get(t, c, "http://rebind.example:"+port)
	require.NoError(t, err)
	require.EqualValues(t, 1, lookups.Load(), "the name is looked up once")
	require.EqualValues(t, 1, good.Load())
	_, err = get(t, c, "http://rebind.example:"+port)
	require.ErrorIs(t, err, safedial.ErrRefused, "the next call judges anew")
	require.Zero(t, bad.Load())
}

func TestDo_one_private_address_condemns_the_name(t *testing.T) {
	t.Parallel()
	port, calls := peer(t, "127.0.0.1:0", answer)
	c := safedial.New(safedial.Config{Allow: first, Resolve: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("10.0.0.1")}, nil
	}})
	_, err := get(t, c, "http://both.example:"+port)
	require.ErrorIs(t, err, safedial.ErrRefused)
	require.Zero(t, calls.Load())
}

func TestDo_judges_redirects(t *testing.T) {
	t.Parallel()
	privatePort, private := peer(t, "127.0.0.2:0", answer)
	port, calls := peer(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/private":
			http.Redirect(w, r, "http://127.0.0.2:"+privatePort, http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/once":
			http.Redirect(w, r, "/", http.StatusFound)
		default:
			answer(w, r)
		}
	})
	base := "http://127.0.0.1:" + port
	c := safedial.New(safedial.Config{Allow: first, MaxRedirects: 3})
	for path, want := range map[string]error{"/private": safedial.ErrRefused, "/file": safedial.ErrRefused, "/loop": safedial.ErrRedirects} {
		_, err := get(t, c, base+path)
		require.ErrorIs(t, err, want, path)
	}
	require.Zero(t, private.Load())
	got, err := get(t, c, base+"/once")
	require.NoError(t, err)
	require.Equal(t, "fine", string(got.Body))

	before := calls.Load()
	got, err = get(t, safedial.New(safedial.Config{Allow: first}), base+"/once")
	require.NoError(t, err)
	require.Equal(t, http.StatusFound, got.Status, "without redirects a redirect is the answer")
	require.Equal(t, before+1, calls.Load())
}

func TestDo_cuts_answers(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	port, _ := peer(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/large" {
			_, _ = w.Write([]byte(strings.Repeat("x", 2000)))
			return
		}
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-release
	})
	t.Cleanup(func() { close(release) })
	c := safedial.New(safedial.Config{Allow: first, MaxBody: 1000, Timeout: 300 * time.Millisecond})
	_, err := get(t, c, "http://127.0.0.1:"+port+"/large")
	require.ErrorIs(t, err, safedial.ErrTooLarge)
	_, err = get(t, c, "http://127.0.0.1:"+port+"/slow")
	var timeout net.Error
	require.ErrorAs(t, err, &timeout)
	require.True(t, timeout.Timeout())
}

func TestCheck(t *testing.T) {
	t.Parallel()
	c := safedial.New(safedial.Config{Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
		switch host {
		case "inside.example":
			return []netip.Addr{netip.MustParseAddr("10.1.2.3")}, nil
		case "outside.example":
			return []netip.Addr{netip.MustParseAddr("8.8.8.8")}, nil
		default:
			return nil, errors.New("no such host")
		}
	}})
	for text, refused := range map[string]bool{
		"https://outside.example/": false, "https://not-yet.example/": false, "https://inside.example/": true, "https://[::1]/": true, "gopher://outside.example/": true,
	} {
		u, err := url.Parse(text)
		require.NoError(t, err)
		require.Equal(t, refused, errors.Is(c.Check(t.Context(), u), safedial.ErrRefused), text)
	}
}
