// SPDX-License-Identifier: MIT

package handoff_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"candor/handoff"
)

// TestService_TakeIn_once: a program that hears no answer sends the case again, perhaps while the first is on its way.
func TestService_TakeIn_once(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, take := range []bool{false, true} {
		in := handoff.Intake{Channel: "phone", Locale: "en", Text: "The engineer did not come.", Take: take, ClientID: "call"}
		if take {
			in.ClientID = "another call"
		}
		ids := make([]int64, 8)
		var group errgroup.Group
		for i := range ids {
			group.Go(func() error {
				k, err := b.desk.TakeIn(t.Context(), in, b.agent)
				ids[i] = k.ID
				return err
			})
		}
		require.NoError(t, group.Wait())
		require.Len(t, slices.Compact(ids), 1)
		k, err := b.desk.Case(t.Context(), ids[0])
		require.NoError(t, err)
		require.Equal(t, take, k.State == handoff.StateClaimed)
	}
	var cases int
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT count(*) FROM cases").Scan(&cases))
	require.Equal(t, 2, cases)
	require.Empty(t, b.Violations(t))
}
