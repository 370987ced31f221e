// SPDX-License-Identifier: MIT

package tidy_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/internal/tidy"
)

func TestWork_takes_every_step_and_says_which_failed(t *testing.T) {
	t.Parallel()
	taken := 0
	step := func(err error) tidy.Step {
		return func(context.Context) error {
			taken++
			return err
		}
	}
	w := &tidy.Worker{Steps: []tidy.Step{step(nil), step(io.ErrUnexpectedEOF), step(io.ErrClosedPipe)}}
	err := w.Work(t.Context(), nil)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorIs(t, err, io.ErrClosedPipe)
	require.Equal(t, 3, taken)
	require.NoError(t, (&tidy.Worker{Steps: w.Steps[:1]}).Work(t.Context(), nil))
}
