// SPDX-License-Identifier: MIT

package handoff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/handoff"
)

func TestService_ReportWaits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	company := b.Chat.Company()
	company.TimeZone = "America/New_York"
	b.Chat.SetCompany(company)
	k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
	_, err := b.DB.Exec(t.Context(), "DELETE FROM told_waits")
	require.NoError(t, err)
	told := func(ended string, waited float64, served bool, low, high any) {
		_, err := b.DB.Exec(t.Context(), `
			INSERT INTO told_waits (case_id, team, told_at, position, agents, raw_low, raw_high, low, high, ended_at, served)
			VALUES ($1, '', $2::timestamptz - $3 * interval '1 second', 1, 1, $4, $5, $4, $5, $2::timestamptz, $6)`, k.ID, ended, waited, low, high, served)
		require.NoError(t, err)
	}
	told("2026-03-02T15:00:00Z", 60, true, 30, 120)
	told("2026-03-03T15:00:00Z", 30, true, 30, 120)
	told("2026-03-04T15:00:00Z", 10, true, 30, 120)
	told("2026-03-05T15:00:00Z", 300, true, 30, 120)
	told("2026-03-06T15:00:00Z", 300, true, nil, nil)
	told("2026-03-07T15:00:00Z", 60, false, 30, 120)
	told("2026-03-09T03:30:00Z", 60, true, 30, 120) // Sunday still, in New York, after the clocks went forward
	told("2026-03-09T04:30:00Z", 60, true, 30, 120)
	_, err = b.DB.Exec(t.Context(), "UPDATE told_waits SET team = 'bills' WHERE ended_at = '2026-03-07T15:00:00Z'")
	require.NoError(t, err)

	list, err := b.desk.ReportWaits(t.Context(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	first, second := time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC), time.Date(2026, 3, 9, 4, 0, 0, 0, time.UTC)
	for i := range list {
		list[i].Week = list[i].Week.UTC()
	}
	require.Equal(t, []handoff.WaitReport{
		{Week: first, Told: 5, Inside: 3, Sooner: 1, Longer: 1, Untold: 1},
		{Week: first, Team: "bills", Left: 1},
		{Week: second, Told: 1, Inside: 1},
	}, list)
}
