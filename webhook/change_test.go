// SPDX-License-Identifier: MIT

package webhook_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/webhook"
)

// signedBy gives the message as it looks with one of its signatures alone.
func signedBy(c call, n int) call {
	list := strings.Split(c.header.Get("Webhook-Signature"), " ")
	one := call{c.header.Clone(), c.body}
	one.header.Set("Webhook-Signature", list[n])
	return one
}

func TestRotate_signs_with_both_secrets_for_a_while(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, before := b.add(t, "case.opened")
	changed, after, err := b.hooks.Rotate(t.Context(), b.account, w.ID, time.Hour)
	require.NoError(t, err)
	require.NotEqual(t, before, after)
	require.WithinDuration(t, time.Now().Add(time.Hour), *changed.OldUntil, time.Minute)
	b.open(t)
	require.Equal(t, 1, b.deliver(t))
	c := b.next(t)
	require.Len(t, strings.Fields(c.header.Get("Webhook-Signature")), 2)
	verify(t, signedBy(c, 0), after)
	verify(t, signedBy(c, 1), before)

	b.exec(t, "UPDATE webhooks SET old_until = now() - interval '1 second'")
	b.open(t)
	require.Equal(t, 1, b.deliver(t))
	verify(t, b.next(t), after) // one signature alone
	require.Nil(t, b.only(t).OldUntil)
	require.NoError(t, b.hooks.Clean(t.Context()))
	var kept bool
	require.NoError(t, b.db.QueryRow(t.Context(), "SELECT old_secret IS NOT NULL FROM webhooks").Scan(&kept))
	require.False(t, kept, "what signs no more is not kept")
}

func TestRotate_at_once(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, _ := b.add(t, "case.opened")
	changed, after, err := b.hooks.Rotate(t.Context(), b.account, w.ID, 0)
	require.NoError(t, err)
	require.Nil(t, changed.OldUntil)
	b.open(t)
	b.deliver(t)
	verify(t, b.next(t), after)
	_, _, err = b.hooks.Rotate(t.Context(), b.account, w.ID, webhook.MaxOverlap+time.Second)
	require.True(t, fault.Is(err, "overlap_too_long"))
	_, _, err = b.hooks.Rotate(t.Context(), b.account, w.ID+1, 0)
	require.True(t, fault.Is(err, "webhook_not_found"))
	require.NoError(t, b.hooks.Delete(t.Context(), b.account, w.ID))
	_, _, err = b.hooks.Rotate(t.Context(), b.account, w.ID, 0)
	require.True(t, fault.Is(err, "webhook_not_found"), "a deleted one gets no secret again")
}

func TestPause_keeps_what_waits_and_tells_nothing_new(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, _ := b.add(t, "case.opened")
	b.open(t)
	paused, err := b.hooks.Pause(t.Context(), b.account, w.ID)
	require.NoError(t, err)
	require.Equal(t, "paused", *paused.DisabledWhy)
	require.Equal(t, 1, paused.Waiting)
	b.open(t)
	require.Zero(t, b.deliver(t))
	_, err = b.hooks.Replay(t.Context(), w.ID, b.newest(t, w.ID).ID)
	require.True(t, fault.Is(err, "webhook_disabled"))
	d, err := b.hooks.Test(t.Context(), w.ID)
	require.NoError(t, err)
	require.Equal(t, "delivered", d.State, "a test goes out all the same")
	b.next(t)

	on, err := b.hooks.Enable(t.Context(), b.account, w.ID)
	require.NoError(t, err)
	require.Nil(t, on.DisabledAt)
	require.Equal(t, 1, b.deliver(t), "what waited")
	var actions []string
	require.NoError(t, b.db.QueryRow(t.Context(), "SELECT array_agg(action ORDER BY id) FROM audit").Scan(&actions))
	require.Equal(t, []string{"webhook.created", "webhook.paused", "webhook.enabled"}, actions)
}

func TestEnable_after_the_peer_was_gone_recovers_what_was_dropped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, _ := b.add(t, "case.opened")
	for range 3 {
		b.open(t)
	}
	b.status.Store(http.StatusGone)
	b.deliver(t)
	require.Equal(t, "gone", *b.only(t).DisabledWhy)
	_, err := b.hooks.Recover(t.Context(), w.ID)
	require.True(t, fault.Is(err, "webhook_disabled"))
	_, err = b.hooks.Test(t.Context(), w.ID)
	require.NoError(t, err)
	_, err = b.hooks.Enable(t.Context(), b.account, w.ID)
	require.NoError(t, err)
	b.status.Store(http.StatusOK)
	n, err := b.hooks.Recover(t.Context(), w.ID)
	require.NoError(t, err)
	require.Equal(t, 3, n, "the test that failed is not sent again")
	require.Equal(t, 3, b.deliver(t))
	n, err = b.hooks.Recover(t.Context(), w.ID)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestChange_says_anew_what_is_told(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, secret := b.add(t, "case.opened")
	w.Events, w.Note, w.URL = []string{"case.resolved", "case.claimed", "case.claimed"}, "Tickets", b.peer.URL+"/other"
	changed, err := b.hooks.Change(t.Context(), b.account, w)
	require.NoError(t, err)
	require.Equal(t, []string{"case.claimed", "case.resolved"}, changed.Events)
	id := b.open(t)
	require.Zero(t, b.deliver(t))
	b.exec(t, "UPDATE cases SET state = 'claimed', agent_id = $2, claimed_at = now() WHERE id = $1", id, b.account)
	require.Equal(t, 1, b.deliver(t))
	verify(t, b.next(t), secret)
	w.URL = "http://10.0.0.1/"
	_, err = b.hooks.Change(t.Context(), b.account, w)
	require.True(t, fault.Is(err, "address_not_allowed"))
}

func TestDeliver_leaves_a_peer_alone_that_asks_for_it(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		value  string
		wait   time.Duration // 0: not left alone
	}{
		"seconds":                   {http.StatusTooManyRequests, "600", 10 * time.Minute},
		"a date":                    {http.StatusServiceUnavailable, time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), time.Hour},
		"longer than is granted":    {http.StatusTooManyRequests, "31536000", 6 * time.Hour},
		"a number without a bound":  {http.StatusTooManyRequests, "9000000000000000000", 6 * time.Hour},
		"the past":                  {http.StatusServiceUnavailable, "-5", 0},
		"no time at all":            {http.StatusTooManyRequests, "soon", 0},
		"an answer of another kind": {http.StatusInternalServerError, "600", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			w, _ := b.add(t, "case.opened")
			b.open(t)
			b.status.Store(int32(c.status))
			b.retryAfter.Store(&c.value)
			require.Equal(t, 1, b.deliver(t))
			require.Equal(t, "waiting", b.newest(t, w.ID).State)
			b.due(t)
			b.open(t)
			if c.wait == 0 {
				require.Nil(t, b.only(t).QuietUntil)
				require.Equal(t, 2, b.deliver(t))
				return
			}
			require.WithinDuration(t, time.Now().Add(c.wait), *b.only(t).QuietUntil, time.Minute)
			require.Zero(t, b.deliver(t), "neither this message nor another")
			b.exec(t, "UPDATE webhooks SET quiet_until = now()")
			require.Equal(t, 2, b.deliver(t))
		})
	}
}
