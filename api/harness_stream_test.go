// SPDX-License-Identifier: MIT

package api_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// event is one server-sent event.
type event struct {
	id   int
	name string
	data string
}

// stream reads events until the test is done with it.
type stream struct {
	events chan event
	close  func()
}

// listen opens a stream of events.
func (w *world) listen(t *testing.T, method, path string, body any, headers ...header) stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var raw []byte
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		require.NoError(t, err)
	}
	request, err := http.NewRequestWithContext(ctx, method, w.url+path, bytes.NewReader(raw))
	require.NoError(t, err)
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		request.Header.Set(h.name, h.value)
	}
	response, err := testClient.Do(request) //nolint:bodyclose // closed by the reader below
	require.NoError(t, err)
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"), response.Status)
	s := stream{events: make(chan event, 1000), close: cancel}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(s.events)
		defer response.Body.Close()
		readEvents(response.Body, s.events)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return s
}

func readEvents(body io.Reader, out chan<- event) {
	scanner := bufio.NewScanner(body)
	scanner.Buffer(nil, 1<<20)
	var e event
	for scanner.Scan() {
		name, value, _ := strings.Cut(scanner.Text(), ": ")
		switch name {
		case "id":
			e.id, _ = strconv.Atoi(value)
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			if e.name != "" {
				out <- e
			}
			e = event{}
		}
	}
}

// until reads up to the first event that is wanted and gives all of them.
func (s stream) until(t *testing.T, wanted func(event) bool) []event {
	t.Helper()
	deadline := time.After(time.Minute)
	var seen []event
	for {
		select {
		case e, ok := <-s.events:
			require.True(t, ok, "the stream ended after %v", names(seen))
			seen = append(seen, e)
			if wanted(e) {
				return seen
			}
		case <-deadline:
			t.Fatalf("the event never came; seen: %v", names(seen))
		}
	}
}

func named(name string) func(event) bool { return func(e event) bool { return e.name == name } }

// saying waits for a message with these words.
func saying(words string) func(event) bool {
	return func(e event) bool { return e.name == "message.created" && strings.Contains(e.data, words) }
}

func names(events []event) (list []string) {
	for _, e := range events {
		list = append(list, e.name)
	}
	return list
}
