// SPDX-License-Identifier: MIT

package handoff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/handoff"
	"candor/internal/calendar"
	"candor/internal/fault"
)

// impatient is the bundle with a desk that leaves nobody any time.
func (b bundle) impatient() bundle {
	b.desk = handoff.New(handoff.Config{DB: b.DB, Chat: b.Chat, Pace: handoff.Pace{Lost: 1, Left: 1, Silent: 1}})
	return b
}

// waits says a word to the customer and waits for theirs.
func (b bundle) waits(t *testing.T, k handoff.Case) {
	t.Helper()
	_, err := b.desk.ReplyAndWait(t.Context(), k.ID, b.agent, "Which invoice is it?", "")
	require.NoError(t, err)
}

// What goes back to the queue without having been given away can come back to the
// one agent there is.
func TestService_Assign_again_to_the_only_agent(t *testing.T) {
	t.Parallel()

	t.Run("what waits is still theirs to get after a reply to all", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		cause, err := b.desk.NewCause(t.Context(), b.agent, "Outage")
		require.NoError(t, err)
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		_, err = b.desk.Link(t.Context(), k.ID, b.agent, cause.ID)
		require.NoError(t, err)
		_, err = b.desk.SetPresence(t.Context(), b.agent.ID, handoff.Available)
		require.NoError(t, err)
		told, err := b.desk.ReplyToAll(t.Context(), cause.ID, b.agent, handoff.Macro{Text: "We are on it.", ClientMessageID: "all-1"})
		require.NoError(t, err)
		require.Equal(t, "sent", told[0].Result)
		require.Zero(t, b.holder(t, k))
		require.NoError(t, b.desk.Beat(t.Context(), b.agent.ID))
		b.assign(t, 1)
		require.Equal(t, b.agent.ID, b.holder(t, k))
		require.Empty(t, b.Violations(t))
	})

	t.Run("so is a case whose customer wrote while their connection was lost", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.here(t, b.agent)
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		b.assign(t, 1)
		_, err := b.desk.ReplyAndWait(t.Context(), k.ID, b.agent, "Which invoice is it?", "")
		require.NoError(t, err)
		b.ago(t, b.agent, time.Minute)
		b.writes(t, c, "the one of May")
		require.Zero(t, b.holder(t, k))
		require.NoError(t, b.desk.Beat(t.Context(), b.agent.ID))
		b.assign(t, 1)
		require.Equal(t, b.agent.ID, b.holder(t, k))
		require.Empty(t, b.Violations(t))
	})
}

func TestService_Assign_a_language_that_nobody_at_the_desk_speaks(t *testing.T) {
	t.Parallel()
	japanese := func(t *testing.T) (bundle, handoff.Case) {
		t.Helper()
		b := setup(t)
		b.member(t, b.agent, "", 4, nil, []string{"en"})
		b.here(t, b.agent)
		opened, err := b.Chat.Create(t.Context(), "ja", chat.Profile{})
		require.NoError(t, err)
		return b, b.ask(t, opened.Conversation, handoff.ReasonCustomerRequest, "担当者をお願いします")
	}

	t.Run("goes to who is free after a while", func(t *testing.T) {
		t.Parallel()
		b, k := japanese(t)
		b.assign(t, 0)
		b.age(t, k, 4*time.Minute)
		b.assign(t, 0)
		b.age(t, k, 2*time.Minute)
		b.assign(t, 1)
		require.Equal(t, b.agent.ID, b.holder(t, k))
	})

	t.Run("waits for who speaks it and is at the desk with their hands full", func(t *testing.T) {
		t.Parallel()
		b, k := japanese(t)
		speaker := b.agents(t, 1)[0]
		b.member(t, speaker, "", 1, nil, []string{"ja"})
		b.here(t, speaker)
		full := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		_, err := b.desk.Claim(t.Context(), full.ID, speaker)
		require.NoError(t, err)
		b.age(t, k, time.Hour)
		b.assign(t, 0)
		_, err = b.desk.Resolve(t.Context(), full.ID, speaker, "solved", "")
		require.NoError(t, err)
		b.assign(t, 1)
		require.Equal(t, speaker.ID, b.holder(t, k))
	})
}

func TestService_Wait_comes_after_a_word(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c, k := b.claimed(t, "a person")
	_, err := b.desk.Wait(t.Context(), k.ID, b.agent)
	require.True(t, fault.Is(err, "nothing_said"), "%v", err)
	require.Equal(t, chat.StateHuman, b.state(t, c))
	_, err = b.desk.Reply(t.Context(), k.ID, b.agent, "Which invoice is it?", "")
	require.NoError(t, err)
	_, err = b.desk.Wait(t.Context(), k.ID, b.agent)
	require.NoError(t, err)
	require.Equal(t, chat.StateWaitingCustomer, b.state(t, c))
}

func TestService_TakeBack_what_was_taken_from_the_bot(t *testing.T) {
	t.Parallel()
	taken := func(t *testing.T) (bundle, chat.Conversation, handoff.Case) {
		t.Helper()
		b := setup(t)
		c := b.Open(t)
		k, err := b.desk.TakeOver(t.Context(), c.ID, b.agent)
		require.NoError(t, err)
		return b, c, k
	}

	t.Run("stays with its agent as long as nobody waits for a word", func(t *testing.T) {
		t.Parallel()
		b, _, k := taken(t)
		b.held(t, k, time.Hour)
		b.takeBack(t, 0)
	})

	t.Run("goes to the queue when the customer writes and gets none", func(t *testing.T) {
		t.Parallel()
		b, c, k := taken(t)
		b.held(t, k, time.Hour)
		b.writes(t, c, "Is anybody there?")
		b.takeBack(t, 0)
		b.impatient().takeBack(t, 1)
		require.Equal(t, []string{"silent"}, b.causes(t, k))
	})

	t.Run("goes to the queue when it was passed on to somebody who does nothing", func(t *testing.T) {
		t.Parallel()
		b, _, k := taken(t)
		other := b.agents(t, 1)[0]
		_, err := b.desk.Transfer(t.Context(), k.ID, b.by(), handoff.Target{AgentID: other.ID}, "")
		require.NoError(t, err)
		b.takeBack(t, 0)
		b.held(t, k, time.Hour)
		b.takeBack(t, 1)
		require.Zero(t, b.holder(t, k))
	})
}

func TestService_TakeBack_what_was_put_aside(t *testing.T) {
	t.Parallel()
	aside := func(t *testing.T) (bundle, handoff.Case) {
		t.Helper()
		b := setup(t)
		b.here(t, b.agent)
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		b.assign(t, 1)
		_, err := b.desk.Snooze(t.Context(), k.ID, b.agent, time.Now().Add(24*time.Hour))
		require.NoError(t, err)
		return b, k
	}

	t.Run("leaves the agent time when it comes up again", func(t *testing.T) {
		t.Parallel()
		b, k := aside(t)
		b.held(t, k, 30*time.Hour)
		b.ago(t, b.agent, 30*time.Hour)
		_, err := b.DB.Exec(t.Context(), "UPDATE cases SET snoozed_until = now() - interval '1 second'")
		require.NoError(t, err)
		n, err := b.desk.WakeSnoozed(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		b.takeBack(t, 0)
		require.Equal(t, b.agent.ID, b.holder(t, k))
		b.impatient().takeBack(t, 1)
		require.Equal(t, []string{"connection_lost"}, b.causes(t, k))
	})

	t.Run("is nobody's once the account is closed, or may have no cases", func(t *testing.T) {
		t.Parallel()
		for _, gone := range []string{"disabled_at = now()", "role = 'editor'"} {
			b, k := aside(t)
			_, err := b.DB.Exec(t.Context(), "UPDATE accounts SET "+gone+" WHERE id = $1", b.agent.ID)
			require.NoError(t, err)
			b.takeBack(t, 1)
			require.Equal(t, []string{"account_disabled"}, b.causes(t, k), gone)
		}
	})
}

func TestService_Transfer_between_teams_with_other_hours(t *testing.T) {
	t.Parallel()
	// The late team works when the first one does not.
	teams := func(t *testing.T, now string) turned {
		t.Helper()
		b := setupAt(t, now)
		b.settings(func(c *chat.Company) {
			c.Teams = []chat.Team{{ID: "first", Name: "First line"}, {ID: "late", Name: "Late"}}
			for day := time.Sunday; day <= time.Saturday; day++ {
				c.Teams[1].Hours = append(c.Teams[1].Hours, calendar.Opening{Day: day, From: "18:00", To: "24:00"})
			}
		})
		return b
	}
	events := func(t *testing.T, b turned, c chat.Conversation, event string) (n int) {
		t.Helper()
		for _, m := range b.transcript(t, c) {
			if m.Event == event {
				n++
			}
		}
		return n
	}

	t.Run("tells of one date, the one that holds", func(t *testing.T) {
		t.Parallel()
		b := teams(t, "2026-11-10 19:00") // 20:00 in Madrid
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		b.turn(t, "2026-11-10 23:30")
		before := events(t, b, c, "handoff_after_hours")
		moved, err := b.desk.Transfer(t.Context(), k.ID, b.by(), handoff.Target{Team: "late"}, "")
		require.NoError(t, err)
		require.Equal(t, "2026-11-11 18:03", moved.DueAt.In(b.Chat.Company().Zone()).Format("2006-01-02 15:04"))
		require.Equal(t, chat.StateAwaitingHours, b.state(t, c))
		require.Equal(t, 1, events(t, b, c, "agent_left"))
		require.Equal(t, 1, events(t, b, c, "handoff_after_hours")-before)
		require.Empty(t, b.Violations(t))
	})

	t.Run("is served now by a team that is there, before those who come later", func(t *testing.T) {
		t.Parallel()
		b := teams(t, "2026-11-10 19:00")
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		require.Equal(t, chat.StateAwaitingHours, b.state(t, c))
		_, err := b.desk.Transfer(t.Context(), k.ID, b.by(), handoff.Target{Team: "late"}, "")
		require.NoError(t, err)
		require.Equal(t, chat.StateQueued, b.state(t, c))
		require.Equal(t, "queue_opened", b.last(t, c).Event)
		b.turn(t, "2026-11-10 19:10")
		later := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "me too")
		_, err = b.desk.Transfer(t.Context(), later.ID, b.by(), handoff.Target{Team: "late"}, "")
		require.NoError(t, err)
		require.Equal(t, []string{k.Reference, later.Reference}, b.order(t))
		require.Empty(t, b.Violations(t))
	})

	t.Run("an opening that was not foreseen lets nobody overtake", func(t *testing.T) {
		t.Parallel()
		b := setupAt(t, "2026-11-10 19:00")
		early := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		b.settings(func(c *chat.Company) {
			for i := range c.Hours {
				c.Hours[i].To = "24:00"
			}
		})
		require.NoError(t, b.desk.KeepTime(t.Context()))
		b.turn(t, "2026-11-10 19:10")
		later := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "me too")
		require.Equal(t, []string{early.Reference, later.Reference}, b.order(t))
	})
}

func TestService_Assign_a_team_without_members(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.settings(func(c *chat.Company) {
		c.Teams = []chat.Team{
			{ID: "front", Name: "Front"},
			{ID: "bills", Name: "Bills", Reasons: []string{"no_knowledge"}, EscalatesTo: "second"},
			{ID: "second", Name: "Second line"},
		}
	})
	list := b.agents(t, 2)
	b.member(t, list[0], "bills", 4, nil, nil)
	b.member(t, list[1], "second", 4, nil, nil)
	b.here(t, b.agent)
	b.here(t, list[1])
	k := b.ask(t, b.Open(t), handoff.ReasonNoKnowledge, "an invoice")
	require.Equal(t, "bills", k.Team)
	b.assign(t, 0)
	present, err := b.desk.Present(t.Context(), "bills")
	require.NoError(t, err)
	require.Zero(t, present.Agents, "whose one agent may be back")

	for _, gone := range []string{
		"UPDATE accounts SET disabled_at = now() WHERE id = $1",
		"UPDATE members SET capacity = 0 WHERE account_id = $1",
	} {
		_, err = b.DB.Exec(t.Context(), "UPDATE accounts SET disabled_at = NULL")
		require.NoError(t, err)
		_, err = b.DB.Exec(t.Context(), gone, list[0].ID)
		require.NoError(t, err)
		present, err = b.desk.Present(t.Context(), "bills")
		require.NoError(t, err)
		require.Equal(t, 1, present.Agents, gone)
	}
	b.assign(t, 1)
	require.Equal(t, list[1].ID, b.holder(t, k), "the next up the ladder")

	_, err = b.DB.Exec(t.Context(), "UPDATE accounts SET disabled_at = now() WHERE id = $1", list[1].ID)
	require.NoError(t, err)
	b.takeBack(t, 1)
	b.assign(t, 1)
	require.Equal(t, b.agent.ID, b.holder(t, k), "at last the first one")
	require.Empty(t, b.Violations(t))
}
