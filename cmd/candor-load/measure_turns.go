// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"candor/llm/llmtest"
)

// callers is how many turns run at the same time when throughput is measured.
const callers = 16

// measureTurns compares turns a second with many callers.
func measureTurns(ctx context.Context, b *bench) ([]figure, error) {
	c := newHTTP(2 * callers)
	url := b.fake.URL() + "/chat/completions"
	small := make([]smallTalk, callers)
	for i := range small {
		small[i].id = rand.Text()
	}
	r, err := b.interleave(ctx,
		b.throughput(direct, func(ctx context.Context, _ int) error {
			_, err := ask(ctx, c, url, b.prompt, "[DONE]")
			return err
		}),
		b.throughput(smallTurn, func(ctx context.Context, worker int) error {
			_, err := b.smallTurn(ctx, c, &small[worker])
			return err
		}),
		b.durable(floor, b.world.chat, callers, bothCommits),
		b.gatewayTurns(),
	)
	if err != nil {
		return nil, err
	}
	held, err := b.measureHeld(ctx)
	if err != nil {
		return nil, err
	}
	broken, streams := b.broken.Load(), b.streams.Load()
	return []figure{
		compare("turns a second, 16 at once", "/s", r[gateway]["rate"], smallTurn, r[smallTurn]["rate"], atLeast("P7", 0.9)),
		compare("turns a second, 16 at once", "/s", r[gateway]["rate"], floor, r[floor]["rate"], goal{}),
		compare("turns a second, 16 at once", "/s", r[gateway]["rate"], direct, r[direct]["rate"], goal{}).
			because("at 0.33 or more the provider would be what limits"),
		middle("gateway's processor time a turn", "ms", r[gateway]["cpu"]),
		middle("PostgreSQL's processor time a turn", "ms", r[gateway]["database"]),
		held,
		single("streams without their terminal event", "", float64(broken), atMost("P5", 0)).
			because("of %d so far; the target asks for 100,000: candor-load run -duration 10m", streams),
	}, nil
}

// throughput is a contender that does its work as often as it can.
func (b *bench) throughput(name string, work func(ctx context.Context, worker int) error) contender {
	return contender{name, func(ctx context.Context) (map[string]float64, error) {
		rate, err := b.flatOut(ctx, callers, work)
		return map[string]float64{"rate": rate}, err
	}}
}

// gatewayTurns is the contender that is the gateway, with what it and PostgreSQL
// use of the processors. Conversations are opened before the clock runs.
func (b *bench) gatewayTurns() contender {
	ready := &talks{client: b.clients[0]}
	current, asked := make([]conversation, callers), make([]int, callers)
	expected := 4 * callers
	return contender{gateway, func(ctx context.Context) (map[string]float64, error) {
		if err := ready.fill(ctx, expected/turnsPerTalk+2*callers); err != nil {
			return nil, err
		}
		backends, err := b.backends(ctx)
		if err != nil {
			return nil, err
		}
		ours, theirs := cpu(b.gateways[0].pid()), cpu(backends...)
		rate, err := b.flatOut(ctx, callers, func(ctx context.Context, worker int) (err error) {
			if asked[worker]%turnsPerTalk == 0 {
				if current[worker], err = ready.next(ctx); err != nil {
					return err
				}
			}
			_, err = b.ask(ctx, current[worker], asked[worker])
			asked[worker]++
			return err
		})
		turns := rate * b.window().Seconds()
		expected = int(turns)
		return map[string]float64{
			"rate": rate, "cpu": ms(cpu(b.gateways[0].pid())-ours) / turns, "database": ms(cpu(backends...)-theirs) / turns,
		}, err
	}}
}

// talks are conversations opened in advance.
type talks struct {
	client *client
	mu     sync.Mutex
	list   []conversation
}

// fill opens conversations until there are so many.
func (t *talks) fill(ctx context.Context, count int) error {
	missing := count - len(t.list)
	errs := make([]error, callers)
	var openers sync.WaitGroup
	for n := range callers {
		openers.Go(func() {
			for i := n; i < missing && errs[n] == nil; i += callers {
				var talk conversation
				talk, errs[n] = t.client.open(ctx, "en")
				t.mu.Lock()
				t.list = append(t.list, talk)
				t.mu.Unlock()
			}
		})
	}
	openers.Wait()
	return errors.Join(errs...)
}

// next takes one, or opens one when there were too few.
func (t *talks) next(ctx context.Context) (conversation, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.list) == 0 {
		return t.client.open(ctx, "en")
	}
	talk := t.list[len(t.list)-1]
	t.list = t.list[:len(t.list)-1]
	return talk, nil
}

// backends are the processes of PostgreSQL that serve the gateways.
func (b *bench) backends(ctx context.Context) ([]int, error) {
	var pids []int
	err := b.world.db.QueryRow(ctx, "SELECT array_agg(pid) FROM pg_stat_activity WHERE application_name = $1", gatewayName).Scan(&pids)
	return pids, err
}

// waitingTurns is how many turns wait for the provider when measureHeld looks.
const waitingTurns = 64

// measureHeld counts the database connections that the gateway uses while many
// turns wait for the provider's first token.
func (b *bench) measureHeld(ctx context.Context) (figure, error) {
	release := make(chan struct{})
	b.fake.SetBehaviour(func(r llmtest.Request) llmtest.Reply {
		<-release
		return firstSentence(r)
	})
	defer b.fake.SetBehaviour(firstSentence)
	errs := make([]error, waitingTurns)
	var customers sync.WaitGroup
	for n := range waitingTurns {
		customers.Go(func() {
			talk, err := b.clients[0].open(ctx, "en")
			if err == nil {
				_, err = b.ask(ctx, talk, 0)
			}
			errs[n] = err
		})
	}
	used, err := b.usedConnections(ctx)
	close(release)
	customers.Wait()
	if err := errors.Join(append(errs, err)...); err != nil {
		return figure{}, err
	}
	return single(fmt.Sprintf("connections in use, %d turns waiting", waitingTurns), "", used, atMost("P20", 0)), nil
}

// usedConnections waits until all turns wait, and gives the least number of
// connections in use that it then sees: a poll in between is no holding.
func (b *bench) usedConnections(ctx context.Context) (float64, error) {
	deadline, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	least := -1
	for tries := 0; tries < 20; {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-deadline.Done():
			return 0, fmt.Errorf("only %d of %d turns reached the provider", b.fake.Active(), waitingTurns)
		}
		if b.fake.Active() < waitingTurns {
			continue
		}
		tries++
		var used int
		err := b.world.db.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state <> 'idle'", gatewayName).Scan(&used)
		if err != nil {
			return 0, err
		}
		if least < 0 || used < least {
			least = used
		}
	}
	return float64(least), nil
}
