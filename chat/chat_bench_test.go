// SPDX-License-Identifier: MIT

package chat_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
)

// BenchmarkLock_post is one message of a customer, committed.
func BenchmarkLock_post(b *testing.B) {
	w := chattest.New(b)
	c := w.Open(b)
	for b.Loop() {
		err := w.Chat.Lock(b.Context(), c.ID, func(l *chat.Locked) error {
			_, err := l.PostSystem("bench", "How is renting the box billed?")
			return err
		})
		require.NoError(b, err)
	}
}

// BenchmarkFeed_Next is what a reader does when it was woken: in vain, for a
// sentence of an open turn, and to begin with.
func BenchmarkFeed_Next(b *testing.B) {
	b.Run("nothing new", func(b *testing.B) {
		w := chattest.New(b)
		f, err := w.Chat.NewFeed(b.Context(), w.Open(b).ID, 0)
		require.NoError(b, err)
		for b.Loop() {
			_, err := f.Next(b.Context())
			require.NoError(b, err)
		}
	})
	b.Run("from the start of a turn with three sentences", func(b *testing.B) {
		w := chattest.New(b)
		c := w.Open(b)
		var turn *chat.Turn
		err := w.Chat.Lock(b.Context(), c.ID, func(l *chat.Locked) error {
			_, err := l.PostCustomer(b.Context(), chat.CustomerMessage{Text: "question"})
			require.NoError(b, err)
			turn, err = l.OpenTurn(b.Context(), "gateway-1", lease)
			return err
		})
		require.NoError(b, err)
		for i := range 3 {
			_, err := w.Chat.AppendSentence(b.Context(), c, *turn, i, chat.Sentence{Text: "Renting the box is billed every month."})
			require.NoError(b, err)
		}
		for b.Loop() {
			f, err := w.Chat.NewFeed(b.Context(), c.ID, 0)
			require.NoError(b, err)
			events, err := f.Next(b.Context())
			require.NoError(b, err)
			require.Len(b, events, 7)
		}
	})
}

// BenchmarkHub_Signal wakes the readers of one conversation among many.
func BenchmarkHub_Signal(b *testing.B) {
	for _, readers := range []int{1, 1000} {
		b.Run(fmt.Sprintf("%d readers", readers), func(b *testing.B) {
			hub := chat.NewHub(nil, "", nil)
			for n := range readers {
				for range 10 { // others, who sleep on
					hub.Subscribe(int64(1000 + n))
				}
				hub.Subscribe(1)
			}
			for b.Loop() {
				hub.Signal(1)
			}
		})
	}
}
