// SPDX-License-Identifier: MIT

package llm_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"candor/llm"
	"candor/llm/llmtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// secret is the key of every client under test; it must show up nowhere.
const secret = "sk-test-SECRET-0815"

// hello is a small prompt.
var hello = llm.Request{Messages: []llm.Message{
	{Role: llm.RoleSystem, Content: "Answer briefly."},
	{Role: llm.RoleUser, Content: "How long does a refund take?"},
}}

// setup gives a provider on the loopback interface and a client of it.
func setup(t *testing.T, b llmtest.Behaviour, change ...func(*llm.Config)) (*llmtest.Server, *llm.Client) {
	t.Helper()
	server := llmtest.Start(b)
	cfg := llm.Config{BaseURL: server.URL(), APIKey: secret, ChatModel: "chat-model", EmbeddingModel: "embedding-model"}
	for _, f := range change {
		f(&cfg)
	}
	client := llm.New(cfg)
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return server, client
}

// network is a network in memory whose time is that of a synctest bubble.
type network struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	down   atomic.Bool  // connections are refused
	dials  atomic.Int64 // attempts to connect
}

func newNetwork() *network {
	return &network{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

func (n *network) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// Dial connects to whoever accepts.
func (n *network) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	n.dials.Add(1)
	if n.down.Load() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	near, far := net.Pipe()
	select {
	case n.conns <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// virtual gives a provider and a client inside a synctest bubble: time limits of
// seconds pass at once and exactly.
func virtual(t *testing.T, b llmtest.Behaviour, change ...func(*llm.Config)) (*llmtest.Server, *llm.Client, *network) {
	t.Helper()
	net := newNetwork()
	server := llmtest.New(b)
	server.Serve(net)
	transport := &http.Transport{DialContext: net.Dial, MaxIdleConnsPerHost: 100}
	cfg := llm.Config{BaseURL: server.URL(), APIKey: secret, ChatModel: "chat-model", EmbeddingModel: "embedding-model", Transport: transport}
	for _, f := range change {
		f(&cfg)
	}
	client := llm.New(cfg)
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return server, client, net
}

// transport answers requests in the test itself.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// scripted gives a client whose provider answers each request with body.
func scripted(body func() io.Reader, change ...func(*llm.Config)) *llm.Client {
	cfg := llm.Config{
		BaseURL: "http://provider.test/v1", APIKey: secret, ChatModel: "chat-model", MaxAttempts: 1,
		Transport: transport(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
				Header: http.Header{"Content-Type": {"text/event-stream"}},
				Body:   io.NopCloser(body()),
			}, nil
		}),
	}
	for _, f := range change {
		f(&cfg)
	}
	return llm.New(cfg)
}

// ask streams an answer to its end and closes it.
func ask(ctx context.Context, c *llm.Client) (text string, err error) {
	s, err := c.Stream(ctx, hello)
	if err != nil {
		return "", err
	}
	defer s.Close()
	return read(s)
}

// read reads a stream up to its end; a complete answer has no error.
func read(s *llm.Stream) (string, error) {
	var b strings.Builder
	for {
		delta, err := s.Next()
		b.WriteString(delta)
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
	}
}

// kind gives the error's details.
func kind(t *testing.T, err error) *llm.Error {
	t.Helper()
	var e *llm.Error
	require.ErrorAs(t, err, &e)
	return e
}

// pass lets time pass in a synctest bubble.
func pass(d time.Duration) { <-time.After(d) }
