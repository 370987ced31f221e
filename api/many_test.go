// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

func TestCauses_one_reply_reaches_all_linked_cases_once(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent, editor := w.member(t, "Agent One", staff.RoleAgent), w.member(t, "Editor One", staff.RoleEditor)
	require.Equal(t, http.StatusForbidden, editor.call(t, http.MethodPost, "/v1/causes", map[string]any{"title": "Outage"}).status)
	var made struct{ Cause struct{ ID string } }
	r := agent.call(t, http.MethodPost, "/v1/causes", map[string]any{"title": "Outage in the north"})
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	r.into(t, &made)
	one, two := w.customer(t), w.customer(t)
	for _, c := range []customer{one, two} {
		id := c.claimed(t, agent)
		agent.refused(t, http.StatusNotFound, "cause_not_found", id, "link", map[string]any{"cause_id": "999"})
		agent.does(t, id, "link", map[string]any{"cause_id": made.Cause.ID})
	}
	path := "/v1/causes/" + made.Cause.ID
	require.Equal(t, http.StatusNotFound, agent.call(t, http.MethodGet, "/v1/causes/999", nil).status)
	var audience struct {
		Recipients []struct{ Reference, Result, HTML string }
	}
	r = agent.call(t, http.MethodPost, path+"/audience", map[string]any{"text": "It is **over**."})
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	r.into(t, &audience)
	require.Len(t, audience.Recipients, 2)
	require.Contains(t, audience.Recipients[0].HTML, "<strong>over</strong>")
	require.Equal(t, http.StatusForbidden, editor.call(t, http.MethodPost, path+"/audience", map[string]any{"text": "x"}).status)
	reply := map[string]any{"text": "It is over, {reference}.", "client_message_id": "all-1", "actions": map[string]any{"outcome": "solved"}}
	var told struct{ Results []struct{ Result string } }
	for _, want := range []string{"sent", "sent_before"} {
		r = agent.call(t, http.MethodPost, path+"/reply", reply)
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		r.into(t, &told)
		require.Len(t, told.Results, 2)
		require.Equal(t, want, told.Results[0].Result)
	}
	for _, c := range []customer{one, two} {
		all := c.transcript(t)
		require.Equal(t, "resolved", all.Conversation.State)
		said := 0
		for _, m := range all.Messages {
			if m.Author.Type == "agent" {
				said++
			}
		}
		require.Equal(t, 1, said)
	}
	require.Empty(t, w.Violations(t))
}

func TestBlock_keeps_harassment_out_and_complaints_not(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent, editor := w.member(t, "Agent One", staff.RoleAgent), w.member(t, "Editor One", staff.RoleEditor)
	c := w.customer(t)
	id := c.claimed(t, agent)
	body := map[string]any{"category": "harassment", "note": "insults", "hours": 24}
	require.Equal(t, http.StatusForbidden, editor.call(t, http.MethodPost, c.path("/block"), body).status)
	require.Equal(t, http.StatusUnauthorized, w.call(t, http.MethodPost, c.path("/block"), body, bearer(c.token)).status, "no customer blocks anybody")
	require.Equal(t, http.StatusCreated, agent.call(t, http.MethodPost, c.path("/block"), body).status)
	r := w.call(t, http.MethodPost, c.path("/messages"), map[string]any{"text": "you fools"}, bearer(c.token))
	require.Equal(t, http.StatusForbidden, r.status)
	require.Equal(t, "customer_blocked", r.code(t))
	require.Equal(t, "complaint_received", c.says(t, "I want to make a complaint: you charged me twice and nobody answers.").last().Event)
	var notice struct{ Notice string }
	agent.call(t, http.MethodGet, c.path("/block?hours=3"), nil).into(t, &notice)
	require.Contains(t, notice.Notice, "help@example.com")
	require.Equal(t, http.StatusForbidden, agent.call(t, http.MethodGet, "/v1/blocks", nil).status)
	var list struct {
		Blocks []struct {
			Category, Reference string
			By                  struct{ Name string }
		}
	}
	w.member(t, "Supervisor One", staff.RoleSupervisor).call(t, http.MethodGet, "/v1/blocks", nil).into(t, &list)
	require.Len(t, list.Blocks, 1)
	require.Equal(t, "Agent One", list.Blocks[0].By.Name)
	require.NotEmpty(t, list.Blocks[0].Reference)
	require.Equal(t, http.StatusNoContent, agent.call(t, http.MethodDelete, c.path("/block"), nil).status)
	c.says(t, "I am sorry")
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodGet, "/v1/cases/"+id, nil).status)
	require.Empty(t, w.Violations(t))
}

func TestMerge_is_for_two_cases_of_one_customer(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	first, second := w.customer(t).claimed(t, agent), w.customer(t).claimed(t, agent)
	agent.refused(t, http.StatusConflict, "not_same_customer", first, "merge", map[string]any{"into": second})
	agent.refused(t, http.StatusNotFound, "case_not_found", first, "merge", map[string]any{"into": "999999"})
	_, err := w.DB.Exec(t.Context(), "UPDATE customers SET email_index = 'same'::bytea")
	require.NoError(t, err)
	agent.refused(t, http.StatusConflict, "address_not_proved", first, "merge", map[string]any{"into": second})
	require.Equal(t, second, agent.does(t, first, "merge", map[string]any{"into": second, "same_customer": true}).Case.ID)
	require.Empty(t, w.Violations(t))
}
