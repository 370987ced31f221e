// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"sync"
	"time"
)

// The series that players measure.
const (
	seriesFirst    = "message to first sentence"
	seriesEnd      = "message to end of answer"
	seriesQueue    = "asked for a person to queue on a desk"
	seriesDesk     = "customer's commit to agent's screen"
	seriesCustomer = "agent's commit to customer's screen"
	seriesServed   = "asked for a person to first reply"
)

// book is where all players write down what they saw.
type book struct {
	mu       sync.Mutex
	series   map[string][]float64 // milliseconds
	outcomes map[string]int
	failures map[string]int
}

func newBook() *book {
	return &book{series: map[string][]float64{}, outcomes: map[string]int{}, failures: map[string]int{}}
}

func (b *book) took(series string, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.series[series] = append(b.series[series], ms(d))
}

func (b *book) outcome(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.outcomes[name]++
}

// failed counts a failure, unless the run is over and everything is being cut off.
func (b *book) failed(ctx context.Context, doing string, err error) {
	if ctx.Err() != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures[doing+": "+kindOf(err)]++
}

// kindOf names an error without what differs from one to the next.
func kindOf(err error) string {
	var status *statusError
	var network net.Error
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.Is(err, errIncomplete), errors.Is(err, io.ErrUnexpectedEOF):
		return "incomplete stream"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.As(err, &network):
		return "connection"
	default:
		return err.Error()
	}
}

// account is the book in short.
type account struct {
	Seconds  float64            `json:"seconds"`
	Series   map[string]summary `json:"series"`
	Outcomes map[string]int     `json:"outcomes"`
	Failures map[string]int     `json:"failures"`
	Failed   int                `json:"failed"`
}

func (b *book) account(took time.Duration) account {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := account{Seconds: took.Seconds(), Series: map[string]summary{}, Outcomes: maps.Clone(b.outcomes), Failures: maps.Clone(b.failures)}
	for name, values := range b.series {
		a.Series[name] = summarize(values)
	}
	for _, n := range b.failures {
		a.Failed += n
	}
	return a
}

func (a account) print(w io.Writer) {
	fmt.Fprintf(w, "%-40s %7s %9s %9s %9s %9s\n", "ms", "count", "p50", "p95", "p99", "max")
	for _, name := range []string{seriesFirst, seriesEnd, seriesQueue, seriesServed, seriesDesk, seriesCustomer} {
		if s, ok := a.Series[name]; ok {
			fmt.Fprintf(w, "%-40s %7d %9.1f %9.1f %9.1f %9.1f\n", name, s.Count, s.P50, s.P95, s.P99, s.Max)
		}
	}
	fmt.Fprintf(w, "\n%.1f s, %.1f messages a second; outcomes:", a.Seconds, float64(a.Series[seriesEnd].Count)/a.Seconds)
	for _, name := range slices.Sorted(maps.Keys(a.Outcomes)) {
		fmt.Fprintf(w, " %s %d", name, a.Outcomes[name])
	}
	fmt.Fprintf(w, "\nfailures: %d\n", a.Failed)
	for _, name := range slices.Sorted(maps.Keys(a.Failures)) {
		fmt.Fprintf(w, "  %5d  %s\n", a.Failures[name], name)
	}
}
