// SPDX-License-Identifier: MIT

package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// Delivery is a message to one webhook as a supervisor sees it.
type Delivery struct {
	ID        int64
	Event     string
	CaseID    *int64
	Reference *string
	State     string // waiting, delivered, failed, dropped
	Attempts  int
	Status    *int    // what the peer answered last
	Words     *string // why it is not delivered
	CreatedAt time.Time
	NextAt    *time.Time
	EndedAt   *time.Time
}

const deliveries = `
	SELECT d.id, d.event, d.case_id, k.reference, d.state, d.attempts, d.status, d.last_error, d.created_at,
		CASE WHEN d.state = 'waiting' THEN d.next_at END, d.ended_at
	FROM webhook_deliveries d
	LEFT JOIN cases k ON k.id = d.case_id
	WHERE d.webhook_id = $1 `

// Deliveries gives those of a webhook, the newest first; below before, unless it
// is 0.
func (s *Service) Deliveries(ctx context.Context, id, before int64, limit int) ([]Delivery, error) {
	if _, err := s.get(ctx, id); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, deliveries+"AND ($2 = 0 OR d.id < $2) ORDER BY d.id DESC LIMIT $3", id, before, limit)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list deliveries: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Delivery])
	return list, postgres.Away(err)
}

func (s *Service) delivery(ctx context.Context, id, delivery int64) (Delivery, error) {
	rows, err := s.db.Query(ctx, deliveries+"AND d.id = $2", id, delivery)
	if err != nil {
		return Delivery{}, postgres.Away(fmt.Errorf("read a delivery: %w", err))
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Delivery])
	if errors.Is(err, pgx.ErrNoRows) {
		return d, fault.NotFound("delivery_not_found", "There is no such delivery.")
	}
	return d, postgres.Away(err)
}

// usable gives a webhook's fault when nothing may be sent to it.
func (s *Service) usable(ctx context.Context, id int64) error {
	w, err := s.get(ctx, id)
	if err == nil && w.DisabledAt != nil {
		return fault.Conflict("webhook_disabled", "The webhook is switched off. Switch it on first.")
	}
	return err
}

// Test sends a message without a case at once and gives how it went. It is not
// tried again. A webhook that is switched off can be tested too: that is when it
// is wanted.
func (s *Service) Test(ctx context.Context, id int64) (Delivery, error) {
	if _, err := s.get(ctx, id); err != nil {
		return Delivery{}, err
	}
	var number int64
	err := s.db.QueryRow(ctx, "INSERT INTO webhook_deliveries (webhook_id, event, next_at) VALUES ($1, $2, now() + $3::interval) RETURNING id",
		id, eventTest, leaseFor).Scan(&number) // later than now: nobody else takes it
	if err != nil {
		return Delivery{}, postgres.Away(fmt.Errorf("write a test: %w", err))
	}
	list, err := s.lease(ctx, "$2", number)
	if err != nil {
		return Delivery{}, postgres.Away(err)
	}
	for _, d := range list {
		if err := s.attempt(ctx, d); err != nil {
			return Delivery{}, postgres.Away(err)
		}
	}
	return s.delivery(ctx, id, number)
}

// Replay sends a message that ended once more, under its webhook-id, so that a
// peer that has it already can tell.
func (s *Service) Replay(ctx context.Context, id, delivery int64) (Delivery, error) {
	if err := s.usable(ctx, id); err != nil {
		return Delivery{}, err
	}
	_, err := s.db.Exec(ctx, `
		UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, next_at = now(), ended_at = NULL
		WHERE webhook_id = $1 AND id = $2 AND state <> 'waiting'`, id, delivery)
	if err != nil {
		return Delivery{}, postgres.Away(fmt.Errorf("replay a delivery: %w", err))
	}
	s.Wake()
	return s.delivery(ctx, id, delivery)
}

// Recover sends all that ended undelivered once more, each under its webhook-id,
// and gives how many those are.
func (s *Service) Recover(ctx context.Context, id int64) (int, error) {
	if err := s.usable(ctx, id); err != nil {
		return 0, err
	}
	tag, err := s.db.Exec(ctx, `
		UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, next_at = now(), ended_at = NULL
		WHERE webhook_id = $1 AND state IN ('failed', 'dropped') AND event <> $2`, id, eventTest)
	if err != nil {
		return 0, postgres.Away(fmt.Errorf("recover deliveries: %w", err))
	}
	s.Wake()
	return int(tag.RowsAffected()), nil
}

// Clean deletes what ended a month ago, and secrets that sign no more.
func (s *Service) Clean(ctx context.Context) error {
	_, err := s.db.Exec(ctx, "DELETE FROM webhook_deliveries WHERE ended_at < now() - $1::interval", keepFor)
	if err == nil {
		_, err = s.db.Exec(ctx, "UPDATE webhooks SET old_secret = NULL, old_until = NULL WHERE old_until < now()")
	}
	if err != nil {
		return postgres.Away(fmt.Errorf("clean the outbox: %w", err))
	}
	return nil
}
