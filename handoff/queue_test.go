// SPDX-License-Identifier: MIT

package handoff_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/handoff"
)

// age makes a case one that came in earlier.
func (b bundle) age(t *testing.T, k handoff.Case, by time.Duration) {
	t.Helper()
	_, err := b.DB.Exec(t.Context(), "UPDATE cases SET enqueued_at = enqueued_at - $2::interval WHERE id = $1", k.ID, by)
	require.NoError(t, err)
}

// order is the queue as it is served; each place told is the place in it.
func (b bundle) order(t *testing.T) []string {
	t.Helper()
	list, err := b.desk.Queue(t.Context(), 1000)
	require.NoError(t, err)
	var got []string
	for _, k := range list {
		if k.State != handoff.StateWaiting {
			continue
		}
		got = append(got, k.Reference)
		place, err := b.desk.Place(t.Context(), k.Case)
		require.NoError(t, err)
		require.Equal(t, k.Position, place.Position, "the place told is the place in the list")
		if k.Team == "" {
			require.Equal(t, len(got), k.Position)
		}
	}
	return got
}

func TestService_Queue(t *testing.T) {
	t.Parallel()

	t.Run("a graver case goes ahead of those that came shortly before it, and of no others", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		old := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		b.age(t, old, 31*time.Minute)
		recent := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "two")
		b.age(t, recent, 29*time.Minute)
		complaint := b.ask(t, b.Open(t), handoff.ReasonComplaint, "three")
		require.Equal(t, []string{old.Reference, complaint.Reference, recent.Reference}, b.order(t))
		safety := b.ask(t, b.Open(t), handoff.ReasonSafety, "four")
		require.Equal(t, []string{safety.Reference, old.Reference, complaint.Reference, recent.Reference}, b.order(t))
	})

	t.Run("a case of low priority goes behind normal ones that come up to ninety minutes after it, and behind no others", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		low := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		_, err := b.desk.SetPriority(t.Context(), low.ID, b.by(), handoff.PriorityLow)
		require.NoError(t, err)
		later := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "two")
		require.Equal(t, []string{later.Reference, low.Reference}, b.order(t))
		b.age(t, low, 89*time.Minute)
		require.Equal(t, []string{later.Reference, low.Reference}, b.order(t))
		b.age(t, low, 2*time.Minute)
		require.Equal(t, []string{low.Reference, later.Reference}, b.order(t), "nobody is overtaken for ever")
	})

	t.Run("a promised date that comes near is not overtaken for ever", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		promised := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		_, err := b.DB.Exec(t.Context(), "UPDATE cases SET ready_at = now(), due_at = now() + interval '3 minutes' WHERE id = $1", promised.ID)
		require.NoError(t, err)
		before := b.ask(t, b.Open(t), handoff.ReasonComplaint, "two")
		after := b.ask(t, b.Open(t), handoff.ReasonComplaint, "three")
		_, err = b.DB.Exec(t.Context(), "UPDATE cases SET enqueued_at = now() + interval '4 minutes' WHERE id = $1", after.ID)
		require.NoError(t, err)
		require.Equal(t, []string{before.Reference, promised.Reference, after.Reference}, b.order(t))
	})

	t.Run("asking again for something graver moves the case ahead and keeps its reference", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		first := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		c := b.Open(t)
		second := b.ask(t, c, handoff.ReasonCustomerRequest, "two")
		require.Equal(t, []string{first.Reference, second.Reference}, b.order(t))
		b.ask(t, c, handoff.ReasonComplaint, "I complain about it")
		require.Equal(t, []string{second.Reference, first.Reference}, b.order(t))
		require.Contains(t, b.last(t, c).Text, "queue is 1")
	})

	t.Run("places are right after any sequence of claims, releases and departures", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		dice := rand.New(rand.NewPCG(3, 1))
		reasons := []handoff.Reason{handoff.ReasonCustomerRequest, handoff.ReasonComplaint, handoff.ReasonSafety, handoff.ReasonNoKnowledge}
		var open []handoff.Case
		var chats []chat.Conversation
		for range 40 {
			switch i := 0; {
			case len(open) < 3 || dice.IntN(2) == 0:
				c := b.Open(t)
				k := b.ask(t, c, reasons[dice.IntN(len(reasons))], "a person, please")
				b.age(t, k, time.Duration(dice.IntN(5000))*time.Second)
				open, chats = append(open, k), append(chats, c)
			default:
				i = dice.IntN(len(open))
				if dice.IntN(2) == 0 {
					_ = b.leave(t, chats[i]) // a complaint stays
				} else if _, err := b.desk.Claim(t.Context(), open[i].ID, b.agent); err == nil && dice.IntN(2) == 0 {
					_, err = b.desk.Release(t.Context(), open[i].ID, b.agent)
					require.NoError(t, err)
				}
			}
			b.order(t)
		}
		require.Empty(t, b.Violations(t))
	})
}

// crowd fills the queue with cases whose conversations hold nothing.
func (b bundle) crowd(t *testing.T, n int) {
	t.Helper()
	_, err := b.DB.Exec(t.Context(), `
		WITH people AS (
			INSERT INTO customers (key_id, profile) SELECT 'crowd-' || i, '' FROM generate_series(1, $1) i RETURNING id),
		talks AS (
			INSERT INTO conversations (public_id, token_hash, customer_id, locale, state, owner, head)
			SELECT 'crowd-' || id, '', id, 'en', 'queued', 'queue', '' FROM people RETURNING id)
		INSERT INTO cases (reference, conversation_id, reason, evidence, priority, language, enqueued_at, updated_at)
		SELECT 'crowd-' || id, id, 'customer_request', '[]', (random() * 1.2)::int, 'en', now() - random() * interval '5 hours', now() FROM talks`, n)
	require.NoError(t, err)
	_, err = b.DB.Exec(t.Context(), "ANALYZE cases")
	require.NoError(t, err)
}

func TestQueue_with_5000_open_cases(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.crowd(t, 5000)
	k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")

	var plan []byte
	require.NoError(t, b.DB.QueryRow(t.Context(), "EXPLAIN (ANALYZE, FORMAT JSON) "+handoff.PositionQuery,
		[]string{k.Team}, true, k.ServeBy, k.EnqueuedAt, k.ID).Scan(&plan))
	var explained []struct {
		Time float64 `json:"Execution Time"`
	}
	require.NoError(t, json.Unmarshal(plan, &explained))
	require.Contains(t, string(plan), `"cases_queue"`)
	require.NotContains(t, string(plan), "Seq Scan")
	require.NotContains(t, string(plan), "Removed by Filter", "the count reads the part of the index before the place and nothing else")
	started := time.Now()
	list, err := b.desk.Queue(t.Context(), 200)
	require.NoError(t, err)
	require.Len(t, list, 200)
	t.Logf("5,001 open cases: a place counted in %.1f ms, the first 200 listed in %v", explained[0].Time, time.Since(started))

	var first int64
	require.NoError(t, b.DB.QueryRow(t.Context(), `
		SELECT id FROM cases WHERE state = 'waiting' AND team = '' ORDER BY priority < 2, serve_by, enqueued_at, id LIMIT 1`).Scan(&first))
	require.Equal(t, first, list[0].ID)
	place, err := b.desk.Place(t.Context(), k)
	require.NoError(t, err)
	require.Positive(t, place.Position)
}
