// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// requireTrueTitles compares what stands with the articles with what their versions say.
func (l library) requireTrueTitles() {
	l.t.Helper()
	var wrong int
	err := l.db.QueryRow(l.t.Context(), `
		SELECT count(*) FROM knowledge_articles a
		LEFT JOIN LATERAL (
			SELECT v.state, v.version, v.title, v.lang, v.url FROM knowledge_versions v WHERE v.article_id = a.id
			ORDER BY v.state = 'published' DESC, v.state = 'draft' DESC, v.version DESC LIMIT 1
		) v ON true
		WHERE (a.shown_state, a.shown_version, a.shown_title, a.shown_lang, a.shown_url) IS DISTINCT FROM (v.state, v.version, v.title, v.lang, v.url)
		   OR a.has_draft <> EXISTS (SELECT FROM knowledge_versions d WHERE d.article_id = a.id AND d.state = 'draft')`).Scan(&wrong)
	require.NoError(l.t, err)
	require.Zero(l.t, wrong)
}

func TestArticles_say_what_their_versions_say(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	shown := func() (title, state string, draft bool) {
		l.requireTrueTitles()
		err := l.db.QueryRow(t.Context(), `SELECT shown_title, shown_state, has_draft FROM knowledge_articles`).Scan(&title, &state, &draft)
		require.NoError(t, err)
		return title, state, draft
	}
	a, err := l.CreateArticle(t.Context(), "", content("Roming", "It costs nothing."), nil)
	require.NoError(t, err)
	title, state, draft := shown()
	require.Equal(t, []any{"Roming", "draft", true}, []any{title, state, draft})

	a, err = l.SaveDraft(t.Context(), a.ID, a.Draft.Revision, content("Roaming", "It costs nothing."), nil)
	require.NoError(t, err)
	a, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
	require.NoError(t, err)
	title, state, draft = shown()
	require.Equal(t, []any{"Roaming", "published", false}, []any{title, state, draft})

	a, err = l.SaveDraft(t.Context(), a.ID, 0, content("Roaming abroad", "It costs little."), nil)
	require.NoError(t, err)
	title, state, draft = shown()
	require.Equal(t, []any{"Roaming", "published", true}, []any{title, state, draft}, "the draft is not shown beside a live version")

	_, err = l.Archive(t.Context(), a.ID)
	require.NoError(t, err)
	title, state, draft = shown()
	require.Equal(t, []any{"Roaming abroad", "draft", true}, []any{title, state, draft})

	require.NoError(t, l.DiscardDraft(t.Context(), a.ID, a.Draft.Revision))
	title, state, draft = shown()
	require.Equal(t, []any{"Roaming", "archived", false}, []any{title, state, draft})
}
