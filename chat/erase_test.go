// SPDX-License-Identifier: MIT

package chat_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/internal/fault"
)

// noCases stands for the packages above, which have nothing open here.
func noCases(context.Context, *chat.Locked) error { return nil }

func TestService_Erase(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	agent := w.Account(t, "agent@example.com", "Agent 1", "agent")

	t.Run("ends the open turn without a word, closes the conversation and says so in the record", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		_, turn := post(t, w, c, "my name is in here")
		require.True(t, say(t, w, c, *turn, 0, "An answer about it."))
		require.NoError(t, w.Chat.Release(t.Context(), *turn)) // its lease is over: a sweep would take it up
		require.NoError(t, w.Chat.Erase(t.Context(), c.CustomerID, &agent, noCases))
		require.NoError(t, w.Chat.Erase(t.Context(), c.CustomerID, nil, noCases), "a second time changes nothing")

		_, err := w.Chat.Messages(t.Context(), c, 0, 10)
		require.True(t, fault.Is(err, "conversation_erased"))
		now, err := w.Chat.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, chat.StateClosed, now.State)
		require.Equal(t, 1, now.LastSeq, "no message was added")
		lost, err := w.Chat.TakeLost(t.Context(), "other", lease)
		require.NoError(t, err)
		require.Nil(t, lost)
		entries, err := w.Chat.Decisions(t.Context(), now, "erased")
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.JSONEq(t, fmt.Sprintf(`{"agent_id": %d}`, agent.ID), string(entries[0].Body))
		_, err = w.Chat.AppendSentence(t.Context(), c, *turn, 1, chat.Sentence{Text: "More."})
		require.True(t, fault.Is(err, "conversation_erased"), "%v", err)
		require.Empty(t, w.Violations(t))
	})

	t.Run("tells the readers that the conversation is closed", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		_, turn := post(t, w, c, "hello")
		f, err := w.Chat.NewFeed(t.Context(), c.ID, 0)
		require.NoError(t, err)
		_, err = f.Next(t.Context())
		require.NoError(t, err)
		require.True(t, say(t, w, c, *turn, 0, "Not told yet."))
		require.NoError(t, w.Chat.Erase(t.Context(), c.CustomerID, nil, noCases))
		events, err := f.Next(t.Context())
		require.NoError(t, err)
		require.Len(t, events, 2)
		require.Equal(t, chat.StateClosed, events[0].Conversation.State)
		require.Equal(t, chat.OutcomeSuperseded, events[1].TurnEnded.Outcome)
	})

	t.Run("nothing of an address is left to find", func(t *testing.T) {
		t.Parallel()
		created, err := w.Chat.Create(t.Context(), "en", chat.Profile{Email: "ann@example.com"})
		require.NoError(t, err)
		require.NoError(t, w.Chat.Erase(t.Context(), created.Conversation.CustomerID, nil, noCases))
		var clean bool
		err = w.DB.QueryRow(t.Context(), "SELECT email_index IS NULL AND erased_at IS NOT NULL FROM customers WHERE id = $1", created.Conversation.CustomerID).Scan(&clean)
		require.NoError(t, err)
		require.True(t, clean)
	})
}

func TestLocked_without_a_key(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	agent := w.Account(t, "agent@example.com", "Agent 1", "agent")

	t.Run("can be ended and cannot be written", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		_, turn := post(t, w, c, "question")
		require.True(t, say(t, w, c, *turn, 0, "A sentence."))
		require.NoError(t, w.Keys.Destroy(t.Context(), c.KeyID))
		require.NoError(t, w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			for name, write := range map[string]func() error{
				"customer": func() error {
					_, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: "x"})
					return err
				},
				"system":  func() error { _, err := l.PostSystem("notice", "x"); return err },
				"private": func() error { return l.Record(chat.EntryCase, map[string]string{}, map[string]string{"note": "x"}) },
			} {
				require.True(t, fault.Is(write(), "conversation_erased"), name)
			}
			ours, err := l.EndTurn(t.Context(), turn.ID, turn.Holder, chat.OutcomeHandoff, func() error { return l.PostPartial(t.Context(), turn.ID) })
			require.True(t, ours)
			require.NoError(t, err)
			require.NoError(t, l.Record(chat.EntryCase, map[string]string{}, nil))
			return l.Move(t.Context(), chat.StateQueued, nil)
		}))
		move(t, w, c, chat.StateHuman, &agent)
		move(t, w, c, chat.StateClosed, nil)
	})

	t.Run("a turn is stopped without its words", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		_, turn := post(t, w, c, "question")
		require.True(t, say(t, w, c, *turn, 0, "A sentence."))
		require.NoError(t, w.Keys.Destroy(t.Context(), c.KeyID))
		move(t, w, c, chat.StateHuman, &agent)
		now, err := w.Chat.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, 1, now.LastSeq)
	})
}

// Closing is no change of owner, and ends the open turn all the same.
func TestMove_to_closed_stops_the_turn(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	c := w.Open(t)
	_, turn := post(t, w, c, "question")
	require.True(t, say(t, w, c, *turn, 0, "A sentence."))
	move(t, w, c, chat.StateClosed, nil)
	require.False(t, say(t, w, c, *turn, 1, "More."))
	list, err := w.Chat.Messages(t.Context(), c, 0, 10)
	require.NoError(t, err)
	require.True(t, list[1].Partial)
	require.Empty(t, w.Violations(t))
}
