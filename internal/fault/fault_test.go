// SPDX-License-Identifier: MIT

package fault_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
)

func TestOf(t *testing.T) {
	t.Parallel()

	t.Run("finds a fault under added context", func(t *testing.T) {
		t.Parallel()
		err := fmt.Errorf("claim: %w", fault.Conflict("already_claimed", "Case %s is taken.", "K7"))
		f, ok := fault.Of(err)
		require.True(t, ok)
		require.Equal(t, fault.KindConflict, f.Kind)
		require.Equal(t, "Case K7 is taken.", f.Message)
		require.True(t, fault.Is(err, "already_claimed"))
		require.False(t, fault.Is(err, "other"))
	})

	t.Run("a plain error is not a fault", func(t *testing.T) {
		t.Parallel()
		_, ok := fault.Of(io.EOF)
		require.False(t, ok)
	})

	t.Run("keeps its cause for the log and out of the message", func(t *testing.T) {
		t.Parallel()
		err := fault.Unavailable("database_away", "Please try again.").Because(io.ErrUnexpectedEOF)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.NotContains(t, err.Message, "EOF")
		require.Contains(t, err.Error(), "EOF")
	})
}
