// SPDX-License-Identifier: MIT

package webhook_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/webhook"
)

func TestDeliver_signs_what_happens_to_a_case(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, secret := b.add(t, "case.opened", "case.resolved")
	id := b.open(t)
	b.exec(t, "UPDATE cases SET state = 'claimed', agent_id = $2, claimed_at = now() WHERE id = $1", id, b.account)
	b.exec(t, "UPDATE cases SET state = 'resolved', resolved_at = now(), outcome = 'solved' WHERE id = $1", id)
	require.Equal(t, 2, b.deliver(t), "what was asked for, not the claim")
	require.Zero(t, b.deliver(t))
	types := map[string]bool{}
	for range 2 {
		c := b.next(t)
		verify(t, c, secret)
		require.Equal(t, "application/json", c.header.Get("Content-Type"))
		var got struct {
			Type      string
			Timestamp time.Time
			Data      map[string]any
		}
		require.NoError(t, json.Unmarshal([]byte(c.body), &got))
		types[got.Type] = true
		require.ElementsMatch(t, []string{"reference", "case_id", "conversation_id", "reason", "priority"}, keysOf(got.Data))
		require.Equal(t, strconv.FormatInt(id, 10), got.Data["case_id"])
		require.WithinDuration(t, time.Now(), got.Timestamp, time.Minute)
	}
	require.Equal(t, map[string]bool{"case.opened": true, "case.resolved": true}, types)
	require.Equal(t, "delivered", b.newest(t, w.ID).State)
	require.NotEqual(t, secret, other(t, b), "each has its own secret")
}

func keysOf(m map[string]any) []string {
	list := []string{}
	for k := range m {
		list = append(list, k)
	}
	return list
}

func other(t *testing.T, b *bundle) string {
	t.Helper()
	_, secret := b.add(t, "case.opened")
	return secret
}

func TestDeliver_retries(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, secret := b.add(t, "case.opened")
	b.open(t)
	b.status.Store(http.StatusInternalServerError)
	require.Equal(t, 1, b.deliver(t))
	first := b.next(t)
	kept := b.newest(t, w.ID)
	require.Equal(t, "waiting", kept.State)
	require.Equal(t, 500, *kept.Status)
	require.True(t, kept.NextAt.After(kept.CreatedAt.Add(4*time.Second)))
	require.Zero(t, b.deliver(t), "not before the pause is over")
	require.NotNil(t, b.only(t).FailingSince)

	b.status.Store(http.StatusOK)
	b.due(t)
	require.Equal(t, 1, b.deliver(t))
	second := b.next(t)
	verify(t, second, secret)
	require.Equal(t, first.header.Get("Webhook-Id"), second.header.Get("Webhook-Id"))
	require.Equal(t, first.body, second.body)
	require.Equal(t, "delivered", b.newest(t, w.ID).State)
	require.Nil(t, b.only(t).FailingSince)
}

func TestDeliver_gives_up(t *testing.T) {
	t.Parallel()
	t.Run("a message after about a day", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		w, _ := b.add(t, "case.opened")
		b.open(t)
		b.status.Store(http.StatusFound) // a redirect is not followed
		for range 9 {
			require.Equal(t, "waiting", b.newest(t, w.ID).State)
			b.due(t)
			b.deliver(t)
		}
		require.Equal(t, "failed", b.newest(t, w.ID).State)
		require.Contains(t, *b.newest(t, w.ID).Words, "given up")
	})
	t.Run("a webhook whose peer is gone", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		w, _ := b.add(t, "case.opened")
		b.open(t)
		b.open(t)
		b.status.Store(http.StatusGone)
		b.deliver(t)
		require.Equal(t, "gone", *b.only(t).DisabledWhy)
		b.open(t)
		require.Zero(t, b.deliver(t), "nothing is queued any more")
		_, err := b.hooks.Replay(t.Context(), w.ID, b.newest(t, w.ID).ID)
		require.True(t, fault.Is(err, "webhook_disabled"))
	})
	t.Run("a webhook that failed for days", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.add(t, "case.opened")
		b.open(t)
		b.status.Store(http.StatusBadGateway)
		b.deliver(t)
		require.Nil(t, b.only(t).DisabledAt)
		b.exec(t, "UPDATE webhooks SET failing_since = now() - interval '6 days'")
		b.due(t)
		b.deliver(t)
		require.Equal(t, "failing", *b.only(t).DisabledWhy)
	})
}

func TestDeliver_cuts_a_slow_peer_off(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *webhook.Config) { c.Timeout = 200 * time.Millisecond })
	b.hang = make(chan struct{})
	w, _ := b.add(t, "case.opened")
	b.open(t)
	require.Equal(t, 1, b.deliver(t))
	close(b.hang)
	require.Equal(t, "the peer did not answer in time", *b.newest(t, w.ID).Words)
	require.Equal(t, "waiting", b.newest(t, w.ID).State)
}

// A name that was public when it was added, and is private when it is called.
func TestDeliver_refuses_a_private_address_by_default(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *webhook.Config) { c.Allow = nil })
	w, _, err := b.hooks.Create(t.Context(), b.account, webhook.Webhook{URL: "https://8.8.8.8/", Events: []string{"case.opened"}})
	require.NoError(t, err)
	b.exec(t, "UPDATE webhooks SET url = $1", b.peer.URL)
	b.open(t)
	require.Equal(t, 1, b.deliver(t))
	require.Equal(t, "the address is not a public one", *b.newest(t, w.ID).Words)
	require.Empty(t, b.calls)
}

func TestDeliver_by_two_processes_sends_each_message_once(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add(t, "case.opened")
	for range 20 {
		b.open(t)
	}
	counts := make(chan int, 2)
	for range 2 {
		go func() {
			n, _ := b.hooks.Deliver(t.Context())
			counts <- n
		}()
	}
	require.Equal(t, 20, <-counts+<-counts)
	require.Len(t, b.calls, 20)
}
