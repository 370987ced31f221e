// SPDX-License-Identifier: MIT

package handoff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
)

func TestService_Snooze(t *testing.T) {
	t.Parallel()
	tomorrow := time.Now().Add(24 * time.Hour)

	t.Run("wakes by the customer's word", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c, k := b.claimed(t, "a person")
		aside, err := b.desk.Snooze(t.Context(), k.ID, b.agent, tomorrow)
		require.NoError(t, err)
		require.WithinDuration(t, tomorrow, *aside.SnoozedUntil, time.Second)
		require.Equal(t, chat.StateHuman, b.state(t, c))
		b.writes(t, c, "one more thing")
		after, err := b.desk.Case(t.Context(), k.ID)
		require.NoError(t, err)
		require.Nil(t, after.SnoozedUntil)
		require.Empty(t, b.Violations(t))
	})

	t.Run("wakes at its time, once, and not before", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		_, k := b.claimed(t, "a person")
		_, err := b.desk.Snooze(t.Context(), k.ID, b.agent, tomorrow)
		require.NoError(t, err)
		n, err := b.desk.WakeSnoozed(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
		_, err = b.DB.Exec(t.Context(), "UPDATE cases SET snoozed_until = now() - interval '1 second'")
		require.NoError(t, err)
		for _, want := range []int{1, 0} {
			n, err = b.desk.WakeSnoozed(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		after, err := b.desk.Case(t.Context(), k.ID)
		require.NoError(t, err)
		require.Equal(t, b.agent.ID, *after.AgentID, "it is still the agent's")
		require.Empty(t, b.Violations(t))
	})

	t.Run("is for one's own cases and a time to come", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		other := b.Account(t, "b@example.com", "Agent 2", "agent")
		_, k := b.claimed(t, "a person")
		_, err := b.desk.Snooze(t.Context(), k.ID, other, tomorrow)
		require.True(t, fault.Is(err, "not_your_case"), "%v", err)
		for _, until := range []time.Time{time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0), {}} {
			_, err = b.desk.Snooze(t.Context(), k.ID, b.agent, until)
			require.True(t, fault.Is(err, "invalid_until"), "%v", err)
		}
		_, err = b.desk.Snooze(t.Context(), k.ID, b.agent, tomorrow)
		require.NoError(t, err)
		back, err := b.desk.Wake(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		require.Nil(t, back.SnoozedUntil)
	})
}

func TestService_Escalate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	boss := b.Account(t, "s@example.com", "Supervisor 1", "supervisor")
	_, k := b.claimed(t, "a person")
	after, err := b.desk.Escalate(t.Context(), k.ID, b.by(), "over my limit")
	require.NoError(t, err)
	require.Equal(t, handoff.PriorityHigh, after.Priority)
	require.NotNil(t, after.EscalatedAt)
	require.Equal(t, b.agent.ID, *after.AgentID, "nobody is left alone meanwhile")
	told, err := b.desk.Mentions(t.Context(), boss.ID, true)
	require.NoError(t, err)
	require.Equal(t, "over my limit", told[0].Text)
	_, err = b.desk.Escalate(t.Context(), k.ID, b.by(), "again")
	require.True(t, fault.Is(err, "already_escalated"), "%v", err)
	taken, err := b.desk.Transfer(t.Context(), k.ID, handoff.Actor{Agent: boss, Supervisor: true}, handoff.Target{AgentID: boss.ID}, "")
	require.NoError(t, err)
	require.Equal(t, boss.ID, *taken.AgentID)
	require.Empty(t, b.Violations(t))
}

func TestService_View(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.Account(t, "b@example.com", "Agent 2", "agent")
	c, k := b.claimed(t, "a person")
	around := func() handoff.Around {
		a, err := b.desk.Around(t.Context(), k)
		require.NoError(t, err)
		return a
	}
	require.Empty(t, around().Viewers)
	watch := b.Hub.Subscribe(c.ID)
	defer watch.Close()
	require.NoError(t, b.desk.View(t.Context(), k.ID, other, false))
	<-watch.C // colleagues are told
	require.NoError(t, b.desk.View(t.Context(), k.ID, b.agent, true))
	require.Equal(t, []handoff.Viewer{{b.agent.ID, "Agent 1", true}, {other.ID, "Agent 2", false}}, around().Viewers)
	require.NoError(t, b.desk.KeepViewing(t.Context(), k.ID, b.agent))
	require.True(t, around().Viewers[0].Typing, "an open page does not end the typing")
	require.NoError(t, b.desk.StopViewing(t.Context(), k.ID, other))
	require.Len(t, around().Viewers, 1)
	_, err := b.DB.Exec(t.Context(), "UPDATE viewers SET seen_at = now() - interval '31 seconds'")
	require.NoError(t, err)
	require.Empty(t, around().Viewers, "a browser that died looks at nothing")
	require.True(t, fault.Is(b.desk.View(t.Context(), 1<<40, other, false), "case_not_found"))
}

func TestService_CustomerHere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.Open(t)
	require.NoError(t, b.desk.CustomerHere(t.Context(), c.ID))
	k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
	around := func() handoff.Around {
		a, err := b.desk.Around(t.Context(), k)
		require.NoError(t, err)
		return a
	}
	require.Nil(t, around().CustomerSeen, "who has no case is not watched")
	require.NoError(t, b.desk.CustomerHere(t.Context(), c.ID))
	require.True(t, around().CustomerHere)
	require.NoError(t, b.desk.CustomerLeft(t.Context(), c.ID))
	require.False(t, around().CustomerHere)
	require.NotNil(t, around().CustomerSeen)
	require.NoError(t, b.desk.CustomerHere(t.Context(), c.ID))
	require.True(t, around().CustomerHere, "another page of theirs is open")
	_, err := b.DB.Exec(t.Context(), "UPDATE customer_presence SET seen_at = now() - interval '12 minutes'")
	require.NoError(t, err)
	require.False(t, around().CustomerHere, "a connection that died says nothing")
	require.InDelta(t, 12*time.Minute, time.Since(*around().CustomerSeen), float64(time.Minute))
}
