// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"sync"
	"time"

	"candor/postgres"
)

// Measured is what the last days really were.
type Measured struct {
	Days     int
	Cases    int
	P50, P95 time.Duration // from the promise of a person to their first word
}

const (
	// measuredDays is how far back Measured looks.
	measuredDays = 30
	// minWaits is how many times it takes to say anything of them.
	minWaits = 10
	// measureEvery is how long a measurement is shown before it is made anew:
	// every new conversation shows it, and it reads thirty days of cases.
	measureEvery = time.Minute
)

// measurement remembers the last Measured.
type measurement struct {
	mu    sync.Mutex
	at    time.Time
	value *Measured
}

// Measured gives the times to a person's first word in the last thirty days, nil
// while there are too few. It is a minute old at most.
func (s *Service) Measured(ctx context.Context) (*Measured, error) {
	s.measured.mu.Lock()
	defer s.measured.mu.Unlock()
	if time.Since(s.measured.at) < measureEvery {
		return s.measured.value, nil
	}
	value, err := s.measure(ctx)
	if err != nil {
		return nil, err
	}
	s.measured.at, s.measured.value = time.Now(), value
	return value, nil
}

func (s *Service) measure(ctx context.Context) (*Measured, error) {
	m := Measured{Days: measuredDays}
	var p50, p95 float64
	err := s.db.QueryRow(ctx, `
		SELECT count(*),
			coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - enqueued_at)), 0)::float8,
			coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - enqueued_at)), 0)::float8
		FROM cases
		WHERE claimed_at > now() - make_interval(days => $1) AND answered_at IS NOT NULL AND due_at IS NULL
			AND reason <> 'agent_takeover'`,
		measuredDays).Scan(&m.Cases, &p50, &p95)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("measure answers: %w", err))
	}
	if m.Cases < minWaits {
		return nil, nil //nolint:nilnil // nothing honest can be said yet
	}
	m.P50, m.P95 = seconds(p50), seconds(p95)
	return &m, nil
}
