// SPDX-License-Identifier: MIT

package api_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

// browser is an agent's desk on a connection of its own.
type browser struct{ *net.TCPConn }

// browse opens the desk of a member who takes cases, one at a time.
func (m member) browse(t *testing.T) browser {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(m.w.url, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() }) // it may be closed by now
	_, err = fmt.Fprintf(conn, "GET /v1/desk/events HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer %s\r\n\r\n", m.token)
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Minute)))
	lines := bufio.NewScanner(conn)
	for lines.Scan() && lines.Text() != "event: queue.updated" {
		continue
	}
	require.NoError(t, lines.Err())
	_, err = m.w.DB.Exec(t.Context(), "INSERT INTO members (account_id, capacity) VALUES ($1, 1)", m.id)
	require.NoError(t, err)
	r := m.call(t, http.MethodPut, "/v1/presence", map[string]any{"status": "available"})
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	tcp, ok := conn.(*net.TCPConn)
	require.True(t, ok)
	return browser{tcp}
}

// die ends it as a process does that is killed, without a word.
func (b browser) die(t *testing.T) {
	t.Helper()
	require.NoError(t, b.SetLinger(0))
	require.NoError(t, b.Close())
}

// given is a customer whose case the only agent got, with another one behind.
func given(t *testing.T, w *world) (first, behind customer) {
	t.Helper()
	first, behind = w.customer(t), w.customer(t)
	first.says(t, "I want to talk to a person")
	behind.says(t, "I want to talk to a person")
	n, err := w.desk.Assign(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, "Agent 1", first.transcript(t).Conversation.Agent.Name)
	return first, behind
}

// minuteLater lets a minute pass for those whose desk is closed: an open one
// says within seconds that it is open.
func (w *world) minuteLater(t *testing.T) {
	t.Helper()
	_, err := w.DB.Exec(t.Context(), "UPDATE presence SET last_seen = last_seen - interval '1 minute'")
	require.NoError(t, err)
	_, err = w.DB.Exec(t.Context(), "UPDATE cases SET claimed_at = claimed_at - interval '1 minute' WHERE claimed_at IS NOT NULL")
	require.NoError(t, err)
}

func (w *world) seen(t *testing.T, m member) (ago time.Duration) {
	t.Helper()
	require.NoError(t, w.DB.QueryRow(t.Context(), "SELECT now() - last_seen FROM presence WHERE account_id = $1", m.id).Scan(&ago))
	return ago
}

// Fault 25: the browser of an agent dies after they got a case.
func TestAgentsBrowserDies(t *testing.T) {
	t.Parallel()

	t.Run("the case is back at its place, the customer is told, and somebody else goes on", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		one := w.member(t, "Agent 1", staff.RoleAgent)
		desk := one.browse(t)
		first, behind := given(t, w)
		desk.die(t)
		// A beat may be under way; after it there is none.
		taken := 0
		require.Eventually(t, func() bool {
			w.minuteLater(t)
			n, err := w.desk.TakeBack(t.Context())
			require.NoError(t, err)
			taken += n
			return taken > 0
		}, time.Minute, 50*time.Millisecond)
		now := first.transcript(t)
		require.Equal(t, "queued", now.Conversation.State)
		require.Equal(t, 1, now.Conversation.Queue.Position, "where it was")
		require.Equal(t, 2, behind.transcript(t).Conversation.Queue.Position)
		told := now.Messages[len(now.Messages)-1]
		require.Equal(t, "agent_left", told.Event)
		require.Contains(t, told.Text, now.Conversation.Reference)

		two := w.member(t, "Agent 2", staff.RoleAgent)
		two.browse(t)
		n, err := w.desk.Assign(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, "Agent 2", first.transcript(t).Conversation.Agent.Name)
		require.Empty(t, w.Violations(t))
	})

	t.Run("the control: while it lives the agent keeps the case", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		one := w.member(t, "Agent 1", staff.RoleAgent)
		one.browse(t)
		first, _ := given(t, w)
		w.minuteLater(t)
		require.Eventually(t, func() bool { return w.seen(t, one) < 10*time.Second }, time.Minute, 50*time.Millisecond)
		n, err := w.desk.TakeBack(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
		require.Equal(t, "Agent 1", first.transcript(t).Conversation.Agent.Name)
	})

	t.Run("the control: nobody else would ever have answered", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		one := w.member(t, "Agent 1", staff.RoleAgent)
		desk := one.browse(t)
		first, _ := given(t, w)
		desk.die(t)
		w.minuteLater(t)
		two := w.member(t, "Agent 2", staff.RoleAgent)
		two.browse(t)
		n, err := w.desk.Assign(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n, "the one behind")
		require.Equal(t, "Agent 1", first.transcript(t).Conversation.Agent.Name, "a case is nobody else's until it is taken back")
	})

	t.Run("a browser that hangs without closing is a silent agent", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		one, two := w.member(t, "Agent 1", staff.RoleAgent), w.member(t, "Agent 2", staff.RoleAgent)
		one.browse(t) // nobody reads it any more
		first, _ := given(t, w)
		for range 5 {
			w.minuteLater(t)
		}
		require.Eventually(t, func() bool { return w.seen(t, one) < 10*time.Second }, time.Minute, 50*time.Millisecond)
		n, err := w.desk.TakeBack(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, "queued", first.transcript(t).Conversation.State)
		require.Equal(t, "away", two.colleague(t, one).Status)
	})
}
