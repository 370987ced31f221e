// SPDX-License-Identifier: MIT

package chat_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/postgres"
)

func TestService_SealHeads(t *testing.T) {
	t.Parallel()

	t.Run("seals everything, a bounded number at a time", func(t *testing.T) {
		t.Parallel()
		w := chattest.New(t)
		w.Open(t)
		// Copies of a conversation with a record of two entries, as far as a seal sees them.
		_, err := w.DB.Exec(t.Context(), `
			INSERT INTO conversations (public_id, token_hash, customer_id, locale, last_entry, head)
			SELECT public_id || i, token_hash, customer_id, locale, last_entry, head
			FROM conversations, generate_series(1, 2499) AS i`)
		require.NoError(t, err)
		_, err = w.DB.Exec(t.Context(), `
			INSERT INTO log (conversation_id, n, kind, body, sealed, commitment, hash, created_at)
			SELECT c.id, l.n, l.kind, l.body, l.sealed, l.commitment, l.hash, l.created_at
			FROM log l, conversations c
			WHERE c.id <> l.conversation_id`)
		require.NoError(t, err)
		sealed, err := w.Chat.SealHeads(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2500, sealed)
		var seals, most int
		require.NoError(t, w.DB.QueryRow(t.Context(), "SELECT count(*), max(n) FROM (SELECT count(*) AS n FROM seal_heads GROUP BY seal_id) s").Scan(&seals, &most))
		require.Equal(t, 3, seals)
		require.Equal(t, 1000, most)
		for _, v := range w.Violations(t) {
			require.NotEqual(t, chat.InvariantSeal, v.Invariant, v.Detail)
		}
		again, err := w.Chat.SealHeads(t.Context())
		require.NoError(t, err)
		require.Zero(t, again, "nothing moved since")
	})

	t.Run("holds nobody up while a seal is written", func(t *testing.T) {
		t.Parallel()
		w := chattest.New(t)
		c := w.Open(t)
		tx, err := w.DB.Begin(t.Context())
		require.NoError(t, err)
		defer tx.Rollback(context.WithoutCancel(t.Context()))                           //nolint:errcheck // rolled back below unless the test failed
		_, err = tx.Exec(t.Context(), "LOCK TABLE seal_heads IN ACCESS EXCLUSIVE MODE") // the seal waits before its heads
		require.NoError(t, err)
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := w.Chat.SealHeads(context.WithoutCancel(t.Context()))
			if err != nil {
				t.Error(err)
			}
		})
		require.Eventually(t, func() bool {
			var waiting bool
			err := w.DB.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'seal_heads'::regclass AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))").Scan(&waiting)
			return err == nil && waiting
		}, time.Minute, 10*time.Millisecond)
		impatient, err := postgres.Open(t.Context(), withSetting(t, w.URL, "lock_timeout", "1000"))
		require.NoError(t, err)
		defer impatient.Close()
		require.NoError(t, chat.New(chat.Config{DB: impatient, Keys: w.Keys, Company: chattest.Company()}).Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			_, err := l.PostSystem("notice", "written meanwhile")
			return err
		}))
		require.NoError(t, tx.Rollback(t.Context()))
		wg.Wait()
		require.Empty(t, w.Violations(t))
		sealed, err := w.Chat.SealHeads(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, sealed, "what was written meanwhile is in the next seal")
	})

	t.Run("does not wait for a conversation that is being written, and seals it again", func(t *testing.T) {
		t.Parallel()
		w := chattest.New(t)
		c := w.Open(t)
		require.NoError(t, w.Chat.Lock(t.Context(), c.ID, func(*chat.Locked) error {
			sealed, err := w.Chat.SealHeads(t.Context())
			require.Equal(t, 1, sealed)
			return err
		}))
		sealed, err := w.Chat.SealHeads(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, sealed)
		require.Empty(t, w.Violations(t))
	})
}
