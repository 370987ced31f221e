// SPDX-License-Identifier: MIT

package api_test

import (
	"bytes"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat/chattest"
	"candor/postgres/pgtest"
)

// proxy stands before PostgreSQL and, once armed, swallows the answer to the next
// COMMIT: it happened, and the client cannot know.
type proxy struct {
	listener net.Listener
	server   string
	armed    atomic.Bool
	lost     atomic.Int32
	wg       sync.WaitGroup
}

func newProxy(t *testing.T, databaseURL string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(databaseURL)
	require.NoError(t, err)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{listener: listener, server: u.Host}
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		p.wg.Wait()
	})
	u.Host = listener.Addr().String()
	return p, u.String()
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server) //nolint:noctx // a proxy has no context of its own
		if err != nil {
			_ = client.Close()
			return
		}
		p.join(client, server)
	}
}

func (p *proxy) join(client, server net.Conn) {
	var swallow atomic.Bool
	p.wg.Go(func() {
		defer func() { _ = server.Close() }()
		buffer := make([]byte, 64<<10)
		for {
			n, err := client.Read(buffer)
			if bytes.Contains(buffer[:n], []byte("commit\x00")) && p.armed.CompareAndSwap(true, false) {
				swallow.Store(true)
			}
			if _, writeErr := server.Write(buffer[:n]); err != nil || writeErr != nil {
				return
			}
		}
	})
	p.wg.Go(func() {
		defer func() { _ = client.Close() }()
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			if swallow.Load() {
				p.lost.Add(1) // PostgreSQL has answered, so the commit is done
				return
			}
			if _, writeErr := client.Write(buffer[:n]); err != nil || writeErr != nil {
				return
			}
		}
	})
}

func TestCommit_whose_answer_is_lost(t *testing.T) {
	t.Parallel()
	p, throughProxy := newProxy(t, pgtest.URL(t))
	w := start(t, throughProxy, chattest.MasterKey(t), nil)

	// send posts once with the answer to the commit lost, and then again.
	send := func(t *testing.T, c customer, body map[string]any) {
		t.Helper()
		p.armed.Store(true)
		first := w.call(t, http.MethodPost, c.path("/messages"), body, bearer(c.token), header{"Prefer", "respond-async"})
		if first.status != http.StatusServiceUnavailable {
			require.False(t, p.armed.Load(), "the fault hit another connection: %d", first.status)
		}
		again := w.call(t, http.MethodPost, c.path("/messages"), body, bearer(c.token), header{"Prefer", "respond-async"})
		require.Equal(t, http.StatusAccepted, again.status, string(again.body))
	}
	written := func(t *testing.T, c customer) (n int) {
		t.Helper()
		for _, m := range c.transcript(t).Messages {
			if m.Author.Type == "customer" {
				n++
			}
		}
		return n
	}

	with, without := w.customer(t), w.customer(t)
	send(t, with, map[string]any{"text": "a person please", "client_message_id": "once"})
	require.Equal(t, 1, written(t, with), "repeated with its id it is there once")
	send(t, without, map[string]any{"text": "a person please"})
	require.Equal(t, 2, written(t, without), "the control: without an id it is there twice")
	require.EqualValues(t, 2, p.lost.Load())
	require.Empty(t, w.Violations(t))
}
