// SPDX-License-Identifier: MIT

package handoff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/handoff"
	"candor/handoff/clock"
)

func (b bundle) clock(t *testing.T, k handoff.Case, kind clock.Kind) *clock.Reading {
	t.Helper()
	list, err := b.desk.Clocks(t.Context(), k)
	require.NoError(t, err)
	for _, r := range list {
		if r.Kind == kind {
			return &r
		}
	}
	return nil
}

// look lets the clocks be looked at, and tells how many were recorded.
func (b bundle) look(t *testing.T, want int) {
	t.Helper()
	n, err := b.desk.LookAtClocks(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, n)
}

func TestService_Clocks(t *testing.T) {
	t.Parallel()

	t.Run("follow a case from its first word to its last", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.here(t, b.agent)
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		require.Equal(t, clock.Met, b.clock(t, k, clock.Acknowledgement).State)
		first := b.clock(t, k, clock.FirstResponse)
		require.Equal(t, clock.Running, first.State)
		require.Equal(t, 3*time.Minute, first.DueAt.Sub(first.StartedAt))
		require.Nil(t, b.clock(t, k, clock.NextResponse))
		b.assign(t, 1)
		_, err := b.desk.Reply(t.Context(), k.ID, b.agent, "Hello", "")
		require.NoError(t, err)
		require.Equal(t, clock.Met, b.clock(t, k, clock.FirstResponse).State)
		b.writes(t, c, "and now?")
		require.Equal(t, clock.Running, b.clock(t, k, clock.NextResponse).State)
		require.NoError(t, b.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			return l.Move(t.Context(), chat.StateWaitingCustomer, nil)
		}))
		require.Equal(t, clock.Paused, b.clock(t, k, clock.Resolution).State)
		b.writes(t, c, "hello?")
		require.Equal(t, clock.Running, b.clock(t, k, clock.Resolution).State)
		_, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
		require.NoError(t, err)
		for _, kind := range []clock.Kind{clock.Acknowledgement, clock.FirstResponse, clock.NextResponse, clock.Resolution} {
			require.Equal(t, clock.Met, b.clock(t, k, kind).State, kind)
		}
		b.writes(t, c, "not solved")
		again := b.clock(t, k, clock.FirstResponse)
		require.Equal(t, 2, again.N)
		require.Equal(t, clock.Running, again.State)
		require.Empty(t, b.Violations(t))
	})

	t.Run("differ by priority and team", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.settings(func(c *chat.Company) {
			c.Targets.Priorities = map[string]chat.PriorityTargets{"urgent": {FirstResponseMinutes: 1}}
			c.Teams = []chat.Team{
				{ID: "front", Name: "Front"},
				{ID: "slow", Name: "Slow", Reasons: []string{"no_knowledge"}, Targets: &chat.Targets{FirstResponseMinutes: 60, ComplaintDays: 30}},
			}
		})
		target := func(reason handoff.Reason) time.Duration {
			return b.clock(t, b.ask(t, b.Open(t), reason, "a person"), clock.FirstResponse).Target
		}
		require.Equal(t, 3*time.Minute, target(handoff.ReasonCustomerRequest))
		require.Equal(t, time.Minute, target(handoff.ReasonSafety))
		require.Equal(t, time.Hour, target(handoff.ReasonNoKnowledge))
	})

	t.Run("a complaint has its days, whatever else is promised", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		k := b.ask(t, b.Open(t), handoff.ReasonComplaint, "I complain")
		complaint, err := b.desk.Complaint(t.Context(), k.ID)
		require.NoError(t, err)
		require.WithinDuration(t, complaint.DueAt, *b.clock(t, k, clock.Resolution).DueAt, 0)
	})
}

// What was due is recorded once, also when the answer came between two looks.
func TestService_LookAtClocks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	entries := func(action string) int {
		return b.count(t, "SELECT count(*) FROM log WHERE kind = 'case' AND body->>'action' = $1", action)
	}
	k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
	b.look(t, 0)
	require.Equal(t, 3, b.count(t, "SELECT count(*) FROM clocks WHERE case_id = $1", k.ID))

	// The clock of the database cannot be set, so the record is moved into the past.
	_, err := b.DB.Exec(t.Context(), "ALTER TABLE log DISABLE TRIGGER log_append_only")
	require.NoError(t, err)
	pass := func(d time.Duration) { // so much time passes for everybody
		for _, sql := range []string{
			"UPDATE log SET created_at = created_at - $1::interval",
			"UPDATE clocks SET started_at = started_at - $1::interval, warn_at = warn_at - $1::interval, due_at = due_at - $1::interval, ended_at = ended_at - $1::interval",
		} {
			_, err := b.DB.Exec(t.Context(), sql, d)
			require.NoError(t, err)
		}
	}
	pass(2*time.Minute + 30*time.Second) // of three
	b.look(t, 1)
	b.look(t, 0)
	require.Equal(t, 1, entries("clock_warned"))
	require.Zero(t, entries("clock_breached"))
	pass(time.Minute)
	b.look(t, 1)
	b.look(t, 0)
	require.Equal(t, 1, entries("clock_breached"))
	require.Equal(t, clock.Breached, b.clock(t, k, clock.FirstResponse).State)

	late := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "another")
	b.look(t, 0)
	pass(time.Hour)
	_, err = b.desk.Claim(t.Context(), late.ID, b.agent)
	require.NoError(t, err)
	_, err = b.desk.Reply(t.Context(), late.ID, b.agent, "Hello", "")
	require.NoError(t, err)
	b.look(t, 1)
	require.Equal(t, 2, entries("clock_breached"), "an answer that came too late is too late")
	b.look(t, 0)
	var due time.Time
	require.NoError(t, b.DB.QueryRow(t.Context(), `
		SELECT (body->>'due_at')::timestamptz FROM log
		WHERE conversation_id = $1 AND kind = 'case' AND body->>'action' = 'clock_breached'`, late.ConversationID).Scan(&due))
	require.WithinDuration(t, *b.clock(t, late, clock.FirstResponse).DueAt, due, time.Millisecond)

	report, err := b.desk.ReportQueue(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, report.Late, "the one that still waits; the other was answered")
	list, err := b.desk.ReportClocks(t.Context(), time.Now().Add(-48*time.Hour), time.Now().Add(time.Minute))
	require.NoError(t, err)
	met := map[clock.Kind][2]int{}
	for _, r := range list {
		met[r.Kind] = [2]int{r.Met, r.Ended}
	}
	require.Equal(t, map[clock.Kind][2]int{clock.Acknowledgement: {2, 2}, clock.FirstResponse: {0, 1}}, met)
}

func TestService_ReportQueue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.settings(func(c *chat.Company) {
		c.Teams = []chat.Team{{ID: "front", Name: "Front"}, {ID: "bills", Name: "Bills", Reasons: []string{"complaint"}}}
	})
	b.here(t, b.agent)
	b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
	b.assign(t, 1)
	waiting := b.ask(t, b.Open(t), handoff.ReasonComplaint, "two")
	b.age(t, waiting, time.Hour)
	b.look(t, 0)
	queue, err := b.desk.Queue(t.Context(), 10)
	require.NoError(t, err)
	for _, k := range queue {
		require.Equal(t, string(clock.FirstResponse), *k.NextClock, "what is due first")
		require.False(t, k.ClockOver)
	}
	r, err := b.desk.ReportQueue(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int{"human": 1, "queued": 1}, r.States)
	require.Len(t, r.Teams, 2)
	require.Equal(t, handoff.Staffing{Agents: 1, Capacity: 4, Load: 1}, r.Teams[0].Staffing)
	require.Equal(t, 1, r.Teams[1].Waiting)
	require.InDelta(t, 3600, r.Teams[1].Oldest.Seconds(), 60)
	require.Equal(t, []handoff.KindReport{{Kind: clock.Acknowledgement, Ended: 2, Met: 2}}, r.Today)
}
