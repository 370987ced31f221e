// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
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
	by := l.editor("planner@example.com")
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

// editor makes an account that may write.
func (l library) editor(email string) (id int64) {
	l.t.Helper()
	require.NoError(l.t, l.db.QueryRow(l.t.Context(), `
		INSERT INTO accounts (email, name, role) VALUES ($1, 'Editor', 'editor') RETURNING id`, email).Scan(&id))
	return id
}
