// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"context"
	"errors"
	"hash/fnv"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"candor/internal/text"
	"candor/knowledge"
	"candor/postgres/pgtest"
)

// provider is a provider's embedder that hashes words and can be switched off. A real one is behind a
// network, which is what matters here: it may be slow, away, or wrong.
type provider struct {
	name       string
	dimensions int
	away       atomic.Bool
	texts      atomic.Int64
}

var errAway = errors.New("connection refused")

func (p *provider) Model() string   { return p.name }
func (p *provider) Dimensions() int { return p.dimensions }

func (p *provider) Embed(_ context.Context, texts []string) ([][]float32, error) {
	if p.away.Load() {
		return nil, errAway
	}
	p.texts.Add(int64(len(texts)))
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = make([]float32, p.dimensions)
		for _, term := range text.Terms(t, "en") {
			h := fnv.New32a()
			_, _ = h.Write([]byte(term))
			out[i][h.Sum32()%uint32(p.dimensions)]++
		}
	}
	return out, nil
}

func newLibraryWith(t *testing.T, p *provider) library {
	t.Helper()
	db := pgtest.DB(t)
	return library{knowledge.New(knowledge.Config{DB: db, Embedder: p}), db, t}
}

// searchModel tells with which model the library searches.
func (l library) searchModel() (model string, fallback bool) {
	l.t.Helper()
	found, err := l.Search(l.t.Context(), knowledge.Query{Text: "refund"})
	require.NoError(l.t, err)
	require.NotEmpty(l.t, found.Passages)
	return found.Model, found.Fallback
}

func (l library) count(sql string) int {
	l.t.Helper()
	var n int
	require.NoError(l.t, l.db.QueryRow(l.t.Context(), sql).Scan(&n))
	return n
}

func TestModel_of_a_provider_becomes_active_when_it_is_complete(t *testing.T) {
	t.Parallel()
	p := &provider{name: "ada", dimensions: 64}
	l := newLibraryWith(t, p)
	before := library{knowledge.New(knowledge.Config{DB: l.db}), l.db, t} // a gateway without the provider
	before.publish("Refunds", "A refund takes five days.")

	l.publish("Roaming", "Roaming costs nothing.")
	require.Equal(t, 1, l.count(`SELECT count(*) FROM knowledge_vectors_2`), "a publication writes both from the start")
	require.Equal(t, 2, l.count(`SELECT count(*) FROM knowledge_vectors_1`))
	model, fallback := l.searchModel()
	require.Equal(t, "candor-lexical-1", model, "not complete yet")
	require.True(t, fallback)
	require.Equal(t, 1, l.count(`SELECT count(*) FROM river_job WHERE kind = 'knowledge_maintain'`), "and asks for the rest")

	require.NoError(t, l.Maintain(t.Context()))
	model, fallback = l.searchModel()
	require.Equal(t, "ada", model)
	require.False(t, fallback)
	require.Equal(t, 2, l.count(`SELECT count(*) FROM knowledge_vectors_2`))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM knowledge_models WHERE active AND name = 'ada'`))
	made := p.texts.Load()
	require.NoError(t, l.Maintain(t.Context()))
	require.Equal(t, made, p.texts.Load(), "nothing is embedded twice")

	model, fallback = before.searchModel()
	require.Equal(t, "candor-lexical-1", model, "the built-in index is always kept")
	require.False(t, fallback)
}

func TestModel_falls_back_when_the_provider_is_away(t *testing.T) {
	t.Parallel()
	p := &provider{name: "ada", dimensions: 64}
	l := newLibraryWith(t, p)
	l.publish("Refunds", "A refund takes five days.")
	require.NoError(t, l.Maintain(t.Context()))

	p.away.Store(true)
	model, fallback := l.searchModel()
	require.Equal(t, "candor-lexical-1", model)
	require.True(t, fallback)
	a := l.publish("Vouchers", "A voucher is for friends.")
	require.Equal(t, "Vouchers", l.best("voucher"), "publishing does not wait for the provider")
	require.ErrorIs(t, l.Maintain(t.Context()), errAway, "so that the job is tried again")

	p.away.Store(false)
	require.NoError(t, l.Maintain(t.Context()))
	require.Equal(t, 2, l.count(`SELECT count(*) FROM knowledge_vectors_2`))
	_, err := l.Archive(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, 1, l.count(`SELECT count(*) FROM knowledge_vectors_2`), "vectors go with their chunks")
}

func TestModel_of_another_length_is_another_model(t *testing.T) {
	t.Parallel()
	p := &provider{name: "ada", dimensions: 64}
	l := newLibraryWith(t, p)
	l.publish("Refunds", "A refund takes five days.")
	require.NoError(t, l.Maintain(t.Context()))
	longer := &provider{name: "ada", dimensions: 128}
	next := library{knowledge.New(knowledge.Config{DB: l.db, Embedder: longer}), l.db, t}
	model, _ := next.searchModel()
	require.Equal(t, "candor-lexical-1", model, "vectors of two lengths never mix")
	require.NoError(t, next.Maintain(t.Context()))
	model, _ = next.searchModel()
	require.Equal(t, "ada", model)
	model, _ = l.searchModel()
	require.Equal(t, "ada", model, "a gateway that has not been restarted goes on with its own")
}

func TestModel_that_no_gateway_has_is_retired(t *testing.T) {
	t.Parallel()
	p := &provider{name: "ada", dimensions: 64}
	l := newLibraryWith(t, p)
	l.publish("Refunds", "A refund takes five days.")
	require.NoError(t, l.Maintain(t.Context()))
	_, err := l.db.Exec(t.Context(), `UPDATE knowledge_models SET seen_at = now() - interval '2 days' WHERE NOT builtin`)
	require.NoError(t, err)
	without := knowledge.New(knowledge.Config{DB: l.db})
	require.NoError(t, without.Maintain(t.Context()))
	require.Zero(t, l.count(`SELECT count(*) FROM pg_tables WHERE tablename = 'knowledge_vectors_2'`))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM knowledge_models WHERE active AND builtin`))

	require.NoError(t, l.Maintain(t.Context()), "it can come back")
	model, _ := l.searchModel()
	require.Equal(t, "ada", model)
}

func TestModel_that_cannot_be_indexed_is_left_out(t *testing.T) {
	t.Parallel()
	l := newLibraryWith(t, &provider{name: "wide", dimensions: 4001})
	l.publish("Refunds", "A refund takes five days.")
	model, fallback := l.searchModel()
	require.Equal(t, "candor-lexical-1", model)
	require.True(t, fallback)
	require.Equal(t, 1, l.count(`SELECT count(*) FROM knowledge_models`))
}

func TestMaintain_runs_in_the_background(t *testing.T) {
	t.Parallel()
	l := newLibraryWith(t, &provider{name: "ada", dimensions: 64})
	l.publish("Refunds", "A refund takes five days.")
	workers := river.NewWorkers()
	l.AddWorkers(workers)
	jobs, err := river.NewClient(riverpgxv5.New(l.db), &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}}, Workers: workers,
		PeriodicJobs: []*river.PeriodicJob{knowledge.MaintainPeriodically()},
	})
	require.NoError(t, err)
	done, cancel := jobs.Subscribe(river.EventKindJobCompleted)
	defer cancel()
	require.NoError(t, jobs.Start(t.Context()))
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("the job was not worked")
	}
	require.NoError(t, jobs.Stop(t.Context()))
	model, _ := l.searchModel()
	require.Equal(t, "ada", model)
}

func TestModel_unknown_length_waits_for_the_provider(t *testing.T) {
	t.Parallel()
	p := &provider{name: "ada"}
	l := newLibraryWith(t, p)
	l.publish("Refunds", "A refund takes five days.")
	require.Equal(t, "Refunds", l.best("refund"))
	p.dimensions = 32
	require.NoError(t, l.Maintain(t.Context()))
	model, _ := l.searchModel()
	require.Equal(t, "ada", model)
}

func TestModel_is_searched_through_its_graph_once_there_is_one(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	l := library{knowledge.New(knowledge.Config{DB: db, GraphFrom: 3}), db, t}
	l.publish("Refunds", "A refund takes five days.")
	require.NoError(t, l.Maintain(t.Context()))
	require.Zero(t, l.count(`SELECT count(*) FROM pg_indexes WHERE indexname = 'knowledge_vectors_1_hnsw'`))
	l.publish("Roaming", "Roaming costs nothing.")
	l.publish("Vouchers", "A voucher is for friends.")
	require.NoError(t, l.Maintain(t.Context()))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM pg_index WHERE indexrelid = 'knowledge_vectors_1_hnsw'::regclass AND indisvalid`))
	require.Equal(t, "Roaming", l.best("roaming"))
	l.publish("Invoices", "The invoice comes on the fifth.")
	require.Equal(t, "Invoices", l.best("invoice"), "what is published later is in the graph")
	require.NoError(t, l.Maintain(t.Context()), "it is built once")
}

func TestModel_gets_vectors_that_were_never_made(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.publish("Refunds", strings.Repeat("A refund takes five days.\n\n", 300))
	_, err := l.db.Exec(t.Context(), `DELETE FROM knowledge_vectors_1 WHERE chunk_id % 2 = 0`)
	require.NoError(t, err)
	require.NoError(t, l.Maintain(t.Context()))
	l.requireTrueStatistics()
	require.False(t, math.IsNaN(func() float64 {
		found, err := l.Search(t.Context(), knowledge.Query{Text: "refund"})
		require.NoError(t, err)
		return found.Passages[0].VectorScore
	}()))
}
