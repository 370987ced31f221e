// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
)

// TestImport_goes_through_the_gate: without golden questions an import is live at once; with them what gets worse waits for a reason.
func TestImport_goes_through_the_gate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	dir := t.TempDir()
	write := func(text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "lamp.md"), []byte(text), 0o600))
	}
	live := func() (text string) {
		s.inside(t, func(ctx context.Context, a *app) {
			found, err := a.knowledge.ArticleByExternalID(ctx, "lamp.md")
			require.NoError(t, err)
			text = found.Live.Source
		})
		return text
	}
	write("# Hotel lamp\n\nThe cord of the hotel lamp is 140 centimetres long.")
	out, err := s.run(t, "import", dir)
	require.NoError(t, err, out)
	s.inside(t, func(ctx context.Context, a *app) {
		found, err := a.knowledge.ArticleByExternalID(ctx, "lamp.md")
		require.NoError(t, err)
		_, err = a.knowledge.SaveQuestion(ctx, knowledge.GoldenQuestion{Text: "How long is the cord of the hotel lamp?", ArticleID: &found.ID})
		require.NoError(t, err)
	})

	write("# Chairs\n\nA chair has four legs, and a stool has three.")
	out, err = s.run(t, "import", dir)
	require.Error(t, err)
	require.Contains(t, out, "nothing was published: 1 golden questions would be answered worse")
	require.Contains(t, out, "How long is the cord of the hotel lamp?")
	require.Contains(t, live(), "140")
	out, err = s.run(t, "import", "--reason", "The lamp is no longer sold.", dir)
	require.NoError(t, err, out)
	require.Contains(t, live(), "four legs")

	write("# Chairs\n\nA chair has four legs, a stool three, a bench six.")
	out, err = s.run(t, "import", dir)
	require.NoError(t, err, out)
	require.Contains(t, live(), "bench", "what makes nothing worse goes live")
}
