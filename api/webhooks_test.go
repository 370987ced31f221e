// SPDX-License-Identifier: MIT

package api_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
	"candor/webhook"
)

// callsItself lets webhooks lead to this machine.
func (w *world) callsItself() *webhook.Service {
	w.api.Webhooks = webhook.New(webhook.Config{
		DB: w.DB, Keys: w.Keys, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Logger: slog.New(slog.DiscardHandler),
	})
	return w.api.Webhooks
}

// A supervisor adds a webhook, a customer asks for a person, the peer is told.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 10)
	peer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- string(body)
	}))
	t.Cleanup(peer.Close)
	w := setup(t)
	boss, agent := w.member(t, "Supervisor 1", staff.RoleSupervisor), w.member(t, "Agent 1", staff.RoleAgent)
	asked := map[string]any{"url": peer.URL, "events": []string{"case.opened", "case.resolved"}, "note": "Tickets"}

	r := boss.call(t, http.MethodPost, "/v1/webhooks", asked)
	require.Equal(t, http.StatusUnprocessableEntity, r.status)
	require.Equal(t, "address_not_allowed", r.code(t), "a private address by default")

	hooks := w.callsItself()
	r = boss.call(t, http.MethodPost, "/v1/webhooks", asked)
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	var added struct {
		Webhook struct{ ID, Secret string }
	}
	r.into(t, &added)
	require.Regexp(t, `^whsec_[A-Za-z0-9+/=]{44}$`, added.Webhook.Secret)
	path := "/v1/webhooks/" + added.Webhook.ID
	r = boss.call(t, http.MethodGet, "/v1/webhooks", nil)
	require.Contains(t, string(r.body), peer.URL)
	require.NotContains(t, string(r.body), "whsec_", "the secret is shown once")
	require.Equal(t, http.StatusOK, boss.call(t, http.MethodPost, path+"/test", nil).status)
	require.Contains(t, <-bodies, "webhook.test")

	r = w.call(t, http.MethodPost, "/v1/conversations", map[string]any{
		"locale": "en", "customer": map[string]any{"name": "Canary Name", "email": "canary@example.com"},
	})
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	var opened struct {
		Token        string
		Conversation struct{ ID string }
	}
	r.into(t, &opened)
	c := customer{w, opened.Conversation.ID, opened.Token}
	c.says(t, "I want to speak to a person about my canary bird")
	id := agent.queue(t)[0].ID
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+id+"/claim", nil).status)
	r = agent.call(t, http.MethodPost, "/v1/cases/"+id+"/resolve", map[string]any{"outcome": "solved"})
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	n, err := hooks.Deliver(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
	for range n {
		body := <-bodies
		require.NotContains(t, body, "anary", "neither a person nor a text")
		var told struct {
			Type string
			Data struct {
				Reference, Reason string
				CaseID            string `json:"case_id"`
				ConversationID    string `json:"conversation_id"`
			}
		}
		require.NoError(t, json.Unmarshal([]byte(body), &told))
		require.Equal(t, id, told.Data.CaseID)
		require.Equal(t, "customer_request", told.Data.Reason)
		require.Equal(t, c.id, told.Data.ConversationID, "the id is the API's")
	}

	var list struct {
		Deliveries []struct{ ID, Event, State string }
	}
	boss.call(t, http.MethodGet, path+"/deliveries", nil).into(t, &list)
	require.Len(t, list.Deliveries, 3)
	require.Equal(t, "case.resolved", list.Deliveries[0].Event)
	require.Equal(t, "delivered", list.Deliveries[0].State)
	r = boss.call(t, http.MethodPost, path+"/deliveries/"+list.Deliveries[0].ID+"/replay", nil)
	require.Equal(t, http.StatusAccepted, r.status, string(r.body))
	n, err = hooks.Deliver(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Contains(t, <-bodies, "case.resolved")

	require.Equal(t, http.StatusNoContent, boss.call(t, http.MethodDelete, path, nil).status)
	require.Equal(t, http.StatusNotFound, boss.call(t, http.MethodGet, path+"/deliveries", nil).status)
	require.Empty(t, w.Violations(t))
}

func TestWebhooks_are_changed_and_switched(t *testing.T) {
	t.Parallel()
	peer := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(peer.Close)
	w := setup(t)
	w.callsItself()
	boss, agent, reader := w.member(t, "Supervisor 1", staff.RoleSupervisor), w.member(t, "Agent 1", staff.RoleAgent), w.member(t, "Compliance 1", staff.RoleCompliance)
	type view struct {
		Webhook struct {
			ID, Secret, Note string
			DisabledWhy      string  `json:"disabled_why"`
			OldUntil         *string `json:"old_secret_until"`
			Events           []string
		}
	}
	var added view
	boss.call(t, http.MethodPost, "/v1/webhooks", map[string]any{"url": peer.URL, "events": []string{"case.opened"}}).into(t, &added)
	path := "/v1/webhooks/" + added.Webhook.ID
	do := func(method, path string, body any) (v view) {
		t.Helper()
		r := boss.call(t, method, path, body)
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		r.into(t, &v)
		return v
	}
	v := do(http.MethodPut, path, map[string]any{"url": peer.URL, "events": []string{"case.claimed"}, "note": "Tickets"})
	require.Equal(t, []string{"case.claimed"}, v.Webhook.Events)
	require.Equal(t, "Tickets", v.Webhook.Note)
	require.Equal(t, "paused", do(http.MethodPost, path+"/disable", nil).Webhook.DisabledWhy)
	require.Equal(t, "webhook_disabled", boss.call(t, http.MethodPost, path+"/recover", nil).code(t))
	require.Empty(t, do(http.MethodPost, path+"/enable", nil).Webhook.DisabledWhy)
	require.Equal(t, http.StatusAccepted, boss.call(t, http.MethodPost, path+"/recover", nil).status)

	renewed := do(http.MethodPost, path+"/secret", map[string]any{})
	require.NotNil(t, renewed.Webhook.OldUntil, "a day, when nothing is said")
	require.NotEqual(t, added.Webhook.Secret, renewed.Webhook.Secret)
	require.Nil(t, do(http.MethodPost, path+"/secret", map[string]any{"overlap_hours": 0}).Webhook.OldUntil)
	r := boss.call(t, http.MethodPost, path+"/secret", map[string]any{"overlap_hours": 1 << 60})
	require.Equal(t, "overlap_too_long", r.code(t))

	for range 3 {
		require.Equal(t, http.StatusOK, boss.call(t, http.MethodPost, path+"/test", nil).status)
	}
	var page struct {
		Deliveries []struct{ ID, Verdict string }
		Next       string
	}
	boss.call(t, http.MethodGet, path+"/deliveries?limit=2", nil).into(t, &page)
	require.Len(t, page.Deliveries, 2)
	require.Equal(t, "the peer answered 404", page.Deliveries[0].Verdict)
	boss.call(t, http.MethodGet, path+"/deliveries?limit=2&before="+page.Next, nil).into(t, &page)
	require.Len(t, page.Deliveries, 1)

	require.Equal(t, http.StatusOK, reader.call(t, http.MethodGet, path+"/deliveries", nil).status)
	for _, step := range []string{"/disable", "/enable", "/secret", "/recover", "/test"} {
		require.Equal(t, http.StatusForbidden, reader.call(t, http.MethodPost, path+step, map[string]any{}).status, step)
		require.Equal(t, http.StatusForbidden, agent.call(t, http.MethodPost, path+step, map[string]any{}).status, step)
		require.Equal(t, http.StatusNotFound, boss.call(t, http.MethodPost, "/v1/webhooks/999"+step, map[string]any{}).status, step)
	}
	require.Equal(t, http.StatusForbidden, agent.call(t, http.MethodGet, "/v1/webhooks", nil).status)
}
