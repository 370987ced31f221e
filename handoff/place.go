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

// Place is a customer's place in the queue, and how long they will wait there.
type Place struct {
	Position int   // from 1; 0 when the case is not waiting
	Wait     *Wait // nil while nothing honest can be said
	Nobody   bool  // no agent is at work at this moment

	simulated waiting.Range
	agents    int
}

// positionQuery counts along the index cases_queue; see place_case in the
// migration 0006 for the order.
const positionQuery = `
	SELECT count(*)
	FROM cases
	WHERE state = 'waiting' AND team = ANY($1) AND (priority < 2, serve_by, enqueued_at, id) <= ($2, $3, $4, $5)`

// Place gives the place of a conversation's open case.
func (s *Service) Place(ctx context.Context, k Case) (Place, error) {
	if k.State != StateWaiting {
		return Place{}, nil
	}
	f, err := s.forecast(ctx, s.db, k.Team)
	if err != nil {
		return Place{}, err
	}
	if f.waiting >= crowded {
		if position, known, err := s.crowdPosition(ctx, k); err != nil || known {
			return s.placeAt(f, k, position), err
		}
	}
	position, err := s.position(ctx, s.db, k)
	return s.placeAt(f, k, position), err
}

// placeTx is Place as it will be when the transaction commits.
func (s *Service) placeTx(ctx context.Context, l *chat.Locked, k Case) (Place, error) {
	if k.State != StateWaiting {
		return Place{}, nil
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return Place{}, err
	}
	f, err := s.forecast(ctx, tx, k.Team)
	if err != nil {
		return Place{}, err
	}
	position, err := s.position(ctx, tx, k)
	return s.placeAt(f, k, position), err
}

func (s *Service) placeAt(f forecast, k Case, position int) Place {
	p := Place{Position: position, Nobody: f.agents == 0, agents: f.agents}
	if raw, told, known := s.expect(f, k.Team, position); known {
		p.simulated, p.Wait = raw, &told
	}
	return p
}

func (s *Service) position(ctx context.Context, db reader, k Case) (position int, err error) {
	err = db.QueryRow(ctx, positionQuery, s.teamNames(k.Team), k.Priority < PriorityUrgent, k.ServeBy, k.EnqueuedAt, k.ID).Scan(&position)
	if err != nil {
		return 0, postgres.Away(fmt.Errorf("count the queue: %w", err))
	}
	return position, nil
}

const (
	// crowded is from how many waiting cases on their places are not counted for
	// each one by itself, but read together.
	crowded = 300
	// crowdHolds is how old places may be then.
	crowdHolds = time.Second
)

// crowds remembers the order of long queues.
type crowds struct {
	mu   sync.Mutex
	team map[string]crowd
}

type crowd struct {
	places map[int64]int
	taken  time.Time
}

// crowdPosition reads a place in a long queue; false for a case that came in
// since the queue was read.
func (s *Service) crowdPosition(ctx context.Context, k Case) (position int, known bool, err error) {
	s.crowds.mu.Lock()
	defer s.crowds.mu.Unlock()
	team := teamID(s.chat.Company(), k.Team)
	c := s.crowds.team[team]
	if time.Since(c.taken) >= crowdHolds {
		rows, err := s.db.Query(ctx, `
			SELECT id
			FROM cases
			WHERE state = 'waiting' AND team = ANY($1)
			ORDER BY priority < 2, serve_by, enqueued_at, id`, s.teamNames(k.Team))
		if err != nil {
			return 0, false, postgres.Away(fmt.Errorf("read the queue: %w", err))
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return 0, false, postgres.Away(fmt.Errorf("read the queue: %w", err))
		}
		c = crowd{make(map[int64]int, len(ids)), time.Now()}
		for i, id := range ids {
			c.places[id] = i + 1
		}
		if s.crowds.team == nil {
			s.crowds.team = map[string]crowd{}
		}
		s.crowds.team[team] = c
	}
	position, known = c.places[k.ID]
	return position, known, nil
}

// Expected is what somebody who asks for a person now may expect.
type Expected struct {
	Waiting int   // in the queue already
	Wait    *Wait // nil while nothing honest can be said
	Nobody  bool  // no agent is at work at this moment
}

// Expect gives what the first team's queue is like, before anybody has asked.
func (s *Service) Expect(ctx context.Context) (Expected, error) {
	f, err := s.forecast(ctx, s.db, "")
	if err != nil {
		return Expected{}, err
	}
	e := Expected{Waiting: f.waiting, Nobody: f.agents == 0}
	if _, told, known := s.expect(f, "", f.waiting+1); known {
		e.Wait = &told
	}
	return e, nil
}
