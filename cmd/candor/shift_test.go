// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat/chattest"
)

// TestShift_two_browsers_and_a_terminal is ten simulated minutes of a desk with
// two gateways: fifty customers, one of them at a terminal, and five agents, two of
// them at real browsers, who leave at random. At every moment each case has
// exactly one owner, and none is lost. At the end everybody leaves, one browser
// dies with a case in hand, customers come all the same; then its agent is back,
// alone, and the queue runs empty.
//
// How long browsers take on a busy machine is no property of the product, so the
// share of waits inside the range told is only reported here; TestShift and
// TestWaits_told of package handoff hold it to 80 %.
func TestShift_two_browsers_and_a_terminal(t *testing.T) {
	t.Parallel()
	const customers, late = 46, 4 // one more is at the terminal
	o := newOffice(t)
	ctx, stop := context.WithTimeout(t.Context(), 6*time.Minute)
	defer stop()
	clerks := o.hire(5)
	one, two := o.sitsDown(clerks[0]), o.sitsDown(clerks[1])
	var clock, desk, street sync.WaitGroup
	defer clock.Wait()
	defer stop()
	clock.Go(func() { o.run(ctx) })
	working, home := context.WithCancel(ctx)
	defer home()
	for _, c := range clerks[2:] {
		desk.Go(func() { o.program(working, c) })
	}
	for _, p := range []*seat{one, two} {
		desk.Go(func() { o.sits(working, p) })
	}
	screen := ""
	street.Go(func() {
		var err error
		screen, err = o.terminal(ctx)
		o.failed(err)
	})
	for i := range customers - 1 {
		c := newClient(func() string { return o.gateways[i%2].url })
		wait := time.Duration(rand.New(rand.NewPCG(uint64(i), 1)).Int64N(int64(4 * minute)))
		street.Go(func() {
			after(ctx, wait)
			talk, err := o.asks(ctx, c)
			if err == nil {
				err = o.stays(ctx, c, talk)
			}
			o.failed(err)
		})
	}
	street.Wait()
	home()
	desk.Wait()
	require.Empty(t, o.failures)
	require.Contains(t, screen, "Agent ", "the terminal shows who answers")
	o.comesBack(ctx, one, two, late)
	stop()
	clock.Wait()
	require.Empty(t, o.failures)
	o.judge(customers+late, one, two)
}

// comesBack leaves the desk to one browser and lets that die; customers come and
// wait until its agent is back.
func (o *office) comesBack(ctx context.Context, one, two *seat, late int) {
	o.t.Helper()
	require.NoError(o.t, one.status("away"))
	require.NoError(o.t, two.status("available"))
	for _, c := range []*clerk{one.clerk, two.clerk} {
		o.eventually(ctx, "the status is kept", `SELECT count(*) FROM presence WHERE account_id = $1 AND status = CASE WHEN $1 = $2 THEN 'available' ELSE 'away' END`, 1, c.id, two.id)
	}
	o.eventually(ctx, "the others are gone", `SELECT count(*) FROM presence WHERE status = 'available' AND last_seen > now() - interval '20 seconds'`, 1)
	c := newClient(func() string { return o.gateways[1].url })
	talks := make([]opened, late)
	for i := range talks {
		talk, err := o.asks(ctx, c)
		require.NoError(o.t, err)
		talks[i] = talk
		if i == 0 {
			o.eventually(ctx, "the case is with who is left", "SELECT count(*) FROM cases WHERE state = 'claimed' AND agent_id = $1", 1, two.id)
			o.dies(two)
			o.eventually(ctx, "the case is taken back", "SELECT count(*) FROM cases WHERE state = 'waiting'", 1)
		}
	}
	o.eventually(ctx, "all of them wait", "SELECT count(*) FROM cases WHERE state = 'waiting' AND agent_id IS NULL", late)
	for i, talk := range talks {
		var now struct {
			State string
			Queue struct{ Position int }
		}
		require.NoError(o.t, c.insist(ctx, http.MethodGet, talk.path(""), talk.Token, nil, &now))
		require.Equal(o.t, "queued", now.State)
		require.Equal(o.t, i+1, now.Queue.Position, "the one whose agent is gone is where they were")
	}
	back := o.sitsDown(two.clerk)
	back.steps = two.steps
	var street, desk sync.WaitGroup
	working, home := context.WithCancel(ctx)
	defer home()
	desk.Go(func() { o.sits(working, back) })
	for _, talk := range talks {
		street.Go(func() { o.failed(o.stays(ctx, c, talk)) })
	}
	street.Wait()
	home()
	desk.Wait()
}

// eventually waits until the database counts so many.
func (o *office) eventually(ctx context.Context, what, sql string, want int, args ...any) {
	o.t.Helper()
	got := -1
	for got != want {
		require.NoError(o.t, o.db.QueryRow(ctx, sql, args...).Scan(&got), what)
		if got != want {
			require.True(o.t, after(ctx, 50*time.Millisecond), what)
		}
	}
}

// count is one figure of the database.
func (o *office) count(sql string, args ...any) (n int) {
	o.t.Helper()
	require.NoError(o.t, o.db.QueryRow(o.t.Context(), sql, args...).Scan(&n))
	return n
}

// judge holds what happened against the promises, from the record.
func (o *office) judge(customers int, browsers ...*seat) {
	o.t.Helper()
	t := o.t
	require.Equal(t, customers, o.count("SELECT count(*) FROM cases WHERE state = 'resolved'"), "none is lost")
	require.Equal(t, customers, o.count("SELECT count(*) FROM cases"))
	owners, err := chattest.Owners(t.Context(), o.db)
	require.NoError(t, err)
	require.Len(t, owners, customers)
	for _, p := range browsers {
		require.Positive(t, o.count("SELECT count(*) FROM messages WHERE agent_id = $1", p.id), "both browsers worked")
	}
	require.Positive(t, o.count(`
		SELECT count(*) FROM log WHERE kind = 'case' AND body->>'action' = 'taken_back' AND body->>'cause' = 'connection_lost' AND body->>'agent_id' = $1::bigint::text`,
		browsers[1].id), "the browser that died")
	told := o.count("SELECT count(*) FROM told_waits WHERE served AND low IS NOT NULL")
	within := o.count("SELECT count(*) FROM told_waits WHERE served AND extract(epoch FROM ended_at - told_at) BETWEEN low AND high")
	t.Logf("%d cases were given %d times and taken back %d times; browsers wrote %d of %d messages; %d of %d waits were within the range told",
		customers, o.count("SELECT count(*) FROM log WHERE kind = 'case' AND body->>'action' = 'assigned'"),
		o.count("SELECT count(*) FROM log WHERE kind = 'case' AND body->>'action' = 'taken_back'"),
		o.count("SELECT count(*) FROM messages WHERE agent_id IN ($1, $2)", browsers[0].id, browsers[1].id),
		o.count("SELECT count(*) FROM messages WHERE author = 'agent'"), within, told)
	o.site.check(t)
}
