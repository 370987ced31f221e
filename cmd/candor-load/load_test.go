// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	read := func(t *testing.T, stream string) (names []string, err error) {
		t.Helper()
		s := newEvents(strings.NewReader(stream))
		for {
			e, err := s.next()
			if err != nil {
				return names, err
			}
			names = append(names, e.name+" "+string(e.data))
		}
	}

	t.Run("are read with comments between them", func(t *testing.T) {
		t.Parallel()
		names, err := read(t, ": beat\n\nid: 7\nevent: a\ndata: {}\n\n: beat\n\nevent: b\ndata: 1\n\n")
		require.Equal(t, []string{"a {}", "b 1"}, names)
		require.Equal(t, io.EOF, err)
	})

	t.Run("may be longer than any buffer", func(t *testing.T) {
		t.Parallel()
		long := strings.Repeat("x", 100_000)
		names, err := read(t, "event: a\ndata: "+long+"\n\n")
		require.Equal(t, []string{"a " + long}, names)
		require.Equal(t, io.EOF, err)
	})

	t.Run("that break off are no end", func(t *testing.T) {
		t.Parallel()
		for _, cut := range []string{"event: a\ndata: {}\n", "event: a\ndata: {}", "event: a\ndata: {}\n\nevent: b\nda"} {
			_, err := read(t, cut)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		}
	})
}

func TestNewClient_leaves_the_machine_on_no_account(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"} {
		_, err := newClient(base, 1)
		require.NoError(t, err, base)
	}
	for _, base := range []string{"http://192.0.2.1:8080", "http://example.com", "http://10.0.0.1", "http://127.0.0.1.example.com"} {
		_, err := newClient(base, 1)
		require.ErrorIs(t, err, errNotLoopback, base)
	}
	// Where a name or a redirect leads is looked at again when the connection is made.
	require.ErrorIs(t, onlyLoopback("tcp", "192.0.2.1:80", nil), errNotLoopback)
	require.NoError(t, onlyLoopback("tcp", "[::1]:80", nil))
	require.NoError(t, onlyLoopback("tcp", "[::ffff:127.0.0.1]:80", nil))
}

func TestNewClient_follows_no_redirect_off_the_machine(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.RedirectHandler("http://192.0.2.1/", http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)
	c, err := newClient(server.URL, 1)
	require.NoError(t, err)
	require.ErrorIs(t, c.call(t.Context(), http.MethodGet, "/", "", nil, nil), errNotLoopback)
}

// answering is a gateway that answers each message with these bytes.
func answering(t *testing.T, stream string) conversation {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, stream)
	}))
	t.Cleanup(server.Close)
	c, err := newClient(server.URL, 1)
	require.NoError(t, err)
	return conversation{client: c, id: "c1", token: "t1"}
}

func TestConversation_say(t *testing.T) {
	t.Parallel()
	const written = "event: message.created\ndata: {}\n\n"
	const started = "event: turn.started\ndata: {}\n\n"
	const delta = "event: message.delta\ndata: {}\n\n"
	const ended = "event: turn.ended\ndata: {\"outcome\":\"answer\"}\n\n"

	t.Run("reads a turn to its end", func(t *testing.T) {
		t.Parallel()
		s, err := answering(t, written+started+delta+ended).say(t.Context(), "question")
		require.NoError(t, err)
		require.Equal(t, "answer", s.Outcome)
		require.Positive(t, s.First)
		require.GreaterOrEqual(t, s.End, s.First)
	})

	t.Run("takes an answer by code, which has no turn", func(t *testing.T) {
		t.Parallel()
		s, err := answering(t, "event: conversation.updated\ndata: {\"state\":\"queued\"}\n\n"+written).say(t.Context(), "a person, please")
		require.NoError(t, err)
		require.True(t, s.Queued)
	})

	t.Run("counts a stream as a failure that lacks its end, or the message", func(t *testing.T) {
		t.Parallel()
		for _, stream := range []string{"", written + started, written + started + delta, started + delta + ended} {
			_, err := answering(t, stream).say(t.Context(), "question")
			require.ErrorIs(t, err, errIncomplete, stream)
		}
		_, err := answering(t, written+started+"event: error\ndata: {}\n\n").say(t.Context(), "question")
		require.Error(t, err)
	})
}

func TestBook(t *testing.T) {
	t.Parallel()

	t.Run("counts failures by their kind", func(t *testing.T) {
		t.Parallel()
		b := newBook()
		b.failed(t.Context(), "ask", &statusError{Status: 503, Code: "database_unavailable"})
		b.failed(t.Context(), "ask", &statusError{Status: 503, Code: "database_unavailable"})
		b.failed(t.Context(), "ask", io.ErrUnexpectedEOF)
		a := b.account(1)
		require.Equal(t, 3, a.Failed)
		require.Equal(t, map[string]int{"ask: status 503 database_unavailable": 2, "ask: incomplete stream": 1}, a.Failures)
	})

	t.Run("counts nothing that was cut off at the end", func(t *testing.T) {
		t.Parallel()
		b := newBook()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		b.failed(ctx, "ask", errors.New("cut off"))
		require.Zero(t, b.account(1).Failed)
	})
}

func TestParseLoad_bounds_what_it_does(t *testing.T) {
	t.Parallel()
	_, err := parseLoad([]string{"-customers", "5", "-agents", "0", "-turns", "2"}, io.Discard)
	require.NoError(t, err)
	for _, args := range [][]string{
		{"-customers", "0"}, {"-customers", "100000"}, {"-agents", "-1"}, {"-agents", "5000"}, {"-turns", "99"}, {"-duration", "24h"}, {"-people", "-1"},
	} {
		_, err := parseLoad(args, io.Discard)
		require.ErrorAs(t, err, new(usageError), "%v", args)
	}
}
