// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
)

// editor adds an account.
func (l library) editor(email, role string) (id int64) {
	l.t.Helper()
	require.NoError(l.t, l.db.QueryRow(l.t.Context(), `INSERT INTO accounts (email, name, role) VALUES ($1, 'An editor', $2) RETURNING id`, email, role).Scan(&id))
	return id
}

// byID is an article by the id that it has in every library.
func (l library) byID(id string) knowledge.Article {
	l.t.Helper()
	a, err := l.ArticleByExternalID(l.t.Context(), id)
	require.NoError(l.t, err)
	return a
}

// importOne imports one file, as a request would.
func (l library) importOne(files fstest.MapFS, name string, o knowledge.ImportOptions) knowledge.ImportReport {
	l.t.Helper()
	r, err := l.ImportReader(l.t.Context(), name, strings.NewReader(string(files[name].Data)), o)
	require.NoError(l.t, err)
	require.Zero(l.t, r.Failed, "%+v", r)
	return r
}

// related is a library with everything that stands between articles: a source with two translations, of which one is
// outdated, a draft, and owners.
func relatedLibrary(t *testing.T) library {
	t.Helper()
	l := newLibrary(t)
	ctx := t.Context()
	editor := l.editor("editor@shop.example", "editor")
	_, err := l.ImportFS(ctx, fstest.MapFS{"refunds.md": {Data: []byte("# Refunds\n\nRefunds take five days.")}}, nil)
	require.NoError(t, err)
	source := l.byID("refunds.md")
	for _, lang := range []string{"de", "fr"} {
		a, err := l.Translate(ctx, source.ID, lang, &editor, "")
		require.NoError(t, err)
		_, err = l.PublishDraft(ctx, a.ID, a.Draft.Revision)
		require.NoError(t, err)
	}
	l.rewrite(source, "# Refunds\n\nRefunds take six days.")
	list, err := l.Translations(ctx, source.ID)
	require.NoError(t, err)
	now := l.byID("refunds.md").Live.Version
	_, err = l.SetTranslation(ctx, list[1].ID, &source.ID, &now) // the German one was brought up to date
	require.NoError(t, err)
	_, err = l.SetDetails(ctx, source.ID, knowledge.Details{OwnerID: &editor, Audience: knowledge.ForStaff})
	require.NoError(t, err)
	_, err = l.CreateArticle(ctx, "", content("Not yet", "A draft."), nil)
	require.NoError(t, err)
	return l
}

func TestExport_keeps_translations_owners_and_drafts(t *testing.T) {
	t.Parallel()
	l := relatedLibrary(t)
	files := l.export()
	require.Len(t, files, 4)
	names := slices.Sorted(maps.Keys(files))

	same, err := l.ImportFS(t.Context(), files, nil)
	require.NoError(t, err)
	require.Equal(t, 4, same.Unchanged, "%+v", same)
	require.Equal(t, files, l.export())

	orders := map[string]func(library){
		"a folder": func(o library) {
			r, err := o.ImportFS(t.Context(), files, nil)
			require.NoError(t, err)
			for _, item := range r.Items {
				require.Empty(t, item.Notes, item.Name)
			}
		},
		"file by file": func(o library) {
			for _, name := range names {
				o.importOne(files, name, knowledge.ImportOptions{})
			}
		},
		"backwards": func(o library) {
			for _, name := range slices.Backward(names) {
				o.importOne(files, name, knowledge.ImportOptions{})
			}
		},
		"twice": func(o library) {
			for range 2 {
				_, err := o.ImportFS(t.Context(), files, nil)
				require.NoError(t, err)
			}
		},
	}
	for name, in := range orders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newLibrary(t)
			o.editor("somebody@shop.example", "editor")
			o.editor("editor@shop.example", "supervisor")
			in(o)
			require.ElementsMatch(t, contents(files), contents(o.export()))
			source := o.byID("refunds.md")
			list, err := o.Translations(t.Context(), source.ID)
			require.NoError(t, err)
			require.Len(t, list, 3)
			require.False(t, list[1].Outdated, "de")
			require.True(t, list[2].Outdated, "fr")
			require.Equal(t, 1, o.count(`SELECT count(*) FROM knowledge_versions WHERE state = 'draft'`), "what was a draft is not published")
		})
	}
}

func TestExport_without_owners_has_no_address(t *testing.T) {
	t.Parallel()
	l := relatedLibrary(t)
	n := 0
	require.NoError(t, l.Export(t.Context(), knowledge.ExportOptions{Drafts: true}, func(f knowledge.ExportedFile) error {
		n++
		require.NotContains(t, string(f.Data), "@")
		return nil
	}))
	require.Equal(t, 4, n)
}

func TestImport_of_some_of_an_export(t *testing.T) {
	t.Parallel()
	files := relatedLibrary(t).export()
	var source, german string
	for name, f := range files {
		switch text := string(f.Data); {
		case strings.Contains(text, "lang: de"):
			german = name
		case strings.Contains(text, "six days"):
			source = name
		}
	}
	o := newLibrary(t)
	leaver := o.editor("editor@shop.example", "editor")
	_, err := o.db.Exec(t.Context(), `UPDATE accounts SET disabled_at = now() WHERE id = $1`, leaver)
	require.NoError(t, err)
	im, err := o.BeginImport(t.Context(), "some", nil)
	require.NoError(t, err)
	r := o.importOne(files, german, knowledge.ImportOptions{ImportID: im.ID})
	require.Len(t, r.Items[0].Notes, 2)
	require.Contains(t, r.Items[0].Notes[0], "the owner was left as it is")
	require.Contains(t, r.Items[0].Notes[1], `"refunds.md", is not here yet`)
	require.NotContains(t, strings.Join(r.Items[0].Notes, " "), "@", "an address is not repeated in a report")
	require.Equal(t, strings.Replace(string(files[german].Data), "owner: editor@shop.example\n", "", 1), contents(o.export())[0], "what it waits for is not lost")

	r = o.importOne(files, source, knowledge.ImportOptions{ImportID: im.ID, Draft: true})
	require.Len(t, r.Items[0].Notes, 1)
	list, err := o.Translations(t.Context(), o.byID("refunds.md").ID)
	require.NoError(t, err)
	require.Len(t, list, 2)
	draft := o.byID("refunds.md")
	_, err = o.PublishDraft(t.Context(), draft.ID, draft.Draft.Revision)
	require.NoError(t, err)
	list, err = o.Translations(t.Context(), draft.ID)
	require.NoError(t, err)
	require.False(t, list[1].Outdated, "it says the version that came with it, which was a draft then")
	require.Zero(t, o.count(`SELECT count(*) FROM knowledge_import_items WHERE code = 'translation_waits'`))
	require.Equal(t, 2, o.count(`SELECT count(*) FROM knowledge_import_items WHERE code = 'owner_unknown' AND message NOT LIKE '%@%'`))
}

func TestImport_of_translations_in_the_words_of_an_author(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	files := fstest.MapFS{
		"de.md":    {Data: []byte("---\nid: de\ntranslation_of: en\nlang: de\nowner: team-a@shop.example\n---\n# Erstattung\n\nFünf Tage.")},
		"de-2.md":  {Data: []byte("---\ntranslation_of: en\nlang: de\n---\n# Rückzahlung\n\nFünf Tage lang.")},
		"en.md":    {Data: []byte("---\nid: en\nlang: en\n---\n# Refunds\n\nFive days.")},
		"self.md":  {Data: []byte("---\nid: self\ntranslation_of: self\n---\n# Myself\n\nText of itself.")},
		"draft.md": {Data: []byte("---\nid: draft\ndraft: true\n---\n# Later\n\nNot for customers yet.")},
	}
	r, err := l.ImportFS(t.Context(), files, nil)
	require.NoError(t, err)
	notes := map[string]string{}
	for _, item := range r.Items {
		notes[item.Name] = strings.Join(item.Notes, " ")
	}
	require.Contains(t, notes["de.md"]+notes["de-2.md"], "There is an article in this language already")
	require.Contains(t, notes["self.md"], "no translation of itself")
	require.Empty(t, notes["en.md"]+notes["draft.md"])
	list, err := l.Translations(t.Context(), l.byID("en").ID)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Nil(t, l.byID("draft").Live)
	require.Nil(t, l.byID("de").OwnerID)

	// What an editor says here later, an author's file that says nothing of it leaves alone.
	_, err = l.SetTranslation(t.Context(), l.byID("draft").ID, new(l.byID("en").ID), nil)
	require.Error(t, err, "the same language")
	again, err := l.ImportFS(t.Context(), files, nil)
	require.NoError(t, err)
	require.Equal(t, len(files), again.Unchanged, "%+v", again)
}
