// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

const (
	switchCustomers = 20
	switchQuestions = 400 // of one customer at most
	switchArticles  = 260 // beside the demo's: several batches of vectors
)

// TestModel_is_switched_while_20_customers_chat is a rolling deployment: beside the gateway with the old
// embedding model comes one with a new one of another length, takes half of the customers, makes the
// vectors in the background, flips, takes all of them, and the old one goes. Articles are published on
// both sides meanwhile.
func TestModel_is_switched_while_20_customers_chat(t *testing.T) {
	t.Parallel()
	r := newRollout(t)
	first := r.before.start(t)
	r.gateways.Store("before", first.url)
	r.waitModel(t, "first")
	var customers sync.WaitGroup
	defer customers.Wait()
	defer r.stop.Store(true)
	for n := range switchCustomers {
		customers.Go(func() { r.converse(t.Context(), n) })
	}
	r.waitAnswers(t, 2*switchCustomers)

	second := r.after.start(t)
	r.gateways.Store("after", second.url)
	r.routed.Store(routeHalf)
	r.waitHeld(t)
	r.publish(t, r.before, "late-before", "The Tangerine voucher is worth 8 EUR a month.")
	r.publish(t, r.after, "late-after", "The Cobalt voucher is worth 9 EUR a month.")
	late := []question{{"What is the Tangerine voucher worth?", "late-before"}, {"What is the Cobalt voucher worth?", "late-after"}}
	r.askBoth(t, late)
	r.waitAnswers(t, 2*switchCustomers)
	require.Zero(t, r.countWith(t, "second"), "nothing is asked of an index that is not complete")

	r.release()
	r.waitModel(t, "second")
	flipped := time.Now()
	r.waitAnswers(t, 2*switchCustomers)
	r.waitWhole(t)
	whole := r.askBoth(t, late)

	r.routed.Store(routeAfter)
	require.Eventually(t, func() bool { return r.atBefore.Load() == 0 }, patience, 20*time.Millisecond)
	require.NoError(t, first.cmd.Process.Signal(syscall.SIGTERM))
	first.waitExit(t)
	r.waitAnswers(t, 2*switchCustomers)
	r.stop.Store(true)
	customers.Wait()

	turns := r.turns(t)
	away := map[string]int{"before": first.away(), "after": second.away()}
	require.NoError(t, judge(turns, away))
	require.NoError(t, judgeLate(turns, whole))
	require.Equal(t, 1, r.count(t, `SELECT count(*) FROM pg_tables WHERE tablename = 'knowledge_vectors_2'`), "the old vectors outlive the old gateway")
	r.requireLengths(t)
	require.NotContains(t, first.output.String()+second.output.String(), "dimensions came")
	r.report(t, turns, flipped, away)
	r.before.check(t)
}

// TestModel_flipped_early_is_noticed is the control: with an index in force that lacks vectors, the judge
// of the test above complains.
func TestModel_flipped_early_is_noticed(t *testing.T) {
	t.Parallel()
	r := newRollout(t)
	r.gateways.Store("after", r.after.start(t).url)
	r.waitHeld(t)
	defer r.release()
	require.NoError(t, r.ask(t.Context(), "after", lastQuestion))
	require.NoError(t, judge(r.turns(t), nil))
	r.exec(t, `UPDATE knowledge_models SET active = false WHERE active`)
	r.exec(t, `UPDATE knowledge_models SET state = 'ready', active = true WHERE name = 'second'`)
	require.NoError(t, r.ask(t.Context(), "after", lastQuestion))
	require.ErrorContains(t, judge(r.turns(t), nil), "no vector")
}

// newRollout prepares the library, the provider and both configurations.
func newRollout(t *testing.T) *rollout {
	t.Helper()
	r := &rollout{errs: make(chan error, switchCustomers), held: make(chan struct{}), released: make(chan struct{})}
	fake := r.provider(t)
	s := newSite(t, "OPENAI_BASE_URL="+fake.URL())
	s.env = append(s.env, "CANDOR_TURN_LEASE=30s") // no turn goes to the other gateway
	articles := fstest.MapFS{}
	for n := range switchArticles {
		name := fmt.Sprintf("tariff-%03d", n)
		articles[name+".md"] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"---\nid: %s\ntitle: Tariff Zephyr%03d\nlang: en\n---\n\nThe tariff Zephyr%03d costs %d EUR a month.\n", name, n, n, 10+n)}
	}
	s.inside(t, func(ctx context.Context, a *app) {
		_, err := a.knowledge.ImportFS(ctx, articles, nil)
		require.NoError(t, err)
	})
	r.before = s.with("CANDOR_EMBEDDING_MODEL=first", "CANDOR_EMBEDDING_DIMENSIONS=64")
	r.after = s.with("CANDOR_EMBEDDING_MODEL=second", "CANDOR_EMBEDDING_DIMENSIONS=96")
	return r
}

// publish imports an article as a process with that configuration does.
func (r *rollout) publish(t *testing.T, s *site, id, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), id+".md")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, "---\nid: %s\ntitle: What is new\nlang: en\n---\n\n%s\n", id, text), 0o600))
	out, err := s.run(t, "import", path)
	require.NoError(t, err, out)
}

// askBoth asks through both gateways, and gives the conversations.
func (r *rollout) askBoth(t *testing.T, list []question) (ids []string) {
	t.Helper()
	from := r.answered.Load()
	for _, gateway := range []string{"before", "after"} {
		for _, q := range list {
			id, err := r.askFor(t.Context(), gateway, q)
			require.NoError(t, err)
			ids = append(ids, id)
		}
	}
	require.GreaterOrEqual(t, r.answered.Load(), from+int64(len(ids)))
	return ids
}

// waitModel waits until a model of the registry is in force.
func (r *rollout) waitModel(t *testing.T, name string) {
	t.Helper()
	require.Eventually(t, func() bool {
		return r.count(t, `SELECT count(*) FROM knowledge_models WHERE name = '`+name+`' AND state = 'ready' AND active`) == 1
	}, patience, 100*time.Millisecond, "model %s is never complete", name)
}

// waitHeld waits until the new model has the vectors of some batches and waits for those of the next.
func (r *rollout) waitHeld(t *testing.T) {
	t.Helper()
	select {
	case <-r.held:
	case <-time.After(patience):
		t.Fatal("the vectors of the new model are never asked for")
	}
}

// waitWhole waits until both models have a vector of each chunk, whoever published it.
func (r *rollout) waitWhole(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		return r.count(t, `
			SELECT count(*) FROM knowledge_chunks c WHERE NOT EXISTS (SELECT FROM knowledge_vectors_2 v WHERE v.chunk_id = c.id)
			OR NOT EXISTS (SELECT FROM knowledge_vectors_3 v WHERE v.chunk_id = c.id)`) == 0
	}, patience, 100*time.Millisecond)
}

// waitAnswers waits until so many more questions have been answered.
func (r *rollout) waitAnswers(t *testing.T, n int64) {
	t.Helper()
	from := r.answered.Load()
	require.Eventually(t, func() bool {
		select {
		case err := <-r.errs:
			t.Error(err)
			return true
		default:
			return r.answered.Load() >= from+n
		}
	}, patience, 50*time.Millisecond)
	require.False(t, t.Failed())
}

// requireLengths holds the stored vectors and the provider's record against the models' lengths.
func (r *rollout) requireLengths(t *testing.T) {
	t.Helper()
	require.Zero(t, r.unknown.Load(), "requests for models that are not there")
	for table, length := range map[string]int{"knowledge_vectors_2": 64, "knowledge_vectors_3": 96} {
		require.Zero(t, r.count(t, fmt.Sprintf(`SELECT count(*) FROM %s WHERE vector_dims(embedding) <> %d`, table, length)))
		require.Positive(t, r.count(t, `SELECT count(*) FROM `+table))
	}
}

func (r *rollout) count(t *testing.T, sql string) (n int) {
	t.Helper()
	r.connect(t, func(conn *pgx.Conn) { require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&n)) })
	return n
}

func (r *rollout) exec(t *testing.T, sql string) {
	t.Helper()
	r.connect(t, func(conn *pgx.Conn) {
		_, err := conn.Exec(t.Context(), sql)
		require.NoError(t, err)
	})
}

func (r *rollout) connect(t *testing.T, fn func(*pgx.Conn)) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), r.before.databaseURL)
	require.NoError(t, err)
	defer conn.Close(t.Context()) //nolint:errcheck // one statement, then gone
	fn(conn)
}
