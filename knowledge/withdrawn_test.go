// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"candor/knowledge"
	"candor/postgres"
)

func TestDiscardDraft_leaves_what_an_import_published_beside_it(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	read := func(body string, draft bool) knowledge.ImportReport {
		report, err := l.ImportReader(t.Context(), "returns.md", strings.NewReader("# Returns\n\n"+body+"\n"), knowledge.ImportOptions{Draft: draft})
		require.NoError(t, err)
		require.Zero(t, report.Failed)
		return report
	}
	id := read("Lamps come back within 30 days.", true).Items[0].ArticleID
	read("Lamps come back within 14 days.", false)
	a, err := l.Article(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, 2, a.Live.Version)
	require.Equal(t, 1, a.Draft.Version, "the draft was first, and is older than what is live")

	require.NoError(t, l.DiscardDraft(t.Context(), id, a.Draft.Revision))
	a, err = l.Article(t.Context(), id)
	require.NoError(t, err, "only the draft is thrown away")
	require.Nil(t, a.Draft)
	require.Contains(t, a.Live.Source, "14 days")
	require.Equal(t, "Returns", l.best("When do lamps come back?"))
}

func TestArchive_takes_the_draft_off_the_schedule(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	a := l.publish("Gift cards", "Gift cards are sold in every shop.")
	a, err := l.SaveDraft(t.Context(), a.ID, 0, content("Gift cards", "Gift cards are sold in every shop and here."), nil)
	require.NoError(t, err)
	by := l.editor("planner@example.com", "editor")
	now, err := l.Now(t.Context())
	require.NoError(t, err)
	_, err = l.Schedule(t.Context(), a.ID, a.Draft.Revision, knowledge.Plan{By: by, At: now.Add(time.Hour)})
	require.NoError(t, err)

	a, err = l.Archive(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, knowledge.StageWriting, a.Standing.Stage, "what was taken out does not come back by itself")
	require.Nil(t, a.Standing.PublishAt)
	require.Contains(t, a.Draft.Source, "and here", "the text stays")
	_, err = l.db.Exec(t.Context(), `UPDATE knowledge_stages SET publish_at = now()`)
	require.NoError(t, err)
	_, due, err := l.ClaimDue(t.Context())
	require.NoError(t, err)
	require.False(t, due)
}

func TestSetDetails_is_never_over_what_somebody_else_set(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	a := l.publish("Goodwill", "Agents may offer a voucher of 20 EUR.")
	owner := l.editor("owner@example.com", "editor")
	// Both have the page open; the first takes the text away from the customers.
	_, err := l.SetDetails(t.Context(), a.ID, knowledge.Details{Audience: knowledge.ForStaff, Expected: &a.DetailsRev})
	require.NoError(t, err)
	_, err = l.SetDetails(t.Context(), a.ID, knowledge.Details{OwnerID: &owner, Audience: knowledge.ForEveryone, Expected: &a.DetailsRev})
	requireFault(t, "details_changed", err)
	require.Empty(t, l.best("Which voucher may agents offer?"))

	a, err = l.Article(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, knowledge.ForStaff, a.Audience)
	_, err = l.SetDetails(t.Context(), a.ID, knowledge.Details{OwnerID: &owner, Audience: knowledge.ForStaff, Expected: &a.DetailsRev})
	require.NoError(t, err, "whoever has read what stands there may set it")
	a, err = l.SaveDraft(t.Context(), a.ID, 0, content("Goodwill", "Another text."), nil)
	require.NoError(t, err)
	at := a.DetailsRev
	a, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
	require.NoError(t, err)
	require.Equal(t, at, a.DetailsRev, "writing and publishing are in nobody's way here")
}

func TestAnnouncement_stands_in_for_the_translations_of_an_article_too(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	source := l.publish("Opening hours", "Our shops open at nine.")
	german, err := l.Translate(t.Context(), source.ID, "de", nil, "")
	require.NoError(t, err)
	german, err = l.SaveDraft(t.Context(), german.ID, german.Draft.Revision, knowledge.Content{Title: "Öffnungszeiten", Lang: "de", Source: "Unsere Läden öffnen um neun Uhr."}, nil)
	require.NoError(t, err)
	_, err = l.PublishDraft(t.Context(), german.ID, german.Draft.Revision)
	require.NoError(t, err)
	l.publish("Refunds", "A refund takes five days.")

	for _, named := range []int64{source.ID, german.ID} {
		now, err := l.Now(t.Context())
		require.NoError(t, err)
		a, err := l.Announce(t.Context(), knowledge.Announcement{
			Texts: []knowledge.AnnouncementText{{Lang: "en", Text: "On Sunday everything is different."}}, Overrides: []int64{named}, ExpiresAt: now.Add(time.Hour),
		})
		require.NoError(t, err)
		require.Equal(t, []int64{named}, a.Overrides, "what the editor chose stays as it was")
		for _, asked := range []string{"When do your shops open?", "Wann öffnen Ihre Läden?"} {
			q := knowledge.Query{Text: asked}
			found, err := l.Search(t.Context(), q)
			require.NoError(t, err)
			matches, err := l.AnnouncedFor(t.Context(), q, &found, true)
			require.NoError(t, err)
			require.True(t, found.Withheld, "%s: the old text is not said in another language", asked)
			require.Empty(t, found.Passages)
			require.Equal(t, "article", matches[0].How)
			m, err := l.MatchAnnouncement(t.Context(), a, asked, foundFor(t, l, asked), true)
			require.NoError(t, err)
			require.Equal(t, "article", m.How, "the editor is shown the same")
		}
		_, err = l.EndAnnouncement(t.Context(), a.ID, 0)
		require.NoError(t, err)
	}
}

func foundFor(t *testing.T, l library, asked string) knowledge.Result {
	t.Helper()
	found, err := l.Search(t.Context(), knowledge.Query{Text: asked})
	require.NoError(t, err)
	return found
}

func TestSearch_draft_of_what_is_not_used_any_more_answers_nothing(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.publish("Refunds", "A refund takes five days.")
	a := l.publish("Opening hours", "Our shops open at nine.")
	a, err := l.SaveDraft(t.Context(), a.ID, 0, content("Opening hours", "Our shops open at ten."), nil)
	require.NoError(t, err)
	refs := []knowledge.DraftRef{{ArticleID: a.ID, Revision: a.Draft.Revision}}
	ask := func(q knowledge.Query) string {
		q.Text = "When do your shops open?"
		found, err := l.Search(t.Context(), q)
		require.NoError(t, err)
		for _, p := range found.Passages {
			if p.ArticleID == a.ID {
				return p.Text
			}
		}
		return ""
	}
	set := func() knowledge.Query {
		drafts, err := l.Drafts(t.Context(), refs)
		require.NoError(t, err)
		return knowledge.Query{Drafts: drafts}
	}
	require.Contains(t, ask(knowledge.Query{Draft: a.ID}), "ten", "else this shows nothing")
	require.Contains(t, ask(set()), "ten")
	past := time.Now().Add(-time.Hour)
	for _, dates := range [][2]*time.Time{{&past, nil}, {nil, &past}} {
		_, err = l.SetReview(t.Context(), a.ID, dates[0], dates[1])
		require.NoError(t, err)
		// Published, it would be used for no answer: so it is not shown as one.
		require.Empty(t, ask(knowledge.Query{Draft: a.ID}))
		require.Empty(t, ask(set()))
	}
}

func TestPublishDrafts_leaves_what_editors_took_back_since(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	by := l.editor("importer@example.com", "editor")
	files := map[string]string{"archived": "One", "reviewed": "Two", "untouched": "Three"}
	ids := map[string]int64{}
	im, err := l.BeginImport(t.Context(), "files", &by)
	require.NoError(t, err)
	for name, title := range files {
		for _, draft := range []bool{false, true} {
			body := "# " + title + "\n\nAs it was."
			o := knowledge.ImportOptions{}
			if draft {
				body, o = "# "+title+"\n\nAs it is imported.", knowledge.ImportOptions{Draft: true, ImportID: im.ID}
			}
			report, err := l.ImportReader(t.Context(), name+".md", strings.NewReader(body), o)
			require.NoError(t, err)
			ids[name] = report.Items[0].ArticleID
		}
	}
	refs, err := l.ImportDrafts(t.Context(), im.ID)
	require.NoError(t, err)
	require.Len(t, refs, 3)
	set, err := l.Drafts(t.Context(), refs)
	require.NoError(t, err)

	// While the golden questions are asked.
	_, err = l.Archive(t.Context(), ids["archived"])
	require.NoError(t, err)
	a, err := l.Article(t.Context(), ids["reviewed"])
	require.NoError(t, err)
	_, err = l.AskReview(t.Context(), a.ID, a.Draft.Revision, by, nil, "")
	require.NoError(t, err)
	n, err := l.PublishDrafts(t.Context(), im.ID, knowledge.Publication{By: &by}, refs, set)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	a, err = l.Article(t.Context(), ids["archived"])
	require.NoError(t, err)
	require.Nil(t, a.Live, "taken out of every answer, and nobody put it back")
	a, err = l.Article(t.Context(), ids["reviewed"])
	require.NoError(t, err)
	require.Contains(t, a.Live.Source, "As it was")
	require.Equal(t, knowledge.StageInReview, a.Standing.Stage)
	a, err = l.Article(t.Context(), ids["untouched"])
	require.NoError(t, err)
	require.Contains(t, a.Live.Source, "imported")
}

func TestImport_does_not_bring_back_what_is_marked_wrong_meanwhile(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	const wrong = "# Returns\n\nReturns can be made within 30 days."
	read := func(s *knowledge.Service, body string) knowledge.ImportReport {
		report, err := s.ImportReader(t.Context(), "returns.md", strings.NewReader(body), knowledge.ImportOptions{})
		require.NoError(t, err)
		return report
	}
	id := read(l.Service, wrong).Items[0].ArticleID
	read(l.Service, "# Returns\n\nReturns can be made within 14 days.")
	slow := knowledge.New(knowledge.Config{DB: l.db, Embedder: &pausing{&provider{name: "ada", dimensions: 32}, func() {
		require.NoError(t, postgres.InTx(t.Context(), l.db, func(tx pgx.Tx) error {
			_, err := l.MarkWrongTx(t.Context(), tx, id, 1)
			return err
		}))
	}}})
	report := read(slow, wrong)
	require.Equal(t, 1, report.Failed)
	require.Equal(t, "text_was_wrong", report.Items[0].Code)
	a, err := l.Article(t.Context(), id)
	require.NoError(t, err)
	require.Contains(t, a.Live.Source, "14 days")
}

func TestLastCheck_ends_with_what_changes_the_answers(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	other := l.publish("Refunds", "A refund takes five days.")
	a := l.publish("Returns", "Lamps come back within 30 days.")
	a, err := l.SaveDraft(t.Context(), a.ID, 0, content("Returns", "Lamps come back within 14 days."), nil)
	require.NoError(t, err)
	check := func() {
		at, err := l.Now(t.Context())
		require.NoError(t, err)
		_, err = l.SaveCheck(t.Context(), knowledge.Check{ArticleID: a.ID, Revision: a.Draft.Revision, Results: []byte("[]"), CreatedAt: at})
		require.NoError(t, err)
	}
	holds := func() bool {
		c, err := l.LastCheck(t.Context(), a.ID, a.Draft.Revision)
		require.NoError(t, err)
		return c != nil
	}
	check()
	require.True(t, holds())
	soon := time.Now().Add(time.Hour)
	_, err = l.SetReview(t.Context(), other.ID, nil, &soon)
	require.NoError(t, err)
	require.False(t, holds(), "an article is used until another time now")
	check()
	require.True(t, holds())
	_, err = l.SetDetails(t.Context(), other.ID, knowledge.Details{Audience: knowledge.ForEveryone, ExpiresAt: &soon, OwnerID: new(l.editor("o@example.com", "editor"))})
	require.NoError(t, err)
	require.True(t, holds(), "whose it is changes no answer")
	_, err = l.Archive(t.Context(), other.ID)
	require.NoError(t, err)
	require.False(t, holds(), "an article is used no more")
}

func TestImport_is_written_by_whoever_imports_it(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	one, two := l.editor("one@example.com", "editor"), l.editor("two@example.com", "editor")
	im, err := l.BeginImport(t.Context(), "files", &one)
	require.NoError(t, err)
	report, err := l.ImportReader(t.Context(), "returns.md", strings.NewReader("# Returns\n\nWithin 30 days."), knowledge.ImportOptions{Draft: true, ImportID: im.ID})
	require.NoError(t, err)
	a, err := l.Article(t.Context(), report.Items[0].ArticleID)
	require.NoError(t, err)
	require.Equal(t, &one, a.Draft.AuthorID)
	publish := func(by int64) int {
		refs, err := l.ImportDrafts(t.Context(), im.ID)
		require.NoError(t, err)
		set, err := l.Drafts(t.Context(), refs)
		require.NoError(t, err)
		n, err := l.PublishDrafts(t.Context(), im.ID, knowledge.Publication{By: &by, SecondEyes: true}, refs, set)
		require.NoError(t, err)
		return n
	}
	require.Zero(t, publish(one))
	_, err = l.Publish(t.Context(), a.ID, a.Draft.Revision, knowledge.Publication{By: &one, SecondEyes: true})
	requireFault(t, "approval_missing", err)
	_, err = l.Approve(t.Context(), a.ID, a.Draft.Revision, one, "")
	requireFault(t, "own_text", err)
	require.Equal(t, 1, publish(two))
	a, err = l.Article(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, &two, a.Live.ApprovedBy, "the second pair of eyes stands with the version")

	// A file that is read again finds its own draft as before: nobody of the staff is writing it.
	for _, body := range []string{"Within 14 days.", "Within 7 days."} {
		report, err = l.ImportReader(t.Context(), "returns.md", strings.NewReader("# Returns\n\n"+body), knowledge.ImportOptions{Draft: true, ImportID: im.ID})
		require.NoError(t, err)
		require.Equal(t, 1, report.Updated)
	}
}
