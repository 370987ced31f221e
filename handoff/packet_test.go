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
	p := handoff.NewPacket(k, chat.Conversation{Locale: "en"}, chat.Profile{Name: "Ann"}, messages)

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
