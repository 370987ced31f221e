// SPDX-License-Identifier: MIT

package main

import (
	"math"
	"slices"
	"time"
)

// quantile is the value below which the share q of the values lies, between two
// values by their distance. NaN without values.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	place := q * float64(len(sorted)-1)
	low := int(place)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (place-float64(low))*(sorted[low+1]-sorted[low])
}

func median(values []float64) float64 { return quantile(values, 0.5) }

// spread is how far the middle half of the values reaches, as a share of their median.
func spread(values []float64) float64 {
	return (quantile(values, 0.75) - quantile(values, 0.25)) / median(values)
}

// ratios divides round by round, so that what moved both moved neither.
func ratios(product, reference []float64) []float64 {
	list := make([]float64, min(len(product), len(reference)))
	for i := range list {
		list[i] = product[i] / reference[i]
	}
	return list
}

// ms is a duration in milliseconds, with its fraction.
func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// summary is a series of durations in milliseconds, in short.
type summary struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

func summarize(values []float64) summary {
	if len(values) == 0 {
		return summary{}
	}
	return summary{
		Count: len(values), P50: median(values), P95: quantile(values, 0.95), P99: quantile(values, 0.99), Max: slices.Max(values),
	}
}
