// SPDX-License-Identifier: MIT

package gap

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
)

var began = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// record is a conversation's record, an entry a minute.
type record []chat.Entry

func (r record) add(kind, body string) record {
	return append(r, chat.Entry{N: len(r) + 1, Kind: kind, Body: json.RawMessage(body), CreatedAt: began.Add(time.Duration(len(r)) * time.Minute)})
}

func (r record) read(t *testing.T) []question {
	t.Helper()
	list, err := derive(r, began.Add(time.Hour))
	require.NoError(t, err)
	for i := range list {
		list[i].AskedAt = time.Time{}
	}
	return list
}

func TestDerive(t *testing.T) {
	t.Parallel()
	const human, resolved = `{"from":"queued","to":"human"}`, `{"from":"human","to":"resolved"}`
	t.Run("an_answer_is_no_question", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, record{}.add("decision", `{"turn":1,"from_seq":1,"to_seq":1,"outcome":"answer"}`).read(t))
	})
	t.Run("a_handoff_with_the_minutes_of_the_agent", func(t *testing.T) {
		t.Parallel()
		r := record{}.add("decision", `{"turn":1,"from_seq":1,"to_seq":2,"outcome":"handoff","reason":"no_knowledge","confidence":0.2}`).
			add("handoff", `{"reference":"A"}`).add("state", human).add("message", `{"seq":5,"author":"agent"}`).add("state", resolved)
		require.Equal(t, []question{{Turn: 1, FromSeq: 1, ToSeq: 2, Reason: NoKnowledge, Counts: true, Confidence: 0.2, Reference: "A", AgentSeconds: 120}}, r.read(t))
	})
	t.Run("other_reasons_are_none", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, record{}.add("decision", `{"turn":1,"from_seq":1,"to_seq":1,"outcome":"handoff","reason":"provider_error"}`).add("handoff", `{"reference":"A"}`).read(t))
	})
	t.Run("a_question_back_counts_once_a_person_is_called", func(t *testing.T) {
		t.Parallel()
		r := record{}.add("decision", `{"turn":1,"from_seq":1,"to_seq":1,"outcome":"clarify"}`)
		require.Equal(t, []question{{Turn: 1, FromSeq: 1, ToSeq: 1, Reason: Clarified}}, r.read(t))
		require.Equal(t, []question{{Turn: 1, FromSeq: 1, ToSeq: 1, Reason: Clarified, Counts: true, Reference: "A"}}, r.add("handoff", `{"reference":"A"}`).read(t))
		require.Empty(t, r.add("decision", `{"turn":2,"from_seq":3,"to_seq":3,"outcome":"answer"}`).add("handoff", `{"reference":"A"}`).read(t), "it was answered first")
		require.Equal(t, []question{{Turn: 2, FromSeq: 1, ToSeq: 3, Reason: LowConfidence, Counts: true, Reference: "A"}},
			r.add("decision", `{"turn":2,"from_seq":3,"to_seq":3,"outcome":"handoff","reason":"low_confidence"}`).add("handoff", `{"reference":"A"}`).read(t), "what was asked and what was said to the question back are one")
	})
	t.Run("an_answer_that_did_not_help", func(t *testing.T) {
		t.Parallel()
		r := record{}.add("decision", `{"turn":1,"from_seq":1,"to_seq":1,"outcome":"answer"}`).add("message", `{"seq":2,"author":"bot","turn":1}`).add("feedback", `{"seq":2,"helpful":false}`)
		require.Equal(t, []question{{Turn: 1, FromSeq: 1, ToSeq: 1, Reason: NotHelpful, Counts: true}}, r.read(t))
		require.Equal(t, "A", r.add("handoff", `{"reference":"A"}`).read(t)[0].Reference)
		require.Empty(t, r.add("feedback", `{"seq":2,"helpful":true}`).read(t), "the last word counts")
	})
	t.Run("a_case_is_the_work_on_the_last_question_before_it", func(t *testing.T) {
		t.Parallel()
		r := record{}.add("decision", `{"turn":1,"from_seq":1,"to_seq":1,"outcome":"handoff","reason":"no_knowledge"}`).add("handoff", `{"reference":"A"}`).
			add("decision", `{"turn":2,"from_seq":3,"to_seq":3,"outcome":"handoff","reason":"no_knowledge"}`).add("state", human).add("state", resolved).
			add("decision", `{"turn":3,"from_seq":9,"to_seq":9,"outcome":"handoff","reason":"no_knowledge"}`).add("handoff", `{"reference":"B"}`).add("state", human)
		list := r.read(t)
		require.Equal(t, []string{"A", "A", "B"}, []string{list[0].Reference, list[1].Reference, list[2].Reference})
		require.Equal(t, []float64{0, 60, 53 * 60}, []float64{list[0].AgentSeconds, list[1].AgentSeconds, list[2].AgentSeconds}, "the last one is still at work")
	})
}

func TestSubstance_leaves_out_what_is_only_polite(t *testing.T) {
	t.Parallel()
	for said, kept := range map[string]string{
		"Hello [name],\nthank you for your patience. The fee is 5 EUR a month.\nKind regards\nAgent One": "The fee is 5 EUR a month.",
		"Hi, the fee is 5 EUR. Is there anything else I can do for you?":                                 "The fee is 5 EUR.",
		"Thanks to the new tariff calls within Europe are free.":                                         "Thanks to the new tariff calls within Europe are free.",
		"Please do this:\n1. Open the settings.\n2. Choose SIM.":                                         "Please do this:\n1. Open the settings.\n2. Choose SIM.",
		"Guten Tag, vielen Dank für Ihre Nachricht. Die Gebühr beträgt 5 EUR.\nMit freundlichen Grüßen":  "Die Gebühr beträgt 5 EUR.",
		"您好！感谢您的耐心等待。每月收费5欧元。":                                                                           "每月收费5欧元。",
		"Hello!": "",
	} {
		require.Equal(t, kept, substance(said, "Agent One"), said)
	}
}

func TestClean_takes_out_who_it_is(t *testing.T) {
	t.Parallel()
	who := chat.Profile{Name: "Jane Fax"}
	require.Equal(t, "I am [name], case [reference], write to [e-mail] about my fax.",
		clean("I am jane, case K7QX-2M9D, write to jane@example.com about my fax.", chat.Profile{Name: "Jane"}))
	require.Equal(t, "[name] here", clean("JANE FAX here", who))
	require.Equal(t, "我是[name]，请问", clean("我是王小明，请问", chat.Profile{Name: "王小明"}))
}

func TestHeadline_is_the_sentence_that_asks(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Can I use a fax?", headline("Hello! My address is [e-mail]. I have a landline. Can I use a fax?"))
	require.Equal(t, "fax with adapter", headline("fax with adapter"))
	require.Equal(t, "[e-mail]", headline("[e-mail]"))
}
