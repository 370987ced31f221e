// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/llm/llmtest"
	"candor/staff"
)

// async writes a message without waiting for its turn.
func (c customer) async(t *testing.T, text string) {
	t.Helper()
	r := c.w.call(t, http.MethodPost, c.path("/messages"), map[string]any{"text": text}, bearer(c.token), header{"Prefer", "respond-async"})
	require.Equal(t, http.StatusAccepted, r.status, string(r.body))
}

func (r turnResult) last() message { return r.Messages[len(r.Messages)-1] }

// has says whether the bot said the words.
func (r turnResult) has(words string) bool {
	for _, m := range r.Messages {
		if m.Author.Type == "bot" && strings.Contains(m.Text, words) {
			return true
		}
	}
	return false
}

func TestPromise_small_talk_behind_a_question_loses_nothing(t *testing.T) {
	t.Parallel()
	w := setupModel(t, slow(20*time.Millisecond))
	c := w.customer(t)
	c.async(t, "What does roaming in Switzerland cost?")
	c.async(t, "When is my bill due?")
	c.says(t, "Thank you")
	all := c.transcript(t)
	require.True(t, all.has("2 EUR a day"))
	require.True(t, all.has("14 days"), "the question between is answered too: %+v", all.Messages)
	require.Empty(t, w.Violations(t))
}

func TestPromise_a_complaint_is_taken_in_whoever_has_the_word(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	complaint := "I want to make a complaint: you charged me twice and nobody answers."

	t.Run("after the case was resolved", func(t *testing.T) {
		t.Parallel()
		c := w.customer(t)
		id := c.claimed(t, agent)
		agent.call(t, http.MethodPost, "/v1/cases/"+id+"/resolve", map[string]any{"outcome": "solved"})
		r := c.says(t, complaint)
		require.Equal(t, "queued", r.Conversation.State)
		require.Equal(t, "complaint_received", r.last().Event)
	})

	t.Run("while an agent is there", func(t *testing.T) {
		t.Parallel()
		c := w.customer(t)
		c.claimed(t, agent)
		r := c.says(t, complaint)
		require.Equal(t, "human", r.Conversation.State, "the agent stays")
		require.Equal(t, "complaint_received", r.last().Event)
		require.Contains(t, r.last().Text, "you charged me twice")
	})

	t.Run("in the note of the button", func(t *testing.T) {
		t.Parallel()
		c := w.customer(t)
		r := w.call(t, http.MethodPost, c.path("/handoff"), map[string]any{"note": complaint}, bearer(c.token))
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		var result turnResult
		r.into(t, &result)
		require.Equal(t, "complaint_received", result.last().Event)
	})

	t.Cleanup(func() { require.Empty(t, w.Violations(t)) })
}

// claimed brings the customer to the agent and gives the case's id.
func (c customer) claimed(t *testing.T, agent member) string {
	t.Helper()
	result := c.says(t, "I want to speak to a person")
	for _, k := range agent.queue(t) {
		if k.Reference == result.Conversation.Reference {
			require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+k.ID+"/claim", nil).status)
			return k.ID
		}
	}
	t.Fatal("the case is not in the queue")
	return ""
}

func TestPromise_the_undo_answers_the_question(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	c.says(t, "I want to speak to a person: what does roaming in Switzerland cost?")
	r := w.call(t, http.MethodDelete, c.path("/handoff"), nil, bearer(c.token))
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var result turnResult
	r.into(t, &result)
	require.Equal(t, "bot", result.Conversation.State)
	require.True(t, result.has("2 EUR a day"), "%+v", result.Messages)
	require.Empty(t, w.Violations(t))
}

func TestPromise_a_short_question_is_not_glued_to_the_one_before(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	c.says(t, "What does roaming in Switzerland cost?")
	r := c.says(t, "When is my bill due?")
	require.Contains(t, r.last().Text, "14 days")
	require.NotContains(t, r.last().Text, "roaming")
}

func TestPromise_the_button_keeps_the_reference_of_a_resolved_case(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	c := w.customer(t)
	id := c.claimed(t, agent)
	before := c.transcript(t).Conversation.Reference
	agent.call(t, http.MethodPost, "/v1/cases/"+id+"/resolve", map[string]any{"outcome": "solved"})
	r := w.call(t, http.MethodPost, c.path("/handoff"), nil, bearer(c.token))
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	after := c.transcript(t).Conversation
	require.Equal(t, "queued", after.State)
	require.Equal(t, before, after.Reference)
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, c.path("/take-over"), nil).status)
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, c.path("/take-over"), nil).status, "a second click changes nothing")
	require.Equal(t, before, c.transcript(t).Conversation.Reference)
}

func TestPromise_nothing_but_an_introduction_is_never_said(t *testing.T) {
	t.Parallel()
	// The provider is away and the built-in answerer stands in; what it finds must
	// pass verification before its introduction is shown.
	w := setupModel(t, llmtest.Vanisher())
	for _, q := range []string{"What does roaming in Switzerland cost?", "Do you sell umbrellas in Switzerland?", "my sim card is broken"} {
		c := w.customer(t)
		c.says(t, q)
		for _, m := range c.transcript(t).Messages {
			if m.Author.Type == "bot" && len(m.Citations) == 0 {
				require.NotContains(t, m.Text, "articles say", q)
			}
		}
	}
}

func TestPromise_a_request_without_a_question_mark_is_no_chatter(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, request := range []string{"cancel my contract please", "my sim card is broken"} {
		r := w.customer(t).says(t, request)
		for _, m := range r.Messages {
			require.NotContains(t, m.Text, "I can help only", request)
		}
	}
}

func TestPromise_chatter_gets_the_scope_and_no_place_in_the_queue(t *testing.T) {
	t.Parallel()
	r := setup(t).customer(t).says(t, "sing songs")
	require.Equal(t, "bot", r.Conversation.State)
	require.Contains(t, r.last().Text, "I can help only")
}

func TestPromise_an_answer_that_was_filtered_or_cut_is_not_whole(t *testing.T) {
	t.Parallel()
	const text = "Roaming in Switzerland costs 2 EUR a day [1]. The charge is only made on days [1]"
	for name, ending := range map[string]llmtest.Ending{"cut at its length": llmtest.EndLength, "filtered": llmtest.EndFiltered} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setupModel(t, llmtest.Static(llmtest.Reply{Text: text, End: ending}))
			c := w.customer(t)
			r := c.says(t, question)
			require.True(t, c.transcript(t).has("2 EUR a day"))
			require.False(t, c.transcript(t).has("only made on days"), "half a sentence is not shown")
			require.Equal(t, ending == llmtest.EndFiltered, r.Conversation.State == "queued")
		})
	}
}
