// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
)

// company is a small library in two languages.
var company = map[string]string{
	"Refunds":             "# Refunds\n\nWe pay a refund to the card you paid with within five working days of the parcel coming back.",
	"Roaming in Europe":   "# Roaming\n\nIn the EU data, calls and messages cost the same as at home. Outside, data costs 2 euros a day.",
	"Cancelling":          "# How to cancel\n\nYou may cancel the contract with one month's notice in the app or by letter.",
	"A slow connection":   "# Slow internet\n\nSwitch the router off for ten seconds. If the connection stays slow, check for an outage in your area.",
	"Activating a SIM":    "# Activate your SIM card\n\nScan the code on the card with the app. Activation takes a few minutes.",
	"Who we are":          "# Who we are\n\nWho are you? We are a telephone company from the north.",
	"WhatsApp Business 5": "# WhatsApp Business 5\n\nThe tariff includes the product WhatsApp Business 5 for three users.",
}

func newCompany(t *testing.T) library {
	t.Helper()
	l := newLibrary(t)
	for title, source := range company {
		l.publish(title, source)
	}
	for title, source := range map[string]string{
		"搬家": "# 搬家\n\n搬家前三周请在应用中填写新地址，我们会把宽带迁到新住址，不收手续费。",
		"发票": "# 发票\n\n每月五号可以在账户页面下载电子发票，也可以申请纸质发票。",
	} {
		c := content(title, source)
		c.Lang = "zh-Hans"
		a, err := l.CreateArticle(t.Context(), "", c, nil)
		require.NoError(t, err)
		_, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
		require.NoError(t, err)
	}
	return l
}

func TestSearch_finds(t *testing.T) {
	t.Parallel()
	l := newCompany(t)
	for question, want := range map[string]string{
		"how long until I get my money refunded?":    "Refunds",
		"can I get reimbursed":                       "Refunds",
		"refnud for a parcle":                        "Refunds",
		"my conection is slwo":                       "A slow connection", //nolint:misspell // that is the point
		"terminate my contract":                      "Cancelling",
		"using my phone abroad, what does data cost": "Roaming in Europe",
		"who are you?":                               "Who we are",
		"怎么退款？":                                      "Refunds",
		"如何取消合同":                                     "Cancelling",
		"¿Cómo cancelo mi contrato?":                 "Cancelling",
		"Wie kann ich meinen Vertrag kündigen?":      "Cancelling",
		"解約したい":                                      "Cancelling",
		"我要搬家，宽带怎么办":                                 "搬家",
		"moving house to a new address":              "搬家",
		"下載電子發票":                                     "发票",
		"Qu'est-ce que WhatsApp Business 5 ?":        "WhatsApp Business 5",
		"SIM CARD ACTIVATION!!!":                     "Activating a SIM",
	} {
		require.Equal(t, want, l.best(question), question)
	}
}

func TestSearch_keeps_both_scores(t *testing.T) {
	t.Parallel()
	l := newCompany(t)
	found, err := l.Search(t.Context(), knowledge.Query{Text: "When is a refund paid to my card?", Limit: 3})
	require.NoError(t, err)
	require.LessOrEqual(t, len(found.Passages), 3)
	require.Equal(t, "candor-lexical-1", found.Model)
	require.False(t, found.Fallback)
	require.Equal(t, "en", found.Lang)
	p := found.Passages[0]
	require.Positive(t, p.VectorScore)
	require.Positive(t, p.TextScore)
	require.InDelta(t, 0.5, p.TextNorm, 0.5)
	require.InDelta(t, 1, p.Coverage, 0.4)
	require.Equal(t, 1, p.TextRank)
	require.Equal(t, 1, p.VectorRank)
	require.Equal(t, "Refunds", p.Heading)
	require.Equal(t, p.Text, strings.TrimSpace(company["Refunds"][p.Start:p.End]))
	for i := 1; i < len(found.Passages); i++ {
		require.GreaterOrEqual(t, found.Passages[i-1].Fused, found.Passages[i].Fused)
	}
	require.InDelta(t, p.Coverage, found.Features.Coverage, 1e-9)
}

func TestSearch_of_an_empty_library_finds_nothing(t *testing.T) {
	t.Parallel()
	found, err := newLibrary(t).Search(t.Context(), knowledge.Query{Text: "refund"})
	require.NoError(t, err)
	require.Empty(t, found.Passages)
	require.Zero(t, found.Features)
}

func TestSearch_bears_what_people_type(t *testing.T) {
	t.Parallel()
	l := newCompany(t)
	for _, q := range []string{
		"'; DROP TABLE knowledge_chunks; --", `\' | ! & <-> :* ()`, "\x00 nul", "bad \xff utf8", "a", "的", "12345", "😀", "~refund",
		strings.Repeat("refund roaming cancel ", 3000), strings.Repeat("x", 100_000), "<script>alert(1)</script>", "refund\u200brefund",
	} {
		start := time.Now()
		_, err := l.Search(t.Context(), knowledge.Query{Text: q, Lang: "x'y"})
		require.NoError(t, err, "%.40q", q)
		require.Less(t, time.Since(start), 3*time.Second, "%.40q", q)
	}
	_, err := l.Search(t.Context(), knowledge.Query{Text: " \t\x00"})
	requireFault(t, "query_empty", err)
	require.Equal(t, "Refunds", l.best("refund"), "the library is whole")
}

func TestSearch_gives_so_many_passages_of_one_article(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.publish("Long", "# Long\n\n"+strings.Repeat("## Refund part\n\nA refund, again and again. "+strings.Repeat("More text. ", 60)+"\n\n", 9))
	for per, want := range map[int]int{0: 3, 1: 1, 5: 5} {
		found, err := l.Search(t.Context(), knowledge.Query{Text: "refund", PerArticle: per})
		require.NoError(t, err)
		require.Len(t, found.Passages, want)
	}
}

func TestSearch_shows_what_a_draft_would_change(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	a := l.publish("Refunds", "Refunds take five days.")
	l.publish("Roaming", "Roaming costs nothing.")
	q := knowledge.Query{Text: "how much is a gift voucher", Draft: a.ID}
	_, err := l.Search(t.Context(), q)
	requireFault(t, "no_draft", err)
	a, err = l.SaveDraft(t.Context(), a.ID, 0, content("Gift vouchers", "A gift voucher costs 20 euros."), nil)
	require.NoError(t, err)
	found, err := l.Search(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, "Gift vouchers", found.Passages[0].Title)
	require.Equal(t, a.Draft.Version, found.Passages[0].Version)
	require.Equal(t, "A gift voucher costs 20 euros.", found.Passages[0].Text)
	for _, p := range found.Passages[1:] {
		require.NotEqual(t, a.ID, p.ArticleID, "the live version is out of this search")
	}
	found, err = l.Search(t.Context(), knowledge.Query{Text: q.Text})
	require.NoError(t, err)
	for _, p := range found.Passages {
		require.NotEqual(t, "Gift vouchers", p.Title, "others search what is live")
	}
}

func TestFeatures_tell_a_question_in_scope_from_one_that_is_not(t *testing.T) {
	t.Parallel()
	l := newCompany(t)
	features := func(q string) knowledge.Features {
		found, err := l.Search(t.Context(), knowledge.Query{Text: q})
		require.NoError(t, err)
		return found.Features
	}
	in, out := features("how do I activate my sim card"), features("what is the capital of Mongolia")
	require.Greater(t, in.Coverage, out.Coverage)
	require.Greater(t, in.TextNorm, out.TextNorm)
	require.Greater(t, in.Nearness, out.Nearness)
	require.Less(t, in.Unknown, out.Unknown)
	require.True(t, features("如何取消合同").Foreign)
	require.True(t, features("如何取消合同").Dense)
	require.False(t, in.Foreign || in.Dense)
}
