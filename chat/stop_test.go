// SPDX-License-Identifier: MIT

package chat_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
)

func TestStopTurn_records_what_the_shown_part_rested_on(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	agent := w.Account(t, "agent@example.com", "Agent 1", "agent")
	c := w.Open(t)
	_, turn := post(t, w, c, "question")
	for i, article := range []int64{7, 8, 7} {
		ours, err := w.Chat.AppendSentence(t.Context(), c, *turn, i, chat.Sentence{
			Text: "A sentence.", Citations: []chat.Citation{{ArticleID: article, Version: 3, Title: "T", Quote: "Q"}},
		})
		require.NoError(t, err)
		require.True(t, ours)
	}
	move(t, w, c, chat.StateHuman, &agent)
	entries, err := w.Chat.Decisions(t.Context(), c, chat.EntryDecision)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	var body struct {
		Turn     int64        `json:"turn"`
		Epoch    int          `json:"epoch"`
		FromSeq  int          `json:"from_seq"`
		ToSeq    int          `json:"to_seq"`
		Attempt  int          `json:"attempt"`
		Outcome  chat.Outcome `json:"outcome"`
		Versions []struct {
			Article int64 `json:"article"`
			Version int   `json:"version"`
		} `json:"versions"`
		Passages  []any                  `json:"passages"`
		Sentences []struct{ Shown bool } `json:"sentences"`
	}
	require.NoError(t, json.Unmarshal(entries[0].Body, &body))
	require.Equal(t, []any{turn.ID, 1, 1, 1, 1, chat.OutcomeSuperseded}, []any{body.Turn, body.Epoch, body.FromSeq, body.ToSeq, body.Attempt, body.Outcome})
	require.Len(t, body.Versions, 2)
	require.Equal(t, int64(8), body.Versions[1].Article)
	require.NotNil(t, body.Passages)
	require.Len(t, body.Sentences, 3)
	require.True(t, body.Sentences[2].Shown)
	require.NotContains(t, string(entries[0].Body), "sentence.", "the words are sealed")
	require.Contains(t, string(entries[0].Private), "A sentence.")
	require.Empty(t, w.Violations(t))
}
