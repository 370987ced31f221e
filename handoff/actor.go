// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/postgres"
)

// Actor is who does something to a case. A supervisor may step in where an agent
// may act on their own cases alone.
type Actor struct {
	chat.Agent

	Supervisor bool
}

// workEntry is a step of agents at work, as the record has it.
type workEntry struct {
	Reference string     `json:"reference"`
	Action    string     `json:"action"` // noted, transferred, priority, undone, snoozed, woken, escalated, ...
	AgentID   *int64     `json:"agent_id,omitempty"`
	ToAgentID *int64     `json:"to_agent_id,omitempty"`
	Team      string     `json:"team,omitempty"`
	Priority  string     `json:"priority,omitempty"`
	Undid     string     `json:"undid,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
	CauseID   int64      `json:"cause_id,omitempty"`
	Other     string     `json:"other,omitempty"`    // reference of the other case
	KnownBy   string     `json:"known_by,omitempty"` // how two customers are known to be one
	Category  string     `json:"category,omitempty"`
	Mentions  []int64    `json:"mentions,omitempty"`
}

func (s *Service) recordWork(l *chat.Locked, e workEntry, note string) error {
	l.TouchDesk()
	if note == "" {
		return l.Record(chat.EntryCase, e, nil)
	}
	return l.Record(chat.EntryCase, e, caseNote{Note: note})
}

// answers refuses what only the agent of a case, or a supervisor, may do.
func answers(k Case, by Actor) error {
	if k.State != StateClaimed && k.State != StateWaiting {
		return fault.Conflict("case_not_open", "Case %s is not open any more.", k.Reference)
	}
	if k.State == StateClaimed && !by.Supervisor {
		return mine(k, by.Agent)
	}
	return nil
}

// colleagueTx is an account that can be given a case.
func colleagueTx(ctx context.Context, tx pgx.Tx, id int64) (chat.Agent, error) {
	a := chat.Agent{ID: id}
	err := tx.QueryRow(ctx, "SELECT name FROM accounts WHERE id = $1 AND disabled_at IS NULL AND role IN ('agent', 'supervisor')", id).Scan(&a.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, fault.Invalid("unknown_colleague", "There is no such agent.")
	}
	if err != nil {
		return a, fmt.Errorf("find a colleague: %w", err)
	}
	return a, nil
}

// Addressee is somebody who can be named in a note or given a case.
type Addressee struct {
	ID     int64
	Name   string
	Handle string // what follows the @ in a note
	Role   string
	Team   string
}

// Addressees gives them all, by name.
func (s *Service) Addressees(ctx context.Context) ([]Addressee, error) {
	rows, err := s.db.Query(ctx, `
		SELECT a.id, a.name, split_part(a.email, '@', 1), a.role, coalesce(m.team, '')
		FROM accounts a
		LEFT JOIN members m ON m.account_id = a.id
		WHERE a.disabled_at IS NULL AND a.role <> 'editor'
		ORDER BY a.name, a.id`)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list colleagues: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Addressee])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list colleagues: %w", err))
	}
	return list, nil
}
