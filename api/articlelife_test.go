// SPDX-License-Identifier: MIT

package api_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/bot/gate"
	"candor/staff"
)

// edited is an article as its editors see it.
type edited struct {
	ID       int64
	Status   string
	Audience string
	Draft    *struct {
		Rev   int64
		Body  string
		Stage struct {
			Stage, Note, Why string
			ApprovedBy       *struct{ Name string } `json:"approved_by"`
			AskedOf          *struct{ Name string } `json:"asked_of"`
		}
	}
	Live *struct {
		Version     int
		Body        string
		PublishedBy *struct{ Name string } `json:"published_by"`
		ApprovedBy  *struct{ Name string } `json:"approved_by"`
	}
	Last *struct{ Body string }
}

// does takes a step with an article that must succeed.
func (m member) edits(t *testing.T, method string, article int64, path string, body map[string]any) edited {
	t.Helper()
	r := m.call(t, method, fmt.Sprintf("/v1/articles/%d%s", article, path), body)
	require.Less(t, r.status, 300, "%s", r.body)
	var a edited
	r.into(t, &a)
	return a
}

// mayNot takes one that must be refused.
func (m member) mayNot(t *testing.T, code string, article int64, path string, body map[string]any) {
	t.Helper()
	r := m.call(t, http.MethodPost, fmt.Sprintf("/v1/articles/%d%s", article, path), body)
	require.Equal(t, code, r.code(t), "%s", r.body)
}

// secondEyes makes the company want a second editor to look at each draft.
func (w *world) secondEyes(t *testing.T) {
	t.Helper()
	c := w.Chat.Company()
	c.SecondEyes = true
	w.Chat.SetCompany(c)
}

func (w *world) gate() *gate.Service { return &gate.Service{Bot: w.bot, Knowledge: w.bot.Knowledge} }

const dearer = "# Roaming in Switzerland\n\nRoaming in Switzerland costs 7 EUR a day.\n"

func TestLife_nobody_publishes_what_they_wrote_last_themselves(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.secondEyes(t)
	author, reader := w.member(t, "Editor One", staff.RoleEditor), w.member(t, "Editor Two", staff.RoleEditor)
	id := author.articleID(t, roaming)
	rev := map[string]any{"expected_rev": author.draft(t, id, roaming, dearer)}

	author.mayNot(t, "approval_missing", id, "/draft/publish", rev)
	author.mayNot(t, "own_text", id, "/draft/approve", rev)
	a := author.edits(t, http.MethodPost, id, "/draft/review", map[string]any{"expected_rev": rev["expected_rev"], "reviewer_id": reader.id, "note": "The new price"})
	require.Equal(t, "in_review", a.Draft.Stage.Stage)
	require.Equal(t, "Editor Two", a.Draft.Stage.AskedOf.Name)

	// An approval is of exactly that revision.
	require.Equal(t, "approved", reader.edits(t, http.MethodPost, id, "/draft/approve", rev).Draft.Stage.Stage)
	later := map[string]any{"expected_rev": author.draft(t, id, roaming, dearer+"\nOr 70 EUR a month.\n")}
	reader.mayNot(t, "draft_changed", id, "/draft/approve", rev)
	author.mayNot(t, "approval_missing", id, "/draft/publish", later)
	reader.edits(t, http.MethodPost, id, "/draft/approve", later)
	a = author.edits(t, http.MethodPost, id, "/draft/publish", later)
	require.Equal(t, "Editor One", a.Live.PublishedBy.Name)
	require.Equal(t, "Editor Two", a.Live.ApprovedBy.Name)
	require.True(t, w.customer(t).says(t, question).has("7 EUR a day"))

	// Who did not write it may publish it: that is the second pair of eyes.
	a = reader.edits(t, http.MethodPost, id, "/draft/publish", map[string]any{"expected_rev": author.draft(t, id, roaming, dearer)})
	require.Equal(t, "Editor Two", a.Live.ApprovedBy.Name)
	r := author.call(t, http.MethodPost, "/v1/knowledge/import?publish=true", map[string]any{})
	require.Equal(t, "approval_missing", r.code(t))
}

func TestLife_refuses_steps_that_a_stage_does_not_allow(t *testing.T) {
	t.Parallel()
	w := setup(t)
	author, reader := w.member(t, "Editor One", staff.RoleEditor), w.member(t, "Editor Two", staff.RoleEditor)
	id := author.articleID(t, roaming)
	author.mayNot(t, "no_draft", id, "/draft/review", map[string]any{"expected_rev": 1})
	rev := author.draft(t, id, roaming, dearer)
	step := map[string]any{"expected_rev": rev}
	author.mayNot(t, "wrong_stage", id, "/draft/withdraw", step)
	author.mayNot(t, "wrong_stage", id, "/draft/unschedule", step)
	author.mayNot(t, "wrong_stage", id, "/draft/send-back", map[string]any{"expected_rev": rev, "note": "No"})
	author.mayNot(t, "own_review", id, "/draft/review", map[string]any{"expected_rev": rev, "reviewer_id": author.id})
	agent := w.member(t, "Agent One", staff.RoleAgent)
	author.mayNot(t, "not_an_editor", id, "/draft/review", map[string]any{"expected_rev": rev, "reviewer_id": agent.id})
	author.edits(t, http.MethodPost, id, "/draft/review", step)
	reader.mayNot(t, "note_missing", id, "/draft/send-back", step)
	a := reader.edits(t, http.MethodPost, id, "/draft/send-back", map[string]any{"expected_rev": rev, "note": "Since when?"})
	require.Equal(t, "sent_back", a.Draft.Stage.Stage)
	require.Equal(t, "Since when?", a.Draft.Stage.Note)

	soon := time.Now().Add(time.Hour).UTC()
	author.mayNot(t, "invalid_time", id, "/draft/schedule", map[string]any{"expected_rev": rev, "at": soon.Add(-2 * time.Hour)})
	author.edits(t, http.MethodPost, id, "/draft/schedule", map[string]any{"expected_rev": rev, "at": soon})
	r := author.call(t, http.MethodPut, fmt.Sprintf("/v1/articles/%d/draft", id), map[string]any{"title": roaming, "body": "x", "lang": "en", "expected_rev": rev})
	require.Equal(t, "draft_scheduled", r.code(t), "what is scheduled stays as it was looked at")
	author.edits(t, http.MethodPost, id, "/draft/review", step)
	a = author.edits(t, http.MethodPost, id, "/draft/unschedule", step)
	require.Equal(t, "in_review", a.Draft.Stage.Stage, "who was asked still is")
	a = author.edits(t, http.MethodPost, id, "/draft/withdraw", step)
	require.Equal(t, "writing", a.Draft.Stage.Stage)
	require.Equal(t, http.StatusNoContent, author.call(t, http.MethodDelete, fmt.Sprintf("/v1/articles/%d/draft?expected_rev=%d", id, rev), nil).status)
	require.Nil(t, author.edits(t, http.MethodGet, id, "", nil).Draft)
}

// due lets the time of a schedule come.
func (w *world) due(t *testing.T, article int64) {
	t.Helper()
	_, err := w.DB.Exec(t.Context(), "UPDATE knowledge_stages SET publish_at = now() WHERE article_id = $1", article)
	require.NoError(t, err)
}

func TestLife_a_scheduled_draft_publishes_itself_once(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	id := editor.articleID(t, roaming)
	at := map[string]any{"expected_rev": editor.draft(t, id, roaming, dearer), "at": time.Now().Add(time.Hour).UTC()}
	editor.edits(t, http.MethodPost, id, "/draft/schedule", at)
	n, err := w.gate().PublishDue(t.Context())
	require.NoError(t, err)
	require.Zero(t, n, "its time has not come")
	require.True(t, w.customer(t).says(t, question).has("2 EUR a day"))

	w.due(t, id)
	// Several gateways at once.
	results := make(chan int, 4)
	for range cap(results) {
		go func() {
			n, err := w.gate().PublishDue(t.Context())
			if err != nil {
				n = -100
			}
			results <- n
		}()
	}
	sum := 0
	for range cap(results) {
		sum += <-results
	}
	require.Equal(t, 1, sum)
	a := editor.edits(t, http.MethodGet, id, "", nil)
	require.Nil(t, a.Draft)
	require.Equal(t, 2, a.Live.Version)
	require.Equal(t, "Editor One", a.Live.PublishedBy.Name)
	require.True(t, w.customer(t).says(t, question).has("7 EUR a day"))
	require.Empty(t, w.Violations(t))
}

func TestLife_a_regression_at_that_moment_keeps_it_back(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	id := editor.articleID(t, roaming)
	at := map[string]any{"expected_rev": editor.draft(t, id, "Chairs", "# Chairs\n\nA chair has four legs.\n"), "at": time.Now().Add(time.Hour).UTC()}
	editor.edits(t, http.MethodPost, id, "/draft/schedule", at)
	// The question comes after the schedule was made.
	ask := func(text string) {
		r := editor.call(t, http.MethodPost, "/v1/questions", map[string]any{"text": text, "expects": "article", "article_id": id})
		require.Equal(t, http.StatusCreated, r.status, "%s", r.body)
	}
	ask(question)
	w.due(t, id)
	var told []any
	g := w.gate()
	g.Tell = func(_ context.Context, owner, article int64, why string) error {
		told = []any{owner, article, why}
		return nil
	}
	n, err := g.PublishDue(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	a := editor.edits(t, http.MethodGet, id, "", nil)
	require.Equal(t, "kept_back", a.Draft.Stage.Stage)
	require.Equal(t, "answers_get_worse", a.Draft.Stage.Why)
	require.Equal(t, []any{editor.id, id, "answers_get_worse"}, told)
	require.True(t, w.customer(t).says(t, question).has("2 EUR a day"), "customers are answered as before")

	// With a reason for what gets worse it may go, and for nothing else.
	editor.mayNot(t, "answers_get_worse", id, "/draft/schedule", at)
	at["reason"] = "We sell chairs now."
	editor.edits(t, http.MethodPost, id, "/draft/schedule", at)
	ask("What does roaming in Switzerland cost a day?")
	w.due(t, id)
	n, err = g.PublishDue(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	editor.edits(t, http.MethodPost, id, "/draft/schedule", at)
	w.due(t, id)
	n, err = g.PublishDue(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

func TestLife_what_nobody_approved_is_kept_back(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.secondEyes(t)
	author, reader := w.member(t, "Editor One", staff.RoleEditor), w.member(t, "Editor Two", staff.RoleEditor)
	id := author.articleID(t, roaming)
	rev := author.draft(t, id, roaming, dearer)
	at := map[string]any{"expected_rev": rev, "at": time.Now().Add(time.Hour).UTC()}
	author.edits(t, http.MethodPost, id, "/draft/schedule", at)
	w.due(t, id)
	n, err := w.gate().PublishDue(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, "approval_missing", author.edits(t, http.MethodGet, id, "", nil).Draft.Stage.Why)
	author.edits(t, http.MethodPost, id, "/draft/schedule", at)
	reader.edits(t, http.MethodPost, id, "/draft/approve", map[string]any{"expected_rev": rev})
	w.due(t, id)
	n, err = w.gate().PublishDue(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

func TestLife_what_is_for_staff_reaches_no_customer(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor, agent := w.member(t, "Editor One", staff.RoleEditor), w.member(t, "Agent One", staff.RoleAgent)
	id := editor.articleID(t, roaming)
	before := w.customer(t)
	require.True(t, before.says(t, question).has("2 EUR a day"), "else this shows nothing")

	a := editor.edits(t, http.MethodPut, id, "/details", map[string]any{"audience": "staff"})
	require.Equal(t, "staff", a.Audience)
	hidden := func(why string) {
		require.False(t, w.customer(t).says(t, question).has("2 EUR a day"), why)
		require.NotContains(t, editor.try(t, map[string]any{"text": question}).Text, "2 EUR a day", why)
		require.NotContains(t, editor.try(t, map[string]any{"text": question, "draft_of": id, "audience": "staff"}).Text, "EUR a day", why)
		var open int
		require.NoError(t, w.DB.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM knowledge_chunks WHERE article_id = $1) + (SELECT count(*) FROM knowledge_vectors_1 v JOIN knowledge_closed_chunks c ON c.id = v.chunk_id)`, id).Scan(&open))
		require.Zero(t, open, "nothing of it is in the index that customers are answered from")
	}
	editor.draft(t, id, roaming, dearer)
	hidden("the audience has changed")
	require.Equal(t, "for_staff", editor.try(t, map[string]any{"text": question, "why_not": id}).WhyNot.Why)

	// The desk finds it, and says what it is.
	found := agent.call(t, http.MethodGet, "/v1/knowledge/search?q=roaming+in+Switzerland", nil)
	require.Contains(t, string(found.body), `"audience":"staff"`)
	c := w.customer(t)
	c.says(t, question)
	suggested := agent.call(t, http.MethodGet, "/v1/cases/"+c.claimed(t, agent)+"/suggestions", nil)
	require.Contains(t, string(suggested.body), "2 EUR a day")
	require.Contains(t, string(suggested.body), `"audience":"staff","barred":true`)

	// A new version, an import of it and an end of use change nothing of that.
	editor.edits(t, http.MethodPost, id, "/draft/publish", map[string]any{"expected_rev": editor.draft(t, id, roaming, dearer)})
	editor.draft(t, id, roaming, dearer+"More.")
	hidden("published again")
	_, err := w.bot.Knowledge.ImportFS(t.Context(), articles, nil)
	require.NoError(t, err)
	hidden("imported again")

	editor.edits(t, http.MethodPut, id, "/details", map[string]any{"audience": "everyone"})
	require.True(t, w.customer(t).says(t, question).has("2 EUR a day"), "and back")
	require.Empty(t, w.Violations(t))
}

func TestLife_owner_review_and_end(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	id := editor.articleID(t, roaming)
	past, soon := time.Now().Add(-time.Minute).UTC(), time.Now().Add(24*time.Hour).UTC()
	listed := func(query string) string {
		return string(editor.call(t, http.MethodGet, "/v1/articles?"+query, nil).body)
	}
	editor.edits(t, http.MethodPut, id, "/details", map[string]any{"audience": "everyone", "owner_id": editor.id, "expires_at": soon})
	require.Contains(t, listed("due=true"), roaming)
	require.Contains(t, listed(fmt.Sprintf("owner=%d", editor.id)), roaming)
	require.True(t, w.customer(t).says(t, question).has("2 EUR a day"))
	require.Equal(t, "expired", editor.edits(t, http.MethodPut, id, "/details", map[string]any{"audience": "everyone", "expires_at": past}).Status)
	require.False(t, w.customer(t).says(t, question).has("2 EUR a day"))
	require.Contains(t, listed("status=expired"), roaming)
	require.NotContains(t, listed("status=published"), roaming)
	require.Contains(t, string(editor.call(t, http.MethodGet, "/v1/library", nil).body), `"expired":1`)
	r := editor.call(t, http.MethodPut, fmt.Sprintf("/v1/articles/%d/details", id), map[string]any{"audience": "everyone", "owner_id": 999999})
	require.Equal(t, "not_an_editor", r.code(t))
	r = editor.call(t, http.MethodPut, fmt.Sprintf("/v1/articles/%d/details", id), map[string]any{"audience": "everyone", "expected_details_rev": 1})
	require.Equal(t, "details_changed", r.code(t), "nothing is set over what was set since")

	a := editor.edits(t, http.MethodPost, id, "/archive", nil)
	require.Equal(t, "archived", a.Status)
	require.Contains(t, a.Last.Body, "2 EUR a day", "what it said can be read and restored")
	require.NotNil(t, editor.edits(t, http.MethodPost, id, "/versions/1/restore", map[string]any{"expected_rev": 0}).Draft)
}

func TestLife_colleagues_see_who_has_an_article_open(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one, two := w.member(t, "Editor One", staff.RoleEditor), w.member(t, "Editor Two", staff.RoleEditor)
	path := fmt.Sprintf("/v1/articles/%d/viewing", one.articleID(t, roaming))
	require.JSONEq(t, `{"viewers":[]}`, string(one.call(t, http.MethodPost, path, map[string]any{"writing": true}).body))
	require.JSONEq(t, fmt.Sprintf(`{"viewers":[{"id":%d,"name":"Editor One","writing":true}]}`, one.id), string(two.call(t, http.MethodPost, path, nil).body))
	one.call(t, http.MethodPost, path, map[string]any{"left": true})
	require.JSONEq(t, `{"viewers":[]}`, string(two.call(t, http.MethodPost, path, nil).body))
	require.Equal(t, "article_not_found", two.call(t, http.MethodPost, "/v1/articles/999999/viewing", nil).code(t))
}

func TestLife_a_translation_is_out_of_date_when_its_source_says_something_new(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	id := editor.articleID(t, roaming)
	german := editor.edits(t, http.MethodPost, id, "/translations", map[string]any{"lang": "de", "client_key": "one"})
	require.Contains(t, german.Draft.Body, "# Roaming in Switzerland", "the structure stands already")
	require.Equal(t, german.ID, editor.edits(t, http.MethodPost, id, "/translations", map[string]any{"lang": "de", "client_key": "one"}).ID)
	editor.mayNot(t, "lang_taken", id, "/translations", map[string]any{"lang": "de"})
	editor.mayNot(t, "lang_taken", german.ID, "/translations", map[string]any{"lang": "en"})
	type group struct {
		Translations []struct {
			ID               int64
			Source, Outdated bool
			Lang             string
		}
	}
	all := func() (g group) {
		editor.call(t, http.MethodGet, fmt.Sprintf("/v1/articles/%d/translations", german.ID), nil).into(t, &g)
		return g
	}
	require.Len(t, all().Translations, 2)
	require.True(t, all().Translations[0].Source)
	require.False(t, all().Translations[1].Outdated)
	editor.edits(t, http.MethodPost, id, "/draft/publish", map[string]any{"expected_rev": editor.draft(t, id, roaming, dearer)})
	require.True(t, all().Translations[1].Outdated)
	require.Contains(t, string(editor.call(t, http.MethodGet, "/v1/articles?outdated=true", nil).body), fmt.Sprintf(`"id":%d`, german.ID))
	editor.edits(t, http.MethodPut, german.ID, "/translation", map[string]any{"of": id, "version": 2})
	require.False(t, all().Translations[1].Outdated)
	r := editor.call(t, http.MethodPut, fmt.Sprintf("/v1/articles/%d/translation", id), map[string]any{"of": german.ID})
	require.Equal(t, "source_is_translation", r.code(t))
	editor.edits(t, http.MethodPut, german.ID, "/translation", map[string]any{})
	require.Len(t, all().Translations, 1)
}
