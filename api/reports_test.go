// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

func TestReports(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent, supervisor := w.member(t, "Agent 1", staff.RoleAgent), w.member(t, "Supervisor 1", staff.RoleSupervisor)
	agent.available(t)
	w.customer(t).says(t, "I want to talk to a person")
	w.customer(t).says(t, "I want to talk to a person")
	k := agent.queue(t)[0]
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+k.ID+"/claim", nil).status)
	require.Equal(t, http.StatusCreated, agent.call(t, http.MethodPost, "/v1/cases/"+k.ID+"/messages", map[string]any{"text": "Hello"}).status)

	r := agent.call(t, http.MethodGet, "/v1/cases/"+k.ID, nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var file struct {
		Case struct {
			Clocks []struct {
				Kind, State string
				Remaining   int `json:"remaining_s"`
			}
		}
	}
	r.into(t, &file)
	states := map[string]string{}
	for _, c := range file.Case.Clocks {
		states[c.Kind] = c.State
		require.Positive(t, c.Remaining)
	}
	require.Equal(t, map[string]string{"acknowledgement": "met", "first_response": "met", "resolution": "running"}, states)

	_, err := w.desk.LookAtClocks(t.Context())
	require.NoError(t, err)
	for _, path := range []string{"/v1/reports/queue", "/v1/reports/clocks", "/v1/reports/waits"} {
		require.Equal(t, http.StatusForbidden, agent.call(t, http.MethodGet, path, nil).status)
	}
	r = supervisor.call(t, http.MethodGet, "/v1/reports/queue", nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var wall struct {
		Waiting int
		States  map[string]int
		Teams   []struct{ Present, Load int }
		Today   []struct {
			Kind  string
			Share float64 `json:"met_share"`
		}
	}
	r.into(t, &wall)
	require.Equal(t, 1, wall.Waiting)
	require.Equal(t, map[string]int{"human": 1, "queued": 1}, wall.States)
	require.Equal(t, 1, wall.Teams[0].Present)
	require.Equal(t, 1, wall.Teams[0].Load)
	require.Len(t, wall.Today, 2)
	require.InDelta(t, 1, wall.Today[0].Share, 0)

	r = supervisor.call(t, http.MethodGet, "/v1/reports/clocks?from=2026-01-01T00:00:00Z", nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var report struct {
		Clocks []struct{ Kind, Priority string }
	}
	r.into(t, &report)
	require.Len(t, report.Clocks, 2)
	require.Equal(t, "normal", report.Clocks[0].Priority)
	require.Equal(t, "invalid_time", supervisor.call(t, http.MethodGet, "/v1/reports/clocks?to=tomorrow", nil).code(t))

	_, err = w.DB.Exec(t.Context(), "UPDATE told_waits SET raw_low = 0, raw_high = 90, low = 0, high = 90")
	require.NoError(t, err)
	r = supervisor.call(t, http.MethodGet, "/v1/reports/waits", nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var waits struct {
		Told  int
		Share float64 `json:"inside_share"`
		Waits []struct{ Week string }
	}
	r.into(t, &waits)
	require.Equal(t, 1, waits.Told)
	require.InDelta(t, 1, waits.Share, 0)
	require.Len(t, waits.Waits, 1)
	require.Equal(t, "invalid_time", supervisor.call(t, http.MethodGet, "/v1/reports/waits?from=tomorrow", nil).code(t))
}
