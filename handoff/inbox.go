// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"strings"

	"candor/internal/fault"
	"candor/postgres"
)

// View is a list of the inbox.
type View string

// The lists there are. Each is ordered as its cases are served, the resolved
// ones by their age.
const (
	ViewWaiting  View = "waiting"
	ViewMine     View = "mine"
	ViewSnoozed  View = "snoozed"
	ViewOpen     View = "open"
	ViewResolved View = "resolved"
)

const asServed = "k.priority < 2, k.serve_by, k.enqueued_at, k.id"

// views choose and order; $1 is the agent, $2 and $3 the page.
var views = map[View]string{
	ViewWaiting: `
		WHERE $1::bigint IS NOT NULL AND k.state = 'waiting'
		ORDER BY ` + asServed + " OFFSET $2 LIMIT $3",
	ViewMine: `
		WHERE k.agent_id = $1 AND k.state = 'claimed' AND k.snoozed_until IS NULL
		ORDER BY k.paused_at IS NOT NULL, ` + asServed + " OFFSET $2 LIMIT $3",
	ViewSnoozed: `
		WHERE k.agent_id = $1 AND k.state = 'claimed' AND k.snoozed_until IS NOT NULL
		ORDER BY k.snoozed_until, k.id OFFSET $2 LIMIT $3`,
	ViewOpen: `
		WHERE $1::bigint IS NOT NULL AND k.state IN ('waiting', 'claimed')
		ORDER BY k.state = 'claimed', ` + asServed + " OFFSET $2 LIMIT $3",
	ViewResolved: `
		WHERE $1::bigint IS NOT NULL AND k.state = 'resolved'
		ORDER BY k.id DESC OFFSET $2 LIMIT $3`,
}

// Inbox gives a part of a list, from an offset on.
func (s *Service) Inbox(ctx context.Context, view View, agentID int64, offset, limit int) ([]Listed, error) {
	which, ok := views[view]
	if !ok {
		return nil, fault.Invalid("unknown_view", "%q is no list of the inbox.", view)
	}
	list, err := s.list(ctx, which, agentID, offset, limit)
	if err != nil {
		return nil, err
	}
	return list, s.positions(ctx, list)
}

// positions counts the place of the first case of each team; those behind it
// follow in the order of their queue.
func (s *Service) positions(ctx context.Context, list []Listed) error {
	next, company := map[string]int{}, s.chat.Company()
	for i := range list {
		k := &list[i]
		if k.State != StateWaiting {
			continue
		}
		team := teamID(company, k.Team)
		if next[team] == 0 {
			at, err := s.position(ctx, s.db, k.Case)
			if err != nil {
				return err
			}
			next[team] = at
		}
		k.Position = next[team]
		next[team]++
	}
	return nil
}

// Counts is how many cases are in each list of an agent.
type Counts struct{ Waiting, Mine, Snoozed, Open int }

// countsQuery reads the open cases along the index cases_one_open.
const countsQuery = `
	SELECT count(*) FILTER (WHERE state = 'waiting'),
		count(*) FILTER (WHERE state = 'claimed' AND agent_id = $1 AND snoozed_until IS NULL),
		count(*) FILTER (WHERE state = 'claimed' AND agent_id = $1 AND snoozed_until IS NOT NULL), count(*)
	FROM cases
	WHERE state IN ('waiting', 'claimed')`

// Counts counts an agent's lists.
func (s *Service) Counts(ctx context.Context, agentID int64) (Counts, error) {
	var n Counts
	err := s.db.QueryRow(ctx, countsQuery, agentID).Scan(&n.Waiting, &n.Mine, &n.Snoozed, &n.Open)
	if err != nil {
		return n, postgres.Away(fmt.Errorf("count the inbox: %w", err))
	}
	return n, nil
}

// found is how many cases a search shows.
const found = 20

// FindReference gives the case with a reference, however it is written, or the
// open ones whose reference begins so.
func (s *Service) FindReference(ctx context.Context, text string) ([]Listed, error) {
	var letters strings.Builder
	for _, r := range strings.ToUpper(text) {
		if strings.ContainsRune(referenceAlphabet, r) {
			letters.WriteRune(r)
		}
	}
	reference := letters.String()
	if len(reference) > 4 {
		reference = reference[:4] + "-" + reference[4:]
	}
	switch {
	case len(reference) < 2:
		return []Listed{}, nil
	case len(reference) == len("K7QX-2M9D"):
		return s.list(ctx, "WHERE k.reference = $1", reference)
	default:
		return s.list(ctx, "WHERE k.state IN ('waiting', 'claimed') AND starts_with(k.reference, $1) ORDER BY k.reference LIMIT $2", reference, found)
	}
}
