// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/llm/llmtest"
)

// kills is how often the gateway is killed: 20 times, or as CANDOR_TEST_KILLS says.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("CANDOR_TEST_KILLS")
	if text == "" {
		return 20
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// paceOf makes an honest model take its time, so that a kill hits it at any point.
func paceOf(cadence time.Duration) llmtest.Behaviour {
	honest := llmtest.Honest()
	return func(r llmtest.Request) llmtest.Reply {
		reply := honest(r)
		reply.Cadence = cadence
		return reply
	}
}

// startModel starts a fake provider for processes.
func startModel(t *testing.T, b llmtest.Behaviour) *llmtest.Server {
	t.Helper()
	fake := llmtest.Start(b)
	t.Cleanup(fake.Close)
	return fake
}

const crashQuestion = "What does roaming in Switzerland cost?"

// TestCrash_kill kills the gateway at random points while customers write. Every
// message that was sent ends in exactly one answer or handoff.
func TestCrash_kill(t *testing.T) {
	t.Parallel()
	fake := startModel(t, paceOf(3*time.Millisecond))
	s := newSite(t, "OPENAI_BASE_URL="+fake.URL())
	var base atomic.Pointer[string]
	gateway := s.start(t)
	base.Store(&gateway.url)
	c := newClient(func() string { return *base.Load() })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()

	w := startWriters(ctx, c)
	for range kills(t) {
		w.awaitOne(ctx)
		select {
		case <-time.After(time.Duration(rand.IntN(200)) * time.Millisecond): // a random point
		case <-ctx.Done():
		}
		gateway.kill()
		gateway = s.start(t)
		base.Store(&gateway.url)
	}
	sent, err := w.stop()
	require.NoError(t, err)
	answered := c.allEnd(ctx, t, sent)
	s.check(t)
	t.Logf("%d kills, %d messages, each with one answer (%d) or one person; %d answers of the model were cut", kills(t), len(sent), answered, fake.Cancelled())
	require.Positive(t, answered)
	require.Positive(t, fake.Cancelled(), "some must have been at the model when the gateway died")
	require.GreaterOrEqual(t, len(sent), kills(t))
}

// writers are customers who open conversations and write, one after the other.
type writers struct {
	mu     sync.Mutex
	sent   []opened
	err    error // what stopped one of them
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// startWriters starts four. insist fails on everything but "try again", so that
// a 401 or 404 in the middle of an outage is an error of the writer.
func startWriters(ctx context.Context, c *client) *writers {
	w := &writers{}
	running, cancel := context.WithCancel(ctx)
	w.cancel = cancel
	for n := range 4 {
		w.wg.Go(func() {
			for i := 0; running.Err() == nil; i++ {
				o, err := writeOnce(ctx, c, fmt.Sprintf("%d-%d", n, i))
				w.mu.Lock()
				if err == nil {
					w.sent = append(w.sent, o)
				}
				w.err = errors.Join(w.err, err)
				w.mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	return w
}

func (w *writers) count() (n int, failed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.sent), w.err != nil
}

// awaitOne waits until one more message was taken in, or one of them cannot go on.
func (w *writers) awaitOne(ctx context.Context) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	before, _ := w.count()
	for ctx.Err() == nil {
		if now, failed := w.count(); now > before || failed {
			return
		}
		<-tick.C
	}
}

// stop lets them finish what they are at and gives what was written.
func (w *writers) stop() ([]opened, error) {
	w.cancel()
	w.wg.Wait()
	return w.sent, w.err
}

// writeOnce opens a conversation and writes one question, again and again with
// the same id until a gateway says that it has it.
func writeOnce(ctx context.Context, c *client, id string) (opened, error) {
	var o opened
	if err := c.insist(ctx, http.MethodPost, "/v1/conversations", "", map[string]any{"locale": "en"}, &o); err != nil {
		return o, err
	}
	body := map[string]any{"text": crashQuestion, "client_message_id": id}
	return o, c.insist(ctx, http.MethodPost, o.path("/messages"), o.Token, body, nil)
}

// TestCrash_checker is the control: the judge of the test above finds a lost and
// a doubled answer.
func TestCrash_checker_can_fail(t *testing.T) {
	t.Parallel()
	var s said
	line := func(author, event string) {
		s.Messages = append(s.Messages, struct {
			Seq             int
			Author          struct{ Type string }
			Event           string
			Text            string
			Partial         bool
			ClientMessageID string `json:"client_message_id"`
		}{Seq: len(s.Messages) + 1, Author: struct{ Type string }{author}, Event: event})
	}
	line("customer", "")
	done, err := s.ended()
	require.NoError(t, err)
	require.False(t, done, "a question without an answer has not ended")
	line("bot", "")
	done, err = s.ended()
	require.NoError(t, err)
	require.True(t, done)
	line("bot", "")
	_, err = s.ended()
	require.Error(t, err, "two answers are one too many")
}

// TestCrash_frozen freezes a gateway in the middle of its turns; a second one
// takes them over, and what the first writes when it wakes is dropped.
func TestCrash_frozen(t *testing.T) {
	t.Parallel()
	fake := startModel(t, paceOf(30*time.Millisecond))
	s := newSite(t, "OPENAI_BASE_URL="+fake.URL())
	frozen := s.start(t)
	healthy := s.start(t)
	toFrozen, toHealthy := newClient(func() string { return frozen.url }), newClient(func() string { return healthy.url })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var sent []opened
	for i := range 10 {
		o, err := writeOnce(ctx, toFrozen, strconv.Itoa(i))
		require.NoError(t, err)
		sent = append(sent, o)
	}
	require.NoError(t, fake.AwaitCount(ctx, 5), "some turns must be in the middle of the model's answer")
	require.NoError(t, frozen.cmd.Process.Signal(syscall.SIGSTOP))
	toHealthy.allEnd(ctx, t, sent)
	require.NoError(t, frozen.cmd.Process.Signal(syscall.SIGCONT))
	toFrozen.allEnd(ctx, t, sent) // and the one that woke adds nothing
	// Whatever it still had in hand is over when it has stopped.
	require.NoError(t, frozen.cmd.Process.Signal(syscall.SIGTERM))
	frozen.waitExit(t)
	toHealthy.allEnd(ctx, t, sent)
	s.check(t)
}

// TestStop_while_streams_run tells a gateway to stop while 500 turns stream: it
// finishes or gives back each, exits without an error, and readers find
// everything on the next gateway.
func TestStop_while_streams_run(t *testing.T) {
	t.Parallel()
	const streams = 500
	fake := startModel(t, paceOf(20*time.Millisecond))
	s := newSite(t, "OPENAI_BASE_URL="+fake.URL(), "CANDOR_DRAIN_TIMEOUT=500ms")
	first, second := s.start(t), s.start(t)
	toFirst, toSecond := newClient(func() string { return first.url }), newClient(func() string { return second.url })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	sent := make([]opened, streams)
	var wg sync.WaitGroup
	queue := make(chan int)
	for range 16 {
		wg.Go(func() {
			for i := range queue {
				var err error
				if sent[i], err = writeOnce(ctx, toFirst, strconv.Itoa(i)); err != nil {
					t.Errorf("writing: %v", err)
				}
			}
		})
	}
	for i := range streams {
		queue <- i
	}
	close(queue)
	wg.Wait()
	require.NoError(t, first.cmd.Process.Signal(syscall.SIGTERM))
	first.waitExit(t)
	require.NoError(t, first.err, first.output)
	toSecond.allEnd(ctx, t, sent)
	s.check(t)
}
