// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/llm/llmtest"
	"candor/staff"
)

func TestCustomer_built_in(t *testing.T) { t.Parallel(); testCustomer(t, setup(t)) }

func TestCustomer_model(t *testing.T) { t.Parallel(); testCustomer(t, setupModel(t, llmtest.Honest())) }

// testCustomer is the main job, with and without a model provider.
func testCustomer(t *testing.T, w *world) {
	t.Run("a question is answered with label and source", func(t *testing.T) {
		t.Parallel()
		c := w.customer(t)
		r := c.says(t, "What does roaming in Switzerland cost?")
		require.Len(t, r.Messages, 2)
		answer := r.Messages[1]
		require.Equal(t, "bot", answer.Author.Type)
		require.True(t, answer.Automated)
		require.Contains(t, answer.Text, "2 EUR a day")
		require.NotContains(t, answer.Text, answer.Disclosure.Label, "the label stands in the author line, not in the text")
		require.NotEmpty(t, answer.Disclosure.Label)
		require.Equal(t, "Roaming in Switzerland", answer.Citations[0].Title)

		source := w.call(t, http.MethodGet, c.path("/sources/1/1"), nil, bearer(c.token))
		if answer.Citations[0].ArticleID != 1 {
			require.Equal(t, http.StatusNotFound, source.status, "a source that is not cited is not given")
		}
		source = w.call(t, http.MethodGet, c.path(sourcePath(answer)), nil, bearer(c.token))
		require.Equal(t, http.StatusOK, source.status)
		var article struct {
			HTML   string
			Live   bool
			Quotes []struct{ Text string }
		}
		source.into(t, &article)
		require.True(t, article.Live)
		require.NotContains(t, article.HTML, "lang: en", "front matter is not shown")
		require.Contains(t, article.HTML, article.Quotes[0].Text, "the quote stands in the source word for word")
	})

	t.Run("a question in Chinese is answered in Chinese, under a Chinese label", func(t *testing.T) {
		t.Parallel()
		r := w.customer(t).says(t, "在瑞士漫游多少钱？")
		answer := r.Messages[len(r.Messages)-1]
		require.Equal(t, "bot", answer.Author.Type)
		require.Contains(t, answer.Text, "2欧元")
		require.Contains(t, answer.Disclosure.Label, "AI")
		require.Equal(t, "zh", r.Conversation.Locale)
	})

	t.Run("what no article answers goes to a person with a reference", func(t *testing.T) {
		t.Parallel()
		r := w.customer(t).says(t, "Can I rent a satellite telephone for my sailing boat?")
		require.Equal(t, "queued", r.Conversation.State)
		require.NotEmpty(t, r.Conversation.Reference)
		notice := r.Messages[len(r.Messages)-1]
		require.Equal(t, "system", notice.Author.Type)
		require.Contains(t, notice.Text, r.Conversation.Reference)
		require.GreaterOrEqual(t, r.Conversation.Queue.Position, 1)
	})

	t.Run("a person is there on the first request, in the same turn, with nothing asked back", func(t *testing.T) {
		t.Parallel()
		for _, words := range []string{"I want to speak to a person", "转人工", "Quiero hablar con una persona", "speek to a humann plese"} {
			r := w.customer(t).says(t, words)
			require.Equal(t, "queued", r.Conversation.State, words)
			require.NotContains(t, r.Messages[len(r.Messages)-1].Text, "?", words)
			for _, m := range r.Messages {
				require.NotEqual(t, "bot", m.Author.Type, words)
			}
		}
	})

	t.Run("who does not want a person keeps the bot", func(t *testing.T) {
		t.Parallel()
		r := w.customer(t).says(t, "I do NOT want a human. What does roaming in Switzerland cost?")
		require.Equal(t, "bot", r.Conversation.State)
	})

	t.Run("are you human is answered by code, truthfully", func(t *testing.T) {
		t.Parallel()
		r := w.customer(t).says(t, "Are you a human?")
		require.Contains(t, r.Messages[1].Text, "not a person")
		require.Equal(t, "bot", r.Conversation.State)
	})

	t.Run("a complaint is acknowledged in its own words", func(t *testing.T) {
		t.Parallel()
		r := w.customer(t).says(t, "I want to complain: you charged me twice and nobody answers my letters.")
		notice := r.Messages[len(r.Messages)-1]
		require.Equal(t, "complaint_received", notice.Event)
		require.Contains(t, notice.Text, "you charged me twice and nobody answers my letters")
		require.Contains(t, notice.Text, r.Conversation.Reference)
	})
}

func sourcePath(m message) string {
	c := m.Citations[0]
	return "/sources/" + itoa(c.ArticleID) + "/" + itoa(int64(c.Version))
}

func TestHandoff_from_the_bot_to_a_person_and_back(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	c := w.customer(t)
	live := w.listen(t, http.MethodGet, c.path("/events"), nil, bearer(c.token))
	live.until(t, named("conversation.updated"))

	asked := c.says(t, "I want to speak to a person")
	live.until(t, named("queue.updated"))
	queue := agent.queue(t)
	require.Len(t, queue, 1)
	require.Equal(t, asked.Conversation.Reference, queue[0].Reference)
	require.Equal(t, "customer_request", queue[0].Reason)

	file := agent.call(t, http.MethodGet, "/v1/cases/"+queue[0].ID, nil)
	require.Equal(t, http.StatusOK, file.status, string(file.body))
	require.Contains(t, string(file.body), `"detector":"human_request"`)

	claimed := agent.call(t, http.MethodPost, "/v1/cases/"+queue[0].ID+"/claim", nil)
	require.Equal(t, http.StatusOK, claimed.status, string(claimed.body))
	live.until(t, saying("Agent One"))

	require.Equal(t, http.StatusNoContent, agent.call(t, http.MethodPost, "/v1/cases/"+queue[0].ID+"/typing", nil).status)
	live.until(t, named("agent.typing"))

	silent := c.says(t, "What does roaming in Switzerland cost?")
	require.Len(t, silent.Messages, 1, "the bot does not talk over a person")
	sent := agent.call(t, http.MethodPost, "/v1/cases/"+queue[0].ID+"/messages", map[string]any{"text": "Good morning, I am **here**."})
	require.Equal(t, http.StatusCreated, sent.status, string(sent.body))
	live.until(t, saying("I am **here**."))

	done := agent.call(t, http.MethodPost, "/v1/cases/"+queue[0].ID+"/resolve", map[string]any{"outcome": "solved", "note": "called"})
	require.Equal(t, http.StatusOK, done.status, string(done.body))
	live.until(t, func(e event) bool {
		return e.name == "message.created" && strings.Contains(e.data, `"event":"resolved"`)
	})

	again := c.says(t, "It is not solved")
	require.Equal(t, "queued", again.Conversation.State)
	require.Equal(t, asked.Conversation.Reference, again.Conversation.Reference)
	require.Empty(t, w.Violations(t))
}

func TestWaiting(t *testing.T) {
	t.Parallel()

	t.Run("the bot is silent unless asked, and then the place is kept", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		c := w.customer(t)
		c.says(t, "agent")
		require.Len(t, c.says(t, "What does roaming in Switzerland cost?").Messages, 1)
		r := w.call(t, http.MethodPost, c.path("/consents"), map[string]any{
			"purpose": "assistant_while_waiting", "given": true, "text_shown": "Let the assistant answer while I wait.", "locale": "en",
		}, bearer(c.token))
		require.Equal(t, http.StatusCreated, r.status, string(r.body))
		answered := c.says(t, "What does roaming in Switzerland cost?")
		require.Equal(t, "bot", answered.Messages[len(answered.Messages)-1].Author.Type)
		require.Equal(t, "queued", answered.Conversation.State)
		require.Equal(t, 1, answered.Conversation.Queue.Position)
		require.True(t, answered.Conversation.AssistantWhileWaiting)
		require.Empty(t, w.Violations(t))
	})

	t.Run("I did not ask for a person", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		c := w.customer(t)
		c.says(t, "agent")
		r := w.call(t, http.MethodDelete, c.path("/handoff"), nil, bearer(c.token))
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		answered := c.says(t, "What does roaming in Switzerland cost?")
		require.Equal(t, "bot", answered.Conversation.State)
		require.Contains(t, answered.Messages[len(answered.Messages)-1].Text, "2 EUR")
		require.Empty(t, w.Violations(t))
	})

	t.Run("the button needs no words", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		c := w.customer(t)
		for range 2 {
			r := w.call(t, http.MethodPost, c.path("/handoff"), nil, bearer(c.token))
			require.Equal(t, http.StatusOK, r.status, string(r.body))
			var result turnResult
			r.into(t, &result)
			require.Equal(t, "queued", result.Conversation.State)
		}
		require.Len(t, w.member(t, "Agent Two", staff.RoleAgent).queue(t), 1)
	})
}

func TestTranscript_labels_every_automated_message(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	c.says(t, "What does roaming in Switzerland cost?")
	c.says(t, "When is my bill due?")
	page := w.call(t, http.MethodGet, c.path("/transcript"), nil, bearer(c.token), header{"Accept", "text/html"})
	require.Equal(t, http.StatusOK, page.status)
	all := c.transcript(t)
	bots := 0
	for _, m := range all.Messages {
		if m.Author.Type == "bot" {
			bots++
		}
	}
	require.Equal(t, 2, bots)
	require.GreaterOrEqual(t, strings.Count(string(page.body), "AI assistant, automated reply"), bots)
	require.Contains(t, string(page.body), "not with a person", "and the long notice stands above them")
}
