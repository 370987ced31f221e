// SPDX-License-Identifier: MIT

package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/api"
	"candor/bot/consequences"
	"candor/llm"
	"candor/staff"
)

type told struct {
	ConversationID string `json:"conversation_id"`
	Seq            int
	Helpful        *bool
	CorrectedAt    *time.Time `json:"corrected_at"`
	ShownAt        *time.Time `json:"shown_at"`
}

type became struct {
	Total *struct {
		Answers    int
		NotHelpful int `json:"not_helpful"`
	}
	Weeks    []struct{ Answers int }
	Words    []struct{ Text string }
	Told     []told
	Next     string
	Redacted bool
}

func (m member) consequences(t *testing.T, article int64, query string) became {
	t.Helper()
	r := m.call(t, http.MethodGet, fmt.Sprintf("/v1/articles/%d/consequences%s", article, query), nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var b became
	r.into(t, &b)
	return b
}

func TestConsequences_from_a_wrong_answer_to_its_correction(t *testing.T) {
	t.Parallel()
	var svc *consequences.Service
	w := setup(t, func(c *api.Config, _ *llm.Config) { svc = c.Consequences })
	editor := w.member(t, "Editor One", staff.RoleEditor)
	boss := w.member(t, "Boss One", staff.RoleSupervisor)
	id := editor.articleID(t, roaming)
	c, other := w.customer(t), w.customer(t)
	_, sent := c.attach(t, "jane-doe.png", picture(t))
	require.Equal(t, http.StatusCreated, sent.status, string(sent.body))
	answer := c.says(t, question+" My mail is a.customer@example.com.")
	require.True(t, answer.has("2 EUR a day"))
	other.says(t, question)
	seq := answer.Messages[1].Seq
	r := w.call(t, http.MethodPost, c.path(fmt.Sprintf("/messages/%d/feedback", seq)), map[string]any{"helpful": false, "comment": "No! Ring +34 600 000 000"}, bearer(c.token))
	require.Less(t, r.status, 300, string(r.body))

	list := editor.consequences(t, id, "")
	require.Equal(t, []int{2, 1}, []int{list.Total.Answers, list.Total.NotHelpful})
	require.Len(t, list.Weeks, 26)
	require.True(t, list.Redacted)
	require.Equal(t, "No! Ring [phone]", list.Words[0].Text)
	require.Equal(t, "No! Ring +34 600 000 000", boss.consequences(t, id, "?version=1").Words[0].Text)
	require.Empty(t, boss.consequences(t, id, "?version=2").Told)
	page := editor.consequences(t, id, "?limit=1")
	rest := editor.consequences(t, id, "?limit=1&cursor="+page.Next)
	require.Equal(t, []string{other.id, c.id}, []string{page.Told[0].ConversationID, rest.Told[0].ConversationID})
	require.Nil(t, rest.Total, "figures are on the first page")

	var shown struct {
		Question   []message
		Answer     message
		Transcript []message
	}
	at := fmt.Sprintf("/v1/articles/%d/consequences/%s/%d", id, c.id, seq)
	editor.call(t, http.MethodGet, at, nil).into(t, &shown)
	require.Contains(t, shown.Question[len(shown.Question)-1].Text, "[e-mail]")
	require.NotContains(t, string(editor.call(t, http.MethodGet, at, nil).body), "jane-doe", "the name of a file is the customer's words")
	require.NotEmpty(t, shown.Answer.Citations)
	require.Empty(t, shown.Transcript)
	boss.call(t, http.MethodGet, at, nil).into(t, &shown)
	require.Contains(t, shown.Question[len(shown.Question)-1].Text, "a.customer@example.com")
	require.Contains(t, string(boss.call(t, http.MethodGet, at, nil).body), "jane-doe")
	require.NotEmpty(t, shown.Transcript)

	rev := editor.draft(t, id, roaming, "# Roaming in Switzerland\n\nRoaming in Switzerland costs 7 EUR a day.\n")
	require.Equal(t, http.StatusOK, editor.call(t, http.MethodPost, fmt.Sprintf("/v1/articles/%d/draft/publish", id), map[string]any{"expected_rev": rev}).status)
	wrong := fmt.Sprintf("/v1/articles/%d/versions/1/wrong", id)
	body := map[string]any{"reason": "The price was wrong.", "texts": map[string]string{"en": "Roaming in Switzerland costs **7 EUR** a day."}}
	var preview struct {
		Conversations, Open, Reachable, Cites int
		Live                                  bool
		Languages                             []struct{ HTML string }
	}
	r = editor.call(t, http.MethodPost, wrong, body)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	r.into(t, &preview)
	require.Equal(t, []int{2, 2, 0, 2}, []int{preview.Conversations, preview.Open, preview.Reachable, preview.Cites})
	require.Contains(t, preview.Languages[0].HTML, "<strong>7 EUR</strong>")

	open := w.listen(t, http.MethodGet, c.path("/events"), nil, bearer(c.token), header{"Last-Event-ID", fmt.Sprint(seq)})
	open.until(t, named("conversation.updated"))
	body["confirm"] = true
	r = editor.call(t, http.MethodPost, wrong, body)
	require.Equal(t, http.StatusAccepted, r.status, string(r.body))
	var correction struct{ ID string }
	r.into(t, &correction)
	require.Equal(t, "already_wrong", editor.call(t, http.MethodPost, wrong, body).code(t))
	require.NoError(t, svc.Correct(t.Context(), time.Minute))
	events := open.until(t, named("message.created"))
	var said struct {
		message
		Corrects []int
	}
	require.NoError(t, json.Unmarshal([]byte(events[len(events)-1].data), &said))
	require.Equal(t, []any{"correction", "system", true}, []any{said.Event, said.Author.Type, said.Automated})
	require.Equal(t, []int{seq}, said.Corrects)
	require.Equal(t, 2, said.Citations[0].Version)

	var now struct {
		Delivery struct{ Conversations, Posted, Shown, Waiting int }
	}
	boss.call(t, http.MethodGet, "/v1/corrections/"+correction.ID, nil).into(t, &now)
	require.Equal(t, []int{2, 2, 1, 0}, []int{now.Delivery.Conversations, now.Delivery.Posted, now.Delivery.Shown, now.Delivery.Waiting})
	require.NotNil(t, editor.consequences(t, id, "?version=1").Told[1].ShownAt)
	require.Contains(t, string(w.call(t, http.MethodGet, c.path("/transcript"), nil, bearer(c.token)).body), "2 EUR a day", "what was said stays what was said")

	restore := fmt.Sprintf("/v1/articles/%d/versions/1/restore", id)
	require.Equal(t, "version_is_wrong", editor.call(t, http.MethodPost, restore, map[string]any{"expected_rev": 0}).code(t))
	require.Equal(t, http.StatusOK, editor.call(t, http.MethodPost, restore, map[string]any{"expected_rev": 0, "wrong": true}).status)
	require.Contains(t, string(editor.call(t, http.MethodGet, fmt.Sprintf("/v1/articles/%d/versions", id), nil).body), "wrong_at")
	require.Equal(t, http.StatusAccepted, editor.call(t, http.MethodPost, "/v1/corrections/"+correction.ID+"/retry", nil).status)
	require.Contains(t, string(boss.call(t, http.MethodGet, fmt.Sprintf("/v1/corrections?article_id=%d", id), nil).body), "The price was wrong.")
	require.True(t, w.customer(t).says(t, question).has("7 EUR a day"))
	require.Empty(t, w.Violations(t))
}
