// SPDX-License-Identifier: MIT

package handoff_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/handoff"
)

func TestService_Wall(t *testing.T) {
	t.Parallel()
	b := setup(t)
	empty, err := b.desk.Wall(t.Context())
	require.NoError(t, err)
	require.Empty(t, empty.Teams)
	require.Len(t, empty.Hours, 12)

	old := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
	b.age(t, old, time.Hour)
	b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "two")
	late := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "three")
	_, err = b.DB.Exec(t.Context(), "UPDATE cases SET due_at = now() - interval '1 minute' WHERE id = $1", late.ID)
	require.NoError(t, err)
	taken := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "four")
	_, err = b.desk.Claim(t.Context(), taken.ID, b.agent)
	require.NoError(t, err)
	_, err = b.desk.Reply(t.Context(), taken.ID, b.agent, "Good morning.", "")
	require.NoError(t, err)

	w, err := b.desk.Wall(t.Context())
	require.NoError(t, err)
	require.Len(t, w.Teams, 1)
	require.WithinDuration(t, old.EnqueuedAt.Add(-time.Hour), *w.Teams[0].Oldest, time.Second)
	w.Teams[0].Oldest = nil
	require.Equal(t, handoff.WallTeam{Waiting: 3, Promised: 1, Late: 1, Claimed: 1}, w.Teams[0])
	opened, answered := 0, 0
	for _, h := range w.Hours {
		opened, answered = opened+h.Opened, answered+h.Answered
	}
	require.Equal(t, []int{4, 1}, []int{opened, answered})
	require.Equal(t, 1, w.First.Answered)
	require.Less(t, w.First.P90, time.Minute)
}

func TestWall_reads_the_last_hours_and_not_all_cases(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.crowd(t, 100)
	tx, err := b.DB.Begin(t.Context())
	require.NoError(t, err)
	for _, fill := range []string{
		"SET LOCAL statement_timeout = 0",
		"ALTER TABLE cases DISABLE TRIGGER USER", // of what is over nobody has a place in the queue
		`INSERT INTO cases (reference, conversation_id, state, reason, evidence, language, enqueued_at, answered_at, resolved_at, updated_at, serve_by)
		SELECT 'past-' || i, (SELECT min(id) FROM conversations) + i % 100, 'resolved', 'customer_request', '[]', 'en', at, at + interval '2 minutes', at + interval '9 minutes', at, at
		FROM (SELECT i, now() - interval '10 minutes' - i * interval '5 minutes' AS at FROM generate_series(1, 100000) i) past`,
		"ALTER TABLE cases ENABLE TRIGGER USER",
		`INSERT INTO told_waits (case_id, team, told_at, position, agents, raw_low, raw_high, low, high, ended_at, served)
		SELECT id, team, enqueued_at, 1, 1, 30, 150, 30, 150, answered_at, true FROM cases WHERE state = 'resolved'`,
		"ANALYZE cases, told_waits",
	} {
		_, err = tx.Exec(t.Context(), fill)
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit(t.Context()))
	for name, query := range handoff.WallQueries {
		var plan []byte
		require.NoError(t, b.DB.QueryRow(t.Context(), "EXPLAIN (ANALYZE, FORMAT JSON) "+query.SQL, query.Args...).Scan(&plan))
		var explained []struct {
			Time float64 `json:"Execution Time"`
		}
		require.NoError(t, json.Unmarshal(plan, &explained))
		t.Logf("100,100 cases: %s in %.1f ms", name, explained[0].Time)
		require.NotContains(t, string(plan), `"Seq Scan"`, name)
	}
	w, err := b.desk.Wall(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 7*24*12, w.Waits.Told, 5)
	require.Equal(t, w.Waits.Told, w.Waits.Inside)
	require.InDelta(t, 12, w.Hours[5].Opened, 1, "one every five minutes")
	require.Equal(t, w.Hours[5].Opened, w.Hours[5].Answered)
	require.Equal(t, w.Hours[5].Opened, w.Hours[5].Closed)
}
