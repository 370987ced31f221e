// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
)

// publishFor makes a live article for an audience.
func (l library) publishFor(audience knowledge.Audience, title, source string) knowledge.Article {
	l.t.Helper()
	a, err := l.CreateArticle(l.t.Context(), "", content(title, source), nil)
	require.NoError(l.t, err)
	l.makeFor(a, audience)
	a, err = l.PublishDraft(l.t.Context(), a.ID, a.Draft.Revision)
	require.NoError(l.t, err)
	return a
}

func (l library) makeFor(a knowledge.Article, audience knowledge.Audience) {
	l.t.Helper()
	_, err := l.SetDetails(l.t.Context(), a.ID, knowledge.Details{Audience: audience})
	require.NoError(l.t, err)
}

// titles are those of the articles that somebody finds, in the order of the alphabet.
func (l library) titles(reader knowledge.Audience, question string) []string {
	l.t.Helper()
	found, err := l.Search(l.t.Context(), knowledge.Query{Text: question, For: reader, Limit: 50})
	require.NoError(l.t, err)
	titles := []string{}
	for _, p := range found.Passages {
		titles = append(titles, p.Title)
	}
	slices.Sort(titles)
	return slices.Compact(titles)
}

func TestAudience_each_reader_finds_what_is_for_them(t *testing.T) {
	t.Parallel()
	inMemory, inDatabase := newPair(t)
	const question = "How much credit for an outage?"
	open := inMemory.publish("Everyone", "An outage gives a credit of 1 EUR.")
	mine := inMemory.publishFor(knowledge.ForSignedIn, "Signed in", "An outage gives a credit of 2 EUR.")
	ours := inMemory.publishFor(knowledge.ForStaff, "Staff", "An outage gives a credit of 3 EUR.")
	of := map[knowledge.Audience]knowledge.Article{knowledge.ForEveryone: open, knowledge.ForSignedIn: mine, knowledge.ForStaff: ours}
	for reader, titles := range map[knowledge.Audience][]string{
		"": {"Everyone"}, "supervisor": {"Everyone"}, knowledge.ForEveryone: {"Everyone"},
		knowledge.ForSignedIn: {"Everyone", "Signed in"}, knowledge.ForStaff: {"Everyone", "Signed in", "Staff"},
	} {
		for where, l := range map[string]library{"in memory": inMemory, "in the database": inDatabase} {
			require.Equal(t, titles, l.titles(reader, question), "%s %s", reader, where)
		}
		for audience, a := range of {
			require.Equal(t, reader.MayRead(audience), inMemory.isLiveFor(knowledge.VersionRef{ArticleID: a.ID, Version: 1}, reader), "%s %s", reader, audience)
		}
	}
	inMemory.requireSameFor(inDatabase, knowledge.ForSignedIn, question)
	inMemory.requireSameFor(inDatabase, knowledge.ForStaff, question)
	inMemory.requireTrueStatistics()

	// What changes hands is found by others at once, here and at another gateway.
	for _, audience := range []knowledge.Audience{knowledge.ForEveryone, knowledge.ForStaff, knowledge.ForSignedIn, knowledge.ForEveryone} {
		inDatabase.makeFor(mine, audience)
		for _, reader := range []knowledge.Audience{knowledge.ForEveryone, knowledge.ForSignedIn, knowledge.ForStaff} {
			for _, l := range []library{inMemory, inDatabase} {
				require.Equal(t, reader.MayRead(audience), slices.Contains(l.titles(reader, question), "Signed in"), "%s %s", reader, audience)
			}
		}
		inMemory.requireTrueStatistics()
	}
	require.NoError(t, inMemory.Maintain(t.Context()))
	inMemory.requireTrueStatistics()
}

// An anonymous customer's search gives the same to the last digit, whatever there is for others: neither the
// rarity of a word nor its spelling tells of it.
func TestAudience_what_is_closed_weighs_nothing_for_others(t *testing.T) {
	t.Parallel()
	inMemory, inDatabase := newPair(t)
	for title, source := range company {
		inMemory.publish(title, source)
	}
	questions := []string{"how long until I get my money refunded?", "zorbulation of the card", "zorbulatoin", "the data of the card"}
	search := func(l library, question string) knowledge.Result {
		found, err := l.Search(t.Context(), knowledge.Query{Text: question, Limit: 50, PerArticle: 50})
		require.NoError(t, err)
		return found
	}
	before := map[string][2]knowledge.Result{}
	for _, q := range questions {
		before[q] = [2]knowledge.Result{search(inMemory, q), search(inDatabase, q)}
	}
	var closed []knowledge.Article
	for i := range 12 {
		closed = append(closed, inMemory.publishFor(knowledge.ForSignedIn, fmt.Sprintf("Zorbulation %d", i), "Zorbulation of the refunded money takes the data of the card."))
	}
	for _, q := range questions {
		require.Equal(t, before[q][0], search(inMemory, q), q)
		require.Equal(t, before[q][1], search(inDatabase, q), q)
	}
	require.NotEmpty(t, inMemory.titles(knowledge.ForSignedIn, "zorbulatoin"), "the misspelt word is one to customers who are signed in")

	inMemory.makeFor(closed[0], knowledge.ForEveryone)
	for _, q := range questions {
		require.NotEqual(t, before[q][0], search(inMemory, q), "an article for everyone does weigh: "+q)
		require.NotEqual(t, before[q][1], search(inDatabase, q), q)
	}
}

// However much is closed, the hundred nearest that are weighed are all of the reader's own.
func TestAudience_a_needle_is_found_beside_any_number_of_closed_articles(t *testing.T) {
	t.Parallel()
	inMemory, inDatabase := newPair(t)
	for i := range 150 {
		inMemory.publishFor(knowledge.ForStaff, fmt.Sprintf("Outage %d", i), "An outage gives a credit.")
	}
	inMemory.publish("Everyone", "Ask about an outage here, and about its credit.")
	inMemory.publishFor(knowledge.ForSignedIn, "Signed in", "Customers of ours ask about an outage and its credit there.")
	require.NoError(t, inDatabase.Maintain(t.Context()), "it builds the graph")
	for _, l := range []library{inMemory, inDatabase} {
		require.Equal(t, []string{"Everyone"}, l.titles("", "outage credit"))
		require.Equal(t, []string{"Everyone", "Signed in"}, l.titles(knowledge.ForSignedIn, "outage credit"))
	}
}

func TestAudience_changes_hands_without_a_gap(t *testing.T) {
	t.Parallel()
	inMemory, inDatabase := newPair(t)
	a := inMemory.publish("Refunds", "Refunds take one day.")
	for _, l := range []library{inMemory, inDatabase} {
		stop, done := make(chan struct{}), make(chan error, 1)
		go func() {
			for {
				select {
				case <-stop:
					done <- nil
					return
				default:
				}
				found, err := l.Search(t.Context(), knowledge.Query{Text: "refunds", For: knowledge.ForSignedIn})
				if err == nil && len(found.Passages) != 1 {
					err = fmt.Errorf("found in %d indexes", len(found.Passages))
				}
				if err != nil {
					done <- err
					return
				}
			}
		}()
		for range 8 {
			l.makeFor(a, knowledge.ForSignedIn)
			require.Empty(t, l.titles("", "refunds"))
			l.makeFor(a, knowledge.ForEveryone)
			require.NotEmpty(t, l.titles("", "refunds"))
		}
		close(stop)
		require.NoError(t, <-done)
	}
	inMemory.requireTrueStatistics()
}

func TestAudience_of_a_draft_holds_when_it_is_tried(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.publish("Tariffs", "There are three tariffs.")
	a, err := l.CreateArticle(t.Context(), "", content("Vouchers", "A gift voucher costs 20 EUR."), nil)
	require.NoError(t, err)
	l.makeFor(a, knowledge.ForSignedIn)
	set, err := l.Drafts(t.Context(), []knowledge.DraftRef{{ArticleID: a.ID, Revision: a.Draft.Revision}})
	require.NoError(t, err)
	for reader, n := range map[knowledge.Audience]int{"": 0, knowledge.ForSignedIn: 1, knowledge.ForStaff: 1} {
		for _, q := range []knowledge.Query{{Draft: a.ID}, {Drafts: set}} {
			q.Text, q.For = "gift voucher", reader
			found, err := l.Search(t.Context(), q)
			require.NoError(t, err)
			require.Len(t, found.Passages, n, reader)
		}
	}
}

func TestAudience_end_of_use_and_missing_vectors_are_seen_to_in_the_closed_index(t *testing.T) {
	t.Parallel()
	inMemory, inDatabase := newPair(t)
	a := inMemory.publishFor(knowledge.ForSignedIn, "Refunds", "Refunds take one day.")
	_, err := inMemory.db.Exec(t.Context(), `DELETE FROM knowledge_closed_vectors`)
	require.NoError(t, err)
	require.NoError(t, inDatabase.Maintain(t.Context()))
	inMemory.requireTrueStatistics()
	found, err := inMemory.Search(t.Context(), knowledge.Query{Text: "refunds", For: knowledge.ForSignedIn})
	require.NoError(t, err)
	require.Positive(t, found.Passages[0].VectorScore)
	inMemory.requireSameFor(inDatabase, knowledge.ForSignedIn, "refunds")
	past := time.Now().Add(-time.Hour)
	_, err = inMemory.SetReview(t.Context(), a.ID, nil, &past)
	require.NoError(t, err)
	for _, l := range []library{inMemory, inDatabase} {
		require.Empty(t, l.titles(knowledge.ForSignedIn, "refunds"))
	}
	inMemory.requireTrueStatistics()
}
