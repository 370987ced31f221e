// SPDX-License-Identifier: MIT

package handoff_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
)

func answer(given bool) chat.Consent {
	return chat.Consent{Purpose: chat.PurposeReturnToBot, Given: given, TextShown: "May it answer again?", Locale: "en"}
}

func TestService_ProposeReturn(t *testing.T) {
	t.Parallel()

	t.Run("hands back when the customer agrees, and can be taken back", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c, k := b.claimed(t, "a person")
		_, err := b.desk.ProposeReturn(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		require.Equal(t, "return_asked", b.last(t, c).Event)
		require.Equal(t, chat.StateHuman, b.state(t, c), "to ask changes nothing")
		before := len(b.transcript(t, c))
		_, err = b.desk.ProposeReturn(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		require.Len(t, b.transcript(t, c), before, "a second click asks no second time")
		require.NoError(t, b.desk.Consent(t.Context(), c.ID, answer(true)))
		require.Equal(t, chat.StateBot, b.state(t, c))
		after, err := b.desk.Case(t.Context(), k.ID)
		require.NoError(t, err)
		require.Equal(t, "returned_to_bot", *after.Outcome)
		_, err = b.desk.Undo(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		require.Equal(t, chat.StateHuman, b.state(t, c))
		require.Empty(t, b.Violations(t))
	})

	t.Run("keeps the agent when the customer does not", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c, k := b.claimed(t, "a person")
		require.True(t, fault.Is(b.desk.Consent(t.Context(), c.ID, answer(true)), "person_is_here"), "nobody asked")
		_, err := b.desk.ProposeReturn(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		require.NoError(t, b.desk.Consent(t.Context(), c.ID, answer(false)))
		require.Equal(t, "return_declined", b.last(t, c).Event)
		require.Equal(t, chat.StateHuman, b.state(t, c))
		require.True(t, fault.Is(b.desk.Consent(t.Context(), c.ID, answer(true)), "person_is_here"), "it was answered")
		_, err = b.desk.Reply(t.Context(), k.ID, b.agent, "Then we go on", "")
		require.NoError(t, err)
		require.Empty(t, b.Violations(t))
	})

	t.Run("is void once somebody else has the case", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		other := b.Account(t, "b@example.com", "Agent 2", "agent")
		c, k := b.claimed(t, "a person")
		_, err := b.desk.ProposeReturn(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		_, err = b.desk.Transfer(t.Context(), k.ID, b.by(), handoff.Target{AgentID: other.ID}, "")
		require.NoError(t, err)
		require.True(t, fault.Is(b.desk.Consent(t.Context(), c.ID, answer(true)), "person_is_here"))
		require.Empty(t, b.Violations(t))
	})

	t.Run("is refused for what only people decide, and for others' cases", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		other := b.Account(t, "b@example.com", "Agent 2", "agent")
		for code, reason := range map[string]handoff.Reason{"complaint_is_open": handoff.ReasonComplaint, "person_needed": handoff.ReasonSafety} {
			k := b.ask(t, b.Open(t), reason, "I complain")
			_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
			require.NoError(t, err)
			_, err = b.desk.ProposeReturn(t.Context(), k.ID, b.agent)
			require.True(t, fault.Is(err, code), "%v", err)
		}
		_, k := b.claimed(t, "a person")
		_, err := b.desk.ProposeReturn(t.Context(), k.ID, other)
		require.True(t, fault.Is(err, "not_your_case"), "%v", err)
	})
}
