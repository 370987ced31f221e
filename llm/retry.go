// SPDX-License-Identifier: MIT

package llm

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

// operation is one kind of call, chat or embed, with all that its calls share:
// the breaker, the retry budget, the provider's wish to be left alone, the slots.
type operation struct {
	name    string
	cfg     Config
	log     *slog.Logger
	metrics *metrics
	breaker *gobreaker.TwoStepCircuitBreaker[any]
	budget  budget
	pause   pause
	slots   chan struct{}
}

func newOperation(name string, cfg Config, m *metrics) *operation {
	o := &operation{name: name, cfg: cfg, log: cfg.Logger, metrics: m, slots: make(chan struct{}, cfg.MaxConcurrent)}
	o.budget.tokens = retryReserve
	o.breaker = gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Name:         name,
		Interval:     10 * time.Second,
		BucketPeriod: time.Second,
		Timeout:      cfg.BreakerTimeout,
		ReadyToTrip: func(n gobreaker.Counts) bool {
			seen := n.TotalSuccesses + n.TotalFailures
			return int(n.ConsecutiveFailures) >= cfg.BreakerFailures || seen >= 20 && n.TotalFailures*2 >= seen
		},
		IsSuccessful:  func(err error) bool { return err == nil || errors.Is(err, ErrRejected) },
		IsExcluded:    func(err error) bool { return errors.Is(err, context.Canceled) },
		OnStateChange: o.changed,
	})
	m.breaker.WithLabelValues(name).Set(0)
	return o
}

// changed tells of a new state of the breaker.
func (o *operation) changed(_ string, from, to gobreaker.State) {
	o.metrics.breaker.WithLabelValues(o.name).Set(float64(to))
	o.log.Warn("model breaker changed", "operation", o.name, "from", from.String(), "to", to.String())
}

// available reports whether a call would be let through now.
func (o *operation) available() bool {
	return o.breaker.State() != gobreaker.StateOpen && o.pause.left() <= o.cfg.MaxRetryWait
}

// acquire takes a slot, waiting for one until ctx ends.
func (o *operation) acquire(ctx context.Context) error {
	select {
	case o.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case o.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		if _, is := errors.AsType[*Error](context.Cause(ctx)); is {
			return &Error{Kind: ErrUnavailable, Type: "busy"}
		}
		return explain(ctx, ctx.Err())
	}
}

// release gives the slot back.
func (o *operation) release() { <-o.slots }

// run tries until try succeeds, fails for good, or there is no time, no attempt or
// no budget left. until is when waiting has no point any more.
func (o *operation) run(ctx context.Context, until time.Time, try func() error) error {
	o.budget.earn()
	for attempt := 1; ; attempt++ {
		err := o.attempt(ctx, until, try)
		if err == nil {
			return nil
		}
		wait, again := o.again(attempt, until, err)
		if !again {
			return err
		}
		o.metrics.retries.WithLabelValues(o.name).Inc()
		o.log.Warn("retrying model call", "operation", o.name, "attempt", attempt, "wait", wait, "error", err)
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// attempt tries once, if the provider's pause and the breaker let it.
func (o *operation) attempt(ctx context.Context, until time.Time, try func() error) error {
	if left := o.pause.left(); left > 0 {
		if left > o.cfg.MaxRetryWait || left > time.Until(until) {
			return &Error{Kind: ErrUnavailable, Type: "paused", RetryAfter: left}
		}
		// All that wait begin a little apart.
		if err := sleep(ctx, left+jitter(o.cfg.RetryWait)); err != nil {
			return err
		}
	}
	done, err := o.breaker.Allow()
	if err != nil {
		return &Error{Kind: ErrUnavailable, Type: "breaker_open"}
	}
	if err = try(); err != nil {
		err = explain(ctx, err)
		if e, is := errors.AsType[*Error](err); is {
			err = early(e)
			o.pause.ask(e.RetryAfter)
		}
	}
	done(err)
	return err
}

// again decides whether to try again after err, and after which wait.
func (o *operation) again(attempt int, until time.Time, err error) (time.Duration, bool) {
	var e *Error
	if !errors.As(err, &e) || !e.retry || attempt >= o.cfg.MaxAttempts {
		return 0, false
	}
	wait := max(jitter(o.cfg.RetryWait<<(attempt-1)), e.RetryAfter)
	if wait > max(o.cfg.MaxRetryWait, o.cfg.RetryWait) || wait > time.Until(until) {
		return 0, false
	}
	return wait, o.budget.spend()
}

// late tells the breaker of a failure after the first token, when the attempt has
// been counted as a success already.
func (o *operation) late(err error) {
	if done, e := o.breaker.Allow(); e == nil {
		done(err)
	}
}

// jitter is between a half of d and d.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1) //nolint:gosec // only to spread retries
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return explain(ctx, ctx.Err())
	}
}

// The retry budget: a tenth of the calls, saved up to a maximum. A small reserve
// that comes back with time lets a quiet deployment retry at all.
const (
	retryRatio   = 0.1
	retryMax     = 10.0
	retryReserve = 3.0
	retryRefill  = 10 * time.Second // for one retry of the reserve
)

// budget counts the retries that recent calls have earned.
type budget struct {
	mu     sync.Mutex
	tokens float64
	last   time.Time
}

// earn counts a call.
func (b *budget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if !b.last.IsZero() && b.tokens < retryReserve {
		b.tokens = min(retryReserve, b.tokens+float64(now.Sub(b.last))/float64(retryRefill))
	}
	b.last = now
	b.tokens = min(retryMax, b.tokens+retryRatio)
}

// spend takes one retry if there is one.
func (b *budget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// maxPause caps how long a provider can have itself left alone.
const maxPause = time.Minute

// pause is the time until which the provider asked not to be called.
type pause struct {
	mu    sync.Mutex
	until time.Time
}

// ask notes that the provider asked for d.
func (p *pause) ask(d time.Duration) {
	if d <= 0 {
		return
	}
	until := time.Now().Add(min(d, maxPause))
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.until) {
		p.until = until
	}
}

// left is how long the pause still lasts.
func (p *pause) left() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, time.Until(p.until))
}
