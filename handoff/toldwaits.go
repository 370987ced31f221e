// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

// WaitReport compares what customers were told of their waits with what these
// were, for those of a team whose waits ended in a week.
type WaitReport struct {
	Week   time.Time // its Monday, where the company is
	Team   string
	Told   int // a range, and a person came
	Inside int // of those: within it
	Sooner int
	Longer int
	Untold int // that nothing was known, and a person came
	Left   int // before a person came: the customer went, or the team closed
}

const waitReportQuery = `
	SELECT date_trunc('week', ended_at AT TIME ZONE $3)::timestamp AT TIME ZONE $3 AS week, team,
		count(*) FILTER (WHERE served AND low IS NOT NULL),
		count(*) FILTER (WHERE served AND waited BETWEEN low AND high),
		count(*) FILTER (WHERE served AND waited < low),
		count(*) FILTER (WHERE served AND waited > high),
		count(*) FILTER (WHERE served AND low IS NULL),
		count(*) FILTER (WHERE NOT served)
	FROM (
		SELECT ended_at, team, served, low, high, extract(epoch FROM ended_at - told_at) AS waited
		FROM told_waits
		WHERE ended_at >= $1 AND ended_at < $2) over
	GROUP BY week, team
	ORDER BY week, team`

// ReportWaits tells how the waits that were told compare with those that were, by
// week and team, for what ended in a span of time.
func (s *Service) ReportWaits(ctx context.Context, from, to time.Time) ([]WaitReport, error) {
	rows, err := s.db.Query(ctx, waitReportQuery, from, to, s.chat.Company().Zone().String())
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("report waits: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[WaitReport])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("report waits: %w", err))
	}
	return list, nil
}

// WallWaits is the same in two figures, for a wallboard.
type WallWaits struct{ Told, Inside int }

// wallWaitDays is how far back a wallboard looks for them: a day has too few.
const wallWaitDays = 7

const wallWaitsQuery = `
	SELECT count(*), count(*) FILTER (WHERE extract(epoch FROM ended_at - told_at) BETWEEN low AND high)
	FROM told_waits
	WHERE ended_at > now() - make_interval(days => $1) AND served AND low IS NOT NULL`

func (s *Service) wallWaits(ctx context.Context, w *Wall) error {
	err := s.db.QueryRow(ctx, wallWaitsQuery, wallWaitDays).Scan(&w.Waits.Told, &w.Waits.Inside)
	if err != nil {
		return postgres.Away(fmt.Errorf("read the waits of a wallboard: %w", err))
	}
	return nil
}
