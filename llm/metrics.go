// SPDX-License-Identifier: MIT

package llm

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what the client does. Labels come from small fixed sets.
type metrics struct {
	requests   *prometheus.CounterVec
	retries    *prometheus.CounterVec
	tokens     *prometheus.CounterVec
	breaker    *prometheus.GaugeVec
	firstToken prometheus.Histogram
}

// newMetrics makes the metrics and registers them if there is where. Clients that
// share a registerer share the metrics.
func newMetrics(r prometheus.Registerer) *metrics {
	return &metrics{
		requests: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "candor_llm_requests_total",
			Help: "Calls to the model provider by operation and outcome; a call with retries counts once.",
		}, []string{"operation", "outcome"})),
		retries: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "candor_llm_retries_total",
			Help: "Requests sent again to the model provider, all before the first token.",
		}, []string{"operation"})),
		tokens: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "candor_llm_tokens_total",
			Help: "Tokens sent to (prompt) and received from (completion) the model, and whether the provider counted them.",
		}, []string{"operation", "kind", "source"})),
		breaker: register(r, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "candor_llm_breaker_state",
			Help: "State of the circuit breaker: 0 closed, 1 half open, 2 open.",
		}, []string{"operation"})),
		firstToken: register(r, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "candor_llm_first_token_seconds",
			Help:    "Time from a call to the first token of its answer, retries included.",
			Buckets: []float64{.025, .05, .1, .2, .4, .8, 1.5, 3, 6, 10, 20, 40},
		})),
	}
}

// register registers c, or gives the one that is registered already.
func register[T prometheus.Collector](r prometheus.Registerer, c T) T {
	if r == nil {
		return c
	}
	var taken prometheus.AlreadyRegisteredError
	if err := r.Register(c); errors.As(err, &taken) {
		if same, ok := taken.ExistingCollector.(T); ok {
			return same
		}
	}
	return c
}

// count counts a call that is over.
func (m *metrics) count(operation, outcome string, u Usage) {
	m.requests.WithLabelValues(operation, outcome).Inc()
	source := "reported"
	if u.Estimated {
		source = "estimated"
	}
	if u.PromptTokens > 0 {
		m.tokens.WithLabelValues(operation, "prompt", source).Add(float64(u.PromptTokens))
	}
	if u.CompletionTokens > 0 {
		m.tokens.WithLabelValues(operation, "completion", source).Add(float64(u.CompletionTokens))
	}
}

// outcome names an error for the metrics.
func outcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrUnavailable):
		return "unavailable"
	case errors.Is(err, ErrRejected):
		return "rejected"
	case errors.Is(err, ErrCut):
		return "cut"
	case errors.Is(err, ErrStalled):
		return "stalled"
	case errors.Is(err, ErrTooLong):
		return "too_long"
	case errors.Is(err, ErrGarbled):
		return "garbled"
	case errors.Is(err, ErrClosed), errors.Is(err, context.Canceled):
		return "cancelled"
	default:
		return "failed"
	}
}
