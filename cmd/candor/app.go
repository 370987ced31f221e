// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"candor/bot"
	"candor/bot/consequences"
	"candor/bot/gap"
	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
	"candor/internal/seal"
	"candor/knowledge"
	"candor/knowledge/crawl"
	"candor/llm"
	"candor/mail"
	"candor/postgres"
	"candor/staff"
	"candor/webhook"
)

// app is the services, wired.
type app struct {
	config       config
	log          *slog.Logger
	db           *pgxpool.Pool
	replica      *pgxpool.Pool
	keystore     *pgxpool.Pool
	hub          *chat.Hub
	chat         *chat.Service
	handoff      *handoff.Service
	knowledge    *knowledge.Service
	consequences *consequences.Service
	staff        *staff.Service
	mail         *mail.Service
	webhooks     *webhook.Service
	bot          *bot.Service
	gaps         *gap.Service
	model        *llm.Client
}

// newApp connects and wires. The database must be migrated.
func newApp(ctx context.Context, c config) (*app, error) {
	return open(c, func(a *app) error {
		if err := a.connect(ctx); err != nil {
			return err
		}
		return a.wire(ctx)
	})
}

// openLibrary connects what the tools of the library need: the database and the
// provider, if there is one. They hold no key of a customer.
func openLibrary(ctx context.Context) (*app, error) {
	c, err := readEnvironment()
	if err != nil {
		return nil, err
	}
	if err := c.needDatabase(); err != nil {
		return nil, err
	}
	return open(c, func(a *app) error {
		if err := a.connectDatabase(ctx); err != nil {
			return err
		}
		a.wireLibrary(ctx)
		return nil
	})
}

// open makes an app by what fill does; of one that fails nothing stays open.
func open(c config, fill func(*app) error) (*app, error) {
	level, err := c.level()
	if err != nil {
		return nil, err
	}
	a := &app{config: c, log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))}
	slog.SetDefault(a.log)
	if err := fill(a); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (a *app) connect(ctx context.Context) (err error) {
	if err := a.connectDatabase(ctx); err != nil {
		return err
	}
	a.keystore, err = postgres.OpenPlain(ctx, a.config.KeystoreURL)
	return err
}

func (a *app) connectDatabase(ctx context.Context) (err error) {
	if a.db, err = postgres.Open(ctx, a.config.DatabaseURL); err != nil {
		return err
	}
	a.replica = a.db
	if a.config.ReplicaURL != "" {
		if a.replica, err = postgres.Open(ctx, a.config.ReplicaURL); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) wire(ctx context.Context) error {
	master, err := a.config.masterKey()
	if err != nil {
		return err
	}
	keys, err := seal.Open(ctx, a.keystore, master)
	if err != nil {
		return err
	}
	company, err := chat.LoadCompany(ctx, a.db)
	if err != nil && !fault.Is(err, "company_not_set") {
		return err
	}
	a.hub = chat.NewHub(a.db, a.config.DatabaseURL, a.log)
	a.chat = chat.New(chat.Config{DB: a.db, Keys: keys, Hub: a.hub, Company: company, Logger: a.log})
	server, from, err := a.config.mailServer()
	if err != nil {
		return err
	}
	a.mail = mail.New(mail.Config{
		DB: a.db, Server: server, From: from, Org: func() string { return a.chat.Company().Name }, Logger: a.log,
	})
	a.handoff = handoff.New(handoff.Config{
		DB: a.db, Chat: a.chat, Hub: a.hub, Mail: a.mail, URL: a.config.PublicURL, Logger: a.log,
	})
	allowed, err := a.config.webhookNetworks()
	if err != nil {
		return err
	}
	a.webhooks = webhook.New(webhook.Config{DB: a.db, Keys: keys, Allow: allowed, Logger: a.log})
	a.staff = staff.New(a.db)
	a.wireLibrary(ctx)
	a.bot = a.newBot(a.model)
	a.consequences = consequences.New(consequences.Config{
		DB: a.db, Chat: a.chat, Knowledge: a.knowledge, Mail: a.mail, URL: a.config.PublicURL, Logger: a.log,
	})
	a.gaps = gap.New(gap.Config{DB: a.db, Chat: a.chat, Knowledge: a.knowledge, Logger: a.log})
	return nil
}

func (a *app) wireLibrary(ctx context.Context) {
	if a.config.hasProvider() {
		a.model = llm.New(a.modelConfig())
	}
	a.knowledge = a.newKnowledge(ctx)
}

func (a *app) newBot(model *llm.Client) *bot.Service {
	calibration, _ := a.config.calibration() // readConfig has refused what cannot be read
	return bot.New(bot.Config{
		Chat: a.chat, Handoff: a.handoff, Knowledge: a.knowledge, Model: model, Logger: a.log, Confidence: calibration,
		Lease: a.config.TurnLease, TurnLimit: a.config.TurnLimit,
	})
}

func (a *app) modelConfig() llm.Config {
	return llm.Config{
		BaseURL: a.config.OpenAIBaseURL, APIKey: a.config.OpenAIKey, ChatModel: a.config.ChatModel,
		EmbeddingModel: a.config.EmbeddingModel, Dimensions: a.config.EmbeddingDimensions,
		FirstTokenTimeout: a.config.FirstTokenTimeout, IdleTimeout: a.config.IdleTimeout, TotalTimeout: a.config.AnswerTimeout,
		Registerer: prometheus.DefaultRegisterer, Logger: a.log,
	}
}

// newKnowledge opens the library. The provider embeds only when a model for it
// is named; the built-in embedder always does.
func (a *app) newKnowledge(ctx context.Context) *knowledge.Service {
	allowed, err := a.config.libraryNetworks()
	if err != nil {
		a.log.Warn("no private network may be read", "error", err) // serving refuses to start with it
	}
	c := knowledge.Config{DB: a.db, Read: a.replica, Logger: a.log, Web: crawl.New(crawl.Config{Allow: allowed})}
	if a.model != nil && a.config.EmbeddingModel != "" {
		embedder := a.model.Embedder()
		if _, err := embedder.Probe(ctx); err != nil {
			a.log.Warn("the provider does not embed now; searching with the built-in embedder until it does", "error", err)
		}
		c.Embedder = embedder
	}
	return knowledge.New(c)
}

func (a *app) close() {
	if a.model != nil {
		a.model.Close()
	}
	for _, pool := range []*pgxpool.Pool{a.keystore, a.db} {
		if pool != nil {
			pool.Close()
		}
	}
	if a.replica != nil && a.replica != a.db {
		a.replica.Close()
	}
}

// openApp reads the configuration and wires the services, for the tools.
func openApp(ctx context.Context) (*app, error) {
	c, err := readConfig()
	if err != nil {
		return nil, err
	}
	a, err := newApp(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("%w\nis the database migrated? `candor migrate` does it", err)
	}
	return a, nil
}
