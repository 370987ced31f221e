// SPDX-License-Identifier: MIT

package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/staff"
)

type gapShown struct {
	ID                            int64
	State, Label, Lang, Dismissed string
	Volume, Golden                int
	AgentMinutes                  float64 `json:"agent_minutes"`
	Days                          []int
	Languages, Reasons            []struct {
		Name  string
		Count int
	}
	Examples []struct{ Text string }
	Article  *struct {
		ID    int64
		Title string
	}
	CameBackAt *string `json:"came_back_at"`
}

type gapFile struct {
	Gap       gapShown
	Questions []struct {
		Text, Reason   string
		CaseID         string `json:"case_id"`
		ConversationID string `json:"conversation_id"`
		Answers        []string
	}
}

// gaps looks for new ones and lists them.
func (m member) gaps(t *testing.T, query string) []gapShown {
	t.Helper()
	r := m.call(t, http.MethodPost, "/v1/knowledge/gaps/sweep", nil)
	require.Equal(t, http.StatusNoContent, r.status, "%s", r.body)
	var page struct{ Gaps []gapShown }
	m.call(t, http.MethodGet, "/v1/knowledge/gaps"+query, nil).into(t, &page)
	return page.Gaps
}

// gap does something with one, or looks at it.
func (m member) gap(t *testing.T, id int64, what string, body any) gapFile {
	t.Helper()
	method := http.MethodPost
	if what == "" {
		method = http.MethodGet
	}
	r := m.call(t, method, fmt.Sprintf("/v1/knowledge/gaps/%d%s", id, what), body)
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	var file gapFile
	r.into(t, &file)
	return file
}

// answers claims the customer's case, answers it and resolves it.
func (m member) answers(t *testing.T, c customer, text string) {
	t.Helper()
	var id string
	reference := c.transcript(t).Conversation.Reference
	for _, k := range m.queue(t) {
		if k.Reference == reference {
			id = k.ID
		}
	}
	r := m.call(t, http.MethodPost, "/v1/cases/"+id+"/claim", nil)
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	r = m.call(t, http.MethodPost, "/v1/cases/"+id+"/messages", map[string]any{"text": text})
	require.Equal(t, http.StatusCreated, r.status, "%s", r.body)
	r = m.call(t, http.MethodPost, "/v1/cases/"+id+"/resolve", map[string]any{"outcome": "solved"})
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
}

const (
	faxOne   = "Does the landline telephone adapter work with a fax machine?"
	faxTwo   = "I want to connect my fax machine to the landline telephone adapter, is that possible? Write to jane.fax@example.com"
	faxThree = "Can a fax machine be used with the telephone adapter?"
)

func TestGaps_from_the_question_to_the_article_that_answers_it(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent, editor := w.member(t, "Agent One", staff.RoleAgent), w.member(t, "Editor One", staff.RoleEditor)
	supervisor := w.member(t, "Supervisor One", staff.RoleSupervisor)
	require.Empty(t, editor.gaps(t, ""))

	var customers []customer
	for _, q := range []string{faxOne, faxTwo, faxThree} {
		c := w.customer(t)
		require.Equal(t, "queued", c.says(t, q).Conversation.State, q)
		customers = append(customers, c)
	}
	other := w.customer(t)
	require.Equal(t, "queued", other.says(t, "Which wines do you recommend for a wedding in Bordeaux?").Conversation.State)
	agent.answers(t, customers[0], "Hello,\nthank you for waiting. The telephone adapter works with fax machines up to 14.4 kilobits. Have a nice day!")
	agent.answers(t, customers[1], "Hi! The telephone adapter works with fax machines up to 14.4 kilobits. Please switch off error correction in the fax machine. I have written to jane.fax@example.com.\nBest regards\nAgent One")

	list := editor.gaps(t, "")
	require.Len(t, list, 2)
	g := list[0]
	require.Equal(t, 3, g.Volume, "%+v", list)
	require.Equal(t, 3, g.Days[27])
	require.Contains(t, g.Label+fmt.Sprint(g.Examples), "fax")
	require.NotContains(t, fmt.Sprint(list), "jane.fax@example.com")
	require.Equal(t, "open", g.State)

	file := editor.gap(t, g.ID, "", nil)
	require.Len(t, file.Questions, 3)
	for _, q := range file.Questions {
		require.Empty(t, q.CaseID+q.ConversationID, "an editor does not see whose question it is")
		require.Contains(t, []string{"no_knowledge", "low_confidence"}, q.Reason)
	}
	require.NotEmpty(t, supervisor.gap(t, g.ID, "", nil).Questions[0].ConversationID)
	require.Equal(t, http.StatusForbidden, agent.call(t, http.MethodGet, "/v1/knowledge/gaps", nil).status)

	// One click makes the draft; a second one finds it.
	file = editor.gap(t, g.ID, "/draft", nil)
	require.Equal(t, "drafted", file.Gap.State)
	require.Equal(t, file.Gap.Article, editor.gap(t, g.ID, "/draft", nil).Gap.Article)
	var article struct {
		Draft struct {
			Rev         int64
			Title, Body string
		}
	}
	path := fmt.Sprintf("/v1/articles/%d", file.Gap.Article.ID)
	editor.call(t, http.MethodGet, path, nil).into(t, &article)
	require.Contains(t, article.Draft.Title, "fax machine")
	require.Equal(t, "# "+article.Draft.Title+"\n\nThe telephone adapter works with fax machines up to 14.4 kilobits.\n\n"+
		"Please switch off error correction in the fax machine. I have written to [e-mail].\n", article.Draft.Body)

	// Publishing alone does not close it: the gate has to show that it is answered.
	r := editor.call(t, http.MethodPost, fmt.Sprintf("/v1/knowledge/gaps/%d/questions", g.ID), nil)
	require.Equal(t, http.StatusCreated, r.status, "%s", r.body)
	require.NotContains(t, string(r.body), "[e-mail]")
	require.Equal(t, 3, editor.gap(t, g.ID, "", nil).Gap.Golden)
	editor.publishes(t, file.Gap.Article.ID, article.Draft.Rev)
	closed := editor.gap(t, g.ID, "", nil).Gap
	require.Equal(t, "closed", closed.State)
	require.True(t, w.customer(t).says(t, "Can I use a fax machine with the telephone adapter?").has("14.4 kilobits"))

	// Taken out of every answer, the question is asked in vain again.
	require.Equal(t, http.StatusOK, editor.call(t, http.MethodPost, path+"/archive", nil).status)
	late := w.customer(t)
	require.Equal(t, "queued", late.says(t, "Does a fax machine work with the landline telephone adapter?").Conversation.State)
	back := editor.gaps(t, "?state=open")[0]
	require.Equal(t, g.ID, back.ID)
	require.NotNil(t, back.CameBackAt)
	require.Empty(t, w.Violations(t))
}

// publishes goes through the gate.
func (m member) publishes(t *testing.T, article, rev int64) {
	t.Helper()
	path := fmt.Sprintf("/v1/articles/%d/draft", article)
	r := m.call(t, http.MethodPost, path+"/check", map[string]any{"expected_rev": rev})
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	r = m.call(t, http.MethodPost, path+"/publish", map[string]any{"expected_rev": rev})
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
}

func TestGaps_without_an_answer_and_dismissed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	c := w.customer(t)
	c.says(t, faxOne)
	g := editor.gaps(t, "")[0]
	r := editor.call(t, http.MethodPost, fmt.Sprintf("/v1/knowledge/gaps/%d/dismiss", g.ID), map[string]any{"reason": " "})
	require.Equal(t, "reason_missing", r.code(t))
	for reason, shown := range map[string]string{"Ask anna@shop.example, who knows.": "Ask [e-mail], who knows.", "She is at +49 170 1234567": "She is at [phone]"} {
		r = editor.call(t, http.MethodPost, fmt.Sprintf("/v1/knowledge/gaps/%d/dismiss", g.ID), map[string]any{"reason": reason})
		require.Equal(t, "personal_data", r.code(t), reason)
		require.Contains(t, string(r.body), shown, "the editor sees which words it is about")
		require.NotContains(t, string(r.body), reason)
	}
	r = editor.call(t, http.MethodPost, fmt.Sprintf("/v1/knowledge/gaps/%d/dismiss", g.ID), map[string]any{"reason": "not \x00 clean"})
	require.Equal(t, "reason_invalid", r.code(t))
	require.Empty(t, editor.gaps(t, "?state=dismissed"), "nothing was kept")
	g = editor.gap(t, g.ID, "/dismiss", map[string]any{"reason": "We do not sell it any more."}).Gap
	require.Equal(t, "We do not sell it any more.", g.Dismissed)
	require.Empty(t, editor.gaps(t, ""))
	require.Len(t, editor.gaps(t, "?state=dismissed"), 1)
	w.customer(t).says(t, faxThree)
	require.Empty(t, editor.gaps(t, ""), "it stays dismissed when it is asked again")
	require.Equal(t, "open", editor.gap(t, g.ID, "/reopen", nil).Gap.State)

	file := editor.gap(t, g.ID, "/draft", nil)
	var article struct{ Draft struct{ Body string } }
	editor.call(t, http.MethodGet, fmt.Sprintf("/v1/articles/%d", file.Gap.Article.ID), nil).into(t, &article)
	require.Contains(t, article.Draft.Body, "- "+faxThree)
}

func TestGaps_forget_who_is_erased_and_what_is_redacted(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	first, second := w.customer(t), w.customer(t)
	first.says(t, faxOne)
	second.says(t, faxThree)
	g := editor.gaps(t, "")[0]
	require.Len(t, editor.gap(t, g.ID, "", nil).Questions, 2)

	conv, err := w.Chat.Find(t.Context(), first.id)
	require.NoError(t, err)
	require.NoError(t, w.desk.Erase(t.Context(), conv.CustomerID, nil))
	questions := editor.gap(t, g.ID, "", nil).Questions
	require.Len(t, questions, 1)
	require.Equal(t, faxThree, questions[0].Text)

	conv, err = w.Chat.Find(t.Context(), second.id)
	require.NoError(t, err)
	require.NoError(t, w.Chat.Lock(t.Context(), conv.ID, func(l *chat.Locked) error {
		return l.Redact(t.Context(), 1, "asked for", chat.Agent{ID: editor.id, Name: "Editor One"})
	}))
	require.Empty(t, editor.gap(t, g.ID, "", nil).Questions)
	require.Empty(t, w.Violations(t))
}

func TestGaps_count_answers_that_did_not_help(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	c := w.customer(t)
	said := c.says(t, question).Messages
	seq := said[len(said)-1].Seq
	require.Empty(t, editor.gaps(t, ""))
	r := w.call(t, http.MethodPost, c.path(fmt.Sprintf("/messages/%d/feedback", seq)), map[string]any{"helpful": false}, bearer(c.token))
	require.Less(t, r.status, 300, "%s", r.body)
	list := editor.gaps(t, "?reason=not_helpful&least=1")
	require.Len(t, list, 1)
	require.Equal(t, question, list[0].Label)
	require.Empty(t, editor.gaps(t, "?reason=no_knowledge&least=1"))
}

func TestQuestion_preview_has_no_personal_data(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	c := w.customer(t)
	c.says(t, question+" My address is jane@example.com.")
	r := editor.call(t, http.MethodPost, "/v1/questions/preview", map[string]any{"conversation_id": c.id, "seq": 1})
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	var p struct {
		Text, Lang string
		Articles   []struct {
			ID    int64
			Title string
		}
	}
	r.into(t, &p)
	require.Equal(t, question, p.Text)
	require.Equal(t, "en", p.Lang)
	require.Equal(t, roaming, p.Articles[0].Title)
	require.Equal(t, "not_a_question", editor.call(t, http.MethodPost, "/v1/questions/preview", map[string]any{"conversation_id": c.id, "seq": 2}).code(t))
}
