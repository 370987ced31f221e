// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/schollz/progressbar/v3"

	"candor/bot"
	"candor/bot/gate"
	"candor/chat"
	"candor/internal/fault"
	"candor/knowledge"
)

// importArticles imports files and folders, showing how far it is, and says of
// each article that failed why.
func importArticles(ctx context.Context, args []string, io streams) error {
	set := flags("import", io)
	draft := set.Bool("draft", false, "save drafts for an editor instead of publishing")
	reason := set.String("reason", "", "why golden questions may be answered worse; without one nothing is published then")
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
	done, err := a.importPaths(ctx, set.Args(), options, *reason)
	if err != nil {
		return err
	}
	if *asJSON {
		err = json.NewEncoder(io.out).Encode(done)
	} else {
		printImport(io.out, done)
	}
	if err == nil && (done.Failed > 0 || done.Held()) {
		return errReported
	}
	return err
}

// imported is what became of an import, and of its way through the gate.
type imported struct {
	knowledge.ImportReport
	ImportID int64    `json:",omitempty"` // it is kept under this number
	State    string   `json:",omitempty"` // held: golden questions would be answered worse, so nothing was published
	Worse    []string `json:",omitempty"` // those questions
}

// Held tells whether the gate has kept the import from the customers.
func (i imported) Held() bool { return i.State == knowledge.ImportHeld }

// importPaths imports, and takes what is to be published through the gate where there are golden questions.
func (a *app) importPaths(ctx context.Context, paths []string, o knowledge.ImportOptions, reason string) (imported, error) {
	questions, err := a.knowledge.Questions(ctx, 0)
	if err != nil {
		return imported{}, err
	}
	if o.Draft || len(questions) == 0 {
		report, err := a.knowledge.ImportPaths(ctx, paths, o)
		return imported{ImportReport: report}, err
	}
	im, err := a.knowledge.BeginImport(ctx, "candor import", nil)
	if err != nil {
		return imported{}, err
	}
	o.Draft, o.ImportID = true, im.ID
	done := imported{ImportID: im.ID}
	if done.ImportReport, err = a.knowledge.ImportPaths(ctx, paths, o); err != nil {
		return done, err
	}
	g, err := a.newGate(ctx)
	if err != nil {
		return done, err
	}
	if done.State, err = g.PublishImport(ctx, im.ID, nil, strings.TrimSpace(reason), nil); err != nil {
		return done, err
	}
	if _, err := a.knowledge.SetImportState(ctx, im.ID, done.State); err != nil {
		return done, err
	}
	if done.Held() {
		done.Worse, err = g.Worse(ctx, im.ID)
	}
	return done, err
}

// newGate is the gate for a tool of the library: its bot rehearses, and holds no key of a customer.
func (a *app) newGate(ctx context.Context) (*gate.Service, error) {
	company, err := chat.LoadCompany(ctx, a.db)
	if err != nil && !fault.Is(err, "company_not_set") {
		return nil, err
	}
	rehearsing := bot.New(bot.Config{Chat: chat.New(chat.Config{DB: a.db, Company: company, Logger: a.log}), Knowledge: a.knowledge, Logger: a.log})
	return &gate.Service{Bot: rehearsing, Knowledge: a.knowledge}, nil
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

func printImport(w io.Writer, r imported) {
	for _, item := range r.Items {
		where := item.Name
		if item.Line > 0 {
			where = fmt.Sprintf("%s, line %d", item.Name, item.Line)
		}
		if item.Status == knowledge.ImportFailed {
			fmt.Fprintf(w, "not imported: %s: %s\n", where, item.Error)
		}
		for _, note := range item.Notes {
			fmt.Fprintf(w, "note: %s: %s\n", where, note)
		}
	}
	fmt.Fprintf(w, "%d created, %d updated, %d unchanged, %d failed", r.Created, r.Updated, r.Unchanged, r.Failed)
	if r.Skipped > 0 {
		fmt.Fprintf(w, "; %d files of other kinds were left out", r.Skipped)
	}
	fmt.Fprintln(w)
	if !r.Held() {
		return
	}
	fmt.Fprintf(w, "nothing was published: %d golden questions would be answered worse; the articles wait as drafts\n", len(r.Worse))
	for _, question := range r.Worse {
		fmt.Fprintf(w, "  %s\n", question)
	}
	fmt.Fprintln(w, "publish them in the library, or import again with --reason and why that is acceptable")
}
