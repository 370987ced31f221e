// SPDX-License-Identifier: MIT

package handoff_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/handoff"
	"candor/internal/calendar"
)

// worked makes a past of cases that took so long each.
func (b bundle) worked(t *testing.T, n int, took time.Duration) {
	t.Helper()
	for range n {
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		_, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
		require.NoError(t, err)
	}
	_, err := b.DB.Exec(t.Context(), "UPDATE work_spells SET started_at = ended_at - $1::interval WHERE ended_at IS NOT NULL", took)
	require.NoError(t, err)
	b.desk.Forget()
}

func TestService_Place_wait(t *testing.T) {
	t.Parallel()

	t.Run("says nothing while too little is known, and that nobody is there when nobody is", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		place, err := b.desk.Place(t.Context(), k)
		require.NoError(t, err)
		require.Nil(t, place.Wait)
		require.True(t, place.Nobody)
		require.Contains(t, b.last(t, c).Text, "Nobody from our team is available at this moment")

		_, err = b.desk.SetPresence(t.Context(), b.agent.ID, handoff.Available)
		require.NoError(t, err)
		require.NoError(t, b.desk.Beat(t.Context(), b.agent.ID))
		_, err = b.desk.SetPresence(t.Context(), b.agent.ID, handoff.Available)
		require.NoError(t, err)
		b.desk.Forget()
		place, err = b.desk.Place(t.Context(), k)
		require.NoError(t, err)
		require.False(t, place.Nobody)
		require.Nil(t, place.Wait, "no case was ever finished")
	})

	t.Run("comes from service times and hands, is longer further back, and is kept as it was told", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.worked(t, 12, 5*time.Minute)
		busy := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		_, err := b.desk.Claim(t.Context(), busy.ID, b.agent)
		require.NoError(t, err)
		b.desk.Forget()
		c := b.Open(t)
		first := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		place, err := b.desk.Place(t.Context(), first)
		require.NoError(t, err)
		require.Equal(t, 1, place.Position)
		require.NotNil(t, place.Wait)
		require.Less(t, place.Wait.P10, 5*time.Minute)
		require.Greater(t, place.Wait.P90, 5*time.Minute-time.Second)
		require.Less(t, place.Wait.P90, 15*time.Minute)
		require.Contains(t, b.last(t, c).Text, "The expected wait is")
		var third handoff.Case
		for range 2 {
			third = b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		}
		b.desk.Forget()
		behind, err := b.desk.Place(t.Context(), third)
		require.NoError(t, err)
		require.Greater(t, behind.Wait.P90, place.Wait.P90+5*time.Minute)
		next, err := b.desk.Expect(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, next.Waiting)
		require.Greater(t, next.Wait.P90, behind.Wait.P90)

		_, err = b.desk.Resolve(t.Context(), busy.ID, b.agent, "solved", "")
		require.NoError(t, err)
		_, err = b.desk.Claim(t.Context(), first.ID, b.agent)
		require.NoError(t, err)
		var position, agents int
		var low, high float64
		var served bool
		require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT position, agents, low, high, served FROM told_waits WHERE case_id = $1", first.ID).
			Scan(&position, &agents, &low, &high, &served))
		require.Equal(t, 1, position)
		require.Equal(t, 1, agents)
		require.InDelta(t, place.Wait.P10.Seconds(), low, 5)
		require.InDelta(t, place.Wait.P90.Seconds(), high, 5)
		require.True(t, served)
		require.Empty(t, b.Violations(t))
	})

	t.Run("is shorter where those before tend to give up", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.worked(t, 12, 5*time.Minute)
		busy := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		_, err := b.desk.Claim(t.Context(), busy.ID, b.agent)
		require.NoError(t, err)
		var last handoff.Case
		for range 6 {
			last = b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		}
		b.desk.Forget()
		patient, err := b.desk.Place(t.Context(), last)
		require.NoError(t, err)
		for range 8 {
			c := b.Open(t)
			b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
			require.NoError(t, b.leave(t, c))
		}
		_, err = b.DB.Exec(t.Context(), "UPDATE told_waits SET told_at = ended_at - interval '2 minutes' WHERE NOT served")
		require.NoError(t, err)
		b.desk.Forget()
		hasty, err := b.desk.Place(t.Context(), last)
		require.NoError(t, err)
		require.Equal(t, patient.Position, hasty.Position)
		require.Less(t, hasty.Wait.P90, patient.Wait.P90/2)
	})

	t.Run("a wait that reaches the closing goes on at the next opening", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.worked(t, 12, 3*time.Hour)
		busy := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		_, err := b.desk.Claim(t.Context(), busy.ID, b.agent)
		require.NoError(t, err)
		company := closingIn(time.Hour)
		b.Chat.SetCompany(company)
		b.desk.Forget()
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		place, err := b.desk.Place(t.Context(), k)
		require.NoError(t, err)
		require.Greater(t, place.Wait.P90, 12*time.Hour)
	})

	t.Run("places in a long queue are the same read together as one by one", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.crowd(t, 400)
		list, err := b.desk.Queue(t.Context(), 400)
		require.NoError(t, err)
		for i := 0; i < len(list); i += 37 {
			place, err := b.desk.Place(t.Context(), list[i].Case)
			require.NoError(t, err)
			require.Equal(t, list[i].Position, place.Position, fmt.Sprint(i))
		}
	})
}

// closingIn is a company that closes today and opens again tomorrow.
func closingIn(d time.Duration) chat.Company {
	now := time.Now().UTC()
	clock := func(t time.Time) string { return t.Format("15:04") }
	company := chattest.Company()
	company.TimeZone = "UTC"
	company.Hours = nil
	for day := time.Sunday; day <= time.Saturday; day++ {
		from, to := now.Add(-time.Hour), now.Add(d)
		if to.Day() != from.Day() { // about midnight: two spans that meet
			company.Hours = append(company.Hours, calendar.Opening{Day: day, From: clock(from), To: "24:00"}, calendar.Opening{Day: day, From: "00:00", To: clock(to)})
			continue
		}
		company.Hours = append(company.Hours, calendar.Opening{Day: day, From: clock(from), To: clock(to)})
	}
	return company
}
