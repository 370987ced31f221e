// SPDX-License-Identifier: MIT

package chat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/internal/fault"
)

func TestLocked_Redact(t *testing.T) {
	t.Parallel()

	redact := func(t *testing.T, w *chattest.World, c chat.Conversation, seq int, reason string, by chat.Agent) error {
		t.Helper()
		return w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error { return l.Redact(t.Context(), seq, reason, by) })
	}

	t.Run("takes the words and what the bot noted of them, and says so in the record", func(t *testing.T) {
		t.Parallel()
		w := chattest.New(t)
		supervisor := w.Account(t, "boss@example.com", "Supervisor 1", "supervisor")
		c := w.Open(t)
		_, turn := post(t, w, c, "my card is 4111")
		require.True(t, fault.Is(redact(t, w, c, 1, "card number", supervisor), "turn_open"), "the bot would note the words again")
		require.True(t, say(t, w, c, *turn, 0, "About 4111."))
		move(t, w, c, chat.StateHuman, &supervisor) // leaves a partial message and a decision with its words

		require.NoError(t, redact(t, w, c, 1, "card number", supervisor))
		require.NoError(t, redact(t, w, c, 1, "card number", supervisor), "a second time changes nothing")
		list, err := w.Chat.Messages(t.Context(), c, 0, 10)
		require.NoError(t, err)
		require.True(t, list[0].Redacted)
		require.Empty(t, list[0].Text)
		require.Equal(t, "About 4111.", list[1].Text, "a message of its own")
		decisions, err := w.Chat.Decisions(t.Context(), c, chat.EntryDecision)
		require.NoError(t, err)
		require.Empty(t, decisions[0].Private)
		entries, err := w.Chat.Decisions(t.Context(), c, "redaction")
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Contains(t, string(entries[0].Body), `"seq":1`)
		require.NotContains(t, string(entries[0].Body), "card")
		require.JSONEq(t, `{"reason":"card number"}`, string(entries[0].Private))
		require.Empty(t, w.Violations(t))

		require.NoError(t, redact(t, w, c, 2, "card number", supervisor))
		var shown int
		require.NoError(t, w.DB.QueryRow(t.Context(), "SELECT cardinality(sentences) FROM turns WHERE id = $1", turn.ID).Scan(&shown))
		require.Zero(t, shown)
		require.Empty(t, w.Violations(t))
	})

	t.Run("refuses what is not there, and what is not said why", func(t *testing.T) {
		t.Parallel()
		w := chattest.New(t)
		c := w.Open(t)
		require.True(t, fault.Is(redact(t, w, c, 1, "why", chat.Agent{ID: 1}), "message_not_found"))
		notices(t, w, c, 1)
		require.True(t, fault.Is(redact(t, w, c, 1, " ", chat.Agent{ID: 1}), "redaction_without_reason"))
		require.True(t, fault.Is(redact(t, w, c, 1, "a\x00b", chat.Agent{ID: 1}), "control_characters"))
	})
}
