// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

func TestSettings_webhooks_in_a_browser(t *testing.T) {
	t.Parallel()
	status := atomic.Int32{}
	status.Store(http.StatusNoContent)
	peer := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(int(status.Load())) }))
	t.Cleanup(peer.Close)
	w := setup(t)
	b := w.window(t, "Supervisor Browser", staff.RoleSupervisor)
	b.open(t, "/settings/webhooks")
	b.reads(t, "Nobody is told yet.")
	b.press(t, "Add a webhook")
	b.types(t, "Address", peer.URL)
	b.press(t, "Add")
	b.reads(t, "Only public addresses")
	hooks := w.callsItself()
	b.types(t, "What it is for", "Tickets")
	b.picture(t, "webhook_add")
	b.press(t, "Add")
	require.Regexp(t, "^whsec_", inWindow[string](t, b, `return (await until("the secret", () => document.querySelector(".set-secret")?.value))`))
	b.press(t, "Done")
	b.press(t, "Send a test")
	b.reads(t, "The test arrived: the address answered 204.")

	customer := w.customer(t)
	customer.says(t, "I want to speak to a person")
	status.Store(http.StatusInternalServerError)
	_, err := hooks.Deliver(t.Context())
	require.NoError(t, err)
	b.open(t, "/settings/webhooks")
	b.reads(t, "failing")
	inWindow[bool](t, b, `document.querySelector(".hook details").open = true; return true`)
	b.reads(t, "the peer answered 500")
	b.reads(t, "case.opened")
	b.picture(t, "webhooks")
	_, err = w.DB.Exec(t.Context(), "UPDATE webhook_deliveries SET state = 'failed', ended_at = now() WHERE state = 'waiting'")
	require.NoError(t, err)
	b.press(t, "Refresh")
	b.press(t, "Send case.opened of")
	b.reads(t, "It is sent again")

	b.press(t, "New secret")
	b.types(t, "The old secret is good for", "168")
	b.press(t, "Make it")
	b.reads(t, "The new secret")
	b.press(t, "Done")
	b.reads(t, "The secret before is good until")
	b.press(t, "Switch off")
	b.press(t, "Switch off")
	b.reads(t, "Switched off by a supervisor.")
	b.press(t, "Switch on")
	b.reads(t, "Switched on.")
	b.press(t, "Delete")
	b.press(t, "Delete")
	b.reads(t, "Nobody is told yet.")
	b.keepsPolicy(t)
	b.fits(t)
	b.open(t, "/settings/audit")
	b.reads(t, "Webhook's secret renewed")
}
