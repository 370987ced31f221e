// SPDX-License-Identifier: MIT

// Package chattest opens a chat.Service on a database of the test's own, for
// the tests of the packages that stand on chat.
package chattest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/internal/calendar"
	"candor/internal/seal"
	"candor/postgres"
	"candor/postgres/pgtest"
)

// World is a database with one gateway's services on it.
type World struct {
	DB   *pgxpool.Pool
	URL  string
	Keys *seal.Keystore
	Hub  *chat.Hub
	Chat *chat.Service
}

// Company is the company of the tests: open at all hours.
func Company() chat.Company {
	c := chat.Company{
		Name: "Example Telecom", Locale: "en", TimeZone: "Europe/Madrid",
		Channels: []chat.Channel{{Kind: "phone", Address: "+34 900 000 000"}, {Kind: "email", Address: "help@example.com"}},
		Targets:  chat.Targets{FirstResponseMinutes: 3, ComplaintDays: 14},
		Scope:    "tariffs, bills and faults",
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		c.Hours = append(c.Hours, calendar.Opening{Day: day, From: "00:00", To: "24:00"})
	}
	return c
}

// New makes a world with a database and a keystore of its own and a hub that runs.
func New(tb testing.TB) *World {
	tb.Helper()
	url := pgtest.URL(tb)
	return On(tb, url, MasterKey(tb))
}

// MasterKey is a fresh master key in its text form.
func MasterKey(tb testing.TB) string {
	tb.Helper()
	master, err := seal.NewMasterKey()
	require.NoError(tb, err)
	return master
}

// On makes one more gateway's services on a database that is there.
func On(tb testing.TB, url, master string) *World {
	tb.Helper()
	db, err := postgres.Open(tb.Context(), url)
	require.NoError(tb, err)
	tb.Cleanup(db.Close)
	key, err := seal.ParseMasterKey(master)
	require.NoError(tb, err)
	keys, err := seal.Open(tb.Context(), db, key)
	require.NoError(tb, err)
	hub := chat.NewHub(db, url, slog.New(slog.DiscardHandler))
	run(tb, hub)
	return &World{
		DB: db, URL: url, Keys: keys, Hub: hub,
		Chat: chat.New(chat.Config{DB: db, Keys: keys, Hub: hub, Company: Company(), Logger: slog.New(slog.DiscardHandler)}),
	}
}

func run(tb testing.TB, hub *chat.Hub) {
	tb.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = hub.Run(ctx) // ends with ctx
	}()
	tb.Cleanup(func() {
		stop()
		<-done
	})
	select {
	case <-hub.Listening:
	case <-tb.Context().Done():
		tb.Fatal("the hub never listened")
	}
}

// Account adds a member of staff and gives them as the agent they are.
func (w *World) Account(tb testing.TB, email, name, role string) chat.Agent {
	tb.Helper()
	agent := chat.Agent{Name: name}
	err := w.DB.QueryRow(tb.Context(), "INSERT INTO accounts (email, name, role) VALUES ($1, $2, $3) RETURNING id",
		email, name, role).Scan(&agent.ID)
	require.NoError(tb, err)
	return agent
}

// Open opens a conversation.
func (w *World) Open(tb testing.TB) chat.Conversation {
	tb.Helper()
	created, err := w.Chat.Create(tb.Context(), "en", chat.Profile{})
	require.NoError(tb, err)
	return created.Conversation
}

// Violations is what a check of the whole record finds.
func (w *World) Violations(tb testing.TB) []chat.Violation {
	tb.Helper()
	var found []chat.Violation
	_, err := w.Chat.Check(context.WithoutCancel(tb.Context()), func(v chat.Violation) { found = append(found, v) })
	require.NoError(tb, err)
	return found
}
