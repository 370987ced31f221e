// SPDX-License-Identifier: MIT

package webhook_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/webhook"
)

func TestCreate_refuses(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *webhook.Config) { c.Allow = nil })
	for address, code := range map[string]string{
		b.peer.URL: "address_not_allowed", "http://localhost:1/": "address_not_allowed", "http://169.254.169.254/latest": "address_not_allowed",
		"https://[::ffff:10.0.0.1]/": "address_not_allowed", "ftp://8.8.8.8/": "address_not_allowed", "https://u:p@8.8.8.8/": "address_not_allowed",
		"": "invalid_url", "://": "invalid_url",
	} {
		_, _, err := b.hooks.Create(t.Context(), b.account, webhook.Webhook{URL: address, Events: []string{"case.opened"}})
		require.True(t, fault.Is(err, code), address)
	}
	_, _, err := b.hooks.Create(t.Context(), b.account, webhook.Webhook{URL: "https://8.8.8.8/", Events: []string{"case.guessed"}})
	require.True(t, fault.Is(err, "unknown_event"))
}

func TestDelete_destroys_the_secret(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, _ := b.add(t, "case.opened")
	b.open(t)
	require.NoError(t, b.hooks.Delete(t.Context(), b.account, w.ID))
	require.Zero(t, b.deliver(t))
	b.open(t)
	require.Zero(t, b.deliver(t))
	require.True(t, fault.Is(b.hooks.Delete(t.Context(), b.account, w.ID), "webhook_not_found"))
	var left int
	err := b.db.QueryRow(t.Context(), "SELECT count(*) FROM webhooks w JOIN keys k ON k.id = w.key_id WHERE w.secret IS NOT NULL OR k.keyset IS NOT NULL").Scan(&left)
	require.NoError(t, err)
	require.Zero(t, left)
}
