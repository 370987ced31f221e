// SPDX-License-Identifier: MIT

package chat_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/internal/fault"
)

// notMessages are texts that are no message of a person, with what is said of them.
var notMessages = map[string]string{
	"":                         "message_empty",
	" \n\t ":                   "message_empty",
	strings.Repeat("é", 4001):  "message_too_long",
	"a\x00b":                   "message_control_characters",
	"a\x1b[31mb":               "message_control_characters",
	"not \xff UTF-8":           "message_control_characters",
	"\x7f what the backspace ": "message_control_characters",
}

func TestCheckText(t *testing.T) {
	t.Parallel()
	for text, code := range notMessages {
		require.True(t, fault.Is(chat.CheckText(text), code), "%.20q", text)
	}
	for _, text := range []string{"?", "two\r\nlines\tand a tab", strings.Repeat("é", 4000), "瑞士漫游 \u200d 👩‍👩‍👧"} {
		require.NoError(t, chat.CheckText(text), "%.20q", text)
	}
}

// What PostgreSQL could not keep, and what no person writes, is refused before it gets there.
func TestDoor_refuses_what_is_no_text(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	agent := w.Account(t, "agent@example.com", "Agent 1", "agent")
	c := w.Open(t)
	move(t, w, c, chat.StateHuman, &agent)
	locked := func(fn func(*chat.Locked) error) error { return w.Chat.Lock(t.Context(), c.ID, fn) }
	require.NoError(t, locked(func(l *chat.Locked) error {
		_, err := l.PostAgent(t.Context(), agent, "Good morning", "")
		return err
	}))

	t.Run("from customers and agents alike", func(t *testing.T) {
		t.Parallel()
		for text, code := range notMessages {
			err := locked(func(l *chat.Locked) error {
				_, err := l.PostAgent(t.Context(), agent, text, "")
				return err
			})
			require.True(t, fault.Is(err, code), "%.20q: %v", text, err)
			err = locked(func(l *chat.Locked) error {
				_, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: text})
				return err
			})
			require.True(t, fault.Is(err, code), "%.20q: %v", text, err)
		}
	})

	for name, try := range map[string]func(bad string) error{
		"the id of a message": func(bad string) error {
			return locked(func(l *chat.Locked) error {
				_, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: "hello", ClientMessageID: bad})
				return err
			})
		},
		"the text of a consent": func(bad string) error {
			return locked(func(l *chat.Locked) error {
				return l.Consent(chat.Consent{Purpose: chat.PurposeReturnToBot, Given: true, TextShown: bad, Locale: "en"})
			})
		},
		"the language of a consent": func(bad string) error {
			return locked(func(l *chat.Locked) error {
				return l.Consent(chat.Consent{Purpose: chat.PurposeReturnToBot, Given: true, TextShown: "yes?", Locale: bad})
			})
		},
		"a comment": func(bad string) error {
			return locked(func(l *chat.Locked) error { return l.Feedback(t.Context(), 1, true, bad) })
		},
		"a name": func(bad string) error {
			_, err := w.Chat.Create(t.Context(), "en", chat.Profile{Name: bad})
			return err
		},
		"an address": func(bad string) error {
			_, err := w.Chat.Create(t.Context(), "en", chat.Profile{Email: bad})
			return err
		},
	} {
		t.Run("in "+name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, try("fine"), "the control")
			for _, bad := range []string{"a\x00b", "a\x07b", "a\xffb"} {
				err := try(bad)
				require.True(t, fault.Is(err, "control_characters"), "%q: %v", bad, err)
			}
		})
	}

	t.Run("an id with NUL is that of no conversation", func(t *testing.T) {
		t.Parallel()
		_, err := w.Chat.Find(t.Context(), "a\x00b")
		require.True(t, fault.Is(err, "conversation_not_found"), "%v", err)
		_, err = w.Chat.Authorize(t.Context(), "a\x00b", "ct_x")
		require.True(t, fault.Is(err, "conversation_not_found"), "%v", err)
	})
}
