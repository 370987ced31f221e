// SPDX-License-Identifier: MIT

package api_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat/chattest"
	"candor/postgres/pgtest"
	"candor/staff"
)

// cutter stands between clients and a gateway. It resets every stream after some
// bytes, in the middle of whatever is being told, and swallows the answers of two
// posts in three: what they ask for is done, and their senders never learn of it.
type cutter struct {
	listener net.Listener
	target   string
	mu       sync.Mutex
	dice     *rand.Rand
	posts    int
	streams  int // that were cut
	lost     int // answers
	wg       sync.WaitGroup
}

func newCutter(t *testing.T, w *world) *cutter {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &cutter{listener: listener, target: strings.TrimPrefix(w.url, "http://"), dice: rand.New(rand.NewPCG(5, 8))}
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		p.wg.Wait()
	})
	return p
}

// did counts the streams that were cut, and the answers that were lost.
func (p *cutter) did() (streams, answers int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.streams, p.lost
}

func (p *cutter) url() string { return "http://" + p.listener.Addr().String() }

func (p *cutter) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.join(client) })
	}
}

// budget is how many bytes of an answer are let through: none of some posts, and
// of a stream a part; it says whether the answer is a stream.
func (p *cutter) budget(request []byte) (bytes int, stream bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if stream = strings.HasPrefix(string(request), "GET "); stream {
		return 200 + p.dice.IntN(6000), true
	}
	if p.posts++; p.posts%3 != 0 {
		return 0, false
	}
	return 1 << 30, false
}

func (p *cutter) join(client net.Conn) {
	defer func() { _ = client.Close() }()
	request := make([]byte, 64<<10)
	n, err := client.Read(request)
	if err != nil {
		return
	}
	server, err := net.Dial("tcp", p.target) //nolint:noctx // a proxy has no context of its own
	if err != nil {
		return
	}
	p.wg.Go(func() {
		defer func() { _ = server.Close() }()
		_, err := io.Copy(server, io.MultiReader(bytes.NewReader(request[:n]), client))
		_ = err // either side may have been cut
	})
	left, stream := p.budget(request[:n])
	if p.pass(client, server, left) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if stream {
		p.streams++
	} else {
		p.lost++
	}
	if tcp, is := client.(*net.TCPConn); is {
		_ = tcp.SetLinger(0) // a reset, as from a network that is gone
	}
}

// pass hands on so many bytes of an answer; false when there would be more.
func (p *cutter) pass(client io.Writer, server io.Reader, left int) bool {
	buffer := make([]byte, 32<<10)
	for {
		n, err := server.Read(buffer)
		if n > left {
			_, _ = client.Write(buffer[:left])
			return false
		}
		left -= n
		if _, writeErr := client.Write(buffer[:n]); err != nil || writeErr != nil {
			return true
		}
	}
}

var errRefused = errors.New("refused")

// party is the customer or the agent behind a bad connection.
type party struct {
	http                *http.Client
	base, events, posts string
	token, name         string
	forgetful           bool // that a post was made before: each try has an id of its own
	mu                  sync.Mutex
	heard               []event
	last                int
}

// follow reads the stream, again from where it was cut, until ctx ends.
func (p *party) follow(ctx context.Context) {
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+p.events, nil)
		if err != nil {
			return
		}
		request.Header.Set("Authorization", "Bearer "+p.token)
		request.Header.Set("Accept", "text/event-stream")
		if p.last > 0 {
			request.Header.Set("Last-Event-ID", strconv.Itoa(p.last))
		}
		response, err := p.http.Do(request)
		if err != nil {
			continue
		}
		p.read(response.Body)
		_ = response.Body.Close()
	}
}

func (p *party) read(body io.Reader) {
	events := make(chan event)
	go func() {
		defer close(events)
		readEvents(body, events)
	}()
	for e := range events {
		if e.name == "message.created" {
			p.mu.Lock()
			p.heard, p.last = append(p.heard, e), e.id
			p.mu.Unlock()
		}
	}
}

func (p *party) knows(seq int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last >= seq
}

// write says so many things, and repeats each until it hears that it arrived.
func (p *party) write(ctx context.Context, n int) error {
	for i := range n {
		text := fmt.Sprintf("%s %d", p.name, i)
		for try := 0; ; try++ {
			id := fmt.Sprintf("%s-%d", p.name, i)
			if p.forgetful {
				id += fmt.Sprintf("-%d", try)
			}
			body := map[string]any{"text": text, "client_message_id": id}
			status, err := p.post(ctx, body)
			if err == nil && status < http.StatusMultipleChoices {
				break
			}
			if err == nil || ctx.Err() != nil {
				return fmt.Errorf("write %q: status %d: %w", text, status, cmp.Or(err, errRefused))
			}
		}
	}
	return nil
}

func (p *party) post(ctx context.Context, body any) (int, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base+p.posts, bytes.NewReader(raw))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Prefer", "respond-async")
	response, err := p.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// talk lets a customer and an agent on two gateways write to each other, each
// behind a cutter, and gives what came of it.
func talk(t *testing.T, forgetful bool) error {
	t.Helper()
	const each = 25
	url, master := pgtest.URL(t), chattest.MasterKey(t)
	here, there := start(t, url, master, nil), start(t, url, master, nil)
	agent := here.member(t, "Agent One", staff.RoleAgent)
	c := here.customer(t)
	id := c.claimed(t, agent)
	first, second := newCutter(t, here), newCutter(t, there)
	// A connection for each request: the proxy tells one from the other by its first bytes.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Minute}
	parties := []*party{
		{http: client, base: first.url(), events: c.path("/events"), posts: c.path("/messages"), token: c.token, name: "customer", forgetful: forgetful},
		{http: client, base: second.url(), events: "/v1/desk/events?case=" + id, posts: "/v1/cases/" + id + "/messages", token: agent.token, name: "agent", forgetful: forgetful},
	}
	ctx, stop := context.WithCancel(t.Context())
	var reading, writing sync.WaitGroup
	defer reading.Wait()
	defer stop()
	for _, p := range parties {
		reading.Go(func() { p.follow(ctx) })
		writing.Go(func() {
			if err := p.write(ctx, each); err != nil {
				t.Error(err)
			}
		})
	}
	writing.Wait()
	record := lines(c.transcript(t).Messages)
	require.Eventually(t, func() bool { return parties[0].knows(len(record)) && parties[1].knows(len(record)) }, time.Minute, 10*time.Millisecond)
	stop()
	reading.Wait()
	for _, p := range []*cutter{first, second} {
		streams, answers := p.did()
		t.Logf("of %d messages on two sides: %d streams were cut here, %d answers lost", len(record), streams, answers)
		require.Positive(t, streams)
		require.GreaterOrEqual(t, answers, each)
	}
	var wrote []string
	for i := range each {
		wrote = append(wrote, fmt.Sprintf("customer %d", i), fmt.Sprintf("agent %d", i))
	}
	require.Empty(t, here.Violations(t))
	return same(record, heard(t, parties[0].heard), heard(t, parties[1].heard), wrote)
}

func TestCut_both_sides_lose_the_connection_and_hear_the_same(t *testing.T) {
	t.Parallel()
	require.NoError(t, talk(t, false))
}

// The control: the same cuts, for clients whose second try is a new message.
func TestCut_the_control_finds_things_twice(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, talk(t, true), "is there 3 times")
}
