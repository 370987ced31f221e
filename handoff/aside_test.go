// SPDX-License-Identifier: MIT

package handoff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/handoff"
)

// TestInbox_with_60_cases_put_aside: those put aside are a list of their own,
// counted and paged by the database, however many there are.
func TestInbox_with_60_cases_put_aside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.crowd(t, 60)
	_, err := b.DB.Exec(t.Context(), `
		UPDATE cases SET state = 'claimed', agent_id = $1, claimed_at = now(), snoozed_until = now() + id * interval '1 hour'`, b.agent.ID)
	require.NoError(t, err)
	_, k := b.claimed(t, "a person")

	n, err := b.desk.Counts(t.Context(), b.agent.ID)
	require.NoError(t, err)
	require.Equal(t, handoff.Counts{Mine: 1, Snoozed: 60, Open: 61}, n)
	mine, err := b.desk.Inbox(t.Context(), handoff.ViewMine, b.agent.ID, 0, 50)
	require.NoError(t, err)
	require.Equal(t, []string{k.Reference}, references(mine))
	var last time.Time
	seen := 0
	for offset := 0; offset < 60; offset += 50 {
		aside, err := b.desk.Inbox(t.Context(), handoff.ViewSnoozed, b.agent.ID, offset, 50)
		require.NoError(t, err)
		for _, one := range aside {
			require.True(t, one.SnoozedUntil.After(last), "the next to come back first")
			last, seen = *one.SnoozedUntil, seen+1
		}
	}
	require.Equal(t, 60, seen)
}
