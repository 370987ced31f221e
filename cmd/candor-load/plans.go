// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	pgvector "github.com/pgvector/pgvector-go/pgx"

	"candor/internal/seal"
	"candor/postgres"
)

// autoExplain has the server send the plan of each statement to the client that
// sent the statement, so that what is shown is what the packages really ask.
var autoExplain = map[string]string{
	"session_preload_libraries":     "auto_explain",
	"auto_explain.log_min_duration": "0",
	"auto_explain.log_analyze":      "on",
	"auto_explain.log_timing":       "off",
	"auto_explain.log_format":       "json",
	"auto_explain.log_level":        "notice",
	"client_min_messages":           "notice",
	"application_name":              "candor-load-plans",
	"jit":                           "off",
}

// recorder keeps the plans that come while it is on.
type recorder struct {
	mu    sync.Mutex
	plans []string
}

func (r *recorder) notice(_ *pgconn.PgConn, n *pgconn.Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if strings.HasPrefix(n.Message, "duration: ") {
		r.plans = append(r.plans, n.Message)
	}
}

// take gives what was recorded since the last time.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	plans := r.plans
	r.plans = nil
	return plans
}

// planRounds is how often a step is carried out: the plan of the last time is
// shown, when the server has settled on one for all parameters.
const planRounds = 7

// runPlans fills the tables, goes through the hot path and prints what the
// server did.
func runPlans(ctx context.Context, args []string, out, errs io.Writer) error {
	set := flag.NewFlagSet("plans", flag.ContinueOnError)
	set.SetOutput(errs)
	size := planSize{}
	set.IntVar(&size.conversations, "conversations", 20_000, "conversations to fill in, with ten messages each")
	set.IntVar(&size.chunks, "chunks", 100_000, "chunks of the library")
	if err := set.Parse(args); err != nil {
		return usageError(err.Error())
	}
	databaseURL, keystoreURL := os.Getenv("DATABASE_URL"), os.Getenv("CANDOR_KEYSTORE_URL")
	if databaseURL == "" || keystoreURL == "" {
		return usageError("DATABASE_URL and CANDOR_KEYSTORE_URL name the server to fill; scripts/postgres throwaway makes one")
	}
	recorder := &recorder{}
	w, err := openPlansWorld(ctx, recorder, databaseURL, keystoreURL)
	if err != nil {
		return err
	}
	defer w.close()
	fmt.Fprintf(errs, "candor-load: filling %d conversations and %d chunks\n", size.conversations, size.chunks)
	start := time.Now()
	steps, err := preparePlans(ctx, w, size)
	if err != nil {
		return err
	}
	fmt.Fprintf(errs, "candor-load: filled in %.0f s\n", time.Since(start).Seconds())
	scans := 0
	for _, s := range steps {
		last, err := lastPlans(ctx, recorder, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Fprintf(out, "%s\n", s.name)
		for _, p := range last {
			fmt.Fprintf(out, "  %s\n", p)
			scans += len(p.scanned())
		}
	}
	fmt.Fprintf(out, "\n%d scans of a whole table of more than %d rows.\n", scans, smallTable)
	return nil
}

func openPlansWorld(ctx context.Context, r *recorder, databaseURL, keystoreURL string) (*world, error) {
	if err := postgres.Migrate(ctx, databaseURL); err != nil {
		return nil, err
	}
	if err := postgres.MigrateKeystore(ctx, keystoreURL); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, err
	}
	maps.Copy(config.ConnConfig.RuntimeParams, autoExplain)
	config.MaxConns = 1 // one connection settles on its plans soonest
	config.ConnConfig.OnNotice = r.notice
	config.AfterConnect = pgvector.RegisterTypes
	db, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	master, err := seal.NewMasterKey()
	if err != nil {
		return nil, err
	}
	return wire(ctx, db, databaseURL, keystoreURL, master)
}

// step is one thing that the gateway does, carried out for the nth time.
type step struct {
	name string
	do   func(ctx context.Context, n int) error
}

// lastPlans carries a step out several times and gives the plans of the last.
func lastPlans(ctx context.Context, r *recorder, s step) ([]plan, error) {
	var messages []string
	for n := range planRounds {
		r.take()
		if err := s.do(ctx, n); err != nil {
			return nil, err
		}
		messages = r.take()
	}
	var list []plan
	for _, m := range messages {
		p, err := readPlan(m)
		if err != nil {
			return nil, err
		}
		if !p.trivial() {
			list = append(list, p)
		}
	}
	return list, nil
}
