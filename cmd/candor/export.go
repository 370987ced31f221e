// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"candor/knowledge"
)

// exportArticles writes every article into a folder. What is there is replaced.
func exportArticles(ctx context.Context, args []string, io streams) error {
	set := flags("export", io)
	drafts := set.Bool("drafts", false, "also the drafts of articles that were never published")
	owners := set.Bool("owners", false, "also whose each article is, by e-mail address: not for files that others can read")
	if err := parse(set, args); err != nil {
		return err
	}
	if set.NArg() != 1 {
		return usageError("name the folder to write to")
	}
	a, err := openLibrary(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	if err := os.MkdirAll(set.Arg(0), 0o750); err != nil {
		return err
	}
	// Names are made of what articles call themselves: none may lead out of the folder.
	root, err := os.OpenRoot(set.Arg(0))
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // what was written is closed file by file
	n := 0
	err = a.knowledge.Export(ctx, knowledge.ExportOptions{Drafts: *drafts, Owners: *owners}, func(f knowledge.ExportedFile) error {
		n++
		if err := root.MkdirAll(filepath.Dir(f.Name), 0o750); err != nil {
			return err
		}
		return root.WriteFile(f.Name, f.Data, 0o640)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "%d articles are in %s.\n", n, set.Arg(0))
	return nil
}
