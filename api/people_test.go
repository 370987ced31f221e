// SPDX-License-Identifier: MIT

package api_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/api"
	"candor/llm"
	"candor/staff"
)

// post keeps the links that are mailed.
type post struct {
	mu    sync.Mutex
	links map[string]string // by address
}

func (p *post) SendPasswordLink(_ context.Context, to staff.Account, link string, _ bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.links[to.Email] = link
	return nil
}

func (p *post) link(address string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.links[address]
}

func secretOf(link string) string {
	_, secret, _ := strings.Cut(link, "#")
	return secret
}

type invited struct {
	Staff struct {
		ID, Role string
		Disabled bool
	}
	Link   string
	Mailed bool
}

func TestStaff(t *testing.T) {
	t.Parallel()
	mails := &post{links: map[string]string{}}
	w := setup(t, func(c *api.Config, _ *llm.Config) { c.StaffMail, c.PublicURL = mails, "https://desk.example" })
	boss := w.member(t, "Supervisor One", staff.RoleSupervisor)
	invite := func(t *testing.T, email, name, role string) invited {
		t.Helper()
		r := boss.call(t, http.MethodPost, "/v1/staff/invite", map[string]any{"email": email, "name": name, "role": role})
		require.Equal(t, http.StatusCreated, r.status, string(r.body))
		var in invited
		r.into(t, &in)
		return in
	}

	t.Run("an invitation is a link by which a password is chosen", func(t *testing.T) {
		t.Parallel()
		in := invite(t, "new@example.com", "Agent New", "agent")
		require.True(t, in.Mailed)
		require.Equal(t, in.Link, mails.link("new@example.com"))
		require.True(t, strings.HasPrefix(in.Link, "https://desk.example/password#"))
		chosen := w.call(t, http.MethodPost, "/v1/password", map[string]any{"link_token": secretOf(in.Link), "password": "correct horse battery"})
		require.Equal(t, http.StatusOK, chosen.status, string(chosen.body))
		require.Contains(t, chosen.header.Get("Set-Cookie"), "candor_session=")
		require.Equal(t, "link_not_valid", w.call(t, http.MethodPost, "/v1/password", map[string]any{"link_token": secretOf(in.Link), "password": "correct horse battery"}).code(t))
		require.Equal(t, "email_taken", boss.call(t, http.MethodPost, "/v1/staff/invite", map[string]any{"email": "new@example.com", "name": "N", "role": "agent"}).code(t))
		require.Equal(t, http.StatusOK, w.call(t, http.MethodPost, "/v1/session", map[string]any{"email": "new@example.com", "password": "correct horse battery"}).status)
	})

	t.Run("whoever asks for a forgotten password hears the same", func(t *testing.T) {
		t.Parallel()
		invite(t, "forgetful@example.com", "Agent F", "agent")
		known := w.call(t, http.MethodPost, "/v1/password/forgot", map[string]any{"email": "forgetful@example.com"})
		nobody := w.call(t, http.MethodPost, "/v1/password/forgot", map[string]any{"email": "nobody@example.com"})
		require.Equal(t, http.StatusAccepted, known.status)
		require.Equal(t, known.status, nobody.status)
		require.Equal(t, string(known.body), string(nobody.body))
		require.NotEmpty(t, mails.link("forgetful@example.com"))
		require.Empty(t, mails.link("nobody@example.com"))
	})

	t.Run("who is disabled is out at once, and gives the cases back", func(t *testing.T) {
		t.Parallel()
		m := w.member(t, "Agent Leaving", staff.RoleAgent)
		c := w.customer(t)
		c.says(t, "I want a person")
		id := m.queue(t)[0].ID
		require.Equal(t, http.StatusOK, m.call(t, http.MethodPost, "/v1/cases/"+id+"/claim", nil).status)
		r := boss.call(t, http.MethodPost, "/v1/staff/"+strconv.FormatInt(m.id, 10)+"/disable", nil)
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		require.Equal(t, "unauthenticated", m.call(t, http.MethodGet, "/v1/queue", nil).code(t))
		require.Equal(t, "queued", boss.queue(t)[0].State)
		require.Equal(t, "queued", c.transcript(t).Conversation.State)
		require.Equal(t, http.StatusOK, boss.call(t, http.MethodPost, "/v1/staff/"+strconv.FormatInt(m.id, 10)+"/enable", nil).status)
		require.Empty(t, w.Violations(t))
	})

	t.Run("the last supervisor stays", func(t *testing.T) {
		t.Parallel()
		path := "/v1/staff/" + strconv.FormatInt(boss.id, 10)
		require.Equal(t, "last_supervisor", boss.call(t, http.MethodPost, path+"/disable", nil).code(t))
		require.Equal(t, "last_supervisor", boss.call(t, http.MethodPut, path+"/role", map[string]any{"role": "agent"}).code(t))
	})

	t.Run("a membership names a team that there is", func(t *testing.T) {
		t.Parallel()
		in := invite(t, "team@example.com", "Agent Team", "agent")
		path := "/v1/staff/" + in.Staff.ID + "/membership"
		body := map[string]any{"team": "ghosts", "skills": []string{"refunds"}, "languages": []string{"en"}, "capacity": 3}
		require.Equal(t, "unknown_team", boss.call(t, http.MethodPut, path, body).code(t))
		body["team"] = ""
		r := boss.call(t, http.MethodPut, path, body)
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		require.Contains(t, string(r.body), `"capacity":3`)
	})

	t.Run("tokens are shown once, listed and revoked", func(t *testing.T) {
		t.Parallel()
		m, other := w.member(t, "Agent Tokens", staff.RoleAgent), w.member(t, "Agent Other", staff.RoleAgent)
		path := "/v1/staff/" + strconv.FormatInt(m.id, 10)
		r := m.call(t, http.MethodPost, path+"/tokens", map[string]any{"name": "nightly report"})
		require.Equal(t, http.StatusCreated, r.status, string(r.body))
		var made struct{ Token string }
		r.into(t, &made)
		require.Equal(t, http.StatusOK, w.call(t, http.MethodGet, "/v1/queue", nil, bearer(made.Token)).status)
		list := m.call(t, http.MethodGet, path+"/credentials", nil)
		require.NotContains(t, string(list.body), made.Token)
		var all struct{ Tokens []struct{ ID, Name string } }
		list.into(t, &all)
		require.Equal(t, "nightly report", all.Tokens[0].Name)
		require.Equal(t, "role_required", other.call(t, http.MethodDelete, path+"/credentials/"+all.Tokens[0].ID, nil).code(t))
		require.Equal(t, http.StatusNoContent, m.call(t, http.MethodDelete, path+"/credentials/"+all.Tokens[0].ID, nil).status)
		require.Equal(t, http.StatusUnauthorized, w.call(t, http.MethodGet, "/v1/queue", nil, bearer(made.Token)).status)
	})

	t.Run("the audit says who did what, and no address", func(t *testing.T) {
		t.Parallel()
		in := invite(t, "audited@example.com", "Agent Audited", "editor")
		require.Equal(t, http.StatusOK, boss.call(t, http.MethodPut, "/v1/staff/"+in.Staff.ID+"/role", map[string]any{"role": "compliance"}).status)
		r := boss.call(t, http.MethodGet, "/v1/audit?family=staff&limit=500", nil)
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		require.NotContains(t, string(r.body), "audited@example.com")
		require.Contains(t, string(r.body), `"action":"staff.role_changed","subject":"account/`+in.Staff.ID+`","detail":{"role":"compliance"}`)
	})
}

func TestStaff_without_mail_nothing_is_promised(t *testing.T) {
	t.Parallel()
	w := setup(t)
	r := w.call(t, http.MethodPost, "/v1/password/forgot", map[string]any{"email": "a@example.com"})
	require.Equal(t, http.StatusAccepted, r.status)
	require.Contains(t, string(r.body), "ask a supervisor")
}
