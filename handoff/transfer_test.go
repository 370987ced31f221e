// SPDX-License-Identifier: MIT

package handoff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/handoff"
	"candor/internal/calendar"
	"candor/internal/fault"
)

// claimed is a conversation with the bundle's agent.
func (b bundle) claimed(t *testing.T, text string) (chat.Conversation, handoff.Case) {
	t.Helper()
	c := b.Open(t)
	k := b.ask(t, c, handoff.ReasonCustomerRequest, text)
	k, err := b.desk.Claim(t.Context(), k.ID, b.agent)
	require.NoError(t, err)
	return c, k
}

// by is the bundle's agent as one who acts.
func (b bundle) by() handoff.Actor { return handoff.Actor{Agent: b.agent} }

// writes is a message of the customer, with what it means for the case.
func (b bundle) writes(t *testing.T, c chat.Conversation, text string) {
	t.Helper()
	require.NoError(t, b.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
		if _, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: text}); err != nil {
			return err
		}
		return b.desk.WroteTx(t.Context(), l)
	}))
}

func (b bundle) state(t *testing.T, c chat.Conversation) chat.State {
	t.Helper()
	now, err := b.Chat.Get(t.Context(), c.ID)
	require.NoError(t, err)
	return now.State
}

// notes are the texts of a case's notes.
func (b bundle) notes(t *testing.T, c chat.Conversation, k handoff.Case) []string {
	t.Helper()
	_, notes, err := b.desk.History(t.Context(), c, k)
	require.NoError(t, err)
	texts := []string{}
	for _, n := range notes {
		texts = append(texts, n.Text)
	}
	return texts
}

func TestService_Transfer(t *testing.T) {
	t.Parallel()

	t.Run("to a colleague goes at once, in place, and only by whoever has it", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		other := b.Account(t, "b@example.com", "Agent 2", "agent")
		c, k := b.claimed(t, "a person")
		_, err := b.desk.Transfer(t.Context(), k.ID, handoff.Actor{Agent: other}, handoff.Target{AgentID: other.ID}, "")
		require.True(t, fault.Is(err, "not_your_case"), "%v", err)
		after, err := b.desk.Transfer(t.Context(), k.ID, b.by(), handoff.Target{AgentID: other.ID}, "knows the tariff")
		require.NoError(t, err)
		require.Equal(t, other.ID, *after.AgentID)
		require.Equal(t, k.Reference, after.Reference)
		said := b.last(t, c)
		require.Equal(t, "agent_changed", said.Event)
		require.Contains(t, said.Text, "Agent 1")
		require.Contains(t, said.Text, "Agent 2")
		require.Equal(t, []string{"knows the tariff"}, b.notes(t, c, k))
		_, err = b.desk.Reply(t.Context(), k.ID, b.agent, "One more thing", "")
		require.True(t, fault.Is(err, "not_your_case"), "%v", err)
		_, err = b.desk.Reply(t.Context(), k.ID, other, "Good morning", "")
		require.NoError(t, err)
		require.Empty(t, b.Violations(t))
	})

	t.Run("refuses whom no case can be given to", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		editor := b.Account(t, "e@example.com", "Editor 1", "editor")
		_, k := b.claimed(t, "a person")
		for code, to := range map[string]handoff.Target{
			"unknown_colleague": {AgentID: editor.ID}, "unknown_team": {Team: "nobody"}, "already_there": {AgentID: b.agent.ID},
		} {
			_, err := b.desk.Transfer(t.Context(), k.ID, b.by(), to, "")
			require.True(t, fault.Is(err, code), "%v", err)
		}
		_, err := b.desk.Transfer(t.Context(), k.ID, b.by(), handoff.Target{AgentID: 1 << 40}, "")
		require.True(t, fault.Is(err, "unknown_colleague"), "%v", err)
	})

	t.Run("a supervisor gives away what an agent has, and what waits", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		boss := handoff.Actor{Agent: b.Account(t, "s@example.com", "Supervisor 1", "supervisor"), Supervisor: true}
		other := b.Account(t, "b@example.com", "Agent 2", "agent")
		c, k := b.claimed(t, "a person")
		_, err := b.desk.Transfer(t.Context(), k.ID, boss, handoff.Target{AgentID: other.ID}, "")
		require.NoError(t, err)
		require.Contains(t, b.last(t, c).Text, "Agent 1", "the customer is told of who they spoke with, not of the supervisor")
		waiting := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "me too")
		_, err = b.desk.Transfer(t.Context(), waiting.ID, b.by(), handoff.Target{AgentID: other.ID}, "")
		require.True(t, fault.Is(err, "not_your_case"), "%v", err)
		given, err := b.desk.Transfer(t.Context(), waiting.ID, boss, handoff.Target{AgentID: other.ID}, "")
		require.NoError(t, err)
		require.Equal(t, handoff.StateClaimed, given.State)
		require.Empty(t, b.Violations(t))
	})

	t.Run("to a team goes back to the queue at the old place, with a promise when the team is not there", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		company := chattest.Company()
		tomorrow := time.Now().In(company.Zone()).AddDate(0, 0, 1)
		company.Teams = []chat.Team{
			{ID: "first", Name: "First line"},
			{ID: "bills", Name: "Bills"},
			{ID: "days", Name: "Days", Hours: []calendar.Opening{{Day: tomorrow.Weekday(), From: "09:00", To: "17:00"}}},
		}
		b.Chat.SetCompany(company)
		c, k := b.claimed(t, "one")
		b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "two")
		moved, err := b.desk.Transfer(t.Context(), k.ID, b.by(), handoff.Target{Team: "bills"}, "an invoice")
		require.NoError(t, err)
		require.Equal(t, "bills", moved.Team)
		require.Equal(t, handoff.StateWaiting, moved.State)
		place, err := b.desk.Place(t.Context(), moved)
		require.NoError(t, err)
		require.Equal(t, 1, place.Position)
		require.Equal(t, chat.StateQueued, b.state(t, c))
		moved, err = b.desk.Transfer(t.Context(), k.ID, b.by(), handoff.Target{Team: "days"}, "")
		require.NoError(t, err)
		require.Equal(t, "09:03", moved.DueAt.In(company.Zone()).Format("15:04"))
		require.Equal(t, chat.StateAwaitingHours, b.state(t, c))
		require.Equal(t, "handoff_after_hours", b.last(t, c).Event)
		require.Empty(t, b.Violations(t))
	})
}

func TestService_Transfer_promises_a_date_behind_those_who_wait_already(t *testing.T) {
	t.Parallel()
	b := setup(t)
	company := chattest.Company()
	tomorrow := time.Now().In(company.Zone()).AddDate(0, 0, 1)
	company.Teams = []chat.Team{
		{ID: "first", Name: "First line"},
		{ID: "days", Name: "Days", Hours: []calendar.Opening{{Day: tomorrow.Weekday(), From: "09:00", To: "17:00"}}},
	}
	b.Chat.SetCompany(company)
	b.worked(t, 12, 10*time.Minute)
	_, err := b.DB.Exec(t.Context(), "UPDATE work_spells SET team = 'days'")
	require.NoError(t, err)
	promised := func() string {
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		moved, err := b.desk.Transfer(t.Context(), k.ID, b.by(), handoff.Target{Team: "days"}, "")
		require.NoError(t, err)
		b.desk.Forget()
		return moved.DueAt.In(company.Zone()).Format("15:04")
	}
	require.Equal(t, "09:03", promised(), "the first is answered as soon as is promised")
	require.Equal(t, "09:15", promised(), "one case of ten minutes is ahead, and half as long again")
	require.Equal(t, "09:30", promised())
	require.Empty(t, b.Violations(t))
}

func TestService_SetPriority(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := handoff.Actor{Agent: b.Account(t, "b@example.com", "Agent 2", "agent")}
	first := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
	second := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "two")
	raised, err := b.desk.SetPriority(t.Context(), second.ID, other, handoff.PriorityHigh)
	require.NoError(t, err)
	place, err := b.desk.Place(t.Context(), raised)
	require.NoError(t, err)
	require.Equal(t, 1, place.Position)
	_, err = b.desk.SetPriority(t.Context(), first.ID, other, 7)
	require.True(t, fault.Is(err, "unknown_priority"), "%v", err)
	_, err = b.desk.Claim(t.Context(), first.ID, b.agent)
	require.NoError(t, err)
	_, err = b.desk.SetPriority(t.Context(), first.ID, other, handoff.PriorityLow)
	require.True(t, fault.Is(err, "not_your_case"), "%v", err)
	_, err = b.desk.Resolve(t.Context(), first.ID, b.agent, "solved", "")
	require.NoError(t, err)
	_, err = b.desk.SetPriority(t.Context(), first.ID, b.by(), handoff.PriorityLow)
	require.True(t, fault.Is(err, "case_not_open"), "%v", err)
	require.Empty(t, b.Violations(t))
}

func TestService_Undo(t *testing.T) {
	t.Parallel()
	steps := map[string]func(*testing.T, bundle, handoff.Case){
		"a release": func(t *testing.T, b bundle, k handoff.Case) {
			t.Helper()
			_, err := b.desk.Release(t.Context(), k.ID, b.agent)
			require.NoError(t, err)
		},
		"a resolution": func(t *testing.T, b bundle, k handoff.Case) {
			t.Helper()
			_, err := b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
			require.NoError(t, err)
		},
		"a transfer": func(t *testing.T, b bundle, k handoff.Case) {
			t.Helper()
			other := b.Account(t, "other@example.com", "Agent 2", "agent")
			_, err := b.desk.Transfer(t.Context(), k.ID, b.by(), handoff.Target{AgentID: other.ID}, "")
			require.NoError(t, err)
		},
	}
	for name, step := range steps {
		t.Run("takes "+name+" back, once", func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c, k := b.claimed(t, "a person")
			step(t, b, k)
			back, err := b.desk.Undo(t.Context(), k.ID, b.agent)
			require.NoError(t, err)
			require.Equal(t, handoff.StateClaimed, back.State)
			require.Equal(t, b.agent.ID, *back.AgentID)
			require.Nil(t, back.Outcome)
			require.Equal(t, chat.StateHuman, b.state(t, c))
			_, err = b.desk.Reply(t.Context(), k.ID, b.agent, "I am still here", "")
			require.NoError(t, err)
			_, err = b.desk.Undo(t.Context(), k.ID, b.agent)
			require.True(t, fault.Is(err, "nothing_to_undo"), "%v", err)
			require.Empty(t, b.Violations(t))
		})

		t.Run("not once something has happened since "+name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c, k := b.claimed(t, "a person")
			step(t, b, k)
			b.writes(t, c, "one more thing")
			_, err := b.desk.Undo(t.Context(), k.ID, b.agent)
			require.True(t, fault.Is(err, "nothing_to_undo"), "%v", err)
			require.Empty(t, b.Violations(t))
		})
	}

	t.Run("not by somebody else, and not after a minute", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		other := b.Account(t, "b@example.com", "Agent 2", "agent")
		_, k := b.claimed(t, "a person")
		_, err := b.desk.Undo(t.Context(), k.ID, b.agent)
		require.True(t, fault.Is(err, "nothing_to_undo"), "a claim is no such step: %v", err)
		_, err = b.desk.Release(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		_, err = b.desk.Undo(t.Context(), k.ID, other)
		require.True(t, fault.Is(err, "nothing_to_undo"), "%v", err)
		_, err = b.DB.Exec(t.Context(), "UPDATE undos SET created_at = created_at - interval '61 seconds'")
		require.NoError(t, err)
		_, err = b.desk.Undo(t.Context(), k.ID, b.agent)
		require.True(t, fault.Is(err, "nothing_to_undo"), "%v", err)
	})

	t.Run("puts a waiting case back to its team", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		company := chattest.Company()
		company.Teams = []chat.Team{{ID: "first", Name: "First line"}, {ID: "bills", Name: "Bills"}}
		b.Chat.SetCompany(company)
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		_, err := b.desk.Transfer(t.Context(), k.ID, b.by(), handoff.Target{Team: "bills"}, "")
		require.NoError(t, err)
		back, err := b.desk.Undo(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		require.Equal(t, k.Team, back.Team)
		require.Equal(t, handoff.StateWaiting, back.State)
		require.Equal(t, chat.StateQueued, b.state(t, c))
		require.Empty(t, b.Violations(t))
	})
}

func TestService_AddNote(t *testing.T) {
	t.Parallel()
	b := setup(t)
	named := b.Account(t, "billing.desk@example.com", "Agent 2", "agent")
	second := b.Account(t, "night@example.com", "Agent 3", "agent")
	editor := b.Account(t, "library@example.com", "Editor 1", "editor")
	c, k := b.claimed(t, "my bill")
	before := b.transcript(t, c)

	note, err := b.desk.AddNote(t.Context(), k.ID, named, handoff.NewNote{Text: "for @billing.desk, @night@example.com. Not @library or me@night.example"})
	require.NoError(t, err)
	require.Equal(t, []chat.Agent{named, second}, note.Mentions)
	_, err = b.desk.AddNote(t.Context(), k.ID, b.agent, handoff.NewNote{Text: "by id", Mentions: []int64{named.ID}, ClientID: "n1"})
	require.NoError(t, err)
	again, err := b.desk.AddNote(t.Context(), k.ID, b.agent, handoff.NewNote{Text: "by id", Mentions: []int64{named.ID}, ClientID: "n1"})
	require.NoError(t, err)
	require.Equal(t, "by id", again.Text)
	_, err = b.desk.AddNote(t.Context(), k.ID, b.agent, handoff.NewNote{Text: "something else", ClientID: "n1"})
	require.True(t, fault.Is(err, "client_note_id_reused"), "%v", err)
	_, err = b.desk.AddNote(t.Context(), k.ID, b.agent, handoff.NewNote{Text: "by id", Mentions: []int64{editor.ID}})
	require.True(t, fault.Is(err, "unknown_colleague"), "%v", err)
	_, err = b.desk.AddNote(t.Context(), k.ID, b.agent, handoff.NewNote{Text: "  "})
	require.True(t, fault.Is(err, "message_empty"), "%v", err)
	require.Len(t, b.transcript(t, c), len(before), "the customer sees no note")
	require.Len(t, b.notes(t, c, k), 2)

	mine, err := b.desk.Mentions(t.Context(), named.ID, true)
	require.NoError(t, err)
	require.Len(t, mine, 1, "nobody is told of what they wrote themselves")
	require.Equal(t, "by id", mine[0].Text)
	require.Equal(t, k.Reference, mine[0].Reference)
	require.True(t, fault.Is(b.desk.SeeMention(t.Context(), second.ID, mine[0].ID), "mention_not_found"))
	require.NoError(t, b.desk.SeeMention(t.Context(), named.ID, mine[0].ID))
	unseen, err := b.desk.UnseenMentions(t.Context(), named.ID)
	require.NoError(t, err)
	require.Zero(t, unseen)

	var stored int
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT count(*) FROM log WHERE body::text LIKE '%by id%'").Scan(&stored))
	require.Zero(t, stored, "what a note says is sealed")
	require.NoError(t, b.desk.Erase(t.Context(), c.CustomerID, nil))
	gone, err := b.desk.Mentions(t.Context(), named.ID, false)
	require.NoError(t, err)
	require.Empty(t, gone[0].Text)
	require.Equal(t, []string{"", ""}, b.notes(t, c, k))
	require.Empty(t, b.Violations(t))
}
