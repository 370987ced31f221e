// SPDX-License-Identifier: MIT

package handoff_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/handoff"
	"candor/internal/seal"
	"candor/postgres/pgtest"
)

// asked counts the queries of a pool.
type asked struct{ atomic.Int64 }

func (a *asked) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	a.Add(1)
	return ctx
}

func (a *asked) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// counting is a desk of one more gateway, which has opened no key yet, and the queries that it asks.
func counting(t *testing.T, w *chattest.World, master string) (*handoff.Service, *asked) {
	t.Helper()
	count := &asked{}
	config := w.DB.Config()
	config.ConnConfig.Tracer = count
	db, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	key, err := seal.ParseMasterKey(master)
	require.NoError(t, err)
	keys, err := seal.Open(t.Context(), db, key)
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	svc := chat.New(chat.Config{DB: db, Keys: keys, Company: chattest.Company(), Logger: log})
	return handoff.New(handoff.Config{DB: db, Chat: svc}), count
}

// The preview of a reply to all is read for all cases at once, and a reply is sent
// with as many queries for each of many as for each of a few.
func TestService_Audience_of_500_cases(t *testing.T) {
	t.Parallel()
	const cases, writers, sent = 500, 5, 20
	master := chattest.MasterKey(t)
	w := chattest.On(t, pgtest.URL(t), master)
	b := bundle{w, handoff.New(handoff.Config{DB: w.DB, Chat: w.Chat}), w.Account(t, "agent@example.com", "Agent 1", "agent")}
	cause, err := b.desk.NewCause(t.Context(), b.agent, "Outage in the north")
	require.NoError(t, err)
	var wg sync.WaitGroup
	for n := range writers {
		wg.Go(func() {
			for i := range cases / writers {
				created, err := b.Chat.Create(t.Context(), "en", chat.Profile{Name: fmt.Sprintf("Customer %d-%d", n, i)})
				require.NoError(t, err)
				b.ask(t, created.Conversation, handoff.ReasonCustomerRequest, "no internet")
			}
		})
	}
	wg.Wait()
	_, err = b.DB.Exec(t.Context(), "UPDATE cases SET cause_id = $1", cause.ID)
	require.NoError(t, err)
	gone, err := b.desk.Linked(t.Context(), cause.ID)
	require.NoError(t, err)
	erased, err := b.Chat.Get(t.Context(), gone[0].ConversationID)
	require.NoError(t, err)
	require.NoError(t, b.Keys.Destroy(t.Context(), erased.KeyID))

	desk, count := counting(t, w, master)
	before, start := count.Load(), time.Now()
	all, err := desk.Audience(t.Context(), cause.ID, b.agent, "Dear {customer_name}, it is over, {reference}.")
	require.NoError(t, err)
	queries := count.Load() - before
	t.Logf("the preview of %d cases: %d queries, %s", len(all), queries, time.Since(start).Round(time.Millisecond))
	require.Len(t, all, cases)
	require.LessOrEqual(t, queries, int64(10))
	require.Equal(t, "erased", all[0].Result)
	require.Contains(t, all[1].Text, "Dear Customer ")
	require.Contains(t, all[1].Text, all[1].Reference)
	require.Equal(t, "no internet", all[1].Preview)

	send := func(id string, list []handoff.Recipient) int64 {
		only := make([]int64, len(list))
		for i, r := range list {
			only[i] = r.ID
		}
		before, start := count.Load(), time.Now()
		told, err := desk.ReplyToAll(t.Context(), cause.ID, b.agent, handoff.Macro{Text: "It is over, {reference}.", ClientMessageID: id}, only...)
		require.NoError(t, err)
		require.Len(t, told, len(list))
		for _, one := range told {
			require.Equal(t, "sent", one.Result)
		}
		queries := count.Load() - before
		t.Logf("a reply to %d of %d: %d queries, %s", len(list), cases, queries, time.Since(start).Round(time.Millisecond))
		return queries
	}
	few := send("few", all[1:2])
	require.LessOrEqual(t, send("many", all[2:2+sent]), few*sent)
}
