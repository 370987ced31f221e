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

// turned is a desk whose clock the test turns.
type turned struct {
	bundle
	now *time.Time
}

// setupAt is setup for a company with usual hours and one holiday, at a moment.
func setupAt(t *testing.T, now string) turned {
	t.Helper()
	w := chattest.New(t)
	company := chattest.Company()
	company.Hours = nil
	for day := time.Sunday; day <= time.Saturday; day++ {
		company.Hours = append(company.Hours, calendar.Opening{Day: day, From: "09:00", To: "18:00"})
	}
	company.Holidays = []calendar.Holiday{{Date: "2026-10-25", Name: "Founders' Day"}}
	w.Chat.SetCompany(company)
	b := turned{now: new(time.Time)}
	b.turn(t, now)
	desk := handoff.New(handoff.Config{DB: w.DB, Chat: w.Chat, Clock: func(time.Time) time.Time { return *b.now }})
	b.bundle = bundle{w, desk, w.Account(t, "agent@example.com", "Agent 1", "agent")}
	return b
}

// turn sets the clock, in UTC.
func (b turned) turn(t *testing.T, to string) {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", to)
	require.NoError(t, err)
	*b.now = at
}

func (b bundle) promises(t *testing.T, k handoff.Case) []handoff.Promise {
	t.Helper()
	list, err := b.desk.Promises(t.Context(), k.ID)
	require.NoError(t, err)
	return list
}

func TestService_KeepTime_holiday_across_a_daylight_saving_change(t *testing.T) {
	t.Parallel()
	// Madrid leaves summer time in the night to Sunday, 25 October 2026, which is a holiday here.
	b := setupAt(t, "2026-10-24 17:30") // Saturday, 19:30 in Madrid
	saturday, sunday := b.Open(t), b.Open(t)
	kept := b.ask(t, saturday, handoff.ReasonCustomerRequest, "a person")
	require.Equal(t, "2026-10-26 08:03", kept.DueAt.UTC().Format("2006-01-02 15:04"), "09:03 in winter time; by yesterday's clock it would be 07:03")
	require.Contains(t, b.last(t, saturday).Text, "26 October 2026, 09:03")
	require.NotContains(t, b.last(t, saturday).Text, "Founders' Day", "that is tomorrow")
	require.NoError(t, b.desk.LeaveContact(t.Context(), saturday.ID, handoff.Contact{Email: "c@example.com", TextShown: "Send it to me", Locale: "en"}))

	b.turn(t, "2026-10-25 11:00")
	broken := b.ask(t, sunday, handoff.ReasonCustomerRequest, "a person")
	require.Contains(t, b.last(t, sunday).Text, "closed today: Founders' Day")
	promised := b.promises(t, broken)
	require.Len(t, promised, 1)
	require.True(t, broken.DueAt.Equal(promised[0].DueAt))
	require.Equal(t, b.last(t, sunday).Seq, promised[0].ToldSeq)

	for _, early := range []string{"2026-10-25 12:00", "2026-10-26 07:30", "2026-10-26 07:59"} {
		b.turn(t, early)
		require.NoError(t, b.desk.KeepTime(t.Context()))
		require.Equal(t, chat.StateAwaitingHours, b.state(t, saturday), early)
	}
	b.turn(t, "2026-10-26 08:00")
	for range 2 { // the second changes nothing
		require.NoError(t, b.desk.KeepTime(t.Context()))
	}
	for i, c := range []chat.Conversation{saturday, sunday} {
		require.Equal(t, chat.StateQueued, b.state(t, c))
		require.Equal(t, "queue_opened", b.last(t, c).Event)
		require.Contains(t, b.last(t, c).Text, "Our team is available now")
		require.Contains(t, b.last(t, c).Text, []string{"place 1", "place 2"}[i])
	}

	_, err := b.desk.Claim(t.Context(), kept.ID, b.agent)
	require.NoError(t, err)
	b.turn(t, "2026-10-26 08:02")
	_, err = b.desk.Reply(t.Context(), kept.ID, b.agent, "Good morning", "")
	require.NoError(t, err)
	b.turn(t, "2026-10-26 08:04")
	for range 2 {
		require.NoError(t, b.desk.KeepTime(t.Context()))
	}
	first, second := b.promises(t, kept)[0], b.promises(t, broken)[0]
	require.NotNil(t, first.KeptAt)
	require.Nil(t, first.BrokenAt)
	require.Nil(t, second.KeptAt)
	require.Equal(t, second.DueAt, *second.BrokenAt)
	require.Equal(t, "promise_broken", b.last(t, sunday).Event)
	require.Contains(t, b.last(t, sunday).Text, "26 October 2026, 09:03")
	now, err := b.desk.Case(t.Context(), kept.ID)
	require.NoError(t, err)
	require.NotNil(t, now.ReplyByEmailAt, "the address was not forgotten over the weekend")
	require.Empty(t, b.Violations(t))
}

func TestService_KeepTime(t *testing.T) {
	t.Parallel()

	t.Run("a late word does not keep a promise, though no sweep has seen it", func(t *testing.T) {
		t.Parallel()
		b := setupAt(t, "2026-11-10 20:00")
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		b.turn(t, "2026-11-11 08:04")
		_, err = b.desk.Reply(t.Context(), k.ID, b.agent, "Good morning", "")
		require.NoError(t, err)
		require.Nil(t, b.promises(t, k)[0].KeptAt)
		require.NotNil(t, b.promises(t, k)[0].BrokenAt)
	})

	t.Run("who waits at the closing is promised a date and goes first at the opening", func(t *testing.T) {
		t.Parallel()
		b := setupAt(t, "2026-11-10 16:50") // 17:50 in Madrid
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		require.NoError(t, b.desk.KeepTime(t.Context()))
		require.Equal(t, chat.StateQueued, b.state(t, c))
		b.turn(t, "2026-11-10 17:00")
		later := b.ask(t, b.Open(t), handoff.ReasonComplaint, "I complain")
		require.NoError(t, b.desk.KeepTime(t.Context()))
		require.Equal(t, chat.StateAwaitingHours, b.state(t, c))
		require.Contains(t, b.last(t, c).Text, "11 November 2026, 09:03")
		require.Len(t, b.promises(t, k), 1)
		require.Equal(t, []string{k.Reference, later.Reference}, b.order(t), "it keeps its place")
		var void bool
		require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT NOT served FROM told_waits WHERE case_id = $1", k.ID).Scan(&void))
		require.True(t, void, "what was told of the wait does not count")
		require.Empty(t, b.Violations(t))
	})

	t.Run("a case that is reopened or given back out of hours has a date too", func(t *testing.T) {
		t.Parallel()
		b := setupAt(t, "2026-11-10 16:00")
		reopened, released := b.Open(t), b.Open(t)
		for _, c := range []chat.Conversation{reopened, released} {
			k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
			_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
			require.NoError(t, err)
			if c.ID == reopened.ID {
				_, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
				require.NoError(t, err)
			}
		}
		b.turn(t, "2026-11-10 21:00")
		b.writes(t, reopened, "it is not solved")
		k, err := b.desk.Latest(t.Context(), released.ID)
		require.NoError(t, err)
		_, err = b.desk.Release(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		for _, c := range []chat.Conversation{reopened, released} {
			require.Equal(t, chat.StateAwaitingHours, b.state(t, c))
			require.Contains(t, b.last(t, c).Text, "11 November 2026, 09:03")
			k, err := b.desk.Latest(t.Context(), c.ID)
			require.NoError(t, err)
			require.Len(t, b.promises(t, k), 1)
		}
		require.Empty(t, b.Violations(t))
	})

	t.Run("a date has room for those who are served before", func(t *testing.T) {
		t.Parallel()
		b := setupAt(t, "2026-11-10 10:00")
		b.worked(t, 12, 20*time.Minute)
		b.turn(t, "2026-11-10 21:00")
		var due []string
		for range 4 {
			b.desk.Forget()
			k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
			due = append(due, k.DueAt.UTC().Format("15:04"))
		}
		require.Equal(t, []string{"08:03", "08:30", "09:00", "09:30"}, due, "one agent, 20 minutes a case and half as much again, from 09:00 in Madrid")
		require.Empty(t, b.Violations(t))
	})

	t.Run("leaving the queue drops the promise", func(t *testing.T) {
		t.Parallel()
		b := setupAt(t, "2026-11-10 21:00")
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		require.NoError(t, b.leave(t, c))
		b.turn(t, "2026-11-11 09:00")
		require.NoError(t, b.desk.KeepTime(t.Context()))
		require.NotNil(t, b.promises(t, k)[0].DroppedAt)
		require.Nil(t, b.promises(t, k)[0].BrokenAt)
		require.Empty(t, b.Violations(t))
	})

	t.Run("what was resolved is closed after seven days and goes on in a new conversation", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c, waits := b.Open(t), b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		_, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
		require.NoError(t, err)
		silent := b.ask(t, waits, handoff.ReasonCustomerRequest, "a person")
		_, err = b.desk.Claim(t.Context(), silent.ID, b.agent)
		require.NoError(t, err)
		b.waits(t, silent)
		after := func(d time.Duration) {
			desk := handoff.New(handoff.Config{DB: b.DB, Chat: b.Chat, Clock: func(now time.Time) time.Time { return now.Add(d) }})
			require.NoError(t, desk.KeepTime(t.Context()))
		}
		after(7*24*time.Hour - time.Minute)
		require.Equal(t, chat.StateResolved, b.state(t, c))
		after(7*24*time.Hour + time.Minute)
		require.Equal(t, chat.StateClosed, b.state(t, c))
		require.Equal(t, "closed", b.last(t, c).Event)
		require.Contains(t, b.last(t, c).Text, k.Reference)
		after(1000 * 24 * time.Hour)
		require.Equal(t, chat.StateWaitingCustomer, b.state(t, waits), "a customer who is waited for is never closed")

		closed, err := b.Chat.Get(t.Context(), c.ID)
		require.NoError(t, err)
		next, err := b.desk.Continue(t.Context(), closed, "en")
		require.NoError(t, err)
		require.Equal(t, closed.CustomerID, next.Conversation.CustomerID)
		require.Contains(t, b.last(t, next.Conversation).Text, k.Reference)
		before, known, err := b.Chat.Continues(t.Context(), next.Conversation)
		require.NoError(t, err)
		require.True(t, known)
		require.Equal(t, c.ID, before.ID)
		_, err = b.desk.Continue(t.Context(), next.Conversation, "en")
		require.True(t, fault.Is(err, "conversation_open"))
		require.Empty(t, b.Violations(t))
	})
}

func TestService_Wait(t *testing.T) {
	t.Parallel()

	claimed := func(t *testing.T) (bundle, chat.Conversation, handoff.Case) {
		t.Helper()
		b := setup(t)
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		return b, c, k
	}
	spells := func(t *testing.T, b bundle, k handoff.Case) (open, ended int) {
		t.Helper()
		require.NoError(t, b.DB.QueryRow(t.Context(), `
			SELECT count(*) FILTER (WHERE ended_at IS NULL), count(*) FILTER (WHERE ended_at IS NOT NULL)
			FROM work_spells WHERE case_id = $1`, k.ID).Scan(&open, &ended))
		return open, ended
	}
	load := func(t *testing.T, b bundle) int {
		t.Helper()
		colleague, err := b.desk.Colleague(t.Context(), b.agent.ID)
		require.NoError(t, err)
		return colleague.Load
	}

	t.Run("frees the agent, ends the service time, and the next word brings the agent back", func(t *testing.T) {
		t.Parallel()
		b, c, k := claimed(t)
		require.Equal(t, 1, load(t, b))
		m, err := b.desk.ReplyAndWait(t.Context(), k.ID, b.agent, "Which invoice is it?", "w1")
		require.NoError(t, err)
		again, err := b.desk.ReplyAndWait(t.Context(), k.ID, b.agent, "Which invoice is it?", "w1")
		require.NoError(t, err)
		require.Equal(t, m.Seq, again.Seq)
		require.Equal(t, chat.StateWaitingCustomer, b.state(t, c))
		require.Equal(t, "waiting_customer", b.last(t, c).Event)
		require.Zero(t, load(t, b))
		open, ended := spells(t, b, k)
		require.Equal(t, []int{0, 1}, []int{open, ended})

		b.writes(t, c, "the one of May")
		now, err := b.Chat.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, chat.StateHuman, now.State)
		require.Equal(t, b.agent.ID, *now.AgentID)
		require.Equal(t, 1, load(t, b))
		open, ended = spells(t, b, k)
		require.Equal(t, []int{1, 1}, []int{open, ended})
		require.Empty(t, b.Violations(t))
	})

	t.Run("the next word puts the case back at its place when the agent is gone", func(t *testing.T) {
		t.Parallel()
		b, c, k := claimed(t)
		other := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "two")
		b.waits(t, k)
		require.NoError(t, b.desk.Beat(t.Context(), b.agent.ID))
		require.NoError(t, b.desk.SignedOut(t.Context(), b.agent.ID))
		b.writes(t, c, "the one of May")
		require.Equal(t, chat.StateQueued, b.state(t, c))
		require.Equal(t, []string{k.Reference, other.Reference}, b.order(t))
		require.Contains(t, b.last(t, c).Text, "another person will continue")
		now, err := b.desk.Case(t.Context(), k.ID)
		require.NoError(t, err)
		require.Nil(t, now.PausedAt)
		require.Empty(t, b.Violations(t))
	})

	t.Run("is the agent's to say, and a word of the agent ends it", func(t *testing.T) {
		t.Parallel()
		b, c, k := claimed(t)
		other := b.Account(t, "b@example.com", "Agent 2", "agent")
		_, err := b.desk.Wait(t.Context(), k.ID, other)
		require.True(t, fault.Is(err, "not_your_case"))
		b.waits(t, k)
		for range 2 {
			_, err = b.desk.Wait(t.Context(), k.ID, b.agent)
			require.NoError(t, err)
		}
		_, err = b.desk.Reply(t.Context(), k.ID, b.agent, "One more thing", "")
		require.NoError(t, err)
		require.Equal(t, chat.StateHuman, b.state(t, c))
		_, err = b.desk.Wait(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		_, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "no_reply", "")
		require.NoError(t, err)
		require.Equal(t, chat.StateResolved, b.state(t, c))
		require.Empty(t, b.Violations(t))
	})
}

func TestService_LeaveContact(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.Open(t)
	give := handoff.Contact{Email: "Customer@Example.com", TextShown: "Send the answer to my address", Locale: "en"}
	require.True(t, fault.Is(b.desk.LeaveContact(t.Context(), c.ID, give), "no_open_case"))
	first := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
	k := b.ask(t, c, handoff.ReasonCustomerRequest, "two")
	require.NoError(t, b.desk.LeaveContact(t.Context(), c.ID, give))
	require.Equal(t, []string{first.Reference, k.Reference}, b.order(t), "the place is kept")
	require.Equal(t, "reply_by_email", b.last(t, c).Event)
	require.NotContains(t, b.last(t, c).Text, "@")
	profile, err := b.Chat.Profile(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, give.Email, profile.Email)
	index, err := b.Keys.Index("customer@example.com")
	require.NoError(t, err)
	var found int64
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT id FROM customers WHERE email_index = $1", index).Scan(&found))
	require.Equal(t, c.CustomerID, found)
	var purpose, shown string
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT purpose, text_shown FROM consents WHERE conversation_id = $1 AND given", c.ID).Scan(&purpose, &shown))
	require.Equal(t, "contact_by_email", purpose)
	require.Equal(t, give.TextShown, shown)
	var leaks int
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT count(*) FROM log WHERE body::text ILIKE '%customer@example%'").Scan(&leaks))
	require.Zero(t, leaks)

	require.NoError(t, b.desk.WithdrawContact(t.Context(), c.ID, "Remove my address", "en"))
	profile, err = b.Chat.Profile(t.Context(), c)
	require.NoError(t, err)
	require.Empty(t, profile.Email)
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT count(*) FROM customers WHERE email_index = $1", index).Scan(&leaks))
	require.Zero(t, leaks)
	now, err := b.desk.Case(t.Context(), k.ID)
	require.NoError(t, err)
	require.Nil(t, now.ReplyByEmailAt)
	require.True(t, fault.Is(b.desk.Consent(t.Context(), c.ID, chat.Consent{Purpose: chat.PurposeContact, Given: true, TextShown: "x", Locale: "en"}), "consent_without_address"))
	require.Empty(t, b.Violations(t))
}
