// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

// served is a customer whom the bot and an agent have answered, and who is done.
func served(t *testing.T, w *world, agent member, words string) customer {
	t.Helper()
	c := w.customer(t)
	c.says(t, "How much is roaming in Switzerland?")
	c.says(t, words)
	k := agent.queue(t)[0]
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+k.ID+"/claim", nil).status)
	require.Equal(t, http.StatusCreated, agent.call(t, http.MethodPost, "/v1/cases/"+k.ID+"/messages", map[string]any{"text": "Here is your answer."}).status)
	require.Equal(t, http.StatusConflict, c.rate(t, map[string]any{"person": 5}).status, "not before it is finished")
	r := agent.call(t, http.MethodPost, "/v1/cases/"+k.ID+"/resolve", map[string]any{"outcome": "solved"})
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	return c
}

func (c customer) rate(t *testing.T, body map[string]any) reply {
	t.Helper()
	return c.w.call(t, http.MethodPost, c.path("/rating"), body, bearer(c.token))
}

func (c customer) asked(t *testing.T) string {
	t.Helper()
	r := c.w.call(t, http.MethodGet, c.path(""), nil, bearer(c.token))
	require.Equal(t, http.StatusOK, r.status)
	var v struct {
		Rating *struct{ Person, Assistant bool }
	}
	r.into(t, &v)
	switch {
	case v.Rating == nil:
		return "nothing"
	case v.Rating.Person && v.Rating.Assistant:
		return "both"
	}
	return "one"
}

func TestRating(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent 1", staff.RoleAgent)
	t.Run("is asked once, and split between person and assistant", func(t *testing.T) { //nolint:paralleltest // one after the other
		c := served(t, w, agent, "I want to speak to a person")
		require.Equal(t, "both", c.asked(t))
		require.Equal(t, http.StatusUnprocessableEntity, c.rate(t, map[string]any{"person": 6}).status)
		require.Equal(t, http.StatusUnprocessableEntity, c.rate(t, map[string]any{}).status)
		r := c.rate(t, map[string]any{"person": 5, "assistant": 2, "comment": "kind people"})
		require.Equal(t, http.StatusNoContent, r.status, string(r.body))
		require.Equal(t, "already_rated", c.rate(t, map[string]any{"person": 1}).code(t))
		require.Equal(t, "nothing", c.asked(t))
		var plain bool
		require.NoError(t, w.DB.QueryRow(t.Context(), "SELECT bool_or(body::text LIKE '%kind people%') FROM log").Scan(&plain))
		require.False(t, plain, "what they added is sealed")
	})
	t.Run("is never asked after a refusal", func(t *testing.T) { //nolint:paralleltest // one after the other
		c := served(t, w, agent, "I want to speak to a person")
		require.Equal(t, http.StatusNoContent, c.rate(t, map[string]any{"declined": true}).status)
		require.Equal(t, "nothing", c.asked(t))
		require.Equal(t, http.StatusConflict, c.rate(t, map[string]any{"person": 1}).status)
	})
	t.Run("is never asked while a complaint is open", func(t *testing.T) { //nolint:paralleltest // one after the other
		c := served(t, w, agent, "I want to make a complaint: the engineer never came")
		require.Equal(t, "nothing", c.asked(t))
		require.Equal(t, "complaint_is_open", c.rate(t, map[string]any{"person": 1}).code(t))
	})
	t.Run("is reported to supervisors", func(t *testing.T) { //nolint:paralleltest // one after the other
		boss := w.member(t, "Supervisor 1", staff.RoleSupervisor)
		r := boss.call(t, http.MethodGet, "/v1/reports/ratings", nil)
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		require.JSONEq(t, `{"days":30,"declined":1,"person":{"count":1,"scores":[0,0,0,0,1]},"assistant":{"count":1,"scores":[0,1,0,0,0]}}`, string(r.body))
		require.Equal(t, http.StatusForbidden, agent.call(t, http.MethodGet, "/v1/reports/ratings", nil).status)
	})
	require.Empty(t, w.Violations(t))
}
