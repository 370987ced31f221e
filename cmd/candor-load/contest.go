// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// contender is one side of a comparison. round gives what one round measured, by name.
type contender struct {
	name  string
	round func(ctx context.Context) (map[string]float64, error)
}

// results are the rounds of each contender's measures.
type results map[string]map[string][]float64

// interleave lets the contenders run in turn, round after round, each round
// beginning with another one. The first round warms up and is not counted.
func (b *bench) interleave(ctx context.Context, contenders ...contender) (results, error) {
	all := results{}
	for round := range b.rounds + 1 {
		for i := range contenders {
			c := contenders[(round+i)%len(contenders)]
			measured, err := c.round(ctx)
			if err != nil {
				return nil, err
			}
			if round == 0 {
				continue
			}
			if all[c.name] == nil {
				all[c.name] = map[string][]float64{}
			}
			for what, value := range measured {
				all[c.name][what] = append(all[c.name][what], value)
			}
		}
	}
	return all, nil
}

// window is how long a round of throughput lasts.
func (b *bench) window() time.Duration {
	if b.quick {
		return 500 * time.Millisecond
	}
	return 2 * time.Second
}

// flatOut runs work on so many goroutines for a window and gives how often a
// second it was done. The first error ends it.
func (b *bench) flatOut(ctx context.Context, goroutines int, work func(ctx context.Context, worker int) error) (float64, error) {
	end := time.Now().Add(b.window())
	start := time.Now()
	var done atomic.Int64
	var once sync.Once
	var failure error
	var workers sync.WaitGroup
	for n := range goroutines {
		workers.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				if err := work(ctx, n); err != nil {
					once.Do(func() { failure = err })
					return
				}
				done.Add(1)
			}
		})
	}
	workers.Wait()
	if failure == nil {
		failure = ctx.Err()
	}
	return float64(done.Load()) / time.Since(start).Seconds(), failure
}
