// SPDX-License-Identifier: MIT

package handoff_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
)

func TestService_Replies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := handoff.Actor{Agent: b.Account(t, "b@example.com", "Agent 2", "agent")}
	boss := handoff.Actor{Agent: b.Account(t, "s@example.com", "Supervisor 1", "supervisor"), Supervisor: true}
	text := map[string]string{"en": "Dear {customer_name}, about {reference}. {agent}", "de": "Guten Tag"}
	own, err := b.desk.SaveReply(t.Context(), b.by(), handoff.SavedReply{OwnerID: &b.agent.ID, Title: "Mine", Texts: text})
	require.NoError(t, err)
	_, err = b.desk.SaveReply(t.Context(), b.by(), handoff.SavedReply{Title: "Ours", Texts: text})
	require.True(t, fault.Is(err, "supervisor_required"), "%v", err)
	shared, err := b.desk.SaveReply(t.Context(), boss, handoff.SavedReply{Title: "Ours", Texts: text, Actions: handoff.ReplyActions{Outcome: "solved"}})
	require.NoError(t, err)

	// of others are not seen, changed or deleted
	{
		list, err := b.desk.Replies(t.Context(), other.ID)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "Ours", list[0].Title)
		require.True(t, fault.Is(b.desk.DeleteReply(t.Context(), other, own.ID), "reply_not_found"))
		require.True(t, fault.Is(b.desk.DeleteReply(t.Context(), other, shared.ID), "supervisor_required"))
		stolen := own
		stolen.Title = "Stolen"
		_, err = b.desk.SaveReply(t.Context(), other, stolen)
		require.True(t, fault.Is(err, "reply_not_found"), "%v", err)
	}

	// are changed in the revision that was read
	{
		changed := own
		changed.Title = "Still mine"
		changed, err := b.desk.SaveReply(t.Context(), b.by(), changed)
		require.NoError(t, err)
		require.Equal(t, 2, changed.Rev)
		_, err = b.desk.SaveReply(t.Context(), b.by(), own)
		require.True(t, fault.Is(err, "reply_changed"), "%v", err)
	}

	// are filled in the customer's language, and a hole is named
	{
		created, err := b.Chat.Create(t.Context(), "de", chat.Profile{})
		require.NoError(t, err)
		k := b.ask(t, created.Conversation, handoff.ReasonCustomerRequest, "ein Mensch")
		filled, err := b.desk.FillReplies(t.Context(), created.Conversation, k, b.agent)
		require.NoError(t, err)
		require.Equal(t, "Guten Tag", filled[0].Text)

		created, err = b.Chat.Create(t.Context(), "en", chat.Profile{Name: "Ann *x*"})
		require.NoError(t, err)
		k = b.ask(t, created.Conversation, handoff.ReasonCustomerRequest, "a person")
		filled, err = b.desk.FillReplies(t.Context(), created.Conversation, k, b.agent)
		require.NoError(t, err)
		require.Equal(t, `Dear Ann \*x\*, about `+k.Reference+`. Agent 1`, filled[0].Text)
		c := b.Open(t)
		k = b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		filled, err = b.desk.FillReplies(t.Context(), c, k, b.agent)
		require.NoError(t, err)
		require.Equal(t, []string{"{customer_name}"}, filled[0].Missing)
		require.Contains(t, filled[0].Text, "{customer_name}")
	}

	for name, bad := range map[string]handoff.SavedReply{
		"invalid_title":    {Texts: text},
		"reply_empty":      {Title: "x"},
		"unknown_language": {Title: "x", Texts: map[string]string{"tlh": "x"}},
		"unknown_variable": {Title: "x", Texts: map[string]string{"en": "Dear {name}"}},
		"unknown_outcome":  {Title: "x", Texts: text, Actions: handoff.ReplyActions{Outcome: "x"}},
		"unknown_priority": {Title: "x", Texts: text, Actions: handoff.ReplyActions{Priority: "x"}},
		"actions_conflict": {Title: "x", Texts: text, Actions: handoff.ReplyActions{Outcome: "solved", Wait: true}},
		"invalid_until":    {Title: "x", Texts: text, Actions: handoff.ReplyActions{SnoozeHours: 24 * 365}},
		"unknown_team":     {Title: "x", Texts: text, Actions: handoff.ReplyActions{Team: "nowhere"}},
	} {
		_, err := b.desk.SaveReply(t.Context(), boss, bad)
		require.True(t, fault.Is(err, name), "%v", err)
	}
	require.NoError(t, b.desk.DeleteReply(t.Context(), b.by(), own.ID))
}

func TestService_Apply(t *testing.T) {
	t.Parallel()

	t.Run("says it, sets the priority and resolves, once", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c, k := b.claimed(t, "a person")
		macro := handoff.Macro{Text: "It is mended.", ClientMessageID: "m1", Actions: handoff.ReplyActions{Priority: "low", Outcome: "solved"}}
		posted, after, err := b.desk.Apply(t.Context(), k.ID, b.agent, macro)
		require.NoError(t, err)
		require.Equal(t, handoff.StateResolved, after.State)
		require.Equal(t, handoff.PriorityLow, after.Priority)
		before := len(b.transcript(t, c))
		again, _, err := b.desk.Apply(t.Context(), k.ID, b.agent, macro)
		require.NoError(t, err)
		require.Equal(t, posted.Seq, again.Seq)
		require.Len(t, b.transcript(t, c), before)
		back, err := b.desk.Undo(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		require.Equal(t, handoff.StateClaimed, back.State)
		require.Empty(t, b.Violations(t))
	})

	t.Run("waits for the customer, whose word brings the agent back", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c, k := b.claimed(t, "a person")
		_, _, err := b.desk.Apply(t.Context(), k.ID, b.agent, handoff.Macro{Text: "Which tariff?", Actions: handoff.ReplyActions{Wait: true}})
		require.NoError(t, err)
		require.Equal(t, chat.StateWaitingCustomer, b.state(t, c))
		b.writes(t, c, "the small one")
		require.Equal(t, chat.StateHuman, b.state(t, c))
		require.Empty(t, b.Violations(t))
	})

	t.Run("puts the case aside or passes it on, and that can be taken back", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		other := b.Account(t, "b@example.com", "Agent 2", "agent")
		_, k := b.claimed(t, "a person")
		_, aside, err := b.desk.Apply(t.Context(), k.ID, b.agent, handoff.Macro{Text: "I look again tomorrow.", Actions: handoff.ReplyActions{Priority: "high", SnoozeHours: 24}})
		require.NoError(t, err)
		require.NotNil(t, aside.SnoozedUntil)
		require.Equal(t, handoff.PriorityHigh, aside.Priority)
		_, passed, err := b.desk.Apply(t.Context(), k.ID, b.agent, handoff.Macro{Text: "A colleague knows more.", Actions: handoff.ReplyActions{ToAgentID: other.ID}})
		require.NoError(t, err)
		require.Equal(t, other.ID, *passed.AgentID)
		back, err := b.desk.Undo(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		require.Equal(t, b.agent.ID, *back.AgentID)
		require.Empty(t, b.Violations(t))
	})

	t.Run("does nothing at all when a part is refused", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		other := b.Account(t, "b@example.com", "Agent 2", "agent")
		c, k := b.claimed(t, "a person")
		before := len(b.transcript(t, c))
		for code, try := range map[string]func() error{
			"reply_incomplete": func() error {
				_, _, err := b.desk.Apply(t.Context(), k.ID, b.agent, handoff.Macro{Text: "Dear {customer_name}", Actions: handoff.ReplyActions{Outcome: "solved"}})
				return err
			},
			"unknown_outcome": func() error {
				_, _, err := b.desk.Apply(t.Context(), k.ID, b.agent, handoff.Macro{Text: "x", Actions: handoff.ReplyActions{Outcome: "x"}})
				return err
			},
			"not_your_case": func() error {
				_, _, err := b.desk.Apply(t.Context(), k.ID, other, handoff.Macro{Text: "x"})
				return err
			},
		} {
			require.True(t, fault.Is(try(), code), code)
		}
		require.Len(t, b.transcript(t, c), before)
	})
}
