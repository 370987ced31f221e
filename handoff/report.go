// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/handoff/clock"
	"candor/postgres"
)

// ClockReport is how clocks of one kind ended, in a team and for a priority.
type ClockReport struct {
	Kind     clock.Kind
	Team     string
	Priority int
	Ended    int
	Met      int
	P50      time.Duration // of working time, until they ended
	P90      time.Duration
}

// ReportClocks tells how the clocks ended that did so in a span of time.
func (s *Service) ReportClocks(ctx context.Context, from, to time.Time) ([]ClockReport, error) {
	rows, err := s.db.Query(ctx, `
		SELECT kind, team, priority, count(*), count(*) FILTER (WHERE state = 'met'),
			percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed_s), percentile_cont(0.9) WITHIN GROUP (ORDER BY elapsed_s)
		FROM clocks
		WHERE ended_at >= $1 AND ended_at < $2
		GROUP BY kind, team, priority
		ORDER BY kind, team, priority DESC`, from, to)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("report clocks: %w", err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (ClockReport, error) {
		var r ClockReport
		var p50, p90 float64
		err := row.Scan(&r.Kind, &r.Team, &r.Priority, &r.Ended, &r.Met, &p50, &p90)
		r.P50, r.P90 = seconds(p50), seconds(p90)
		return r, err
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("report clocks: %w", err))
	}
	return list, nil
}

// QueueReport is the desk at one moment.
type QueueReport struct {
	At     time.Time
	States map[string]int // open conversations by state
	Teams  []TeamReport
	Agents []Colleague
	Today  []KindReport // since midnight where the company is
	Late   int          // open cases with a broken clock
	Soon   int          // and those that have only a warning
}

// TeamReport is one team's queue, and who is there for it.
type TeamReport struct {
	Team    string
	Waiting int
	Oldest  time.Duration // the longest wait
	Staffing
}

// KindReport counts what was met of one kind of clocks.
type KindReport struct {
	Kind       clock.Kind
	Ended, Met int
}

// ReportQueue tells how the desk stands, for a wall or a program that watches it.
func (s *Service) ReportQueue(ctx context.Context) (QueueReport, error) {
	r := QueueReport{States: map[string]int{}}
	err := s.db.QueryRow(ctx, `
		SELECT now(),
			count(DISTINCT case_id) FILTER (WHERE state = 'breached'),
			count(DISTINCT case_id) FILTER (WHERE due_at > now() AND warn_at <= now())
		FROM clocks
		WHERE ended_at IS NULL`).Scan(&r.At, &r.Late, &r.Soon)
	if err != nil {
		return r, postgres.Away(fmt.Errorf("count what is late: %w", err))
	}
	if err := s.countStates(ctx, &r); err != nil {
		return r, err
	}
	if r.Agents, err = s.Colleagues(ctx); err != nil {
		return r, err
	}
	if err := s.reportTeams(ctx, &r); err != nil {
		return r, err
	}
	year, month, day := r.At.In(s.chat.Company().Zone()).Date()
	list, err := s.ReportClocks(ctx, time.Date(year, month, day, 0, 0, 0, 0, s.chat.Company().Zone()), r.At.Add(time.Second))
	for _, c := range list {
		if n := len(r.Today); n == 0 || r.Today[n-1].Kind != c.Kind {
			r.Today = append(r.Today, KindReport{Kind: c.Kind})
		}
		last := &r.Today[len(r.Today)-1]
		last.Ended, last.Met = last.Ended+c.Ended, last.Met+c.Met
	}
	return r, err
}

func (s *Service) countStates(ctx context.Context, r *QueueReport) error {
	rows, err := s.db.Query(ctx, `
		SELECT c.state, count(*)
		FROM cases k
		JOIN conversations c ON c.id = k.conversation_id
		WHERE k.state IN ('waiting', 'claimed')
		GROUP BY c.state`)
	if err != nil {
		return postgres.Away(fmt.Errorf("count open cases: %w", err))
	}
	var state string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		r.States[state] = n
		return nil
	})
	if err != nil {
		return postgres.Away(fmt.Errorf("count open cases: %w", err))
	}
	return nil
}

// reportTeams tells of the teams of the settings, and of others whose customers
// still wait.
func (s *Service) reportTeams(ctx context.Context, r *QueueReport) error {
	company := s.chat.Company()
	at := map[string]int{}
	add := func(team string) *TeamReport {
		if _, known := at[team]; !known {
			at[team] = len(r.Teams)
			r.Teams = append(r.Teams, TeamReport{Team: team})
		}
		return &r.Teams[at[team]]
	}
	for _, t := range company.Teams {
		add(t.ID)
	}
	if len(company.Teams) == 0 {
		add("")
	}
	rows, err := s.db.Query(ctx, `
		SELECT team, count(*), extract(epoch FROM now() - min(enqueued_at))::float8
		FROM cases
		WHERE state = 'waiting'
		GROUP BY team
		ORDER BY team`)
	if err != nil {
		return postgres.Away(fmt.Errorf("count the queues: %w", err))
	}
	var team string
	var n int
	var oldest float64
	_, err = pgx.ForEachRow(rows, []any{&team, &n, &oldest}, func() error {
		t := add(teamID(company, team))
		t.Waiting, t.Oldest = t.Waiting+n, max(t.Oldest, seconds(oldest))
		return nil
	})
	if err != nil {
		return postgres.Away(fmt.Errorf("count the queues: %w", err))
	}
	for _, c := range r.Agents {
		i, known := at[teamID(company, c.Team)]
		if len(company.Teams) == 0 {
			i, known = at[""], true
		}
		if known && c.Present() {
			t := &r.Teams[i].Staffing
			t.Agents, t.Capacity, t.Load = t.Agents+1, t.Capacity+c.Capacity, t.Load+c.Load
		}
	}
	return nil
}
