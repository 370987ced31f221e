// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"candor/knowledge"
	"candor/knowledge/embed"
)

// measureSearch compares the search with an exact scan of the vectors, and the
// worst that a customer can type with a question of rare words.
func measureSearch(ctx context.Context, b *bench) ([]figure, error) {
	const search, exact, common = "search", "exact scan", "common words"
	r, err := b.interleave(ctx,
		b.searches(search, b.library.question),
		b.searches(common, b.library.common),
		b.scans(exact),
	)
	if err != nil {
		return nil, err
	}
	recall, err := b.recall(ctx)
	if err != nil {
		return nil, err
	}
	size := fmt.Sprintf("%d chunks", b.library.chunks)
	return []figure{
		compare("hybrid search, "+size+", p50", "ms", r[search]["p50"], exact, r[exact]["p50"], goal{}).
			because("the scan finds vectors alone, without statistics, words and passages"),
		compare("hybrid search, "+size+", p99", "ms", r[search]["p99"], exact, r[exact]["p99"], goal{}),
		compare("search for 6 common words, p99", "ms", r[common]["p99"], search, r[search]["p99"], atMost("P14", 25)),
		single("recall of the 10 nearest in a search", "", recall, atLeast("P12", 0.98)).because("against the exact scan, %d questions", b.searchCount()),
	}, nil
}

func (b *bench) searchCount() int {
	if b.quick {
		return 30
	}
	return 100
}

// timed measures a number of calls one after the other.
func (b *bench) timed(name string, call func(ctx context.Context, n int) error) contender {
	round := 0
	return contender{name, func(ctx context.Context) (map[string]float64, error) {
		var took []float64
		for n := range b.searchCount() {
			start := time.Now()
			if err := call(ctx, round*b.searchCount()+n); err != nil {
				return nil, err
			}
			took = append(took, ms(time.Since(start)))
		}
		round++
		return map[string]float64{"p50": median(took), "p99": quantile(took, 0.99)}, nil
	}}
}

func (b *bench) searches(name string, question func(n int) string) contender {
	return b.timed(name, func(ctx context.Context, n int) error {
		_, err := b.world.knowledge.Search(ctx, knowledge.Query{Text: question(n), Lang: "en"})
		return err
	})
}

func (b *bench) scans(name string) contender {
	return b.timed(name, func(ctx context.Context, n int) error {
		_, err := b.nearest(ctx, b.library.question(n))
		return err
	})
}

// nearest are the ten chunks whose vectors are nearest to a question's, for certain.
func (b *bench) nearest(ctx context.Context, question string) ([]int64, error) {
	vector := pgvector.NewHalfVector(embed.Vector(embed.Part{Text: question, Lang: "en", Weight: 1}))
	// The addition keeps the planner from using the graph.
	rows, err := b.world.db.Query(ctx, `
		SELECT chunk_id
		FROM knowledge_vectors_1
		ORDER BY (embedding <=> $1) + 0
		LIMIT 10`, vector)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// recall is the share of the ten nearest chunks that a search had among the
// first ten by its vectors.
func (b *bench) recall(ctx context.Context) (float64, error) {
	found, wanted := 0, 0
	for n := range b.searchCount() {
		question := b.library.question(n)
		nearest, err := b.nearest(ctx, question)
		if err != nil {
			return 0, err
		}
		result, err := b.world.knowledge.Search(ctx, knowledge.Query{Text: question, Lang: "en", Limit: 50, PerArticle: 50})
		if err != nil {
			return 0, err
		}
		near := map[int64]bool{}
		for _, p := range result.Passages {
			near[p.ChunkID] = p.VectorRank > 0 && p.VectorRank <= len(nearest)
		}
		for _, id := range nearest {
			wanted++
			if near[id] {
				found++
			}
		}
	}
	return float64(found) / float64(wanted), nil
}
