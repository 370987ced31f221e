// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"candor/knowledge"
)

// importArticles imports files and folders, showing how far it is, and says of
// each article that failed why.
func importArticles(ctx context.Context, args []string, io streams) error {
	set := flags("import", io)
	draft := set.Bool("draft", false, "save drafts for an editor instead of publishing")
	asJSON := set.Bool("json", false, "print the report as JSON, and no progress")
	if err := parse(set, args); err != nil {
		return err
	}
	if set.NArg() == 0 {
		return usageError("name the files and folders to import")
	}
	a, err := openLibrary(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	options := knowledge.ImportOptions{Draft: *draft}
	if !*asJSON {
		options.Progress = showProgress(io.err)
	}
	report, err := a.knowledge.ImportPaths(ctx, set.Args(), options)
	if err != nil {
		return err
	}
	if *asJSON {
		err = json.NewEncoder(io.out).Encode(report)
	} else {
		printImport(io.out, report)
	}
	if err == nil && report.Failed > 0 {
		return errReported
	}
	return err
}

// showProgress draws a bar by bytes, with the number of articles beside it.
func showProgress(w io.Writer) func(knowledge.Progress) {
	var bar *progressbar.ProgressBar
	return func(p knowledge.Progress) {
		if bar == nil {
			bar = progressbar.NewOptions64(max(p.TotalBytes, 1), progressbar.OptionSetWriter(w),
				progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(30), progressbar.OptionOnCompletion(func() { fmt.Fprintln(w) }))
		}
		bar.Describe(fmt.Sprintf("%d articles", p.Items))
		_ = bar.Set64(min(p.Bytes, max(p.TotalBytes, 1))) // a bar that cannot be drawn stops no import
	}
}

// countProgress draws a bar by number.
func countProgress(w io.Writer, what string) func(done, total int) {
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionShowCount(), progressbar.OptionSetWidth(30),
				progressbar.OptionSetDescription(what), progressbar.OptionOnCompletion(func() { fmt.Fprintln(w) }))
		}
		_ = bar.Set(done) // a bar that cannot be drawn stops nothing
	}
}

func printImport(w io.Writer, r knowledge.ImportReport) {
	for _, item := range r.Items {
		if item.Status != knowledge.ImportFailed {
			continue
		}
		where := item.Name
		if item.Line > 0 {
			where = fmt.Sprintf("%s, line %d", item.Name, item.Line)
		}
		fmt.Fprintf(w, "not imported: %s: %s\n", where, item.Error)
	}
	fmt.Fprintf(w, "%d created, %d updated, %d unchanged, %d failed", r.Created, r.Updated, r.Unchanged, r.Failed)
	if r.Skipped > 0 {
		fmt.Fprintf(w, "; %d files of other kinds were left out", r.Skipped)
	}
	fmt.Fprintln(w)
}
