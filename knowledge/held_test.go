// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
	"candor/postgres/pgtest"
)

// newPair is two gateways on one database: the first holds the index in memory, the second searches
// in the database.
func newPair(t *testing.T) (inMemory, inDatabase library) {
	t.Helper()
	db := pgtest.DB(t)
	return library{knowledge.New(knowledge.Config{DB: db}), db, t}, library{knowledge.New(knowledge.Config{DB: db, GraphFrom: 1}), db, t}
}

func (l library) requireSame(other library, question string) {
	l.t.Helper()
	l.requireSameFor(other, knowledge.ForEveryone, question)
}

func (l library) requireSameFor(other library, reader knowledge.Audience, question string) {
	l.t.Helper()
	q := knowledge.Query{Text: question, Limit: 50, PerArticle: 50, For: reader}
	got, err := l.Search(l.t.Context(), q)
	require.NoError(l.t, err)
	want, err := other.Search(l.t.Context(), q)
	require.NoError(l.t, err)
	require.Len(l.t, got.Passages, len(want.Passages), question)
	require.InDelta(l.t, want.Features.Spread, got.Features.Spread, 0.01, question)
	for i, p := range want.Passages {
		g := got.Passages[i]
		require.InDelta(l.t, p.Fused, g.Fused, 0.001, question)
		require.InDelta(l.t, p.VectorScore, g.VectorScore, 0.001, question)
		g.Fused, g.VectorScore, g.VectorRank = p.Fused, p.VectorScore, p.VectorRank // a hair's breadth apart they may change places
		require.Equal(l.t, p, g, question)
	}
}

func TestSearch_in_memory_finds_what_the_database_finds(t *testing.T) {
	t.Parallel()
	inMemory, inDatabase := newPair(t)
	for title, source := range company {
		inMemory.publish(title, source)
	}
	for _, question := range []string{
		"how long until I get my money refunded?", "refnud for a parcle", "the data of the card", "is it", "who are you?", "怎么退款？", "qwertzuiop",
	} {
		inMemory.requireSame(inDatabase, question)
	}
}

func TestSearch_in_memory_follows_what_other_gateways_publish(t *testing.T) {
	t.Parallel()
	inMemory, other := newPair(t)
	const question = "Where can I park my bicycle?"
	other.publish("Opening hours", "# Opening hours\n\nThe shop opens at nine.")
	require.NotEqual(t, "Bicycles", inMemory.best(question))

	a := other.publish("Bicycles", "# Bicycles\n\nPark your bicycle behind the shop.")
	require.Equal(t, "Bicycles", inMemory.best(question))
	inMemory.requireSame(other, question)

	a = other.rewrite(a, "# Bicycles\n\nPark your bicycle in the cellar.")
	found, err := inMemory.Search(t.Context(), knowledge.Query{Text: question})
	require.NoError(t, err)
	require.Contains(t, found.Passages[0].Text, "cellar")

	require.NoError(t, other.Maintain(t.Context()))
	inMemory.requireSame(other, question)

	yesterday := time.Now().Add(-24 * time.Hour)
	_, err = other.SetReview(t.Context(), a.ID, &yesterday, nil)
	require.NoError(t, err)
	require.NotEqual(t, "Bicycles", inMemory.best(question))
	inMemory.requireSame(other, question)
}
