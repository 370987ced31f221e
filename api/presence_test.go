// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

type presence struct {
	ID, Name, Status string
	Online           bool
	Load             int
}

// colleague finds a member in what another one is shown.
func (m member) colleague(t *testing.T, other member) presence {
	t.Helper()
	r := m.call(t, http.MethodGet, "/v1/presence", nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var list struct{ Agents []presence }
	r.into(t, &list)
	for _, p := range list.Agents {
		if p.ID == strconv.FormatInt(other.id, 10) {
			return p
		}
	}
	t.Fatal("the colleague is not in the list")
	return presence{}
}

// available opens the member's desk and says that they take cases.
func (m member) available(t *testing.T) stream {
	t.Helper()
	desk := m.w.listen(t, http.MethodGet, "/v1/desk/events", nil, bearer(m.token))
	desk.until(t, named("queue.updated")) // the beat comes before it
	r := m.call(t, http.MethodPut, "/v1/presence", map[string]any{"status": "available"})
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	return desk
}

func TestPresence(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one, two := w.member(t, "Agent 1", staff.RoleAgent), w.member(t, "Agent 2", staff.RoleAgent)
	require.False(t, two.colleague(t, one).Online)

	desk := one.available(t)
	seen := two.colleague(t, one)
	require.True(t, seen.Online)
	require.Equal(t, "available", seen.Status)

	r := one.call(t, http.MethodPut, "/v1/presence", map[string]any{"status": "asleep"})
	require.Equal(t, http.StatusUnprocessableEntity, r.status)
	require.Equal(t, "unknown_status", r.code(t))

	desk.close()
	require.Equal(t, http.StatusNoContent, one.call(t, http.MethodDelete, "/v1/session", nil).status)
	require.False(t, two.colleague(t, one).Online)
	require.Equal(t, "away", two.colleague(t, one).Status)

	editor := w.member(t, "Editor 1", staff.RoleEditor)
	require.Equal(t, http.StatusForbidden, editor.call(t, http.MethodGet, "/v1/presence", nil).status)
}

// A desk that is open is no way around a role that was taken.
func TestDesk_ends_for_who_may_not_see_it_any_more(t *testing.T) {
	t.Parallel()
	w := setup(t)
	boss := w.member(t, "Supervisor 1", staff.RoleSupervisor)
	for name, takes := range map[string]func(id string) reply{
		"the account is closed": func(id string) reply {
			return boss.call(t, http.MethodPost, "/v1/staff/"+id+"/disable", nil)
		},
		"the role is another": func(id string) reply {
			return boss.call(t, http.MethodPut, "/v1/staff/"+id+"/role", map[string]any{"role": "editor"})
		},
	} {
		one := w.member(t, name, staff.RoleAgent)
		desk := one.available(t)
		r := takes(strconv.FormatInt(one.id, 10))
		require.Less(t, r.status, 300, "%s: %s", name, r.body)
		desk.until(t, named("session.ended"))
	}
}
