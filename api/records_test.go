// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/staff"
)

type record struct {
	Erased   bool
	Customer *struct{ Email string }
	Hold     *struct{ Reason string }
	Messages []message
	Cases    []struct{ Reference string }
	Record   []struct {
		N       int
		Kind    string
		Private map[string]any
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	w := setup(t)
	keeper := w.member(t, "Compliance One", staff.RoleCompliance)
	r := w.call(t, http.MethodPost, "/v1/conversations", map[string]any{"customer": map[string]any{"email": "customer@example.com"}})
	var opened struct {
		Token        string
		Conversation struct{ ID string }
	}
	r.into(t, &opened)
	c := customer{w, opened.Conversation.ID, opened.Token}
	c.says(t, "I want a person, my bill is wrong")
	inside, err := w.Chat.Find(t.Context(), c.id)
	require.NoError(t, err)
	export := func() record {
		r := keeper.call(t, http.MethodGet, "/v1/records/"+c.id, nil)
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		require.Contains(t, r.header.Get("Content-Disposition"), "attachment")
		var v record
		r.into(t, &v)
		return v
	}

	v := export()
	require.Equal(t, "customer@example.com", v.Customer.Email)
	require.Equal(t, "I want a person, my bill is wrong", v.Messages[0].Text)
	require.Len(t, v.Cases, 1)
	for i, e := range v.Record {
		require.Equal(t, i+1, e.N, "no entry is left out")
	}

	require.Equal(t, "unknown_reason", keeper.call(t, http.MethodPost, "/v1/records/"+c.id+"/hold", map[string]any{"reason": "mood"}).code(t))
	for range 2 {
		require.Equal(t, http.StatusOK, keeper.call(t, http.MethodPost, "/v1/records/"+c.id+"/hold", map[string]any{"reason": "litigation"}).status)
	}
	require.True(t, fault.Is(w.desk.Erase(t.Context(), inside.CustomerID, nil), "erasure_held"))
	require.NoError(t, w.desk.FinishErasures(t.Context()))
	v = export()
	require.False(t, v.Erased)
	require.Equal(t, "litigation", v.Hold.Reason)

	require.Equal(t, http.StatusNoContent, keeper.call(t, http.MethodDelete, "/v1/records/"+c.id+"/hold", nil).status)
	require.Equal(t, "not_held", keeper.call(t, http.MethodDelete, "/v1/records/"+c.id+"/hold", nil).code(t))
	require.Equal(t, "erasing", keeper.call(t, http.MethodPost, "/v1/records/"+c.id+"/hold", map[string]any{"reason": "audit"}).code(t), "too late")
	require.NoError(t, w.desk.FinishErasures(t.Context()))
	v = export()
	require.True(t, v.Erased)
	require.Nil(t, v.Customer)
	require.Empty(t, v.Messages)
	for _, e := range v.Record {
		require.Nil(t, e.Private)
	}
	require.Empty(t, w.Violations(t))

	boss := w.member(t, "Supervisor One", staff.RoleSupervisor)
	var page struct{ Entries []struct{ Action string } }
	boss.call(t, http.MethodGet, "/v1/audit?limit=500", nil).into(t, &page)
	seen := map[string]int{}
	for _, e := range page.Entries {
		seen[e.Action]++
	}
	require.Equal(t, 3, seen["record.exported"])
	require.Equal(t, 1, seen["hold.placed"])
	require.Equal(t, 1, seen["hold.released"])
}
