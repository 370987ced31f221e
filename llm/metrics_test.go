// SPDX-License-Identifier: MIT

package llm_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"candor/llm"
	"candor/llm/llmtest"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	share := func(c *llm.Config) { c.Registerer, c.RetryWait = registry, 1 }
	server, client := setup(t, llmtest.Static(llmtest.Say(ten)), share)

	_, err := ask(t.Context(), client)
	require.NoError(t, err)
	server.Queue(llmtest.Reply{Status: http.StatusServiceUnavailable}, llmtest.Reply{Text: ten, End: llmtest.EndLength, NoUsage: true})
	_, err = ask(t.Context(), client)
	require.NoError(t, err)
	server.Queue(llmtest.Reply{Text: ten, End: llmtest.EndCut, After: 3})
	_, err = ask(t.Context(), client)
	require.Error(t, err)
	server.Queue(llmtest.Reply{Status: http.StatusUnauthorized})
	_, err = ask(t.Context(), client)
	require.Error(t, err)
	s, err := client.Stream(t.Context(), hello)
	require.NoError(t, err)
	s.Close()
	_, err = client.Embed(t.Context(), texts(2))
	require.NoError(t, err)

	got := gather(t, registry)
	for name, want := range map[string]float64{
		"requests_total chat cancelled": 1,
		"requests_total chat cut":       1,
		"requests_total chat length":    1,
		"requests_total chat ok":        1,
		"requests_total chat rejected":  1,
		"requests_total embed ok":       1,
		"retries_total chat":            1,
		"breaker_state chat":            0,
		"breaker_state embed":           0,
		"first_token_seconds":           4,

		"tokens_total prompt chat reported":     11,
		"tokens_total completion chat reported": 10,
		"tokens_total prompt embed reported":    8,
	} {
		require.Contains(t, got, name)
		require.InDelta(t, want, got[name], 0, name)
	}
	require.Positive(t, got["tokens_total completion chat estimated"], "of the answers that were not counted")
	require.NotContains(t, got, "requests_total chat unavailable")

	_, second := setup(t, llmtest.Static(llmtest.Say(ten)), share)
	_, err = ask(t.Context(), second)
	require.NoError(t, err)
	require.InDelta(t, 2, gather(t, registry)["requests_total chat ok"], 0, "a second client shares the metrics")
}

// gather gives each metric by its name without the prefix and the values of its
// labels; of a histogram, how many values it has.
func gather(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	all := make(map[string]float64)
	for _, f := range families {
		name, ok := strings.CutPrefix(f.GetName(), "candor_llm_")
		require.True(t, ok, f.GetName())
		for _, m := range f.GetMetric() {
			key := name
			for _, l := range m.GetLabel() {
				key += " " + l.GetValue()
			}
			switch {
			case m.GetCounter() != nil:
				all[key] = m.GetCounter().GetValue()
			case m.GetGauge() != nil:
				all[key] = m.GetGauge().GetValue()
			default:
				all[key] = float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return all
}
