// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
)

// keep runs what a gateway does for its model until the test ends.
func (l library) keep() {
	l.t.Helper()
	ctx, stop := context.WithCancel(l.t.Context())
	done := make(chan error, 1)
	go func() { done <- l.KeepIndex(ctx) }()
	l.t.Cleanup(func() {
		stop()
		require.ErrorIs(l.t, <-done, context.Canceled)
	})
}

// eventually waits until a query of a number gives it.
func (l library) eventually(wanted int, sql string) {
	l.t.Helper()
	require.Eventually(l.t, func() bool { return l.count(sql) == wanted }, time.Minute, 50*time.Millisecond, sql)
}

func TestKeepIndex_switches_without_the_job_of_the_background(t *testing.T) {
	t.Parallel()
	old := newLibraryWith(t, &provider{name: "ada", dimensions: 64})
	old.publish("Refunds", "A refund takes five days.")
	require.NoError(t, old.Maintain(t.Context()))
	next := library{knowledge.New(knowledge.Config{DB: old.db, Embedder: &provider{name: "bea", dimensions: 96}}), old.db, t}
	next.keep()
	next.eventually(1, `SELECT count(*) FROM knowledge_models WHERE name = 'bea' AND state = 'ready' AND active`)
	model, fallback := next.searchModel()
	require.Equal(t, "bea", model)
	require.False(t, fallback)

	old.publish("Roaming", "Roaming costs nothing.")
	next.eventually(2, `SELECT count(*) FROM knowledge_vectors_3`)
	old.keep()
	next.publish("Vouchers", "A voucher is for friends.")
	old.eventually(3, `SELECT count(*) FROM knowledge_vectors_2`)
}

func TestKeepIndex_learns_an_unknown_length(t *testing.T) {
	t.Parallel()
	p := &learner{}
	l := newLibrary(t)
	l.publish("Refunds", "A refund takes five days.")
	l = library{knowledge.New(knowledge.Config{DB: l.db, Embedder: p}), l.db, t}
	l.keep()
	l.eventually(1, `SELECT count(*) FROM knowledge_models WHERE name = 'cleo' AND dimensions = 32 AND active`)
}

func TestKeepIndex_without_a_provider_has_nothing_to_do(t *testing.T) {
	t.Parallel()
	require.NoError(t, newLibrary(t).KeepIndex(t.Context()))
}

func TestModel_in_use_is_kept_while_its_provider_is_away(t *testing.T) {
	t.Parallel()
	p := &provider{name: "ada", dimensions: 64}
	l := newLibraryWith(t, p)
	l.publish("Refunds", "A refund takes five days.")
	require.NoError(t, l.Maintain(t.Context()))
	p.away.Store(true)
	l.publish("Roaming", "Roaming costs nothing.")
	_, err := l.db.Exec(t.Context(), `UPDATE knowledge_models SET seen_at = now() - interval '2 days' WHERE NOT builtin`)
	require.NoError(t, err)
	require.ErrorIs(t, l.Maintain(t.Context()), errAway)
	require.Equal(t, 1, l.count(`SELECT count(*) FROM knowledge_vectors_2`))
}

func TestModel_retired_while_a_question_is_embedded(t *testing.T) {
	t.Parallel()
	p := &pausing{provider: &provider{name: "ada", dimensions: 64}}
	db := newLibrary(t).db
	l := library{knowledge.New(knowledge.Config{DB: db, Embedder: p}), db, t}
	l.publish("Refunds", "A refund takes five days.")
	require.NoError(t, l.Maintain(t.Context()))
	p.meanwhile = func() {
		_, err := db.Exec(t.Context(), `UPDATE knowledge_models SET seen_at = now() - interval '2 days' WHERE NOT builtin`)
		require.NoError(t, err)
		require.NoError(t, knowledge.New(knowledge.Config{DB: db}).Maintain(t.Context()))
		require.Zero(t, l.count(`SELECT count(*) FROM pg_tables WHERE tablename = 'knowledge_vectors_2'`))
	}
	model, fallback := l.searchModel()
	require.Equal(t, "candor-lexical-1", model)
	require.True(t, fallback)
}

func TestModel_becomes_active_only_when_nothing_came_in_between(t *testing.T) {
	t.Parallel()
	p := &pausing{provider: &provider{name: "ada", dimensions: 64}}
	before := newLibrary(t) // a gateway without the provider
	number := func(from int) {
		_, err := before.db.Exec(t.Context(), `SELECT setval(pg_get_serial_sequence('knowledge_chunks', 'id'), $1)`, from)
		require.NoError(t, err)
	}
	number(1000)
	before.publish("Refunds", "A refund takes five days.")
	l := library{knowledge.New(knowledge.Config{DB: before.db, Embedder: p}), before.db, t}
	p.meanwhile = func() {
		number(10) // as that of a publication that took its number long ago
		before.publish("Roaming", "Roaming costs nothing.")
	}
	require.NoError(t, l.Maintain(t.Context()))
	require.Equal(t, 2, l.count(`SELECT count(*) FROM knowledge_vectors_2`))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM knowledge_models WHERE name = 'ada' AND active`))
}

// pausing lets something happen while the provider makes the next vectors.
type pausing struct {
	*provider
	meanwhile func()
}

func (p *pausing) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if fn := p.meanwhile; fn != nil {
		p.meanwhile = nil
		fn()
	}
	return p.provider.Embed(ctx, texts)
}

// learner is a provider that was away when the gateway started: the length of its vectors is not known.
type learner struct{ known provider }

func (p *learner) Model() string   { return "cleo" }
func (p *learner) Dimensions() int { return p.known.dimensions }

func (p *learner) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	p.known.dimensions = 32
	return p.known.Embed(ctx, texts)
}
