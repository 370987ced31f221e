// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"candor/chat"
	"candor/handoff"
	"candor/internal/calendar"
	"candor/internal/seal"
	"candor/knowledge"
	"candor/postgres"
	"candor/staff"
)

// world is a database with the packages of the product on it, in this process,
// for what is measured below the gateway.
type world struct {
	databaseURL string
	db          *pgxpool.Pool
	keystore    *pgxpool.Pool
	hub         *chat.Hub
	chat        *chat.Service // signals through the hub
	quiet       *chat.Service // signals nobody
	handoff     *handoff.Service
	knowledge   *knowledge.Service
	staff       *staff.Service
	stopHub     func()
}

// worldConnections is how many connections the measurements below the gateway have.
const worldConnections = 32

func openWorld(ctx context.Context, databaseURL, keystoreURL, master string) (*world, error) {
	db, err := postgres.Open(ctx, withSetting(databaseURL, "pool_max_conns", fmt.Sprint(worldConnections)))
	if err != nil {
		return nil, err
	}
	return wire(ctx, db, databaseURL, keystoreURL, master)
}

// wire makes a world on a pool.
func wire(ctx context.Context, db *pgxpool.Pool, databaseURL, keystoreURL, master string) (*world, error) {
	w := &world{databaseURL: databaseURL, db: db}
	key, err := seal.ParseMasterKey(master)
	if err != nil {
		return nil, err
	}
	if w.keystore, err = postgres.OpenPlain(ctx, keystoreURL); err != nil {
		return nil, err
	}
	keys, err := seal.Open(ctx, w.keystore, key)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	w.hub = chat.NewHub(w.db, databaseURL, log)
	w.chat = chat.New(chat.Config{DB: w.db, Keys: keys, Hub: w.hub, Company: company(), Logger: log})
	w.quiet = chat.New(chat.Config{DB: w.db, Keys: keys, Company: company(), Logger: log})
	w.handoff = handoff.New(handoff.Config{DB: w.db, Chat: w.chat})
	w.knowledge = knowledge.New(knowledge.Config{DB: w.db, Logger: log})
	w.staff = staff.New(w.db)
	w.startHub()
	return w, chat.SaveCompany(ctx, w.db, company(), "load")
}

func (w *world) startHub() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.hub.Run(ctx) // ends with ctx
	}()
	w.stopHub = func() {
		stop()
		<-done
	}
}

func (w *world) close() {
	w.stopHub()
	w.keystore.Close()
	w.db.Close()
}

// load imports a library and brings statistics and planner up to date.
func (w *world) load(ctx context.Context, l library) error {
	report, err := w.knowledge.ImportReader(ctx, "library.jsonl", bytes.NewReader(l.jsonl), knowledge.ImportOptions{})
	if err != nil {
		return err
	}
	if report.Failed > 0 {
		return fmt.Errorf("%d articles were not imported, the first because: %s", report.Failed, firstFailure(report))
	}
	if err := w.knowledge.Maintain(ctx); err != nil {
		return err
	}
	_, err = w.db.Exec(ctx, "ANALYZE")
	return err
}

func firstFailure(r knowledge.ImportReport) string {
	for _, item := range r.Items {
		if item.Status == knowledge.ImportFailed {
			return item.Error
		}
	}
	return ""
}

// agents makes accounts and an API token for each.
func (w *world) agents(ctx context.Context, count int) (list []chat.Agent, tokens []string, err error) {
	for n := range count {
		account, err := w.staff.Add(ctx, fmt.Sprintf("agent-%d@load.example", n), fmt.Sprintf("Agent %d", n), staff.RoleAgent, "")
		if err != nil {
			return nil, nil, err
		}
		token, err := w.staff.IssueToken(ctx, account.ID, "load")
		if err != nil {
			return nil, nil, err
		}
		list, tokens = append(list, chat.Agent{ID: account.ID, Name: account.Name}), append(tokens, token)
	}
	return list, tokens, nil
}

// company is invented, and always open.
func company() chat.Company {
	c := chat.Company{
		Name: "Example Telecom", Locale: "en", TimeZone: "UTC",
		Channels: []chat.Channel{{Kind: "phone", Address: "0800 555 0100"}, {Kind: "email", Address: "help@example.com"}},
		Targets:  chat.Targets{FirstResponseMinutes: 3, ComplaintDays: 14},
		Scope:    "the things in its library",
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		c.Hours = append(c.Hours, calendar.Opening{Day: day, From: "00:00", To: "24:00"})
	}
	return c
}
