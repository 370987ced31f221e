// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
	"candor/postgres/pgtest"
	"candor/staff"
)

// tree is what a folder holds, by path.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = string(data)
		return err
	}))
	return files
}

// TestExport_into_another_database: export, import into an empty database, export again. The folders are the same to
// the last byte, with owners, translations and what is not published yet.
func TestExport_into_another_database(t *testing.T) {
	t.Parallel()
	from, to := newSite(t), emptySite(t, pgtest.URL(t))
	const owner = "editor@shop.example"
	for _, s := range []*site{from, to} {
		s.inside(t, func(ctx context.Context, a *app) {
			_, err := a.staff.Add(ctx, owner, "An editor", staff.RoleEditor, "correct horse battery")
			require.NoError(t, err)
		})
	}
	from.inside(t, func(ctx context.Context, a *app) {
		var editor int64
		require.NoError(t, a.db.QueryRow(ctx, `SELECT id FROM accounts WHERE email = $1`, owner).Scan(&editor))
		list, err := a.knowledge.Articles(ctx, knowledge.ListFilter{Limit: 3})
		require.NoError(t, err)
		for i, article := range list {
			made, err := a.knowledge.Translate(ctx, article.ID, "nl", &editor, "")
			require.NoError(t, err)
			if i > 0 { // one stays a draft
				_, err = a.knowledge.PublishDraft(ctx, made.ID, made.Draft.Revision)
				require.NoError(t, err)
			}
		}
	})
	first, second, bare := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second"), filepath.Join(t.TempDir(), "bare")
	from.works(t, "export", "--drafts", "--owners", first)
	require.NotContains(t, to.works(t, "import", first), "note:")
	to.works(t, "export", "--drafts", "--owners", second)
	files := tree(t, first)
	require.Equal(t, files, tree(t, second))
	require.Contains(t, to.works(t, "import", second), "0 created, 0 updated")
	for line, want := range map[string]int{"\ntranslation_of: ": 3, "\nowner: " + owner + "\n": 3, "\ndraft: true\n": 1} {
		said := 0
		for _, text := range files {
			said += strings.Count(text, line)
		}
		require.Equal(t, want, said, line)
	}

	from.works(t, "export", bare)
	for name, text := range tree(t, bare) {
		require.NotContains(t, text, "@shop.example", name)
	}
}
