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

	var ref struct {
		ConversationID string `json:"conversation_id"`
		References     []string
	}
	found := keeper.call(t, http.MethodGet, "/v1/records?reference="+v.Cases[0].Reference, nil)
	require.Equal(t, http.StatusOK, found.status, string(found.body))
	require.NotContains(t, string(found.body), "bill", "what was said is not shown")
	found.into(t, &ref)
	require.Equal(t, c.id, ref.ConversationID)
	require.Equal(t, "record_not_found", keeper.call(t, http.MethodGet, "/v1/records?reference=2222-2222", nil).code(t))
	require.Equal(t, http.StatusForbidden, w.member(t, "Agent One", staff.RoleAgent).call(t, http.MethodGet, "/v1/records?reference="+c.id, nil).status)
	var check struct {
		Intact     bool
		Entries    int
		Violations []struct{ Invariant string }
	}
	keeper.call(t, http.MethodGet, "/v1/records/"+c.id+"/check", nil).into(t, &check)
	require.True(t, check.Intact)
	require.Len(t, v.Record, check.Entries)

	require.Equal(t, "unknown_reason", keeper.call(t, http.MethodPost, "/v1/records/"+c.id+"/hold", map[string]any{"reason": "mood"}).code(t))
	for range 2 {
		require.Equal(t, http.StatusOK, keeper.call(t, http.MethodPost, "/v1/records/"+c.id+"/hold", map[string]any{"reason": "litigation"}).status)
	}
	require.True(t, fault.Is(w.desk.Erase(t.Context(), inside.CustomerID, nil), "erasure_held"))
	require.NoError(t, w.desk.FinishErasures(t.Context()))
	require.Contains(t, string(keeper.call(t, http.MethodGet, "/v1/holds", nil).body), "Compliance One")
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
