// SPDX-License-Identifier: MIT

package webhook_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
)

func TestReplay_sends_once_more_under_the_same_id(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, secret := b.add(t, "case.opened")
	b.open(t)
	b.deliver(t)
	first := b.next(t)
	d, err := b.hooks.Replay(t.Context(), w.ID, b.newest(t, w.ID).ID)
	require.NoError(t, err)
	require.Equal(t, "waiting", d.State)
	require.Equal(t, 1, b.deliver(t))
	second := b.next(t)
	verify(t, second, secret)
	require.Equal(t, first.header.Get("Webhook-Id"), second.header.Get("Webhook-Id"))
	_, err = b.hooks.Replay(t.Context(), w.ID, d.ID+1)
	require.True(t, fault.Is(err, "delivery_not_found"))
}

func TestTest_says_how_it_went(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, secret := b.add(t, "case.opened")
	d, err := b.hooks.Test(t.Context(), w.ID)
	require.NoError(t, err)
	require.Equal(t, "delivered", d.State)
	c := b.next(t)
	verify(t, c, secret)
	require.Contains(t, c.body, `"type":"webhook.test"`)
	b.status.Store(http.StatusTeapot)
	d, err = b.hooks.Test(t.Context(), w.ID)
	require.NoError(t, err)
	require.Equal(t, "failed", d.State, "a test is not tried again")
	require.Equal(t, 418, *d.Status)
}
