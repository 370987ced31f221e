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

const (
	// viewHolds is how long a look at a case counts without being repeated.
	viewHolds = 30 * time.Second
	// ViewEvery is how often an open case is told to be open.
	ViewEvery = 10 * time.Second
	// hereFor is how long after their page last said so a customer counts as here.
	hereFor = 45 * time.Second
)

// Viewer is somebody who has a case open just now.
type Viewer struct {
	ID     int64
	Name   string
	Typing bool
}

// Around is who is around a case at this moment.
type Around struct {
	Viewers      []Viewer
	CustomerHere bool
	CustomerSeen *time.Time // nil: never since there is a case
}

// View notes that an agent looks at a case, and whether they type. Colleagues see
// it, so that two do not answer the same thing; only its agent's typing is told
// to the customer, by [Service.Typing].
func (s *Service) View(ctx context.Context, caseID int64, agent chat.Agent, typing bool) error {
	var conversation int64
	var news bool
	err := s.db.QueryRow(ctx, `
		WITH k AS (SELECT id, conversation_id FROM cases WHERE id = $1),
		known AS (SELECT seen_at > now() - $4::interval AND (typing_until IS NOT NULL AND typing_until > now()) = $3 AS same
			FROM viewers WHERE case_id = $1 AND account_id = $2),
		seen AS (
			INSERT INTO viewers (case_id, account_id, seen_at, typing_until)
			SELECT id, $2, now(), CASE WHEN $3 THEN now() + $5::interval END FROM k
			ON CONFLICT (case_id, account_id) DO UPDATE SET seen_at = excluded.seen_at, typing_until = excluded.typing_until)
		SELECT k.conversation_id, NOT coalesce((SELECT same FROM known), false) FROM k`,
		caseID, agent.ID, typing, viewHolds, typingHolds).Scan(&conversation, &news)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.NotFound("case_not_found", "There is no such case.")
	}
	if err != nil {
		return postgres.Away(fmt.Errorf("note a look at a case: %w", err))
	}
	if news {
		s.chat.Touch(conversation)
	}
	return nil
}

// KeepViewing is View of a page that is open and may or may not be typed in.
func (s *Service) KeepViewing(ctx context.Context, caseID int64, agent chat.Agent) error {
	tag, err := s.db.Exec(ctx, `
		UPDATE viewers
		SET seen_at = now()
		WHERE case_id = $1 AND account_id = $2 AND seen_at > now() - $3::interval`, caseID, agent.ID, viewHolds)
	if err != nil {
		return postgres.Away(fmt.Errorf("note a look at a case: %w", err))
	}
	if tag.RowsAffected() > 0 {
		return nil
	}
	return s.View(ctx, caseID, agent, false)
}

// StopViewing notes that an agent has closed a case.
func (s *Service) StopViewing(ctx context.Context, caseID int64, agent chat.Agent) error {
	var conversation int64
	err := s.db.QueryRow(ctx, `
		WITH gone AS (DELETE FROM viewers WHERE case_id = $1 AND account_id = $2 OR seen_at < now() - interval '1 hour' RETURNING case_id)
		SELECT conversation_id FROM cases WHERE id = $1 AND EXISTS (SELECT FROM gone WHERE case_id = $1)`, caseID, agent.ID).Scan(&conversation)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return postgres.Away(fmt.Errorf("close a case: %w", err))
	}
	s.chat.Touch(conversation)
	return nil
}

// Around tells who has a case open, and whether its customer is there.
func (s *Service) Around(ctx context.Context, k Case) (Around, error) {
	var a Around
	rows, err := s.db.Query(ctx, `
		SELECT v.account_id, u.name, coalesce(v.typing_until > now(), false)
		FROM viewers v
		JOIN accounts u ON u.id = v.account_id
		WHERE v.case_id = $1 AND v.seen_at > now() - $2::interval
		ORDER BY u.name, u.id`, k.ID, viewHolds)
	if err != nil {
		return a, postgres.Away(fmt.Errorf("read who looks at a case: %w", err))
	}
	if a.Viewers, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Viewer]); err != nil {
		return a, postgres.Away(fmt.Errorf("read who looks at a case: %w", err))
	}
	err = s.db.QueryRow(ctx, `
		SELECT left_at IS NULL AND seen_at > now() - $2::interval, coalesce(left_at, seen_at)
		FROM customer_presence
		WHERE conversation_id = $1`, k.ConversationID, hereFor).Scan(&a.CustomerHere, &a.CustomerSeen)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return a, postgres.Away(fmt.Errorf("read whether a customer is here: %w", err))
	}
	return a, nil
}

// CustomerHere notes that the page of a customer who has a case is open; repeat
// it while it is.
func (s *Service) CustomerHere(ctx context.Context, conversationID int64) error {
	var news bool
	err := s.db.QueryRow(ctx, `
		WITH known AS (SELECT left_at IS NULL AND seen_at > now() - $2::interval AS here FROM customer_presence WHERE conversation_id = $1)
		INSERT INTO customer_presence (conversation_id, seen_at)
		SELECT $1, now()
		WHERE EXISTS (SELECT FROM cases WHERE conversation_id = $1 AND state <> 'withdrawn')
		ON CONFLICT (conversation_id) DO UPDATE SET seen_at = excluded.seen_at, left_at = NULL
		RETURNING NOT coalesce((SELECT here FROM known), false)`, conversationID, hereFor).Scan(&news)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // nobody is to know yet
	}
	if err != nil {
		return postgres.Away(fmt.Errorf("note that a customer is here: %w", err))
	}
	if news {
		s.chat.Touch(conversationID)
	}
	return nil
}

// CustomerLeft notes that it was closed. Another page of theirs says otherwise
// with its next beat.
func (s *Service) CustomerLeft(ctx context.Context, conversationID int64) error {
	if _, err := s.db.Exec(ctx, "UPDATE customer_presence SET left_at = now() WHERE conversation_id = $1", conversationID); err != nil {
		return postgres.Away(fmt.Errorf("note that a customer has left: %w", err))
	}
	s.chat.Touch(conversationID)
	return nil
}
