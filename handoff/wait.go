// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/waiting"
	"candor/postgres"
)

// Wait is the range that a customer is told: in eight or more of ten cases the
// wait ends within it. Package waiting says how it is reckoned.
type Wait struct{ P10, P90 time.Duration }

// forecast is what is known of a team's queue at a moment.
type forecast struct {
	at       time.Time // of the database
	agents   int       // at work, or present and free for work
	regulars int       // agents of the last seven days
	waiting  int
	state    waiting.State
	past     []waiting.Outcome
	curve    []waiting.Range // nil: too little is known, or nobody is at work
}

const (
	// forecastHolds bounds how often a queue is simulated: every waiting customer
	// looks at it every other second.
	forecastHolds = 2 * time.Second
	// idleHands is how long the head of a queue waits while hands are free until
	// these do not count: whoever has them takes no cases.
	idleHands = time.Minute
	// atWork is how long after their last case agents count as at work who have
	// not said that they are.
	atWork = 15 * time.Minute
)

// forecasts remembers the last forecast of each team.
type forecasts struct {
	mu   sync.Mutex
	team map[string]rememberedForecast
}

type rememberedForecast struct {
	forecast
	taken   time.Time
	renewed bool // somebody is making a new one
}

// begin gives what is remembered, or false when the caller is to make it anew.
// Nobody waits here for somebody else's query: a caller that holds the only free
// connection of the pool might be the one who is waited for.
func (f *forecasts) begin(team string) (forecast, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known := f.team[team]
	if !known.taken.IsZero() && (known.renewed || time.Since(known.taken) < forecastHolds) {
		return known.forecast, true
	}
	known.renewed = true
	f.put(team, known)
	return forecast{}, false
}

// end keeps what was made, or lets the next one try.
func (f *forecasts) end(team string, made forecast, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known := f.team[team]
	known.renewed = false
	if err == nil {
		known.forecast, known.taken = made, time.Now()
	}
	f.put(team, known)
}

func (f *forecasts) put(team string, known rememberedForecast) {
	if f.team == nil {
		f.team = map[string]rememberedForecast{}
	}
	f.team[team] = known
}

// reader is a pool or a transaction.
type reader interface {
	querier
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// forecast simulates a team's queue; the result is two seconds old at most.
func (s *Service) forecast(ctx context.Context, db reader, team string) (forecast, error) {
	team = teamID(s.chat.Company(), team)
	if known, ok := s.forecasts.begin(team); ok {
		return known, nil
	}
	f, err := s.readForecast(ctx, db, team)
	if err == nil {
		f.curve = waiting.Curve(f.state, f.waiting+1)
	}
	s.forecasts.end(team, f, err)
	return f, err
}

func (s *Service) readForecast(ctx context.Context, db reader, team string) (forecast, error) {
	var f forecast
	var service, busy []float64
	var head float64
	var workers int
	err := db.QueryRow(ctx, `
		SELECT now(),
			ARRAY(
				SELECT extract(epoch FROM ended_at - started_at)::float8
				FROM work_spells
				WHERE team = ANY($1) AND ended_at > now() - interval '7 days'
				ORDER BY ended_at DESC
				LIMIT 200),
			ARRAY(
				SELECT extract(epoch FROM now() - started_at)::float8
				FROM work_spells
				WHERE team = ANY($1) AND ended_at IS NULL),
			(SELECT count(DISTINCT agent_id)
				FROM work_spells
				WHERE team = ANY($1) AND (ended_at IS NULL OR ended_at > now() - $2::interval)),
			(SELECT count(DISTINCT agent_id) FROM work_spells WHERE team = ANY($1) AND ended_at > now() - interval '7 days'),
			(SELECT count(*) FROM cases WHERE state = 'waiting' AND team = ANY($1)),
			coalesce((
				SELECT extract(epoch FROM now() - coalesce(ready_at, enqueued_at))::float8
				FROM cases
				WHERE state = 'waiting' AND team = ANY($1)
				ORDER BY priority < 2, serve_by, enqueued_at, id
				LIMIT 1), 0),
			(SELECT count(*)::float8 / 3600 FROM cases WHERE claimed_at > now() - interval '1 hour' AND priority > 0 AND team = ANY($1)),
			coalesce((
				-- Of a few nothing is learned; who leaves at once took back a slip.
				SELECT CASE WHEN count(*) >= 20 THEN count(*) FILTER (WHERE gone AND waited > 15) / nullif(sum(waited), 0) END
				FROM (
					SELECT k.state = 'withdrawn' AS gone, extract(epoch FROM t.ended_at - t.told_at)::float8 AS waited
					FROM told_waits t
					JOIN cases k ON k.id = t.case_id
					WHERE t.ended_at > now() - interval '7 days' AND t.team = ANY($1)
					ORDER BY t.ended_at DESC
					LIMIT 200) over), 0)`,
		s.teamNames(team), atWork).
		Scan(&f.at, &service, &busy, &workers, &f.regulars, &f.waiting, &head, &f.state.Ahead, &f.state.Leaving)
	if err != nil {
		return f, postgres.Away(fmt.Errorf("look at the queue: %w", err))
	}
	here, err := s.presentIn(ctx, db, team)
	if err != nil {
		return f, err
	}
	f.agents = max(workers, here.Agents)
	f.state.Service, f.state.Busy = durations(service), durations(busy)
	if seconds(head) < idleHands {
		f.state.Free = max(0, here.Capacity-here.Load)
	}
	f.past, err = s.outcomes(ctx, db, team)
	return f, err
}

// outcomes are the latest ranges told and what came of them. Somebody who waits
// longer already than was simulated counts with the wait so far: else a queue
// that slows down would be learned of last by those who suffer it.
func (s *Service) outcomes(ctx context.Context, db reader, team string) ([]waiting.Outcome, error) {
	rows, err := db.Query(ctx, `
		(SELECT raw_low, raw_high, extract(epoch FROM ended_at - told_at)::float8
		FROM told_waits
		WHERE team = ANY($1) AND served AND low IS NOT NULL AND ended_at > now() - interval '7 days'
		ORDER BY ended_at DESC
		LIMIT 100)
		UNION ALL
		(SELECT t.raw_low, t.raw_high, extract(epoch FROM now() - t.told_at)::float8
		FROM cases k
		JOIN told_waits t ON t.case_id = k.id AND t.ended_at IS NULL
		WHERE k.state = 'waiting' AND k.team = ANY($1) AND t.raw_high < extract(epoch FROM now() - t.told_at)
		LIMIT 100)`, s.teamNames(team))
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read what was told: %w", err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (waiting.Outcome, error) {
		var low, high, waited float64
		err := row.Scan(&low, &high, &waited)
		return waiting.Outcome{Simulated: waiting.Range{Low: seconds(low), High: seconds(high)}, Waited: seconds(waited)}, err
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read what was told: %w", err))
	}
	return list, nil
}

// backlog is how long the regular agents are busy with so many cases, and half as
// long again, in steps of five minutes; 0 while too little is known.
func (f forecast) backlog(cases int) time.Duration {
	if len(f.state.Service) < waiting.MinService || f.regulars == 0 {
		return 0
	}
	const step = 5 * time.Minute
	d := f.state.Mean() * time.Duration(cases) * 3 / 2 / time.Duration(f.regulars)
	return (d + step - 1).Truncate(step)
}

// expect is the wait at a place: as simulated, and as it may be told; false while
// nothing honest can be said.
func (s *Service) expect(f forecast, team string, position int) (raw waiting.Range, told Wait, known bool) {
	hours, _ := teamHours(s.chat.Company(), team)
	if f.curve == nil || position < 1 || len(hours.Hours) > 0 && !hours.OpenAt(f.at) {
		return waiting.Range{}, Wait{}, false
	}
	raw = waiting.At(f.curve, position)
	corrected := waiting.Correct(raw, f.past, f.state.Mean())
	told = Wait{P10: corrected.Low, P90: corrected.High}
	for _, end := range []*time.Duration{&told.P10, &told.P90} {
		// A wait that reaches the closing goes on at the next opening.
		if at, ok := hours.Add(f.at, *end); ok {
			*end = at.Sub(f.at)
		}
	}
	told.P10, told.P90 = told.P10.Truncate(grain(told.P10)), (told.P90 + grain(told.P90) - 1).Truncate(grain(told.P90))
	return raw, told, true
}

// grain is what a wait is rounded to, outwards: nobody is told anew for a second.
func grain(d time.Duration) time.Duration {
	if d < time.Hour {
		return 30 * time.Second
	}
	return 5 * time.Minute
}

// teamNames are the ids under which cases of a team may stand.
func (s *Service) teamNames(team string) []string {
	id := teamID(s.chat.Company(), team)
	if first := teamID(s.chat.Company(), ""); id == first && id != "" {
		return []string{id, ""}
	}
	return []string{id}
}

// tellTx keeps what a customer is told of their wait, for measuring.
func tellTx(ctx context.Context, l *chat.Locked, k Case, p Place) error {
	if l.State != chat.StateQueued {
		return nil
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	var values [4]*float64
	if p.Wait != nil {
		for i, d := range []time.Duration{p.simulated.Low, p.simulated.High, p.Wait.P10, p.Wait.P90} {
			value := d.Seconds()
			values[i] = &value
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO told_waits (case_id, team, told_at, position, agents, raw_low, raw_high, low, high)
		VALUES ($1, $2, now(), $3, $4, $5, $6, $7, $8)`,
		k.ID, k.Team, p.Position, p.agents, values[0], values[1], values[2], values[3])
	if err != nil {
		return fmt.Errorf("keep what was told of the wait: %w", err)
	}
	return nil
}

func durations(list []float64) []time.Duration {
	out := make([]time.Duration, len(list))
	for i, s := range list {
		out[i] = seconds(s)
	}
	return out
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
