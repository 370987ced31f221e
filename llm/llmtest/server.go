// SPDX-License-Identifier: MIT

package llmtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// maxBody bounds what a request may send; kept bounds how many requests a server
// remembers, so that a demo that runs for weeks does not grow.
const (
	maxBody = 32 << 20
	kept    = 10_000
)

// Server is a fake provider. New makes one; it is an http.Handler, and Listen or
// Serve make it reachable.
type Server struct {
	mu         sync.Mutex
	behaviour  Behaviour
	embeddings Behaviour
	queue      []Reply
	requests   []Request
	count      int
	cancelled  int
	active     int
	changed    chan struct{} // closed and replaced at each change of the counters
	url        string
	forget     bool

	closing chan struct{}
	once    sync.Once
	http    *http.Server
	serving sync.WaitGroup
}

// New returns a server that answers as b says; nil is Honest.
func New(b Behaviour) *Server {
	if b == nil {
		b = Honest()
	}
	s := &Server{behaviour: b, closing: make(chan struct{}), changed: make(chan struct{})}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	return s
}

// Start returns a server that listens on a free port of the loopback interface.
// It panics when there is none, as httptest does.
func Start(b Behaviour) *Server {
	s := New(b)
	if err := s.Listen("127.0.0.1:0"); err != nil {
		panic(fmt.Sprintf("llmtest: %v", err))
	}
	return s
}

// Listen serves on a TCP address, such as ":8090", until Close.
func (s *Server) Listen(addr string) error {
	l, err := net.Listen("tcp", addr) //nolint:noctx // lives until Close
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.Serve(l)
	return nil
}

// Serve serves on l in the background until Close; l need not be TCP.
func (s *Server) Serve(l net.Listener) {
	s.mu.Lock()
	s.url = "http://" + l.Addr().String() + "/v1"
	s.mu.Unlock()
	s.serving.Go(func() { _ = s.http.Serve(l) })
}

// URL is the base URL for clients, with its /v1; empty before Listen.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// Close ends every request at once and waits until all of them are over.
func (s *Server) Close() {
	s.once.Do(func() { close(s.closing) })
	_ = s.http.Close()
	s.serving.Wait()
	_ = s.await(context.Background(), func() bool { return s.active == 0 })
}

// SetBehaviour switches what requests that come from now on are answered with.
func (s *Server) SetBehaviour(b Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behaviour = b
}

// SetEmbeddings scripts the embeddings endpoint; nil, the default, answers with
// hashed vectors. Status, Body, Delay, Hang, Drop and Vectors of the reply count.
func (s *Server) SetEmbeddings(b Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.embeddings = b
}

// Queue adds replies to chat requests that are used up, in order, before the
// behaviour is asked.
func (s *Server) Queue(replies ...Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, replies...)
}

// Forget stops the recording of requests, for load tests; they are still counted.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget, s.requests = true, nil
}

// Requests are the chat and embeddings requests so far, the newest 10,000.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Count is how many chat and embeddings requests there were.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Cancelled is how many requests the client gave up before their end.
func (s *Server) Cancelled() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cancelled
}

// Active is how many requests are being answered now.
func (s *Server) Active() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

// AwaitCancelled waits until at least n requests were given up by the client.
func (s *Server) AwaitCancelled(ctx context.Context, n int) error {
	return s.await(ctx, func() bool { return s.cancelled >= n })
}

// AwaitCount waits until at least n requests have arrived.
func (s *Server) AwaitCount(ctx context.Context, n int) error {
	return s.await(ctx, func() bool { return s.count >= n })
}

// await waits until cond, which is called under the lock, holds.
func (s *Server) await(ctx context.Context, cond func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := cond(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// signal wakes those that await; the caller holds the lock.
func (s *Server) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// ServeHTTP answers the endpoints by how their path ends, so that base URLs with
// any prefix, deployments among them, are served.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/chat/completions"):
		s.handle(w, r, s.nextChat, chat)
	case strings.HasSuffix(path, "/embeddings"):
		s.handle(w, r, s.nextEmbeddings, embed)
	case strings.HasSuffix(path, "/models"):
		writeJSON(w, map[string]any{"object": "list", "data": []any{
			map[string]any{"id": "fake", "object": "model", "owned_by": "llmtest"},
		}})
	default:
		http.NotFound(w, r)
	}
}

// nextChat and nextEmbeddings give the reply to a request.
func (s *Server) nextChat(req Request) Reply {
	s.mu.Lock()
	if len(s.queue) > 0 {
		reply := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		return reply
	}
	b := s.behaviour
	s.mu.Unlock()
	return b(req)
}

func (s *Server) nextEmbeddings(req Request) Reply {
	s.mu.Lock()
	b := s.embeddings
	s.mu.Unlock()
	if b == nil {
		return Reply{}
	}
	return b(req)
}

// errGone says that the client left before the reply was over.
var errGone = errors.New("client gone")

// handle reads and records a request, asks next for the reply and lets write
// carry it out.
func (s *Server) handle(w http.ResponseWriter, r *http.Request, next Behaviour, write func(*exchange) error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		writeError(w, http.StatusBadRequest, "invalid_request_error", "unreadable body")
		return
	}
	req := Request{Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: body}
	parseErr := req.parse()
	s.record(&req)
	defer s.done(r.Context(), &err)
	if parseErr != nil {
		writeError(w, http.StatusBadRequest, "invalid_request_error", parseErr.Error())
		return
	}
	x := &exchange{w: w, flush: http.NewResponseController(w), ctx: r.Context(), closing: s.closing, req: req, reply: next(req)}
	if err = x.before(); err == nil {
		err = write(x)
	}
}

// record counts and remembers a request.
func (s *Server) record(req *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	s.active++
	req.N = s.count
	if !s.forget {
		if len(s.requests) >= kept {
			s.requests = append(s.requests[:0:0], s.requests[kept/2:]...)
		}
		s.requests = append(s.requests, *req)
	}
	s.signal()
}

// done ends the count of a request; one that broke off because the client left,
// not because this server is closing, is counted as cancelled.
func (s *Server) done(ctx context.Context, err *error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active--
	select {
	case <-s.closing:
	default:
		if errors.Is(*err, errGone) || (*err != nil && ctx.Err() != nil) {
			s.cancelled++
		}
	}
	s.signal()
}
