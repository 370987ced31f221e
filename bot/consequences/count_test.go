// SPDX-License-Identifier: MIT

package consequences_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/bot/consequences"
	"candor/chat"
	"candor/handoff"
)

// counted is a bench with a desk, so that people can be called for.
type counted struct {
	*bench
	desk  *handoff.Service
	agent chat.Agent
}

func setupCounted(t *testing.T) counted {
	t.Helper()
	b := setup(t)
	return counted{b, handoff.New(handoff.Config{DB: b.DB, Chat: b.Chat}), b.Account(t, "agent@example.com", "Agent 1", "agent")}
}

func (b counted) more(t *testing.T, c chat.Conversation, version int) {
	t.Helper()
	b.lock(t, c.ID, func(l *chat.Locked) error { return b.answer(t.Context(), l, version) })
}

func (b counted) judge(t *testing.T, c chat.Conversation, seq int, helpful bool, comment string) {
	t.Helper()
	b.lock(t, c.ID, func(l *chat.Locked) error { return l.Feedback(t.Context(), seq, helpful, comment) })
}

func (b counted) call(t *testing.T, c chat.Conversation) handoff.Case {
	t.Helper()
	var k handoff.Case
	b.lock(t, c.ID, func(l *chat.Locked) (err error) {
		k, err = b.desk.OpenTx(t.Context(), l, handoff.Request{Reason: handoff.ReasonCustomerRequest})
		return err
	})
	return k
}

func (b counted) resolve(t *testing.T, k handoff.Case) {
	t.Helper()
	_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
	require.NoError(t, err)
	_, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
	require.NoError(t, err)
}

func (b counted) rate(t *testing.T, c chat.Conversation, assistant int) {
	t.Helper()
	require.NoError(t, b.desk.Rate(t.Context(), c.ID, handoff.Rating{Assistant: &assistant}))
}

// reopen is the customer's next word after the case was resolved.
func (b counted) reopen(t *testing.T, c chat.Conversation) {
	t.Helper()
	b.lock(t, c.ID, func(l *chat.Locked) error {
		if _, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: "It is not solved."}); err != nil {
			return err
		}
		return b.desk.WroteTx(t.Context(), l)
	})
}

func (b counted) report(t *testing.T, version int) []consequences.VersionFigures {
	t.Helper()
	r, err := b.svc.Report(t.Context(), b.article, version, 4, time.Now())
	require.NoError(t, err)
	return r.Versions
}

// right demands that what was counted is what the record says.
func (b counted) right(t *testing.T) {
	t.Helper()
	found, err := b.svc.Miscounts(t.Context())
	require.NoError(t, err)
	require.Empty(t, found)
	require.Empty(t, b.Violations(t))
}

func TestReport_follows_what_becomes_of_an_answer(t *testing.T) {
	t.Parallel()
	b := setupCounted(t)
	c := b.told(t, "en", chat.Profile{}, 1)
	expect := func(why string, f consequences.Figures, r consequences.Ratings) {
		t.Helper()
		require.Equal(t, []consequences.VersionFigures{{Version: 1, Figures: f, Ratings: r}}, b.report(t, 1), why)
		b.right(t)
	}
	expect("told twice of it in one answer: one answer", consequences.Figures{Answers: 1}, consequences.Ratings{})
	b.judge(t, c, 2, false, "Wrong!")
	expect("judged", consequences.Figures{Answers: 1, NotHelpful: 1}, consequences.Ratings{})
	b.judge(t, c, 2, true, "")
	expect("the last word counts", consequences.Figures{Answers: 1, Helped: 1}, consequences.Ratings{})
	words, err := b.svc.Words(t.Context(), b.article, 1)
	require.NoError(t, err)
	require.Empty(t, words, "they took it back")
	require.NoError(t, b.svc.AddUp(t.Context()))
	expect("added up", consequences.Figures{Answers: 1, Helped: 1}, consequences.Ratings{})

	k := b.call(t, c)
	expect("a person was called", consequences.Figures{Answers: 1, Helped: 1, HandedOff: 1}, consequences.Ratings{})
	b.resolve(t, k)
	b.rate(t, c, 4)
	expect("rated", consequences.Figures{Answers: 1, Helped: 1, HandedOff: 1}, consequences.Ratings{Count: 1, Sum: 4})
	b.reopen(t, c)
	expect("called again: handed off once", consequences.Figures{Answers: 1, Helped: 1, HandedOff: 1}, consequences.Ratings{Count: 1, Sum: 4})

	gone := b.told(t, "en", chat.Profile{}, 1)
	b.judge(t, gone, 2, false, "Wrong!")
	require.NoError(t, b.Chat.Erase(t.Context(), gone.CustomerID, nil, func(context.Context, *chat.Locked) error { return nil }))
	expect("what an erased customer was told is still counted", consequences.Figures{Answers: 2, Helped: 1, NotHelpful: 1, HandedOff: 1}, consequences.Ratings{Count: 1, Sum: 4})
	words, err = b.svc.Words(t.Context(), b.article, 1)
	require.NoError(t, err)
	require.Empty(t, words, "but nobody reads their words")
	b.mark(t)
	b.correct(t)
	expect("a correction is no answer", consequences.Figures{Answers: 2, Helped: 1, NotHelpful: 1, HandedOff: 1}, consequences.Ratings{Count: 1, Sum: 4})
}

// A conversation has one rating; it stands where the version was last told of, and
// no day has it twice.
func TestReport_counts_a_rating_once_when_the_conversation_goes_on_another_day(t *testing.T) {
	t.Parallel()
	b := setupCounted(t)
	c := b.told(t, "en", chat.Profile{}, 1)
	b.resolve(t, b.call(t, c))
	b.rate(t, c, 2)
	lastWeek := time.Now().AddDate(0, 0, -7)
	for _, table := range []string{"answer_changes", "answer_counts"} {
		_, err := b.DB.Exec(t.Context(), "UPDATE "+table+" SET day = day - 7")
		require.NoError(t, err)
	}
	_, err := b.DB.Exec(t.Context(), "UPDATE citations SET created_at = created_at - interval '7 days'")
	require.NoError(t, err)
	_, err = b.DB.Exec(t.Context(), `
		INSERT INTO citations (conversation_id, seq, ordinal, article_id, version, created_at, answer, first)
		VALUES ($1, 3, 0, $2, 1, now(), true, true), ($1, 3, 1, $2, 2, now(), true, true)`, c.ID, b.article)
	require.NoError(t, err)
	two := consequences.Ratings{Count: 1, Sum: 2}
	for _, added := range []string{"as it was written", "added up"} {
		versions := b.report(t, 0)
		require.Equal(t, []consequences.Ratings{two, two}, []consequences.Ratings{versions[0].Ratings, versions[1].Ratings}, added)
		r, err := b.svc.Report(t.Context(), b.article, 1, 1, time.Now())
		require.NoError(t, err)
		require.Equal(t, two, r.Versions[0].Ratings, "this week has it")
		r, err = b.svc.Report(t.Context(), b.article, 1, 1, lastWeek)
		require.NoError(t, err)
		require.Equal(t, []consequences.VersionFigures{{Version: 1, Figures: consequences.Figures{Answers: 2, HandedOff: 1}, Ratings: two}}, r.Versions)
		require.NoError(t, b.svc.AddUp(t.Context()))
	}
}

// Everything happens to many conversations at once, while adders are cut off in
// the middle: the figures are those of the record.
func TestAddUp_loses_nothing_and_counts_nothing_twice(t *testing.T) {
	t.Parallel()
	b := setupCounted(t)
	var customers, adders sync.WaitGroup
	over := make(chan struct{})
	for range 3 {
		adders.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-over:
					return
				default:
				}
				ctx, cut := context.WithTimeout(t.Context(), time.Duration(n%20)*time.Millisecond)
				_ = b.another().AddUp(ctx)
				cut()
			}
		})
	}
	for i := range 4 {
		customers.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(i)))
			for range 6 {
				c := b.told(t, "en", chat.Profile{}, 1+random.IntN(2))
				for range random.IntN(3) {
					b.more(t, c, 1+random.IntN(2))
				}
				for range random.IntN(4) {
					b.judge(t, c, 2, random.IntN(2) == 0, "")
				}
				if random.IntN(2) == 0 {
					k := b.call(t, c)
					b.resolve(t, k)
					b.rate(t, c, 1+random.IntN(5))
				}
			}
		})
	}
	customers.Wait()
	close(over)
	adders.Wait()
	b.right(t)
	before := b.report(t, 0)
	require.NoError(t, b.svc.AddUp(t.Context()))
	require.Equal(t, before, b.report(t, 0))
	var left int
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT count(*) FROM answer_changes").Scan(&left))
	require.Zero(t, left)
	b.right(t)
}

func TestRecount_mends_what_is_not_in_the_record(t *testing.T) {
	t.Parallel()
	b := setupCounted(t)
	c := b.told(t, "en", chat.Profile{}, 1)
	b.judge(t, c, 2, true, "")
	b.resolve(t, b.call(t, c))
	b.rate(t, c, 5)
	b.told(t, "en", chat.Profile{}, 2)
	before := b.report(t, 0)
	require.NoError(t, b.svc.AddUp(t.Context()))
	_, err := b.DB.Exec(t.Context(), "UPDATE answer_counts SET answers = answers + 3, helped = 0, handed_off = 0, rating_sum = 1 WHERE version = 1; DELETE FROM answer_counts WHERE version = 2")
	require.NoError(t, err)
	var found []chat.Violation
	require.NoError(t, b.svc.Check(t.Context(), func(v chat.Violation) { found = append(found, v) }))
	require.Len(t, found, 2)
	require.Equal(t, consequences.InvariantCounted, found[0].Invariant)
	require.Contains(t, found[0].Detail, "version 1")
	require.Contains(t, found[0].Detail, "-3 answers, +1 helpful, +0 not helpful, +1 handed off, +0 ratings (+4 in all)")
	mended, err := b.svc.Recount(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(2), mended)
	require.Equal(t, before, b.report(t, 0))
	b.right(t)
}
