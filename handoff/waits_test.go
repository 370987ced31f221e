// SPDX-License-Identifier: MIT

package handoff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/handoff"
)

// pass lets time go by: everything that was measured happened so much earlier.
func (b bundle) pass(t *testing.T, d time.Duration) {
	t.Helper()
	for _, update := range []string{
		"UPDATE work_spells SET started_at = started_at - $1::interval, ended_at = ended_at - $1::interval",
		"UPDATE told_waits SET told_at = told_at - $1::interval, ended_at = ended_at - $1::interval",
		"UPDATE cases SET enqueued_at = enqueued_at - $1::interval, claimed_at = claimed_at - $1::interval",
	} {
		_, err := b.DB.Exec(t.Context(), update, d)
		require.NoError(t, err)
	}
	b.desk.Forget()
}

// shiftAgent is an agent of a played shift.
type shiftAgent struct {
	chat.Agent

	work   handoff.Case
	until  float64 // when the case in hand is done; 0: none
	away   bool
	change float64 // when they leave, or come back
}

// TestWaits_told plays an hour on the real queue: customers in waves, five
// agents who leave at random in the middle of a case and come back.
func TestWaits_told(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dice := rand.New(rand.NewPCG(7, 3))
	b.worked(t, 12, time.Minute)
	agents := make([]shiftAgent, 5)
	for i := range agents {
		agents[i] = shiftAgent{Agent: b.Account(t, fmt.Sprintf("s%d@example.com", i), fmt.Sprintf("Agent %d", i), "agent"), change: dice.ExpFloat64() * 1500}
		b.member(t, agents[i].Agent, "", 1, nil, nil)
		b.comes(t, &agents[i])
	}
	const step = 20.0
	next := 0.0
	for now := 0.0; now < 3600; now += step {
		b.pass(t, time.Duration(step*float64(time.Second)))
		_, err := b.DB.Exec(t.Context(), "UPDATE presence SET last_seen = now()")
		require.NoError(t, err)
		for i := range agents {
			b.plays(t, &agents[i], now, dice)
		}
		// Five agents who are away a quarter of the time finish 2.5 cases a minute; 2.2 come in.
		for ; next <= now; next += dice.ExpFloat64() * 27 / (1 + 0.4*math.Sin(now/1200)) {
			b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		}
	}
	var told, inside, unknown int
	var low, high, waited float64
	require.NoError(t, b.DB.QueryRow(t.Context(), `
		SELECT count(low), count(*) FILTER (WHERE extract(epoch FROM ended_at - told_at) BETWEEN low - 1 AND high + 1),
			count(*) FILTER (WHERE low IS NULL), avg(low), avg(high), avg(extract(epoch FROM ended_at - told_at)) FILTER (WHERE low IS NOT NULL)
		FROM told_waits
		WHERE served`).Scan(&told, &inside, &unknown, &low, &high, &waited))
	t.Logf("%.1f %% of %d waits were inside the range told (on average %.0f to %.0f s, the wait was %.0f s); %d were told none",
		100*float64(inside)/float64(told), told, low, high, waited, unknown)
	require.Greater(t, told, 80)
	require.GreaterOrEqual(t, float64(inside)/float64(told), 0.8)
	require.Less(t, high-low, 5*waited, "a range that holds everything says nothing")
	require.Empty(t, b.Violations(t))
}

// comes says whether an agent is at the desk.
func (b bundle) comes(t *testing.T, a *shiftAgent) {
	t.Helper()
	status := handoff.Available
	if a.away {
		status = handoff.Away
	}
	require.NoError(t, b.desk.Beat(t.Context(), a.ID))
	_, err := b.desk.SetPresence(t.Context(), a.ID, status)
	require.NoError(t, err)
}

// plays is what an agent does in a step.
func (b bundle) plays(t *testing.T, a *shiftAgent, now float64, dice *rand.Rand) {
	t.Helper()
	if now >= a.change {
		a.away = !a.away
		stay := 1500.0
		if a.away {
			stay = 500
		}
		a.change = now + dice.ExpFloat64()*stay
		b.comes(t, a)
		if a.away && a.until > 0 {
			_, err := b.desk.Release(t.Context(), a.work.ID, a.Agent)
			require.NoError(t, err)
			a.until = 0
		}
	}
	if a.until > 0 && now >= a.until {
		_, err := b.desk.Resolve(t.Context(), a.work.ID, a.Agent, "solved", "")
		require.NoError(t, err)
		a.until = 0
	}
	if a.away || a.until > 0 {
		return
	}
	list, err := b.desk.Queue(t.Context(), 1)
	require.NoError(t, err)
	if len(list) == 0 || list[0].State != handoff.StateWaiting {
		return
	}
	a.work, err = b.desk.Claim(t.Context(), list[0].ID, a.Agent)
	require.NoError(t, err)
	a.until = now + 75*math.Exp(0.6*dice.NormFloat64())
}
