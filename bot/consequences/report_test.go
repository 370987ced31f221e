// SPDX-License-Identifier: MIT

package consequences_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/bot/consequences"
	"candor/chat"
	"candor/internal/fault"
)

func TestReport_counts_what_became_of_answers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	bad := b.told(t, "en", chat.Profile{}, 1)
	good := b.told(t, "en", chat.Profile{}, 2)
	b.told(t, "en", chat.Profile{}, 2)
	b.lock(t, bad.ID, func(l *chat.Locked) error {
		return l.Feedback(t.Context(), 2, false, "Wrong! Ring me at +34 600 000 000.")
	})
	b.lock(t, good.ID, func(l *chat.Locked) error { return l.Feedback(t.Context(), 2, true, "") })
	_, err := b.DB.Exec(t.Context(), `
		INSERT INTO cases (reference, conversation_id, reason, evidence, language, enqueued_at, ready_at, updated_at)
		VALUES ('R-1', $1, 'customer_request', '[]', 'en', now(), now(), now())`, bad.ID)
	require.NoError(t, err)
	_, err = b.DB.Exec(t.Context(), "INSERT INTO ratings (conversation_id, assistant, declined, created_at) VALUES ($1, 2, false, now())", bad.ID)
	require.NoError(t, err)

	now := time.Now()
	r, err := b.svc.Report(t.Context(), b.article, 0, 4, now)
	require.NoError(t, err)
	require.Equal(t, []consequences.VersionFigures{
		{Version: 2, Figures: consequences.Figures{Answers: 2, Helped: 1}},
		{Version: 1, Figures: consequences.Figures{Answers: 1, NotHelpful: 1, HandedOff: 1}, Ratings: consequences.Ratings{Count: 1, Sum: 2}},
	}, r.Versions)
	require.Len(t, r.Weeks, 4)
	require.Equal(t, consequences.Figures{Answers: 3, Helped: 1, NotHelpful: 1, HandedOff: 1}, r.Weeks[3].Figures)
	require.Equal(t, time.Monday, r.Weeks[3].Start.Weekday())
	r, err = b.svc.Report(t.Context(), b.article, 1, 4, now.AddDate(0, 0, 7))
	require.NoError(t, err)
	require.Equal(t, 1, r.Weeks[2].Answers)
	words, err := b.svc.Words(t.Context(), b.article, 0)
	require.NoError(t, err)
	require.Len(t, words, 1)
	require.Equal(t, "Wrong! Ring me at +34 600 000 000.", words[0].Text)

	first, err := b.svc.Told(t.Context(), b.article, 0, consequences.Place{}, 2)
	require.NoError(t, err)
	last := first[1]
	rest, err := b.svc.Told(t.Context(), b.article, 0, consequences.Place{At: last.At, ConversationID: last.ConversationID, Seq: last.Seq}, 2)
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Equal(t, []any{bad.PublicID, "R-1", true, false}, []any{rest[0].PublicID, rest[0].Reference, rest[0].HandedOff, *rest[0].Helpful})
	b.mark(t)
	b.correct(t)
	r, err = b.svc.Report(t.Context(), b.article, 2, 4, now)
	require.NoError(t, err)
	require.Equal(t, 2, r.Versions[0].Answers, "a correction is no answer")
	a, err := b.svc.Answer(t.Context(), b.article, bad.PublicID, 2)
	require.NoError(t, err)
	require.Equal(t, "May I send it back?", a.Question[0].Text)
	require.Len(t, a.Corrections, 1)
	_, err = b.svc.Answer(t.Context(), b.article+1, bad.PublicID, 2)
	require.True(t, fault.Is(err, "answer_not_found"), "%v", err)
}

// What the check finds when somebody writes corrections behind the record's back.
func TestCheck_names_a_correction_that_was_said_twice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.told(t, "en", chat.Profile{}, 1)
	x := b.mark(t)
	b.correct(t)
	require.Empty(t, b.Violations(t))
	b.lock(t, c.ID, func(l *chat.Locked) error {
		_, err := l.PostCorrection(t.Context(), chat.Correction{ID: x.ID, Text: "Again.", ArticleID: b.article, Version: 1})
		return err
	})
	found := b.Violations(t)
	require.Len(t, found, 1)
	require.Equal(t, chat.InvariantCorrections, found[0].Invariant)
	require.Contains(t, found[0].Detail, "said twice")

	other := b.told(t, "en", chat.Profile{}, 2)
	_, err := b.DB.Exec(t.Context(), "UPDATE citations SET first = false WHERE conversation_id = $1", other.ID)
	require.NoError(t, err)
	require.Len(t, b.Violations(t), 2, "who was told is as the record says")
}
