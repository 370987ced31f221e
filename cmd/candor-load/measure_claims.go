// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
)

// measureClaims compares how fast many and few agents empty the queue, and
// counts cases that two of them got.
func measureClaims(ctx context.Context, b *bench) ([]figure, error) {
	const few, many = "8 agents", "32 agents"
	r, err := b.interleave(ctx, b.claims(few, 8), b.claims(many, 32))
	if err != nil {
		return nil, err
	}
	var doubles int
	err = b.world.db.QueryRow(ctx, `
		SELECT count(*)
		FROM (
			SELECT FROM log
			WHERE kind = 'case' AND body ->> 'action' = 'claimed'
			GROUP BY conversation_id
			HAVING count(*) > 1) twice`).Scan(&doubles)
	if err != nil {
		return nil, err
	}
	control, err := b.carelessClaims(ctx)
	if err != nil {
		return nil, err
	}
	return []figure{
		compare("claims a second, 32 agents", "/s", r[many]["rate"], few, r[few]["rate"], atLeast("P15", 0.75)).
			because("each round empties a queue of %d cases", b.caseCount()),
		single("cases claimed twice", "", float64(doubles), atMost("P15", 0)).
			because("each case was gone for by two agents; without the check (the control) %d of %d go to two", control, b.caseCount()),
	}, nil
}

func (b *bench) caseCount() int {
	if b.cases > 0 {
		return b.cases
	}
	if b.quick {
		return 100
	}
	return 500
}

// claims is a contender in which so many agents go for the cases of a queue, two
// for each case.
func (b *bench) claims(name string, agents int) contender {
	return contender{name, func(ctx context.Context) (map[string]float64, error) {
		ids, err := b.openCases(ctx, b.caseCount())
		if err != nil {
			return nil, err
		}
		var next, claimed atomic.Int64
		errs := make([]error, agents)
		var desk sync.WaitGroup
		start := time.Now()
		for n := range agents {
			desk.Go(func() {
				for i := int(next.Add(1)) - 1; i < 2*len(ids); i = int(next.Add(1)) - 1 {
					_, err := b.world.handoff.Claim(ctx, ids[i/2], b.agents[n])
					switch {
					case err == nil:
						claimed.Add(1)
					case !fault.Is(err, "already_claimed"):
						errs[n] = err
						return
					}
				}
			})
		}
		desk.Wait()
		took := time.Since(start)
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
		// One agent may go for a case twice: the second click succeeds and changes nothing.
		if int(claimed.Load()) < len(ids) {
			return nil, fmt.Errorf("%d of %d cases were claimed", claimed.Load(), len(ids))
		}
		return map[string]float64{"rate": float64(len(ids)) / took.Seconds()}, nil
	}}
}

// openCases puts so many customers in the queue.
func (b *bench) openCases(ctx context.Context, count int) ([]int64, error) {
	conversations, err := openRecords(ctx, b.world.quiet, count)
	if err != nil {
		return nil, err
	}
	ids, errs := make([]int64, count), make([]error, writers)
	var askers sync.WaitGroup
	for n := range writers {
		askers.Go(func() {
			for i := n; i < count && errs[n] == nil; i += writers {
				errs[n] = b.world.quiet.Lock(ctx, conversations[i], func(l *chat.Locked) error {
					k, err := b.world.handoff.OpenTx(ctx, l, handoff.Request{
						Reason: handoff.ReasonCustomerRequest, Evidence: []handoff.Evidence{{Detector: "button", Score: 1}},
					})
					ids[i] = k.ID
					return err
				})
			}
		})
	}
	askers.Wait()
	return ids, errors.Join(errs...)
}

// carelessClaims is the control: agents who look first and take afterwards. It
// must find cases that two got, or the count above could not see one either.
func (b *bench) carelessClaims(ctx context.Context) (int, error) {
	count := b.caseCount()
	_, err := b.world.db.Exec(ctx, "CREATE TABLE careless (id int PRIMARY KEY, agents int NOT NULL DEFAULT 0)")
	if err != nil {
		return 0, err
	}
	if _, err := b.world.db.Exec(ctx, "INSERT INTO careless SELECT generate_series(1, $1)", count); err != nil {
		return 0, err
	}
	var next atomic.Int64
	errs := make([]error, writers)
	var desk sync.WaitGroup
	for n := range writers {
		desk.Go(func() {
			for i := int(next.Add(1)) - 1; i < 2*count && errs[n] == nil; i = int(next.Add(1)) - 1 {
				var agents int
				errs[n] = b.world.db.QueryRow(ctx, "SELECT agents FROM careless WHERE id = $1", i/2+1).Scan(&agents)
				if errs[n] == nil && agents == 0 {
					_, errs[n] = b.world.db.Exec(ctx, "UPDATE careless SET agents = agents + 1 WHERE id = $1", i/2+1)
				}
			}
		})
	}
	desk.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	var doubles int
	err = b.world.db.QueryRow(ctx, "SELECT count(*) FROM careless WHERE agents > 1").Scan(&doubles)
	return doubles, err
}
