// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
)

// refundText shares no word with the questions below.
const refundText = "# Money back\n\nWe transfer the amount within five days.\n\n## Conditions\n\nThe parcel must arrive unopened at our warehouse."

func TestAskedAs_finds_an_article_by_the_words_of_customers(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	for _, title := range []string{"Tariffs", "Roaming", "Invoices"} {
		l.publish(title, "# "+title+"\n\nAbout "+title+" there is a lot to know for somebody who wonders.")
	}
	const question = "my gizmo is kaput and I want to hand it in"
	first := func(q string) knowledge.Passage {
		found, err := l.Search(t.Context(), knowledge.Query{Text: q})
		require.NoError(t, err)
		if len(found.Passages) == 0 {
			return knowledge.Passage{}
		}
		return found.Passages[0]
	}
	a := l.publish("Money back", refundText)
	require.NotEqual(t, a.ID, first(question).ArticleID, "else this shows nothing")
	before := first("within how many days is the amount transferred")

	c := content("Money back", refundText)
	c.Asked = []string{question, "kaput parcel with unopened warehouse seal"}
	a, err := l.SaveDraft(t.Context(), a.ID, 0, c, nil)
	require.NoError(t, err)
	tried, err := l.Search(t.Context(), knowledge.Query{Text: question, Draft: a.ID})
	require.NoError(t, err)
	require.Contains(t, tried.Passages[0].Text, "within five days", "the bench finds it in the draft")
	require.NotEqual(t, a.ID, first(question).ArticleID, "and nobody else does yet")
	a, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
	require.NoError(t, err)
	require.Equal(t, c.Asked, a.Live.Asked)

	p := first("the gizmo I bought is kaput")
	require.Equal(t, a.ID, p.ArticleID)
	require.Contains(t, p.Text, "within five days", "what is shown is what the article says")
	require.NotContains(t, p.Text, "gizmo")
	p = first("kaput seal of the warehouse")
	require.Contains(t, p.Text, "warehouse", "each question stands for the chunk nearest to it")
	require.NotContains(t, p.Text, "seal")
	require.Equal(t, before.Text, first("within how many days is the amount transferred").Text)

	// No passage comes twice, and all of the article's are still there.
	found, err := l.Search(t.Context(), knowledge.Query{Text: question + " amount parcel", PerArticle: 50, Limit: 50})
	require.NoError(t, err)
	seen := map[int64]bool{}
	for _, p := range found.Passages {
		require.False(t, seen[p.ChunkID])
		seen[p.ChunkID] = true
	}
	l.requireTrueStatistics()

	a, err = l.Restore(t.Context(), a.ID, 1, 0, nil, false)
	require.NoError(t, err)
	_, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
	require.NoError(t, err)
	require.NotEqual(t, a.ID, first(question).ArticleID, "a roll-back takes them back as well")
	l.requireTrueStatistics()
}

func TestAskedAs_of_the_staffs_index_are_found_by_staff(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.publish("Tariffs", "# Tariffs\n\nThere are three tariffs.")
	c := content("Money back", refundText)
	c.Asked = []string{"gizmo kaput"}
	a, err := l.CreateArticle(t.Context(), "", c, nil)
	require.NoError(t, err)
	_, err = l.SetDetails(t.Context(), a.ID, knowledge.Details{Audience: knowledge.ForStaff})
	require.NoError(t, err)
	_, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
	require.NoError(t, err)
	for reader, n := range map[knowledge.Audience]int{"": 0, knowledge.ForSignedIn: 0, knowledge.ForStaff: 1} {
		found, err := l.Search(t.Context(), knowledge.Query{Text: "gizmo kaput", For: reader})
		require.NoError(t, err)
		of := 0
		for _, p := range found.Passages {
			if p.ArticleID == a.ID {
				of = 1
				require.Equal(t, knowledge.ForStaff, p.Audience)
			}
		}
		require.Equal(t, n, of)
	}
}
