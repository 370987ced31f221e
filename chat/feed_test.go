// SPDX-License-Identifier: MIT

package chat_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
)

// readAll reads a feed for as long as it says that there is more.
func readAll(t *testing.T, f *chat.Feed) []chat.Event {
	t.Helper()
	var all []chat.Event
	for {
		events, err := f.Next(t.Context())
		require.NoError(t, err)
		all = append(all, events...)
		if !f.More() {
			return all
		}
		require.NotEmpty(t, events, "more was promised, and then nothing came")
	}
}

// notices posts many messages.
func notices(t *testing.T, w *chattest.World, c chat.Conversation, count int) {
	t.Helper()
	require.NoError(t, w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
		for i := range count {
			if _, err := l.PostSystem("notice", fmt.Sprint("notice ", i)); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestFeed_tells_more_than_a_page(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	const many = 1200

	t.Run("every message once and in order, then the turn that is open", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		notices(t, w, c, many-1)
		post(t, w, c, "question")
		f, err := w.Chat.NewFeed(t.Context(), c.ID, 0)
		require.NoError(t, err)
		events := readAll(t, f)
		require.Equal(t, 1+many+2, len(events)) //nolint:testifylint // Len would print them all
		require.NotNil(t, events[0].Conversation)
		for i, e := range events[1 : many+1] {
			require.Equal(t, i+1, e.Message.Seq)
		}
		require.NotNil(t, events[many+1].Disclosure)
		require.NotNil(t, events[many+2].TurnStarted)
		require.True(t, f.Busy())
		require.Equal(t, many, f.Seq())
	})

	t.Run("a turn on an earlier page in its place", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		_, turn := post(t, w, c, "question")
		require.True(t, say(t, w, c, *turn, 0, "A."))
		require.NoError(t, w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			_, err := l.EndTurn(t.Context(), turn.ID, turn.Holder, chat.OutcomeAnswer, func() error {
				return l.PostTurn(t.Context(), chat.BotMessage{Text: "A.", TurnID: turn.ID})
			})
			return err
		}))
		notices(t, w, c, many)
		_, silent := post(t, w, c, "another question")
		end(t, w, c, *silent)
		f, err := w.Chat.FeedFrom(t.Context(), c.ID, 1)
		require.NoError(t, err)
		events := readAll(t, f)
		require.NotNil(t, events[2].Disclosure)
		require.NotNil(t, events[3].TurnStarted)
		require.Equal(t, "A.", events[4].Delta.Text)
		require.Equal(t, turn.ID, events[5].Message.TurnID)
		require.Equal(t, turn.ID, events[6].TurnEnded.Turn)
		last := events[len(events)-3:]
		require.Equal(t, many+3, last[0].Message.Seq)
		require.Equal(t, silent.ID, last[1].TurnStarted.Turn)
		require.Equal(t, silent.ID, last[2].TurnEnded.Turn)
		require.Equal(t, 1+(many+3)+3+2+1, len(events)) //nolint:testifylint // as above
	})
}
