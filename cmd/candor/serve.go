// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"golang.org/x/sync/errgroup"

	"candor/api"
	"candor/bot/consequences"
	"candor/bot/gap"
	"candor/bot/gate"
	"candor/chat"
	"candor/handoff"
	"candor/internal/tidy"
	"candor/knowledge"
	"candor/web"
)

const (
	readHeaderTimeout = 10 * time.Second
	maxHeaderBytes    = 32 << 10
	shutdownTimeout   = 5 * time.Second
	jobWorkers        = 4
	syncWorkers       = 2
)

// serve runs the gateway until it is told to stop.
func serve(ctx context.Context, args []string, io streams) error {
	set := flags("serve", io)
	demo := set.Bool("demo", false, "load a demo company, print sign-in links, and let visitors change the model's manners")
	if err := parse(set, args); err != nil {
		return err
	}
	c, err := readConfig()
	if err != nil {
		return err
	}
	a, err := newApp(ctx, c)
	if err != nil {
		return fmt.Errorf("%w\nis the database migrated? `candor migrate` does it", err)
	}
	defer a.close()
	var model *demoModel
	if *demo {
		if model, err = a.prepareDemo(ctx, io.out); err != nil {
			return err
		}
		defer model.close()
	}
	if a.chat.Company().Name == "" {
		return errors.New("the company's name, hours and channels are not set: `candor company set FILE` does it, `candor serve --demo` shows an example")
	}
	return a.serve(ctx, io, model)
}

// serve runs every long-lived part and stops them in order: no new requests,
// streams ended, turns finished or given back, then the rest.
func (a *app) serve(ctx context.Context, io streams, demo *demoModel) error {
	server, err := a.newServer(demo)
	if err != nil {
		return err
	}
	jobs, err := a.newJobs()
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{Control: loseDeadConnections}).Listen(ctx, "tcp", a.config.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", a.config.Listen, err)
	}
	if err := a.knowledge.Warm(ctx); err != nil {
		a.log.Warn("the library could not be read yet; the first search will", "error", err)
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	group, groupCtx := errgroup.WithContext(background)
	group.Go(func() error { return ended(a.hub.Run(groupCtx)) })
	group.Go(func() error { return ended(a.chat.WatchCompany(groupCtx)) })
	group.Go(func() error { return ended(a.bot.Run(groupCtx)) })
	group.Go(func() error { return ended(a.handoff.Run(groupCtx)) })
	group.Go(func() error { return ended(a.knowledge.KeepIndex(groupCtx)) })
	group.Go(func() error { return ended(a.mail.Run(groupCtx)) })
	group.Go(func() error { return ended(a.webhooks.Run(groupCtx)) })
	group.Go(func() error {
		a.serveMetrics(groupCtx)
		return nil
	})
	if err := jobs.Start(groupCtx); err != nil {
		return fmt.Errorf("start background work: %w", err)
	}
	web := &http.Server{Handler: server, ReadHeaderTimeout: readHeaderTimeout, MaxHeaderBytes: maxHeaderBytes}
	group.Go(func() error { return ended(web.Serve(listener)) })
	fmt.Fprintf(io.out, "Candor %s answers at %s\n", version, a.config.PublicURL)
	a.log.Info("serving", "version", version, "listen", a.config.Listen, "provider", a.config.hasProvider())

	select {
	case <-ctx.Done():
	case <-groupCtx.Done(): // a part failed: stop the others
	}
	a.log.Info("stopping")
	server.EndStreams()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.config.DrainTimeout)
	defer cancel()
	shutdown := make(chan error, 1)
	go func() { shutdown <- web.Shutdown(drain) }()
	a.bot.Drain(drain)
	if err := <-shutdown; err != nil {
		a.log.Warn("some requests were cut off", "error", err)
	}
	final, done := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer done()
	if err := jobs.Stop(final); err != nil {
		a.log.Warn("background work was cut off; it is taken up again", "error", err)
	}
	stop()
	return group.Wait()
}

func (a *app) newServer(demo *demoModel) (*api.Server, error) {
	site, err := web.New()
	if err != nil {
		return nil, err
	}
	vouched, err := a.config.identity()
	if err != nil {
		return nil, err
	}
	c := api.Config{
		Ready: a.db.Ping, Chat: a.chat, Hub: a.hub, Bot: a.bot, Handoff: a.handoff, Knowledge: a.knowledge, Consequences: a.consequences, Gaps: a.gaps, Staff: a.staff, Mail: a.mail, Webhooks: a.webhooks,
		Site: site, Identity: vouched, Logger: a.log, PublicURL: a.config.PublicURL, StaffMail: newStaffMail(a.mail, a.staff, a.config.PublicURL), TrustedProxies: a.config.TrustedProxies,
		SecureCookies: len(a.config.PublicURL) > 8 && a.config.PublicURL[:8] == "https://",
		Limits: api.Limits{
			Conversations: a.config.ConversationsPerMinute, Messages: a.config.MessagesPerMinute, SignIns: a.config.SignInsPerMinute,
		},
	}
	if demo != nil {
		c.Demo = demo
	}
	return api.New(c)
}

// newJobs is River with the workers of all packages.
func (a *app) newJobs() (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &chat.SealWorker{Chat: a.chat})
	river.AddWorker(workers, &handoff.EraseWorker{Handoff: a.handoff})
	river.AddWorker(workers, &tidy.Worker{Steps: []tidy.Step{a.staff.Clean, a.mail.Clean, a.webhooks.Clean, a.chat.CleanLogos}})
	river.AddWorker(workers, &consequences.CorrectWorker{Consequences: a.consequences})
	river.AddWorker(workers, &consequences.AddUpWorker{Consequences: a.consequences})
	river.AddWorker(workers, &gap.SweepWorker{Gaps: a.gaps})
	a.knowledge.AddWorkers(workers)
	river.AddWorker(workers, &gate.DueWorker{Gate: &gate.Service{Bot: a.bot, Knowledge: a.knowledge, Tell: newEditorMail(a.mail, a.staff, a.config.PublicURL)}})
	river.AddWorker(workers, &gate.SyncWorker{Gate: &gate.Service{Bot: a.bot, Knowledge: a.knowledge}})
	jobs, err := river.NewClient(riverpgxv5.New(a.db), &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: jobWorkers}, knowledge.SyncQueue: {MaxWorkers: syncWorkers}},
		Workers: workers,
		PeriodicJobs: []*river.PeriodicJob{
			chat.SealPeriodically(), handoff.ErasePeriodically(), tidy.Periodically(), knowledge.MaintainPeriodically(), gate.PublishDuePeriodically(), consequences.CorrectPeriodically(), consequences.AddUpPeriodically(),
			gap.SweepPeriodically(), knowledge.SyncPeriodically(),
		},
		Logger: a.log,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare background work: %w", err)
	}
	return jobs, nil
}

// serveMetrics answers /metrics on its own, private address.
func (a *app) serveMetrics(ctx context.Context) {
	if a.config.MetricsListen == "off" {
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.Handler())
	server := &http.Server{Addr: a.config.MetricsListen, Handler: mux, ReadHeaderTimeout: readHeaderTimeout}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	err := server.ListenAndServe()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		// Measurements are no reason not to serve customers.
		a.log.Warn("no metrics", "error", err)
	}
}

// ended makes the end that was asked for no error.
func ended(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
