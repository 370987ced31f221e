// SPDX-License-Identifier: MIT

package handoff_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/handoff"
)

func TestNewPacket(t *testing.T) {
	t.Parallel()
	messages := []chat.Message{
		{Seq: 1, Author: chat.AuthorCustomer, Text: "hello"},
		{Seq: 2, Author: chat.AuthorCustomer, Text: "My bill AB-123456 of 2026-05-03 shows 45.90 EUR twice, write to ann@example.com"},
		{Seq: 3, Author: chat.AuthorBot, Text: "Bills are explained in your account.", Citations: []chat.Citation{{ArticleID: 7, Version: 2, Title: "Bills", Quote: "q"}}},
		{Seq: 4, Author: chat.AuthorBot, Text: "I am an automated assistant."},
		{Seq: 5, Author: chat.AuthorCustomer, Text: "a person please"},
	}
	k := handoff.Case{Evidence: []handoff.Evidence{{MessageSeq: 5}}}
	p := handoff.NewPacket(handoff.PacketSources{
		Case: k, Conversation: chat.Conversation{Locale: "en"}, Profile: chat.Profile{Name: "Ann"}, Messages: messages,
	})

	require.Equal(t, []int{2}, p.Issue.Seqs, "a greeting is not the issue")
	require.Equal(t, []int{5}, p.OpenQuestion.Seqs)
	require.Equal(t, []handoff.PacketLine{{Text: "Bills are explained in your account.", Seqs: []int{3}}}, p.Tried)
	require.Equal(t, []handoff.PacketArticle{{ArticleID: 7, Version: 2, Title: "Bills", Seqs: []int{3}}}, p.Articles)
	kinds := map[string]string{}
	for _, f := range p.Facts {
		kinds[f.Kind] = f.Value
		require.Contains(t, messages[f.Seq-1].Text, f.Value, "every fact is a quote of its message")
	}
	require.Equal(t, map[string]string{"e-mail": "ann@example.com", "amount": "45.90 EUR", "date": "2026-05-03", "number": "AB-123456"}, kinds)
	require.True(t, strings.HasPrefix(messages[1].Text, p.Issue.Text))
}

func TestNewPacket_says_why_a_person_in_words(t *testing.T) {
	t.Parallel()
	k := handoff.Case{Reason: handoff.ReasonCustomerRequest, Evidence: []handoff.Evidence{
		{MessageSeq: 3, Detector: "human_request", Score: 0.95, Threshold: 0.5, Rule: "talk.en"},
	}}
	p := handoff.NewPacket(handoff.PacketSources{
		Case: k, Later: []handoff.Evidence{{MessageSeq: 5, Detector: "complaint", Score: 0.9, Threshold: 0.5, Rule: "wronged.en"}},
		Conversation: chat.Conversation{Locale: "en"},
		Messages: []chat.Message{
			{Seq: 1, Author: chat.AuthorCustomer, Text: "my router blinks red since the morning"},
			{Seq: 2, Author: chat.AuthorBot, Text: "Which of these is it?", TurnID: 9},
			{Seq: 3, Author: chat.AuthorCustomer, Text: "let me talk to somebody"},
		},
		Turns:     []handoff.PacketTurn{{FromSeq: 1, ToSeq: 1, MessageSeq: 2, Outcome: chat.OutcomeClarify, Confidence: 0.41, Threshold: 0.7, BestTitle: "Routers", Held: 2}},
		Complaint: &handoff.Complaint{State: "acknowledged", MessageSeq: 5},
	})
	require.Equal(t, handoff.PacketLine{Text: "The customer asked for a person.", Seqs: []int{3}}, p.Reason)
	require.Equal(t, []handoff.PacketLine{
		{Text: "Message 3 asks for a person (talk): 0.95, decided at 0.50.", Seqs: []int{3}},
		{Text: "Message 5 complains (wronged): 0.90, decided at 0.50.", Seqs: []int{5}},
	}, p.Evidence)
	require.Equal(t, []handoff.PacketLine{
		{Text: "Asked back; found “Routers”, 0.41 sure of it where 0.70 is needed, 2 sentences held back.", Seqs: []int{1, 2}},
	}, p.Tried)
	require.Equal(t, &handoff.PacketScore{Confidence: 0.41, Threshold: 0.7, Outcome: chat.OutcomeClarify, Seqs: []int{1, 2}}, p.Confidence)
	require.Equal(t, "wronged", p.Complaint.Class)
	require.Equal(t, []int{5}, p.Complaint.Seqs)
}

func TestService_Earlier(t *testing.T) {
	t.Parallel()
	b := setup(t)
	opened := func(email, text string) (chat.Conversation, handoff.Case) {
		created, err := b.Chat.Create(t.Context(), "en", chat.Profile{Email: email})
		require.NoError(t, err)
		return created.Conversation, b.ask(t, created.Conversation, handoff.ReasonCustomerRequest, text)
	}
	_, first := opened("ann@example.com", "my first bill")
	_, _ = opened("bob@example.com", "somebody else's")
	_, _ = opened("", "nobody's")
	c, k := opened(" Ann@Example.com", "my second bill")
	list, err := b.desk.Earlier(t.Context(), c, k)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, first.Reference, list[0].Reference)
	require.Equal(t, "my first bill", list[0].Preview)
	require.Equal(t, "email", list[0].SameCustomer)

	require.NoError(t, b.leave(t, c))
	again := b.ask(t, c, handoff.ReasonCustomerRequest, "a person after all")
	list, err = b.desk.Earlier(t.Context(), c, again)
	require.NoError(t, err)
	require.Equal(t, []string{k.Reference, first.Reference}, []string{list[0].Reference, list[1].Reference})
	require.Equal(t, "conversation", list[0].SameCustomer)
}
