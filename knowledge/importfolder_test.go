// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
)

// TestImportPaths_of_a_hostile_folder: what lies outside the folder, is no file, or cannot be named harms nothing else.
func TestImportPaths_of_a_hostile_folder(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	outside, dir := t.TempDir(), t.TempDir()
	write := func(path string) {
		require.NoError(t, os.WriteFile(path, []byte("# A title\n\nWhat stands in "+filepath.Base(path)+" is this."), 0o600))
	}
	write(filepath.Join(outside, "secret.md"))
	write(filepath.Join(dir, "good.md"))
	write(filepath.Join(dir, "latin-\xfc.md"))
	write(filepath.Join(dir, "u\u0308ber.md")) // as a Mac writes it
	require.NoError(t, os.Symlink(filepath.Join(outside, "secret.md"), filepath.Join(dir, "link.md")))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "folder")))
	require.NoError(t, os.Symlink("good.md", filepath.Join(dir, "inside.md")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe.md"), 0o600)) // nobody writes: reading it would never end
	im, err := l.BeginImport(t.Context(), "a folder", nil)
	require.NoError(t, err)
	report, err := l.ImportPaths(t.Context(), []string{dir}, knowledge.ImportOptions{ImportID: im.ID})
	require.NoError(t, err)
	failed := map[string]string{}
	for _, item := range report.Items {
		if item.Status == knowledge.ImportFailed {
			failed[item.Name] = item.Code
		}
	}
	require.Equal(t, map[string]string{"link.md": "file_elsewhere", "latin-\uFFFD.md": "name_invalid"}, failed)
	require.Equal(t, 3, report.Created, "%+v", report)
	l.byID("good.md")
	l.byID("\u00fcber.md") // the same file from another computer is the same article
	l.byID("inside.md")
	require.Zero(t, l.count(`SELECT count(*) FROM knowledge_versions WHERE source LIKE '%secret%'`))
	require.Equal(t, 5, l.count(`SELECT count(*) FROM knowledge_import_items`))

	report, err = l.ImportPaths(t.Context(), []string{filepath.Join(dir, "link.md")}, knowledge.ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, 1, report.Created, "a link that is named itself is meant")
}
