// SPDX-License-Identifier: MIT

package handoff_test

import (
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
