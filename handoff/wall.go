// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

// Wall is what a wallboard shows: how it stands now, and how the last hours went.
type Wall struct {
	Now   time.Time // of the database
	Teams []WallTeam
	Hours []WallHour // the last twelve, the present one last
	First WallFirst
	Waits WallWaits // the last seven days
}

// WallTeam is how the queue of a team stands.
type WallTeam struct {
	Team        string
	Waiting     int
	Oldest      *time.Time // since when the one waits that waits longest
	Promised    int        // of those that wait: with a date
	Late        int        // of those: the date has passed
	Claimed     int
	ForCustomer int // of the claimed: it is the customer's turn
}

// WallHour counts what happened in an hour.
type WallHour struct {
	At                       time.Time
	Opened, Answered, Closed int
}

// WallFirst is how soon people gave their first word in the last twelve hours.
type WallFirst struct {
	Answered int
	Within   int // the promised time
	P50, P90 time.Duration
}

// wallHours is how far back a wallboard looks.
const wallHours = 12

// wallHoursQuery reads three stretches of three indexes, whatever lies before them.
const wallHoursQuery = `
	WITH steps AS (
		SELECT date_trunc('hour', enqueued_at) AS at, 'opened' AS step FROM cases WHERE enqueued_at >= date_trunc('hour', now()) - make_interval(hours => $1 - 1)
		UNION ALL
		SELECT date_trunc('hour', answered_at), 'answered' FROM cases WHERE answered_at >= date_trunc('hour', now()) - make_interval(hours => $1 - 1)
		UNION ALL
		SELECT date_trunc('hour', resolved_at), 'closed' FROM cases WHERE resolved_at >= date_trunc('hour', now()) - make_interval(hours => $1 - 1))
	SELECT h.at, count(*) FILTER (WHERE step = 'opened'), count(*) FILTER (WHERE step = 'answered'), count(*) FILTER (WHERE step = 'closed')
	FROM generate_series(date_trunc('hour', now()) - make_interval(hours => $1 - 1), now(), interval '1 hour') AS h(at)
	LEFT JOIN steps USING (at)
	GROUP BY h.at
	ORDER BY h.at`

const wallFirstQuery = `
	SELECT now(), count(*), count(*) FILTER (WHERE wait <= $2),
		coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY wait), 0), coalesce(percentile_cont(0.9) WITHIN GROUP (ORDER BY wait), 0)
	FROM (
		-- Who was answered before the opening has not waited.
		SELECT greatest(0, extract(epoch FROM answered_at - coalesce(ready_at, enqueued_at)))::float8 AS wait
		FROM cases
		WHERE answered_at > now() - make_interval(hours => $1) AND reason <> 'agent_takeover') waits`

// Wall reads a wallboard's figures from the cases themselves.
func (s *Service) Wall(ctx context.Context) (Wall, error) {
	w := Wall{}
	rows, err := s.db.Query(ctx, `
		SELECT team,
			count(*) FILTER (WHERE state = 'waiting'),
			min(enqueued_at) FILTER (WHERE state = 'waiting'),
			count(*) FILTER (WHERE state = 'waiting' AND due_at IS NOT NULL),
			count(*) FILTER (WHERE state = 'waiting' AND due_at < now()),
			count(*) FILTER (WHERE state = 'claimed'),
			count(*) FILTER (WHERE state = 'claimed' AND paused_at IS NOT NULL)
		FROM cases
		WHERE state IN ('waiting', 'claimed')
		GROUP BY team
		ORDER BY team`)
	if err == nil {
		w.Teams, err = pgx.CollectRows(rows, pgx.RowToStructByPos[WallTeam])
	}
	if err != nil {
		return w, postgres.Away(fmt.Errorf("read the teams of a wallboard: %w", err))
	}
	if err := s.wallHours(ctx, &w); err != nil {
		return w, err
	}
	if err := s.wallFirst(ctx, &w); err != nil {
		return w, err
	}
	return w, s.wallWaits(ctx, &w)
}

func (s *Service) wallHours(ctx context.Context, w *Wall) error {
	rows, err := s.db.Query(ctx, wallHoursQuery, wallHours)
	if err == nil {
		w.Hours, err = pgx.CollectRows(rows, pgx.RowToStructByPos[WallHour])
	}
	if err != nil {
		return postgres.Away(fmt.Errorf("read the hours of a wallboard: %w", err))
	}
	return nil
}

func (s *Service) wallFirst(ctx context.Context, w *Wall) error {
	var p50, p90 float64
	err := s.db.QueryRow(ctx, wallFirstQuery,
		wallHours, float64(s.chat.Company().Targets.FirstResponseMinutes*60)).
		Scan(&w.Now, &w.First.Answered, &w.First.Within, &p50, &p90)
	if err != nil {
		return postgres.Away(fmt.Errorf("read the first answers of a wallboard: %w", err))
	}
	w.First.P50, w.First.P90 = seconds(p50), seconds(p90)
	return nil
}
