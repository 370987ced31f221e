// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

// around is who is around a case.
type around struct {
	Viewers []struct {
		Name   string
		Typing bool
	}
	Customer struct {
		Online   bool
		LastSeen *time.Time `json:"last_seen"`
	}
}

func TestViewing_colleagues_see_who_looks_and_types(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one, two := w.member(t, "Agent One", staff.RoleAgent), w.member(t, "Agent Two", staff.RoleAgent)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	c := w.customer(t)
	id := c.claimed(t, one)
	path := "/v1/cases/" + id + "/viewing"
	require.Equal(t, http.StatusForbidden, editor.call(t, http.MethodPost, path, nil).status)
	require.Equal(t, http.StatusNotFound, one.call(t, http.MethodPost, "/v1/cases/999999/viewing", nil).status)
	var a around
	two.call(t, http.MethodPost, path, map[string]any{"typing": true}).into(t, &a)
	require.Equal(t, http.StatusNoContent, one.call(t, http.MethodPost, "/v1/cases/"+id+"/typing", nil).status)
	one.call(t, http.MethodGet, path, nil).into(t, &a)
	require.Len(t, a.Viewers, 2)
	require.True(t, a.Viewers[0].Typing && a.Viewers[1].Typing)
	two.refused(t, http.StatusConflict, "not_your_case", id, "messages", map[string]any{"text": "Me too"})
	two.call(t, http.MethodPost, path, map[string]any{"left": true}).into(t, &a)
	require.Len(t, a.Viewers, 1)
	require.Empty(t, w.Violations(t))
}

func TestViewing_a_customers_open_page_is_seen_until_it_closes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	c := w.customer(t)
	id := c.claimed(t, agent)
	var a around
	look := func() around {
		agent.call(t, http.MethodGet, "/v1/cases/"+id+"/viewing", nil).into(t, &a)
		return a
	}
	events := w.listen(t, http.MethodGet, c.path("/events"), nil, bearer(c.token))
	require.Eventually(t, func() bool { return look().Customer.Online }, time.Minute, 20*time.Millisecond)
	events.close()
	require.Eventually(t, func() bool { return !look().Customer.Online && a.Customer.LastSeen != nil }, time.Minute, 20*time.Millisecond)
}

func TestSnooze_and_escalation(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one, two := w.member(t, "Agent One", staff.RoleAgent), w.member(t, "Agent Two", staff.RoleAgent)
	boss := w.member(t, "Supervisor One", staff.RoleSupervisor)
	c := w.customer(t)
	id := c.claimed(t, one)
	until := map[string]any{"until": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}
	two.refused(t, http.StatusConflict, "not_your_case", id, "snooze", until)
	one.refused(t, http.StatusUnprocessableEntity, "invalid_until", id, "snooze", map[string]any{"until": "2020-01-01T00:00:00Z"})
	one.refused(t, http.StatusBadRequest, "unreadable_body", id, "snooze", map[string]any{"until": "tomorrow"})
	one.does(t, id, "snooze", until)
	require.Equal(t, http.StatusOK, one.call(t, http.MethodDelete, "/v1/cases/"+id+"/snooze", nil).status)
	one.does(t, id, "snooze", until)
	c.says(t, "one more thing")
	one.refused(t, http.StatusUnprocessableEntity, "message_empty", id, "escalate", map[string]any{"note": " "})
	require.Equal(t, "high", one.does(t, id, "escalate", map[string]any{"note": "over my limit"}).Case.Priority)
	require.Equal(t, "Supervisor One", boss.does(t, id, "transfer", map[string]any{"agent_id": boss.ref()}).Case.Assignee.Name)
	require.Empty(t, w.Violations(t))
}
