// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/knowledge"
)

func (l library) importText(name, text string, o knowledge.ImportOptions) knowledge.ImportReport {
	l.t.Helper()
	report, err := l.ImportReader(l.t.Context(), name, strings.NewReader(text), o)
	require.NoError(l.t, err)
	return report
}

func TestImport_reads_each_kind_of_file(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	files := fstest.MapFS{
		"help/refunds.md":      {Data: []byte("---\ntitle: Refunds\nlang: en\nurl: https://shop.example/refunds\nid: refunds\nreview_by: 2999-01-31\n---\n# Ignored\n\nRefunds take five days.")},
		"help/sim.mdx":         {Data: []byte("import X from './x.mdx'\n\n# Activate a SIM\n\n<Info>\n  Scan the code.\n</Info>\n")},
		"help/moving-house.md": {Data: []byte("Tell us three weeks before you move and we will move your line.")},
		"notes.txt":            {Data: []byte("Opening hours\n\nWe are open from nine to five.")},
		"more.jsonl":           {Data: []byte(`{"id":"bill","title":"Your bill","body":"The bill comes on the fifth.","lang":"en","url":"https://shop.example/bill"}` + "\n\n" + `{"id":12345678901234567890,"body":"# 发票\n\n可以下载电子发票。"}` + "\n")},
		"logo.png":             {Data: []byte("not for us")},
		".git/config.md":       {Data: []byte("hidden")},
	}
	var told []knowledge.Progress
	report, err := l.ImportFS(t.Context(), files, func(p knowledge.Progress) { told = append(told, p) })
	require.NoError(t, err)
	require.Equal(t, 6, report.Created, "%+v", report)
	require.Zero(t, report.Failed)
	require.Equal(t, 1, report.Skipped)

	last := told[len(told)-1]
	require.Equal(t, 6, last.Items)
	require.Equal(t, last.TotalBytes, last.Bytes+1, "all bytes are counted but those of the empty line")

	a, err := l.ArticleByExternalID(t.Context(), "refunds")
	require.NoError(t, err)
	require.Equal(t, "https://shop.example/refunds", a.Live.URL)
	require.Equal(t, string(files["help/refunds.md"].Data), a.Live.Source)
	require.NotNil(t, a.ReviewBy)
	require.Equal(t, 2999, a.ReviewBy.Year())
	for id, title := range map[string]string{
		"help/sim.mdx": "Activate a SIM", "help/moving-house.md": "moving house", "notes.txt": "Opening hours", "bill": "Your bill", "12345678901234567890": "发票",
	} {
		a, err := l.ArticleByExternalID(t.Context(), id)
		require.NoError(t, err, id)
		require.Equal(t, title, a.Live.Title)
	}
	require.Equal(t, "发票", l.best("电子发票"))
	require.Equal(t, "Activate a SIM", l.best("scan the sim code"))
	zh, err := l.ArticleByExternalID(t.Context(), "12345678901234567890")
	require.NoError(t, err)
	require.Equal(t, "zh", zh.Live.Lang, "told from the text")
}

func TestImport_again_changes_only_what_has_changed(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	line := func(id, body string) string {
		return fmt.Sprintf(`{"id":%q,"title":"T","body":%q,"lang":"en"}`+"\n", id, body)
	}
	l.importText("a.jsonl", line("1", "one")+line("2", "two")+line("3", "three"), knowledge.ImportOptions{})
	three, err := l.ArticleByExternalID(t.Context(), "3")
	require.NoError(t, err)
	_, err = l.Archive(t.Context(), three.ID)
	require.NoError(t, err)

	report := l.importText("a.jsonl", line("1", "one")+line("2", "two, new")+line("3", "three")+line("4", "four"), knowledge.ImportOptions{})
	require.Equal(t, []knowledge.ImportStatus{"unchanged", "updated", "unchanged", "created"}, statuses(report))
	two, err := l.ArticleByExternalID(t.Context(), "2")
	require.NoError(t, err)
	require.Equal(t, 2, two.Live.Version)
	three, err = l.Article(t.Context(), three.ID)
	require.NoError(t, err)
	require.Nil(t, three.Live, "what an editor has archived stays archived")
	l.requireTrueStatistics()
}

// statuses of a report, in the order of lines.
func statuses(r knowledge.ImportReport) []knowledge.ImportStatus {
	out := make([]knowledge.ImportStatus, len(r.Items))
	for _, it := range r.Items {
		out[it.Line-1] = it.Status
	}
	return out
}

func TestImport_reports_each_bad_article_and_keeps_the_good(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	large := strings.Repeat("x", knowledge.MaxSource+1)
	files := fstest.MapFS{
		"a-good.md":      {Data: []byte("# Good\n\nText.")},
		"b-broken.md":    {Data: []byte("---\ntitle: [unclosed\n---\nText.")},
		"c-open.md":      {Data: []byte("---\ntitle: x\n\nText without an end of the front matter.")},
		"d-utf8.md":      {Data: []byte("# Bad\n\n\xff\xfe")},
		"e-nul.txt":      {Data: []byte("a\x00b")},
		"f-large.md":     {Data: []byte(large)},
		"g-empty.md":     {Data: []byte(" \n")},
		"h-invisible.md": {Data: []byte("---\ntitle: Nothing to see\n---\n<!-- nothing -->\n")},
		"i-date.md":      {Data: []byte("---\nexpires_at: soon\n---\nText.")},
		"i-title.md":     {Data: []byte("---\na: &a [x, x]\ntitle: [*a, *a]\n---\nText.")},
		"j-list.md":      {Data: []byte("---\n- a\n- b\n---\nText.")},
		"k.jsonl": {Data: []byte(strings.Join([]string{
			`{"id":"ok","title":"Fine","body":"Fine."}`, `{"id":"broken",`, `[]`, `{"id":"n","title":"T","body":7}`, `{"title":"no id","body":"x"}`,
			`{"id":"bad` + "\xff" + `","body":"x"}`, `{"id":"nul","body":"a\u0000b"}`, `{"id":"ok","title":"Again","body":"Again."}`, `{"id":"last","title":"Last","body":"Last."}`,
		}, "\n"))},
	}
	report, err := l.ImportFS(t.Context(), files, nil)
	require.NoError(t, err)
	got := map[string]string{}
	for _, it := range report.Items {
		if it.Status == knowledge.ImportFailed {
			require.NotEmpty(t, it.Error)
			got[fmt.Sprintf("%s:%d", it.Name, it.Line)] = it.Code
		}
	}
	require.Equal(t, map[string]string{
		"b-broken.md:0": "front_matter_broken", "c-open.md:0": "front_matter_broken", "d-utf8.md:0": "invalid_utf8", "e-nul.txt:0": "nul_byte",
		"f-large.md:0": "article_too_large", "g-empty.md:0": "text_missing", "h-invisible.md:0": "text_missing", "i-date.md:0": "front_matter_date", "i-title.md:0": "front_matter_broken",
		"j-list.md:0": "front_matter_broken", "k.jsonl:2": "json_broken", "k.jsonl:3": "json_broken", "k.jsonl:4": "json_broken", "k.jsonl:5": "id_missing",
		"k.jsonl:6": "invalid_utf8", "k.jsonl:7": "nul_byte", "k.jsonl:8": "id_twice",
	}, got)
	require.Equal(t, 3, report.Created)
	require.Equal(t, "Last", l.best("last"))
	require.Equal(t, "Good", l.best("good"))
}

func TestImport_survives_a_line_longer_than_any_article(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	report := l.importText("a.jsonl", `{"id":"1","body":"`+strings.Repeat("x", 7<<20)+`"}`+"\n"+`{"id":"2","title":"T","body":"fine"}`, knowledge.ImportOptions{})
	require.Equal(t, []knowledge.ImportStatus{"failed", "created"}, statuses(report))
	require.Equal(t, "article_too_large", report.Items[0].Code)
}

func TestImport_as_drafts_publishes_nothing_and_leaves_editors_alone(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	o := knowledge.ImportOptions{Draft: true}
	line := `{"id":"1","title":"T","body":"refunds","lang":"en"}`
	require.Equal(t, []knowledge.ImportStatus{"created"}, statuses(l.importText("a.jsonl", line, o)))
	require.Empty(t, l.best("refunds"))
	require.Equal(t, []knowledge.ImportStatus{"unchanged"}, statuses(l.importText("a.jsonl", line, o)))
	a, err := l.ArticleByExternalID(t.Context(), "1")
	require.NoError(t, err)

	var editor int64
	require.NoError(t, l.db.QueryRow(t.Context(), `INSERT INTO accounts (email, name, role) VALUES ('e@shop.example', 'Editor', 'editor') RETURNING id`).Scan(&editor))
	_, err = l.SaveDraft(t.Context(), a.ID, a.Draft.Revision, content("T", "an editor's words"), &editor)
	require.NoError(t, err)
	report := l.importText("a.jsonl", `{"id":"1","title":"T","body":"other","lang":"en"}`, o)
	require.Equal(t, "draft_exists", report.Items[0].Code)
	a, err = l.Article(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, "an editor's words", a.Draft.Source)
	require.Equal(t, &editor, a.Draft.AuthorID)

	// An import that publishes goes past the draft, which becomes the newest version when it is published.
	l.importText("a.jsonl", line, knowledge.ImportOptions{})
	a, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
	require.NoError(t, err)
	require.Equal(t, "an editor's words", a.Live.Source)
	require.Equal(t, 3, a.Live.Version)
}

// A file that says that it is for staff takes its article out of customers' reach,
// whatever else it changes and however it comes in.
func TestImport_keeps_from_customers_what_its_file_says_is_for_staff(t *testing.T) {
	t.Parallel()
	file := func(body string) string {
		return "---\ncandor: article\nid: \"1\"\ntitle: T\nlang: en\naudience: staff\n---\n" + body
	}
	t.Run("written by hand", func(t *testing.T) {
		t.Parallel()
		l := newLibrary(t)
		l.importText("a.md", strings.Replace(file("refunds"), "candor: article\n", "", 1), knowledge.ImportOptions{})
		require.Empty(t, l.best("refunds"))
	})
	for name, draft := range map[string]bool{"as drafts": true, "published": false} {
		for change, body := range map[string]string{"the same text": "refunds", "another text": "refunds up to the limit of agents"} {
			t.Run(name+", "+change, func(t *testing.T) {
				t.Parallel()
				l := newLibrary(t)
				l.importText("a.jsonl", `{"id":"1","title":"T","body":"refunds","lang":"en"}`, knowledge.ImportOptions{})
				require.NotEmpty(t, l.best("refunds"))
				o := knowledge.ImportOptions{Draft: draft}
				require.Equal(t, knowledge.ImportUpdated, l.importText("a.md", file(body), o).Items[0].Status)
				a, err := l.ArticleByExternalID(t.Context(), "1")
				require.NoError(t, err)
				require.Equal(t, knowledge.ForStaff, a.Audience)
				if a.Draft != nil {
					_, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
					require.NoError(t, err)
				}
				require.Empty(t, l.best("refunds"))
				require.Equal(t, knowledge.ImportUnchanged, l.importText("a.md", file(body), o).Items[0].Status)
			})
		}
	}
}

func TestImport_of_a_file_for_signed_in_customers_narrows_and_never_widens(t *testing.T) {
	t.Parallel()
	for name, draft := range map[string]bool{"as drafts": true, "published": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t)
			o := knowledge.ImportOptions{Draft: draft}
			imported := func(audience, body string) knowledge.Article {
				l.importText("a.md", "---\nid: \"1\"\ntitle: T\nlang: en\naudience: "+audience+"\n---\n"+body, o)
				a, err := l.ArticleByExternalID(t.Context(), "1")
				require.NoError(t, err)
				if a.Draft != nil {
					a, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
					require.NoError(t, err)
				}
				return a
			}
			require.Equal(t, knowledge.ForEveryone, imported("everyone", "refunds").Audience)
			require.NotEmpty(t, l.titles("", "refunds"))
			a := imported("signed_in", "refunds of ours")
			require.Equal(t, knowledge.ForSignedIn, a.Audience)
			require.Empty(t, l.titles("", "refunds"))
			require.NotEmpty(t, l.titles(knowledge.ForSignedIn, "refunds"))
			require.Equal(t, knowledge.ForSignedIn, imported("everyone", "refunds for all").Audience)

			var exported string
			require.NoError(t, l.Export(t.Context(), knowledge.ExportOptions{}, func(f knowledge.ExportedFile) error {
				exported = string(f.Data)
				return nil
			}))
			require.Contains(t, exported, "audience: signed_in\n")
			other := newLibrary(t)
			other.importText("a.md", exported, knowledge.ImportOptions{})
			require.Empty(t, other.titles("", "refunds"))
			require.NotEmpty(t, other.titles(knowledge.ForSignedIn, "refunds"))

			l.makeFor(a, knowledge.ForStaff)
			require.Equal(t, knowledge.ForStaff, imported("signed_in", "refunds once more").Audience)
			l.requireTrueStatistics()
		})
	}
}

func TestImport_takes_files_and_folders(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "docs", "en"), 0o750))
	for name, text := range map[string]string{"docs/en/a.md": "# A\n\nAlpha.", "docs/b.txt": "Beta\n\nbeta", "one.md": "# One\n\nOne.", "x.png": "x"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	report, err := l.ImportPaths(t.Context(), []string{filepath.Join(dir, "docs"), filepath.Join(dir, "one.md"), filepath.Join(dir, "x.png")}, knowledge.ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, 3, report.Created)
	require.Equal(t, 1, report.Failed, "a file that is named is not passed over in silence")
	for _, id := range []string{"en/a.md", "b.txt", "one.md"} {
		_, err := l.ArticleByExternalID(t.Context(), id)
		require.NoError(t, err)
	}
	_, err = l.ImportPaths(t.Context(), []string{filepath.Join(dir, "absent")}, knowledge.ImportOptions{})
	require.Error(t, err)
	_, isFault := fault.Of(err)
	require.False(t, isFault)
}

func TestImport_of_many_articles_counts_truly(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, `{"id":"%d","title":"Article %d","body":"Words of article number%d about refunds.","lang":"en"}`+"\n", i, i, i)
	}
	report := l.importText("many.jsonl", b.String(), knowledge.ImportOptions{})
	require.Equal(t, 300, report.Created)
	require.Equal(t, "Article 217", l.best("number217"))
	l.requireTrueStatistics()
}
