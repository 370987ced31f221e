// SPDX-License-Identifier: MIT

package api_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/bot/gate"
	"candor/staff"
)

type rehearsed struct {
	Outcome, Reason, Detector, Text string
	Confidence                      float64
	Citations                       []struct {
		ArticleID int64 `json:"article_id"`
		Version   int
	}
	WhyNot *struct {
		Why  string
		Rank int
	} `json:"why_not"`
}

// try asks the bench.
func (m member) try(t *testing.T, body map[string]any) rehearsed {
	t.Helper()
	r := m.call(t, http.MethodPost, "/v1/knowledge/try", body)
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	var said rehearsed
	r.into(t, &said)
	return said
}

// draft saves a draft of the article and gives its revision.
func (m member) draft(t *testing.T, article int64, title, body string) int64 {
	t.Helper()
	path := fmt.Sprintf("/v1/articles/%d", article)
	var now struct{ Draft *struct{ Rev int64 } }
	m.call(t, http.MethodGet, path, nil).into(t, &now)
	expected := int64(0)
	if now.Draft != nil {
		expected = now.Draft.Rev
	}
	r := m.call(t, http.MethodPut, path+"/draft", map[string]any{"title": title, "body": body, "lang": "en", "expected_rev": expected})
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	var saved struct{ Draft struct{ Rev int64 } }
	r.into(t, &saved)
	return saved.Draft.Rev
}

// articleID finds an article of the tests by its title.
func (m member) articleID(t *testing.T, title string) int64 {
	t.Helper()
	var list struct {
		Articles []struct {
			ID    int64
			Title string
		}
	}
	m.call(t, http.MethodGet, "/v1/articles", nil).into(t, &list)
	for _, a := range list.Articles {
		if a.Title == title {
			return a.ID
		}
	}
	require.Fail(t, "no such article", title)
	return 0
}

const roaming = "Roaming in Switzerland"

func TestBench_answers_from_the_draft_and_the_customers_do_not(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	id := editor.articleID(t, roaming)
	editor.draft(t, id, roaming, "# Roaming in Switzerland\n\nRoaming in Switzerland costs 7 EUR a day.\n")

	live := editor.try(t, map[string]any{"text": question})
	require.Equal(t, "answer", live.Outcome)
	require.Contains(t, live.Text, "2 EUR a day")
	draft := editor.try(t, map[string]any{"text": question, "draft_of": id})
	require.Equal(t, "answer", draft.Outcome)
	require.Contains(t, draft.Text, "7 EUR a day")

	c := w.customer(t)
	require.True(t, c.says(t, question).has("2 EUR a day"))
}

func TestBench_says_why(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	said := editor.try(t, map[string]any{"text": "I want to speak to a person"})
	require.Equal(t, "handoff", said.Outcome)
	require.Equal(t, "customer_request", said.Reason)
	require.Equal(t, "human_request", said.Detector)

	said = editor.try(t, map[string]any{"text": question, "why_not": editor.articleID(t, "Moving house")})
	require.Contains(t, []string{"outranked", "not_found"}, said.WhyNot.Why)
	said = editor.try(t, map[string]any{"text": question, "why_not": editor.articleID(t, roaming)})
	require.Equal(t, "cited", said.WhyNot.Why)
	require.Equal(t, 1, said.WhyNot.Rank)

	var turns int
	require.NoError(t, w.DB.QueryRow(t.Context(), "SELECT count(*) FROM turns").Scan(&turns))
	require.Zero(t, turns, "a rehearsal is kept nowhere")
	agent := w.member(t, "Agent One", staff.RoleAgent)
	require.Equal(t, http.StatusForbidden, agent.call(t, http.MethodPost, "/v1/knowledge/try", map[string]any{"text": question}).status)
}

func TestGate_stops_what_gets_worse_until_somebody_says_why(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	id := editor.articleID(t, roaming)
	save := func(body map[string]any) {
		r := editor.call(t, http.MethodPost, "/v1/questions", body)
		require.Equal(t, http.StatusCreated, r.status, "%s", r.body)
	}
	save(map[string]any{"text": question, "expects": "article", "article_id": id})
	save(map[string]any{"text": "I want to speak to a person", "expects": "handoff"})

	rev := editor.draft(t, id, "Swimming pools", "# Swimming pools\n\nOur pools open at nine in the morning.\n")
	var check struct {
		Worse     int
		Questions []struct {
			Text, Change string
			Live, Draft  struct {
				Outcome string
				Right   bool
			}
		}
	}
	r := editor.call(t, http.MethodPost, fmt.Sprintf("/v1/articles/%d/draft/check", id), map[string]any{"expected_rev": rev})
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	r.into(t, &check)
	require.Equal(t, 1, check.Worse)
	require.Equal(t, question, check.Questions[0].Text)
	require.Equal(t, string(gate.Worse), check.Questions[0].Change)
	require.True(t, check.Questions[0].Live.Right)
	require.Equal(t, string(gate.Same), check.Questions[1].Change)
	require.True(t, check.Questions[1].Draft.Right)

	publish := func(rev int64, reason string) reply {
		return editor.call(t, http.MethodPost, fmt.Sprintf("/v1/articles/%d/draft/publish", id), map[string]any{"expected_rev": rev, "reason": reason})
	}
	require.Equal(t, "answers_get_worse", publish(rev, "").code(t))
	c := w.customer(t)
	require.True(t, c.says(t, question).has("2 EUR a day"))

	better := editor.draft(t, id, roaming, "# Roaming in Switzerland\n\nRoaming in Switzerland costs 7 EUR a day.\n")
	require.Equal(t, http.StatusOK, publish(better, "").status, "a draft that answers as well needs no reason and no check beforehand")
	require.True(t, w.customer(t).says(t, question).has("7 EUR a day"))

	rev = editor.draft(t, id, "Swimming pools", "# Swimming pools\n\nOur pools open at nine in the morning.\n")
	require.Equal(t, "draft_changed", publish(better, "").code(t))
	require.Equal(t, "answers_get_worse", publish(rev, "").code(t))
	require.Equal(t, http.StatusOK, publish(rev, "Roaming is not sold any more.").status)
	var reason string
	require.NoError(t, w.DB.QueryRow(t.Context(), "SELECT reason FROM knowledge_checks WHERE acknowledged_at IS NOT NULL").Scan(&reason))
	require.Equal(t, "Roaming is not sold any more.", reason)
}

func TestGate_rolls_back(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	id := editor.articleID(t, roaming)
	c := w.customer(t)
	require.True(t, c.says(t, question).has("2 EUR a day"))
	rev := editor.draft(t, id, roaming, "# Roaming in Switzerland\n\nRoaming in Switzerland costs 7 EUR a day.\n")
	require.Equal(t, http.StatusOK, editor.call(t, http.MethodPost, fmt.Sprintf("/v1/articles/%d/draft/publish", id), map[string]any{"expected_rev": rev}).status)
	require.True(t, w.customer(t).says(t, question).has("7 EUR a day"))

	r := editor.call(t, http.MethodPost, fmt.Sprintf("/v1/articles/%d/versions/1/restore", id), map[string]any{"expected_rev": 0})
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	var a struct{ Draft struct{ Rev int64 } }
	r.into(t, &a)
	require.Equal(t, http.StatusOK, editor.call(t, http.MethodPost, fmt.Sprintf("/v1/articles/%d/draft/publish", id), map[string]any{"expected_rev": a.Draft.Rev}).status)
	require.True(t, w.customer(t).says(t, question).has("2 EUR a day"))
	require.Contains(t, string(w.call(t, http.MethodGet, c.path("/transcript"), nil, bearer(c.token)).body), "2 EUR a day", "what was said stays what was said")
}

func TestGate_warns_of_other_articles(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	r := editor.call(t, http.MethodPost, "/v1/articles", map[string]any{"title": "Travel", "lang": "en", "body": "Roaming in Switzerland costs 5 EUR a day. The charge is only made on days on which you use your phone there."})
	require.Equal(t, http.StatusCreated, r.status, "%s", r.body)
	var a struct {
		ID    int64
		Draft struct{ Rev int64 }
	}
	r.into(t, &a)
	var check struct {
		Similar, Disagreeing []struct{ Title, Draft, Other string }
	}
	r = editor.call(t, http.MethodPost, fmt.Sprintf("/v1/articles/%d/draft/check", a.ID), map[string]any{"expected_rev": a.Draft.Rev})
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	r.into(t, &check)
	require.NotEmpty(t, check.Disagreeing)
	require.Equal(t, roaming, check.Disagreeing[0].Title)
	require.Contains(t, check.Disagreeing[0].Draft, "5 EUR")
	require.Contains(t, check.Disagreeing[0].Other, "2 EUR")
}

func TestQuestions_come_from_conversations_without_personal_data(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	c := w.customer(t)
	c.says(t, "What does roaming cost? Write to someone@example.org")
	r := editor.call(t, http.MethodPost, "/v1/questions", map[string]any{"conversation_id": c.id, "seq": 1, "expects": "article", "article_id": editor.articleID(t, roaming)})
	require.Equal(t, http.StatusCreated, r.status, "%s", r.body)
	require.Contains(t, string(r.body), "What does roaming cost?")
	require.NotContains(t, string(r.body), "someone@")
	require.Contains(t, string(editor.call(t, http.MethodGet, "/v1/questions", nil).body), `"article_title":"`+roaming+`"`)
	require.Equal(t, "not_a_question", editor.call(t, http.MethodPost, "/v1/questions", map[string]any{"conversation_id": c.id, "seq": 2, "expects": "handoff"}).code(t))
	require.Equal(t, "invalid_expectation", editor.call(t, http.MethodPost, "/v1/questions", map[string]any{"text": "x", "expects": "article"}).code(t))
	require.Equal(t, "article_not_found", editor.call(t, http.MethodPost, "/v1/questions", map[string]any{"text": "x", "expects": "article", "article_id": 999999}).code(t))
}

func TestGate_tells_its_progress(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	id := editor.articleID(t, roaming)
	for i := range 5 {
		r := editor.call(t, http.MethodPost, "/v1/questions", map[string]any{"text": fmt.Sprintf("%s (%d)", question, i), "expects": "article", "article_id": id})
		require.Equal(t, http.StatusCreated, r.status, "%s", r.body)
	}
	rev := editor.draft(t, id, roaming, "# Roaming in Switzerland\n\nRoaming in Switzerland costs 7 EUR a day.\n")
	live := w.listen(t, http.MethodPost, fmt.Sprintf("/v1/articles/%d/draft/check", id), map[string]any{"expected_rev": rev}, bearer(editor.token))
	live.until(t, named("check.progress"))
	live.until(t, named("check.done"))
	require.Equal(t, "draft_changed", editor.call(t, http.MethodPost, fmt.Sprintf("/v1/articles/%d/draft/check", id), map[string]any{"expected_rev": rev + 1}).code(t))
}

func TestExport_is_an_archive_of_Markdown(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	r := editor.call(t, http.MethodGet, "/v1/knowledge/export", nil)
	require.Equal(t, http.StatusOK, r.status)
	archive, err := zip.NewReader(bytes.NewReader(r.body), int64(len(r.body)))
	require.NoError(t, err)
	var names []string
	for _, f := range archive.File {
		names = append(names, f.Name)
	}
	require.ElementsMatch(t, []string{"roaming.md", "bills.md", "moving.md", "zh-roaming.md"}, names)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	require.Equal(t, http.StatusForbidden, agent.call(t, http.MethodGet, "/v1/knowledge/export", nil).status)
	require.Equal(t, "supervisors_only", editor.call(t, http.MethodGet, "/v1/knowledge/export?owners=true", nil).code(t))
	boss := w.member(t, "Supervisor One", staff.RoleSupervisor)
	require.Equal(t, http.StatusOK, boss.call(t, http.MethodGet, "/v1/knowledge/export?owners=true", nil).status)
}
