// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/api"
	"candor/llm"
	"candor/staff"
)

func TestInput_bad_messages_get_a_clear_error_and_harm_nothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	for name, bad := range map[string]struct {
		body   any
		status int
		code   string
	}{
		"empty":                 {map[string]any{"text": ""}, 422, "message_empty"},
		"white space":           {map[string]any{"text": " \n\t "}, 422, "message_empty"},
		"too long":              {map[string]any{"text": strings.Repeat("x", 4001)}, 422, "message_too_long"},
		"one megabyte":          {map[string]any{"text": strings.Repeat("x", 1<<20)}, 413, "body_too_large"},
		"control characters":    {map[string]any{"text": "a\x07b"}, 422, "message_control_characters"},
		"NUL":                   {map[string]any{"text": "a\x00b"}, 422, "message_control_characters"},
		"invalid UTF-8":         {[]byte("{\"text\": \"a\xff\"}"), 400, "not_utf8"},
		"an unknown field":      {map[string]any{"text": "hello", "author": "agent"}, 400, "unreadable_body"},
		"not JSON":              {[]byte("text=hello"), 400, "unreadable_body"},
		"two values":            {[]byte(`{"text":"a"}{"text":"b"}`), 400, "unreadable_body"},
		"a number for a text":   {map[string]any{"text": 7}, 400, "unreadable_body"},
		"nothing":               {[]byte(""), 400, "unreadable_body"},
		"a bad client id":       {map[string]any{"text": "hello", "client_message_id": "a b"}, 422, "invalid_client_message_id"},
		"a very long client id": {map[string]any{"text": "hello", "client_message_id": strings.Repeat("x", 65)}, 422, "invalid_client_message_id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := w.call(t, http.MethodPost, c.path("/messages"), bad.body, bearer(c.token))
			require.Equal(t, bad.status, r.status, string(r.body))
			require.Equal(t, bad.code, r.code(t))
		})
	}
	t.Run("another media type", func(t *testing.T) {
		t.Parallel()
		r := w.call(t, http.MethodPost, c.path("/messages"), []byte("text=hello"), bearer(c.token), header{"Content-Type", "application/x-www-form-urlencoded"})
		require.Equal(t, http.StatusUnsupportedMediaType, r.status)
	})
	t.Cleanup(func() {
		if !t.Failed() {
			require.Empty(t, w.Violations(t))
		}
	})
}

func TestInput_scripts_and_SQL_are_text(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	for _, nasty := range []string{
		`<script>alert(1)</script>`, `'; DROP TABLE messages; --`, `"><img src=x onerror=alert(1)>`, `{{.Token}} ${7*7}`, `[x](javascript:alert(1))`,
	} {
		r := w.call(t, http.MethodPost, "/v1/conversations", map[string]any{"customer": map[string]any{"name": nasty}})
		require.Equal(t, http.StatusCreated, r.status, string(r.body))
		c := w.customer(t)
		result := c.says(t, "I want a person "+nasty)
		require.Equal(t, "I want a person "+nasty, result.Messages[0].Text, "stored as it was written")
		require.NotContains(t, result.Messages[0].HTML, "<script")
		require.NotContains(t, result.Messages[0].HTML, "<img")
		id := agent.queue(t)[0].ID
		require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+id+"/claim", nil).status)
		said := agent.call(t, http.MethodPost, "/v1/cases/"+id+"/messages", map[string]any{"text": nasty})
		require.Equal(t, http.StatusCreated, said.status)
		var m struct{ Message message }
		said.into(t, &m)
		require.NotContains(t, m.Message.HTML, "<script")
		require.NotContains(t, m.Message.HTML, "<img")
		require.NotContains(t, m.Message.HTML, `href="javascript`)
		require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+id+"/resolve", map[string]any{"outcome": "solved", "note": nasty}).status)
	}
	require.Empty(t, w.Violations(t))
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	w := setup(t)
	mine, theirs := w.customer(t), w.customer(t)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	routes := []struct{ method, suffix string }{
		{http.MethodGet, ""},
		{http.MethodGet, "/messages"},
		{http.MethodPost, "/messages"},
		{http.MethodGet, "/events"},
		{http.MethodGet, "/transcript"},
		{http.MethodPost, "/handoff"},
		{http.MethodDelete, "/handoff"},
		{http.MethodPost, "/consents"},
		{http.MethodPost, "/messages/1/feedback"},
		{http.MethodGet, "/sources/1/1"},
	}

	t.Run("another conversation's token and an unknown conversation look the same", func(t *testing.T) {
		t.Parallel()
		for _, route := range routes {
			foreign := w.call(t, route.method, theirs.path(route.suffix), nil, bearer(mine.token))
			unknown := w.call(t, route.method, "/v1/conversations/NOSUCH"+route.suffix, nil, bearer(mine.token))
			require.Equal(t, http.StatusNotFound, foreign.status, route.suffix)
			require.Equal(t, foreign.status, unknown.status)
			require.Equal(t, foreign.code(t), unknown.code(t))
		}
	})

	t.Run("no token, a wrong one and a staff token open no conversation", func(t *testing.T) {
		t.Parallel()
		for _, route := range routes {
			require.Equal(t, "token_missing", w.call(t, route.method, mine.path(route.suffix), nil).code(t))
			for _, token := range []string{"x", mine.token + "x", strings.ToLower(mine.token), agent.token} {
				require.Equal(t, http.StatusNotFound, w.call(t, route.method, mine.path(route.suffix), nil, bearer(token)).status)
			}
			require.Equal(t, http.StatusUnauthorized, w.call(t, route.method, mine.path(route.suffix), nil, bearer(strings.Repeat("x", 20_000))).status)
		}
	})

	t.Run("the desk is for agents, the library's changes for editors", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, http.StatusUnauthorized, w.call(t, http.MethodGet, "/v1/queue", nil).status)
		require.Equal(t, http.StatusUnauthorized, w.call(t, http.MethodGet, "/v1/queue", nil, bearer(mine.token)).status)
		require.Equal(t, "role_required", editor.call(t, http.MethodGet, "/v1/queue", nil).code(t))
		article := map[string]any{"title": "T", "body": "B", "lang": "en"}
		require.Equal(t, "role_required", agent.call(t, http.MethodPost, "/v1/articles", article).code(t))
		require.Equal(t, http.StatusCreated, editor.call(t, http.MethodPost, "/v1/articles", article).status)
		require.Equal(t, http.StatusOK, agent.call(t, http.MethodGet, "/v1/knowledge/search?q=roaming", nil).status)
	})

	t.Run("another site cannot use a signed-in browser", func(t *testing.T) {
		t.Parallel()
		r := w.call(t, http.MethodPost, "/v1/session", map[string]any{"email": "a@example.com", "password": "x"},
			header{"Origin", "https://evil.example"}, header{"Sec-Fetch-Site", "cross-site"})
		require.Equal(t, "cross_origin", r.code(t))
	})

	t.Run("another site may embed the widget", func(t *testing.T) {
		t.Parallel()
		r := w.call(t, http.MethodPost, "/v1/conversations", nil, header{"Origin", "https://shop.example"}, header{"Sec-Fetch-Site", "cross-site"})
		require.Equal(t, http.StatusCreated, r.status)
		require.Equal(t, "*", r.header.Get("Access-Control-Allow-Origin"))
		for _, path := range []string{"/v1/widget/strings?locale=en", "/v1/announcements/current?locale=en"} {
			r := w.call(t, http.MethodGet, path, nil, header{"Origin", "https://shop.example"}, header{"Sec-Fetch-Site", "cross-site"})
			require.Equal(t, "*", r.header.Get("Access-Control-Allow-Origin"), path)
		}
	})
}

func TestSession(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, err := w.staff.Add(t.Context(), "ann@example.com", "Ann", staff.RoleAgent, "correct horse battery")
	require.NoError(t, err)
	r := w.call(t, http.MethodPost, "/v1/session", map[string]any{"email": "ann@example.com", "password": "correct horse battery"})
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	cookie := r.header.Get("Set-Cookie")
	require.Contains(t, cookie, "HttpOnly")
	require.Contains(t, cookie, "SameSite=Lax")
	signedIn := header{"Cookie", strings.Split(cookie, ";")[0]}
	require.Equal(t, http.StatusOK, w.call(t, http.MethodGet, "/v1/queue", nil, signedIn).status)

	require.Equal(t, "wrong_credentials", w.call(t, http.MethodPost, "/v1/session", map[string]any{"email": "ann@example.com", "password": "wrong"}).code(t))

	_, err = w.DB.Exec(t.Context(), "UPDATE credentials SET expires_at = now() - interval '1 second' WHERE kind = 'session'")
	require.NoError(t, err)
	require.Equal(t, "unauthenticated", w.call(t, http.MethodGet, "/v1/queue", nil, signedIn).code(t))
}

func TestLimits_slow_callers_down(t *testing.T) {
	t.Parallel()
	w := setup(t, func(c *api.Config, _ *llm.Config) { c.Limits = api.Limits{Conversations: 3, Messages: 2, SignIns: 1} })
	c := w.customer(t)
	for range 2 {
		require.Equal(t, http.StatusOK, w.call(t, http.MethodPost, c.path("/messages"), map[string]any{"text": "hello"}, bearer(c.token)).status)
	}
	r := w.call(t, http.MethodPost, c.path("/messages"), map[string]any{"text": "hello"}, bearer(c.token))
	require.Equal(t, "rate_limited", r.code(t))
	require.NotEmpty(t, r.header.Get("Retry-After"))
}

func TestPages_are_served_under_a_strict_policy(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, path := range []string{"/chat", "/chat?plain=1", "/signin", "/widget.js"} {
		r := w.call(t, http.MethodGet, path, nil, header{"Accept", "text/html"})
		require.Equal(t, http.StatusOK, r.status, path)
		require.Contains(t, r.header.Get("Content-Security-Policy"), "default-src 'none'", path)
		require.NotContains(t, string(r.body), "<script>", path)
		require.NotContains(t, string(r.body), " style=", path)
	}
	require.Equal(t, http.StatusNotFound, w.call(t, http.MethodGet, "/demo", nil).status, "the tour exists with --demo only")
	require.Equal(t, http.StatusNotFound, w.call(t, http.MethodGet, "/no/such/page", nil).status)
}

func TestPublic(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, path := range []string{"/healthz", "/readyz", "/service", "/openapi.json", "/v1/widget/strings?locale=ar"} {
		r := w.call(t, http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, r.status, path+string(r.body))
	}
}
