// SPDX-License-Identifier: MIT

package handoff

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/postgres"
)

// Availability is what agents say of themselves.
type Availability string

// What an agent may be. Only who is available is given cases.
const (
	Available Availability = "available"
	Busy      Availability = "busy"
	Away      Availability = "away"
)

const (
	// BeatEvery is how often an open desk says that it is open.
	BeatEvery = 5 * time.Second
	// defaultCapacity is for agents without a membership, as in the table's default.
	defaultCapacity = 4
)

// Pace is how long agents are waited for.
type Pace struct {
	// Present is how long after the last beat an agent still counts as here: a page
	// that is loaded anew, or a gateway that is replaced, is back within it. 0: 20 s.
	Present time.Duration
	// Lost is how long after the last beat the cases of an agent go back to the
	// queue in which nothing was said yet. 0: 45 s.
	Lost time.Duration
	// Left is the same for cases in which the agent has spoken, and after signing
	// out too. 0: 10 min.
	Left time.Duration
	// Silent is how long somebody may have a case and do nothing with it. 0: as the
	// company says.
	Silent time.Duration
	// Gone is how long after the last beat an agent who comes back has to say anew
	// that they are available: a browser that is opened the next morning does not
	// take cases by itself. 0: 2 min.
	Gone time.Duration
	// Sweep is how often it is looked for all of that. 0: 5 s.
	Sweep time.Duration
}

func (p Pace) withDefaults() Pace {
	return Pace{
		Present: cmp.Or(p.Present, 20*time.Second), Lost: cmp.Or(p.Lost, 45*time.Second), Left: cmp.Or(p.Left, 10*time.Minute),
		Silent: p.Silent, Gone: cmp.Or(p.Gone, 2*time.Minute), Sweep: cmp.Or(p.Sweep, 5*time.Second),
	}
}

// Colleague is an agent as the others see them.
type Colleague struct {
	AccountID int64
	Name      string
	Status    Availability // what they said last
	Online    bool         // their desk is open
	Since     *time.Time   // of the status; nil: never said
	LastSeen  *time.Time
	Team      string
	Capacity  int
	Load      int // cases in which it is their turn to speak
}

// Present reports whether they can be given cases.
func (c Colleague) Present() bool { return c.Online && c.Status == Available }

// loadQuery counts what an agent has on their hands: a case that waits for its
// customer, or for a day to come, is not on anybody's.
const loadQuery = `(
	SELECT count(*)
	FROM cases held
	JOIN conversations talk ON talk.id = held.conversation_id
	WHERE held.agent_id = a.id AND held.state = 'claimed' AND talk.state = 'human'
		AND (held.snoozed_until IS NULL OR held.snoozed_until < now()))`

// colleaguesQuery is all agents with their presence and load; $1 is Pace.Present,
// $2 the capacity of those without a membership.
const colleaguesQuery = `
	SELECT a.id, a.name, coalesce(p.status, 'away'), coalesce(p.last_seen > now() - $1::interval, false), p.since, p.last_seen,
		coalesce(m.team, ''), coalesce(m.capacity, $2), ` + loadQuery + `
	FROM accounts a
	LEFT JOIN presence p ON p.account_id = a.id
	LEFT JOIN members m ON m.account_id = a.id
	WHERE a.disabled_at IS NULL AND a.role IN ('agent', 'supervisor')`

// Colleagues lists all agents by name, whether they are here or not.
func (s *Service) Colleagues(ctx context.Context) ([]Colleague, error) {
	return collectColleagues(ctx, s.db, colleaguesQuery+" ORDER BY a.name, a.id", s.pace.Present, defaultCapacity)
}

// Colleague gives one agent.
func (s *Service) Colleague(ctx context.Context, accountID int64) (Colleague, error) {
	list, err := collectColleagues(ctx, s.db, colleaguesQuery+" AND a.id = $3", s.pace.Present, defaultCapacity, accountID)
	if err == nil && len(list) == 0 {
		err = fault.NotFound("agent_not_found", "There is no such agent.")
	}
	if err != nil {
		return Colleague{}, err
	}
	return list[0], nil
}

func collectColleagues(ctx context.Context, db querier, sql string, args ...any) ([]Colleague, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read who is here: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Colleague])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read who is here: %w", err))
	}
	return list, nil
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Staffing is who is there for a team's queue.
type Staffing struct {
	Agents   int // present
	Capacity int // cases that they take together
	Load     int // cases in which it is their turn to speak
}

// Present counts the agents of a team who are present: whose desk is open in
// some browser at this moment (its last beat is less than twenty seconds old, by
// the database's clock) and who said that they are available. Who is busy, away
// or signed out is not, nor who claims cases without ever saying anything; so 0
// means that nobody can be given a case, not that nobody will take one. Where
// nobody is in the team, those who serve it in its place count. The team
// "" is the first one, or all agents where the company has no teams.
func (s *Service) Present(ctx context.Context, team string) (Staffing, error) {
	return s.presentIn(ctx, s.db, team)
}

// presentIn is Present within a transaction.
func (s *Service) presentIn(ctx context.Context, db querier, team string) (Staffing, error) {
	list, err := collectColleagues(ctx, db, colleaguesQuery+`
		AND p.status = 'available' AND p.last_seen > now() - $1::interval`, s.pace.Present, defaultCapacity)
	if err != nil {
		return Staffing{}, err
	}
	company := s.chat.Company()
	serving, err := s.servedBy(ctx, db, team)
	if err != nil {
		return Staffing{}, err
	}
	var n Staffing
	for _, c := range list {
		if len(company.Teams) > 0 && teamID(company, c.Team) != serving.ID || c.Capacity == 0 {
			continue
		}
		n.Agents++
		n.Capacity += c.Capacity
		n.Load += c.Load
	}
	return n, nil
}

// teamID is the id under which a team stands in the settings: "" is the first
// one's. A team that is gone from them keeps its id, and its place in the order.
func teamID(c chat.Company, id string) string {
	if team, ok := c.Team(id); ok {
		return team.ID
	}
	return id
}

// SetPresence notes what an agent says of themselves. It makes nobody present
// whose desk is not open.
func (s *Service) SetPresence(ctx context.Context, accountID int64, status Availability) (Colleague, error) {
	switch status {
	case Available, Busy, Away:
	default:
		return Colleague{}, fault.Invalid("unknown_status", "%q is not a status; be available, busy or away.", status)
	}
	_, err := s.db.Exec(ctx, `
		INSERT INTO presence AS p (account_id, status, since)
		VALUES ($1, $2, now())
		ON CONFLICT (account_id) DO UPDATE
		SET status = excluded.status, since = CASE WHEN p.status = excluded.status THEN p.since ELSE now() END`, accountID, status)
	if err != nil {
		return Colleague{}, postgres.Away(fmt.Errorf("note a status: %w", err))
	}
	s.chat.Touch(chat.Desk)
	return s.Colleague(ctx, accountID)
}

// Beat notes that the desk of an agent is open; call it every BeatEvery while it
// is. Who comes back after a long time is away until they say otherwise.
func (s *Service) Beat(ctx context.Context, accountID int64) error {
	var news bool
	err := s.db.QueryRow(ctx, `
		WITH before AS (SELECT last_seen FROM presence WHERE account_id = $1)
		INSERT INTO presence AS p (account_id, status, since, last_seen)
		VALUES ($1, 'away', now(), now())
		ON CONFLICT (account_id) DO UPDATE
		SET last_seen = now(),
			status = CASE WHEN p.last_seen < now() - $3::interval THEN 'away' ELSE p.status END,
			since = CASE WHEN p.last_seen < now() - $3::interval AND p.status <> 'away' THEN now() ELSE p.since END
		RETURNING coalesce((SELECT last_seen < now() - $2::interval FROM before), true)`,
		accountID, s.pace.Present, s.pace.Gone).Scan(&news)
	if err != nil {
		return postgres.Away(fmt.Errorf("note a beat: %w", err))
	}
	if news {
		s.chat.Touch(chat.Desk)
	}
	return nil
}

// SignedOut notes that an agent went home: they are not present from this moment on.
func (s *Service) SignedOut(ctx context.Context, accountID int64) error {
	tag, err := s.db.Exec(ctx, "UPDATE presence SET status = 'away', since = now(), last_seen = NULL WHERE account_id = $1", accountID)
	if err != nil {
		return postgres.Away(fmt.Errorf("end a presence: %w", err))
	}
	if tag.RowsAffected() > 0 {
		s.chat.Touch(chat.Desk)
	}
	return nil
}
