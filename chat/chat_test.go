// SPDX-License-Identifier: MIT

package chat_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"candor/chat"
	"candor/chat/chattest"
	"candor/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const lease = 30 * time.Second

// post adds what the customer wrote and opens a turn for it.
func post(t *testing.T, w *chattest.World, c chat.Conversation, text string) (chat.Message, *chat.Turn) {
	t.Helper()
	var m chat.Message
	var turn *chat.Turn
	err := w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) (err error) {
		if m, err = l.PostCustomer(t.Context(), chat.CustomerMessage{Text: text}); err != nil {
			return err
		}
		turn, err = l.OpenTurn(t.Context(), "gateway-1", lease)
		return err
	})
	require.NoError(t, err)
	return m, turn
}

func move(t *testing.T, w *chattest.World, c chat.Conversation, to chat.State, agent *chat.Agent) {
	t.Helper()
	require.NoError(t, w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error { return l.Move(t.Context(), to, agent) }))
}

func TestService_Create(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)

	t.Run("gives a token that opens this conversation and no other", func(t *testing.T) {
		t.Parallel()
		one, err := w.Chat.Create(t.Context(), "es-MX", chat.Profile{Name: "Ann", Email: "Ann@Example.com"})
		require.NoError(t, err)
		require.Equal(t, "es", one.Conversation.Locale)
		require.Contains(t, one.Disclosure.Text, "Example Telecom")
		other := w.Open(t)

		got, err := w.Chat.Authorize(t.Context(), one.Conversation.PublicID, one.Token)
		require.NoError(t, err)
		require.Equal(t, one.Conversation.ID, got.ID)
		for _, wrong := range []string{"", "cv_", one.Token + "x", strings.ToLower(one.Token)} {
			_, err = w.Chat.Authorize(t.Context(), one.Conversation.PublicID, wrong)
			require.True(t, fault.Is(err, "conversation_not_found"), wrong)
		}
		_, err = w.Chat.Authorize(t.Context(), other.PublicID, one.Token)
		require.True(t, fault.Is(err, "conversation_not_found"))

		profile, err := w.Chat.Profile(t.Context(), got)
		require.NoError(t, err)
		require.Equal(t, chat.Profile{Name: "Ann", Email: "Ann@Example.com"}, profile)
	})
}

func TestLocked_PostCustomer(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	c := w.Open(t)

	t.Run("fifty clicks at once are one message", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		var wg sync.WaitGroup
		seqs := make([]int, 50)
		for i := range seqs {
			wg.Go(func() {
				err := w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
					m, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: "hello", ClientMessageID: "click"})
					seqs[i] = m.Seq
					return err
				})
				if err != nil {
					seqs[i] = -1
				}
			})
		}
		wg.Wait()
		for _, seq := range seqs {
			require.Equal(t, 1, seq)
		}
		list, err := w.Chat.Messages(t.Context(), c, 0, 10)
		require.NoError(t, err)
		require.Len(t, list, 1)
	})

	t.Run("without an id each click is a message: the control", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		post(t, w, c, "hello")
		m, _ := post(t, w, c, "hello")
		require.Equal(t, 2, m.Seq)
	})

	t.Run("an id with another text is refused", func(t *testing.T) {
		t.Parallel()
		send := func(text string) error {
			return w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
				_, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: text, ClientMessageID: "one"})
				return err
			})
		}
		require.NoError(t, send("first"))
		require.NoError(t, send("first"))
		require.True(t, fault.Is(send("second"), "client_message_id_reused"))
	})

	t.Run("nothing of a failed transaction stays", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		err := w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			_, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: "lost"})
			require.NoError(t, err)
			return context.Canceled
		})
		require.ErrorIs(t, err, context.Canceled)
		m, _ := post(t, w, c, "kept")
		require.Equal(t, 1, m.Seq)
	})
}

func TestLocked_PostBot(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)

	t.Run("does not pass without a disclosure", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		err := w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			_, err := l.PostBot(t.Context(), chat.Disclosure{ID: "d1"}, chat.BotMessage{Text: "hello"})
			return err
		})
		require.ErrorContains(t, err, "disclosure")
	})

	t.Run("the database refuses the row too", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		insert := `INSERT INTO messages (conversation_id, seq, author, automated, disclosure_id, sealed, commitment, created_at)
			VALUES ($1, 1, 'bot', $2, $3, 'x', 'x', now())`
		_, err := w.DB.Exec(t.Context(), insert, c.ID, true, nil)
		require.ErrorContains(t, err, "bot_is_disclosed")
		_, err = w.DB.Exec(t.Context(), insert, c.ID, true, "no-such")
		require.ErrorContains(t, err, "foreign key")
		_, err = w.DB.Exec(t.Context(), insert, c.ID, false, "d2")
		require.ErrorContains(t, err, "automated_says_so")
		_, err = w.DB.Exec(t.Context(), insert, c.ID, true, "d2")
		require.NoError(t, err, "the control: with its notice it passes")
	})

	t.Run("the notice is given anew after a person and in another language", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		agent := w.Account(t, "a1@example.com", "Agent 1", "agent")
		move(t, w, c, chat.StateHuman, &agent)
		err := w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			first, err := l.Disclosure(t.Context())
			require.NoError(t, err)
			_, err = l.PostAgent(t.Context(), agent, "Good morning", "")
			require.NoError(t, err)
			second, err := l.Disclosure(t.Context())
			require.NoError(t, err)
			require.NotEqual(t, first.ID, second.ID)
			l.Locale = "zh"
			third, err := l.Disclosure(t.Context())
			require.Contains(t, third.Label, "AI")
			require.NotEqual(t, second.ID, third.ID)
			return err
		})
		require.NoError(t, err)
	})
}

func TestRecord_is_append_only(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	c := w.Open(t)
	post(t, w, c, "hello")
	for _, sql := range []string{
		"UPDATE log SET kind = 'x'", "DELETE FROM log", "UPDATE messages SET author = 'system', automated = true", "DELETE FROM messages",
		"UPDATE messages SET sealed = NULL, redacted_at = now(), seq = 9",
	} {
		_, err := w.DB.Exec(t.Context(), sql)
		require.ErrorContains(t, err, "append-only", sql)
	}
	_, err := w.DB.Exec(t.Context(), "UPDATE messages SET sealed = NULL, redacted_at = now()")
	require.NoError(t, err, "redaction is the one change that is allowed")
	require.Equal(t, []string{chat.InvariantText}, invariants(w.Violations(t)), "and the record must say so: see Locked.Redact")
}

func TestText_is_sealed_at_rest(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	created, err := w.Chat.Create(t.Context(), "en", chat.Profile{Name: "canaryname", Email: "canary@example.com"})
	require.NoError(t, err)
	_, turn := post(t, w, created.Conversation, "canarytext")
	_, err = w.Chat.AppendSentence(t.Context(), created.Conversation, *turn, 0, chat.Sentence{Text: "canarysentence"})
	require.NoError(t, err)
	rows, err := w.DB.Query(t.Context(), `
		SELECT table_name, (xpath('/row/n/text()', query_to_xml(
			format('SELECT count(*) AS n FROM %I t WHERE t::text ~* ''canary|%s''', table_name, encode('canary', 'hex')), false, true, '')))[1]::text::int
		FROM information_schema.tables
		WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`)
	require.NoError(t, err)
	tables := 0
	for rows.Next() {
		var table string
		var hits int
		require.NoError(t, rows.Scan(&table, &hits))
		require.Zero(t, hits, table)
		tables++
	}
	require.NoError(t, rows.Err())
	require.Greater(t, tables, 10)
}
