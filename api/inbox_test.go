// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

type inbox struct {
	Cases []struct {
		ID, Reference string
		LastSeq       int `json:"last_customer_seq"`
		Unanswered    bool
		Position      int
	}
	Total *int
}

func (m member) inbox(t *testing.T, query string) inbox {
	t.Helper()
	r := m.call(t, http.MethodGet, "/v1/inbox?"+query, nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var list inbox
	r.into(t, &list)
	return list
}

func TestInbox(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	w.customer(t).says(t, "I want to speak to a person")
	c := w.customer(t)
	reference := c.says(t, "A person, please").Conversation.Reference
	list := agent.inbox(t, "limit=1&offset=1")
	require.Equal(t, 2, *list.Total)
	require.Equal(t, reference, list.Cases[0].Reference)
	require.Equal(t, 2, list.Cases[0].Position)
	require.Equal(t, reference, agent.inbox(t, "reference="+strings.ToLower(reference)).Cases[0].Reference)
	require.Equal(t, "unknown_view", agent.call(t, http.MethodGet, "/v1/inbox?view=all", nil).code(t))

	desk := w.listen(t, http.MethodGet, "/v1/desk/events", nil, bearer(agent.token))
	desk.until(t, named("inbox.updated"))
	agent.call(t, http.MethodPost, "/v1/cases/"+list.Cases[0].ID+"/claim", nil)
	desk.until(t, func(e event) bool { return e.name == "inbox.updated" && strings.Contains(e.data, reference) })
	// What a customer writes to an agent is told though their case is not open on the page.
	c.says(t, "Hello, is somebody there?")
	desk.until(t, func(e event) bool { return e.name == "inbox.updated" && strings.Contains(e.data, "is somebody there") })
	require.True(t, agent.inbox(t, "view=mine").Cases[0].Unanswered)
	require.Nil(t, agent.inbox(t, "view=resolved").Total)
}

func TestWall(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent One", staff.RoleSupervisor)
	w.customer(t).says(t, "I want to speak to a person")
	r := agent.call(t, http.MethodGet, "/v1/reports/wall", nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var wall struct {
		Teams  []struct{ Waiting int }
		Hours  []struct{ Opened int }
		Agents []struct{ Name string }
	}
	r.into(t, &wall)
	require.Equal(t, 1, wall.Teams[0].Waiting)
	require.Len(t, wall.Hours, 12)
	require.Equal(t, "Agent One", wall.Agents[0].Name)

	r = agent.call(t, http.MethodPost, "/v1/preview", map[string]string{"text": "**now** <script>x</script>"})
	require.Contains(t, string(r.body), "strong")
	require.NotContains(t, string(r.body), "script>x")
}
