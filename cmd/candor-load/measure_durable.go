// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"time"

	"candor/chat"
)

const (
	writers        = 32
	pgbenchScale   = "10"
	pgbenchName    = "candor_load_pgbench"
	pgbench        = "pgbench -N"
	twoCommits     = "two commits a turn"
	oneCommit      = "one commit"
	silent         = "without signals"
	turnsPerRecord = 10 // turns in one conversation of this measurement
)

// measureDurable compares what is written durably with pgbench on the same server.
func measureDurable(ctx context.Context, b *bench) ([]figure, error) {
	target, err := b.makePgbench(ctx)
	if err != nil {
		return nil, err
	}
	r, err := b.interleave(ctx,
		contender{pgbench, func(ctx context.Context) (map[string]float64, error) { return b.runPgbench(ctx, target) }},
		b.durable(twoCommits, b.world.chat, writers, bothCommits),
		b.durable(silent, b.world.quiet, writers, bothCommits),
		b.durable(oneCommit, b.world.chat, writers, customerCommit),
	)
	if err != nil {
		return nil, err
	}
	return []figure{
		compare("durable turns a second, 2 commits, 32 writers", "/s", r[twoCommits]["rate"], pgbench, r[pgbench]["rate"], atLeast("P9", 0.5)),
		compare("durable messages a second, 32 writers", "/s", r[oneCommit]["rate"], pgbench, r[pgbench]["rate"], atLeast("P9", 0.85)),
		compare("durable turns with signals to readers", "/s", r[twoCommits]["rate"], silent, r[silent]["rate"], atLeast("P10", 0.97)),
	}, nil
}

// commits is what one step of a durable turn writes.
type commits func(ctx context.Context, s *chat.Service, id int64) error

// customerCommit writes what a customer said.
func customerCommit(ctx context.Context, s *chat.Service, id int64) error {
	return s.Lock(ctx, id, func(l *chat.Locked) error {
		_, err := l.PostCustomer(ctx, chat.CustomerMessage{Text: "How is renting the box billed?"})
		return err
	})
}

// bothCommits writes what a customer said and, in a transaction of its own, what
// the bot answered.
func bothCommits(ctx context.Context, s *chat.Service, id int64) error {
	if err := customerCommit(ctx, s, id); err != nil {
		return err
	}
	return s.Lock(ctx, id, func(l *chat.Locked) error {
		notice, err := l.Disclosure(ctx)
		if err != nil {
			return err
		}
		_, err = l.PostBot(ctx, notice, chat.BotMessage{Text: "Renting the box is billed every month together with the line."})
		return err
	})
}

// durable is a contender that writes turns through the real package, without
// anything around it. Conversations are opened before the clock runs.
func (b *bench) durable(name string, s *chat.Service, goroutines int, write commits) contender {
	expected := 50 * goroutines
	return contender{name, func(ctx context.Context) (map[string]float64, error) {
		ids, err := openRecords(ctx, b.world.quiet, expected/turnsPerRecord+goroutines)
		if err != nil {
			return nil, err
		}
		written := make([]int, goroutines)
		rate, err := b.flatOut(ctx, goroutines, func(ctx context.Context, worker int) error {
			// Each worker has conversations of its own, so that none waits for another's row.
			own := len(ids) / goroutines
			at := worker*own + written[worker]/turnsPerRecord%own
			written[worker]++
			return write(ctx, s, ids[at])
		})
		expected = int(rate * b.window().Seconds() * 1.2)
		return map[string]float64{"rate": rate}, err
	}}
}

// openRecords opens conversations.
func openRecords(ctx context.Context, s *chat.Service, count int) ([]int64, error) {
	ids, errs := make([]int64, count), make([]error, writers)
	var openers sync.WaitGroup
	for n := range writers {
		openers.Go(func() {
			for i := n; i < count && errs[n] == nil; i += writers {
				var created chat.Created
				created, errs[n] = s.Create(ctx, "en", chat.Profile{})
				ids[i] = created.Conversation.ID
			}
		})
	}
	openers.Wait()
	return ids, errors.Join(errs...)
}

// makePgbench makes a database for pgbench beside ours and gives its address.
func (b *bench) makePgbench(ctx context.Context) (string, error) {
	if _, err := exec.LookPath("pgbench"); err != nil {
		return "", fmt.Errorf("%w: it comes with PostgreSQL; `make bench` finds it", err)
	}
	if _, err := b.world.db.Exec(ctx, "CREATE DATABASE "+pgbenchName); err != nil {
		return "", err
	}
	at, err := url.Parse(b.world.databaseURL)
	if err != nil {
		return "", err
	}
	at.Path = "/" + pgbenchName
	return at.String(), runCommand(ctx, "pgbench", []string{"-i", "-q", "-s", pgbenchScale, at.String()}, nil)
}

var pgbenchRate = regexp.MustCompile(`tps = ([0-9.]+)`)

// runPgbench gives the transactions a second of the standard benchmark without
// the updates that everybody waits for.
func (b *bench) runPgbench(ctx context.Context, address string) (map[string]float64, error) {
	seconds := max(2, int(b.window()/time.Second))  // connecting takes a part of one
	out, err := exec.CommandContext(ctx, "pgbench", //nolint:gosec // the address is the operator's
		"-N", "-M", "prepared", "-n", "-c", strconv.Itoa(writers), "-j", "2",
		"-T", strconv.Itoa(seconds), address).CombinedOutput()
	found := pgbenchRate.FindSubmatch(out)
	if err != nil || found == nil {
		return nil, fmt.Errorf("pgbench: %w: %s", err, lastLines(out))
	}
	rate, err := strconv.ParseFloat(string(found[1]), 64)
	return map[string]float64{"rate": rate}, err
}
