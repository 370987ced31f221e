// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

func (c customer) agrees(t *testing.T, given bool) reply {
	t.Helper()
	return c.w.call(t, http.MethodPost, c.path("/consents"), map[string]any{
		"purpose": "return_to_bot", "given": given, "text_shown": "I agree that the automated assistant answers me again.", "locale": "en",
	}, bearer(c.token))
}

// settled waits until no turn is open, by what the customer is told.
func (c customer) settled(t *testing.T) turnResult {
	t.Helper()
	require.Eventually(t, func() bool {
		var open int
		err := c.w.DB.QueryRow(t.Context(), "SELECT count(*) FROM turns t JOIN conversations c ON c.id = t.conversation_id WHERE c.public_id = $1 AND ended_at IS NULL", c.id).Scan(&open)
		return err == nil && open == 0
	}, time.Minute, 10*time.Millisecond)
	return c.transcript(t)
}

func TestReturn_happens_with_the_customers_consent_alone(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent, other := w.member(t, "Agent One", staff.RoleAgent), w.member(t, "Agent Two", staff.RoleAgent)

	t.Run("given: the bot answers what was asked since", func(t *testing.T) {
		t.Parallel()
		c := w.customer(t)
		id := c.claimed(t, agent)
		require.Equal(t, "person_is_here", c.agrees(t, true).code(t))
		other.refused(t, http.StatusConflict, "not_your_case", id, "return-to-bot", nil)
		require.Equal(t, "human", agent.does(t, id, "return-to-bot", nil).Conversation.State)
		require.True(t, c.transcript(t).Conversation.ReturnAsked)
		c.says(t, "When is my bill due?")
		require.Equal(t, http.StatusCreated, c.agrees(t, true).status)
		all := c.settled(t)
		require.Equal(t, "bot", all.Conversation.State)
		require.False(t, all.Conversation.ReturnAsked)
		require.True(t, all.has("14 days"), "%+v", all.Messages)
		agent.refused(t, http.StatusConflict, "nothing_to_undo", id, "undo", nil)
	})

	t.Run("refused: the agent keeps the case", func(t *testing.T) {
		t.Parallel()
		c := w.customer(t)
		id := c.claimed(t, agent)
		agent.does(t, id, "return-to-bot", nil)
		require.Equal(t, http.StatusCreated, c.agrees(t, false).status)
		after := c.says(t, "When is my bill due?")
		require.Equal(t, "human", after.Conversation.State)
		require.False(t, c.transcript(t).has("14 days"))
		require.Equal(t, http.StatusCreated, agent.call(t, http.MethodPost, "/v1/cases/"+id+"/messages", map[string]any{"text": "In 14 days."}).status)
	})

	t.Cleanup(func() { require.Empty(t, w.Violations(t)) })
}

func TestFollowUp(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	follow := func(t *testing.T, c customer, body map[string]any) reply {
		t.Helper()
		return w.call(t, http.MethodPost, c.path("/follow-up"), body, bearer(c.token))
	}

	t.Run("not solved reopens the same reference, once, with the words", func(t *testing.T) {
		t.Parallel()
		c := w.customer(t)
		id := c.claimed(t, agent)
		require.Equal(t, "not_resolved", follow(t, c, map[string]any{"solved": true}).code(t))
		agent.does(t, id, "resolve", map[string]any{"outcome": "solved"})
		before := c.transcript(t).Conversation.Reference
		body := map[string]any{"solved": false, "text": "The light is still red.", "client_message_id": "f-1"}
		for range 2 {
			r := follow(t, c, body)
			require.Equal(t, http.StatusOK, r.status, string(r.body))
		}
		all := c.transcript(t)
		require.Equal(t, "queued", all.Conversation.State)
		require.Equal(t, before, all.Conversation.Reference)
		said := 0
		for _, m := range all.Messages {
			if m.Text == "The light is still red." {
				said++
			}
		}
		require.Equal(t, 1, said)
		require.Equal(t, http.StatusOK, follow(t, c, map[string]any{"solved": false}).status, "open again already")
		require.Len(t, c.transcript(t).Messages, len(all.Messages))
	})

	t.Run("a complaint in it is one", func(t *testing.T) {
		t.Parallel()
		c := w.customer(t)
		id := c.claimed(t, agent)
		agent.does(t, id, "resolve", map[string]any{"outcome": "solved"})
		r := follow(t, c, map[string]any{"solved": false, "text": "I want to make a complaint: you charged me twice and nobody answers."})
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		require.Equal(t, "complaint_received", c.transcript(t).last().Event)
	})

	t.Run("solved changes nothing but the record", func(t *testing.T) {
		t.Parallel()
		c := w.customer(t)
		id := c.claimed(t, agent)
		agent.does(t, id, "resolve", map[string]any{"outcome": "solved"})
		require.Equal(t, http.StatusOK, follow(t, c, map[string]any{"solved": true}).status)
		require.Equal(t, "resolved", c.transcript(t).Conversation.State)
		require.Equal(t, http.StatusUnprocessableEntity, follow(t, c, map[string]any{}).status)
	})

	t.Cleanup(func() { require.Empty(t, w.Violations(t)) })
}
