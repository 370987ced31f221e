// SPDX-License-Identifier: MIT

package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"candor/internal/audit"
	"candor/internal/safedial"
	"candor/postgres"
)

const (
	lookEvery = 2 * time.Second
	// leaseFor is how long a delivery belongs to the process that took it; longer
	// than a batch can last.
	leaseFor = 3 * time.Minute
	// ofOne bounds what one webhook gets of a batch, so that a peer that does
	// not answer holds up nobody else.
	ofOne  = 3
	atOnce = 8
	// disableAfter is how long nothing may go well before a webhook is given up.
	disableAfter = 5 * 24 * time.Hour
	keepFor      = 30 * 24 * time.Hour
	// maxQuiet bounds how long a peer may ask to be left alone.
	maxQuiet = 6 * time.Hour
)

// waits are the pauses after the first, second, … attempt, each made a little
// longer or shorter by chance; after the last one it is given up: about a day.
var waits = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 16 * time.Hour,
}

// Wake makes the worker look at once. A hint: it looks by itself too.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if _, err := s.Deliver(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("webhooks are not delivered now", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		case <-s.wake:
		}
	}
}

// Deliver sends what is due and gives how many deliveries were taken.
func (s *Service) Deliver(ctx context.Context) (int, error) {
	taken := 0
	for {
		list, err := s.take(ctx)
		if err != nil || len(list) == 0 {
			return taken, postgres.Away(err)
		}
		taken += len(list)
		group, groupCtx := errgroup.WithContext(ctx)
		group.SetLimit(atOnce)
		for _, d := range list {
			group.Go(func() error { return s.attempt(groupCtx, d) })
		}
		if err := group.Wait(); err != nil {
			return taken, postgres.Away(err)
		}
	}
}

// leased is a delivery and all that is needed to make it.
type leased struct {
	ID        int64
	WebhookID int64
	Event     string
	Attempts  int
	CreatedAt time.Time
	URL       string
	KeyID     string
	Secret    []byte // sealed
	OldSecret []byte // sealed; none: the one before signs no more
	Subject   subjectOf
}

func (s *Service) take(ctx context.Context) ([]leased, error) {
	return s.lease(ctx, `
		SELECT d.id
		FROM webhooks w
		CROSS JOIN LATERAL (
			SELECT id FROM webhook_deliveries
			WHERE webhook_id = w.id AND state = 'waiting' AND next_at <= now()
			ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED) d
		WHERE w.disabled_at IS NULL AND (w.quiet_until IS NULL OR w.quiet_until <= now())`, ofOne)
}

// lease takes the deliveries that a query names.
func (s *Service) lease(ctx context.Context, which string, argument any) ([]leased, error) {
	rows, err := s.db.Query(ctx, `
		WITH taken AS (
			UPDATE webhook_deliveries
			SET attempts = attempts + 1, next_at = now() + $1::interval
			WHERE id IN (`+which+`)
			RETURNING id, webhook_id, event, case_id, priority, attempts, created_at)
		SELECT t.id, t.webhook_id, t.event, t.attempts, t.created_at, w.url, w.key_id, w.secret,
			CASE WHEN w.old_until > now() THEN w.old_secret END, t.priority, k.id, k.reference, k.reason, c.public_id
		FROM taken t
		JOIN webhooks w ON w.id = t.webhook_id
		LEFT JOIN cases k ON k.id = t.case_id
		LEFT JOIN conversations c ON c.id = k.conversation_id
		ORDER BY t.id`, leaseFor, argument)
	if err != nil {
		return nil, fmt.Errorf("take deliveries: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (leased, error) {
		var l leased
		of := &l.Subject
		return l, row.Scan(&l.ID, &l.WebhookID, &l.Event, &l.Attempts, &l.CreatedAt, &l.URL, &l.KeyID, &l.Secret, &l.OldSecret,
			&of.priority, &of.caseID, &of.reference, &of.reason, &of.conversation)
	})
	if err != nil {
		return nil, fmt.Errorf("take deliveries: %w", err)
	}
	return list, nil
}

// attempt makes one attempt and notes how it went.
func (s *Service) attempt(ctx context.Context, d leased) error {
	answer, err := s.send(ctx, d)
	if ctx.Err() != nil {
		return ctx.Err() // taken up again when the lease ends
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		switch {
		case err != nil:
			return s.failed(ctx, tx, d, nil, verdict(err))
		case answer.status >= 200 && answer.status < 300:
			return delivered(ctx, tx, d, answer.status)
		case answer.status == http.StatusGone:
			if err := s.disable(ctx, tx, d.WebhookID, "gone"); err != nil {
				return err
			}
			return end(ctx, tx, d, &answer.status, "the peer answered 410: the webhook is disabled")
		default:
			if err := quiet(ctx, tx, d, answer.wait); err != nil {
				return err
			}
			return s.failed(ctx, tx, d, &answer.status, fmt.Sprintf("the peer answered %d", answer.status))
		}
	})
}

// quiet leaves a peer alone for as long as it asks; a test is no reason to hold
// up the rest.
func quiet(ctx context.Context, tx pgx.Tx, d leased, wait time.Duration) error {
	if wait <= 0 || d.Event == eventTest {
		return nil
	}
	_, err := tx.Exec(ctx, `
		UPDATE webhooks SET quiet_until = now() + $2::interval
		WHERE id = $1 AND (quiet_until IS NULL OR quiet_until < now() + $2::interval)`, d.WebhookID, min(wait, maxQuiet))
	if err != nil {
		return fmt.Errorf("leave a peer alone: %w", err)
	}
	return nil
}

// verdict words a failure in our own words: those of a library name addresses.
func verdict(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, safedial.ErrRefused):
		return "the address is not a public one"
	case errors.Is(err, safedial.ErrTooLarge):
		return "the peer's answer was too large"
	case errors.Is(err, errSecret):
		return "the secret could not be opened"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "the peer did not answer in time"
	default:
		return "the peer could not be reached"
	}
}

func delivered(ctx context.Context, tx pgx.Tx, d leased, status int) error {
	_, err := tx.Exec(ctx, `
		UPDATE webhook_deliveries SET state = 'delivered', status = $2, last_error = NULL, ended_at = now()
		WHERE id = $1 AND state IN ('waiting', 'dropped')`, d.ID, status)
	if err == nil {
		_, err = tx.Exec(ctx, "UPDATE webhooks SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL", d.WebhookID)
	}
	if err != nil {
		return fmt.Errorf("note a delivery: %w", err)
	}
	return nil
}

func end(ctx context.Context, tx pgx.Tx, d leased, status *int, words string) error {
	_, err := tx.Exec(ctx, `
		UPDATE webhook_deliveries SET state = 'failed', status = $2, last_error = $3, ended_at = now()
		WHERE id = $1 AND state IN ('waiting', 'dropped')`, d.ID, status, words)
	if err != nil {
		return fmt.Errorf("note a delivery: %w", err)
	}
	return nil
}

// failed keeps a delivery for another attempt, or gives it up after the last; a
// webhook that fails for days is disabled. A test is tried once.
func (s *Service) failed(ctx context.Context, tx pgx.Tx, d leased, status *int, words string) error {
	if d.Event == eventTest {
		return end(ctx, tx, d, status, words)
	}
	long := false
	err := tx.QueryRow(ctx, `
		UPDATE webhooks SET failing_since = coalesce(failing_since, now())
		WHERE id = $1 RETURNING failing_since < now() - $2::interval AND disabled_at IS NULL`, d.WebhookID, disableAfter).Scan(&long)
	if err != nil {
		return fmt.Errorf("note a failure: %w", err)
	}
	if long {
		if err := s.disable(ctx, tx, d.WebhookID, "failing"); err != nil {
			return err
		}
		return end(ctx, tx, d, status, words)
	}
	if d.Attempts > len(waits) {
		s.log.Warn("a webhook's message was given up", "delivery", d.ID, "webhook", d.WebhookID, "verdict", words)
		return end(ctx, tx, d, status, "given up: "+words)
	}
	_, err = tx.Exec(ctx, `
		UPDATE webhook_deliveries SET next_at = now() + $2::interval * (0.9 + 0.2 * random()), status = $3, last_error = $4
		WHERE id = $1 AND state = 'waiting'`, d.ID, waits[d.Attempts-1], status, words)
	if err != nil {
		return fmt.Errorf("keep a delivery: %w", err)
	}
	return nil
}

// disable stops a webhook; supervisors see why.
func (s *Service) disable(ctx context.Context, tx pgx.Tx, id int64, why string) error {
	tag, err := tx.Exec(ctx, "UPDATE webhooks SET disabled_at = now(), disabled_why = $2 WHERE id = $1 AND disabled_at IS NULL", id, why)
	if err != nil {
		return fmt.Errorf("disable a webhook: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	s.log.Warn("a webhook was disabled", "webhook", id, "why", why)
	if err := drop(ctx, tx, id); err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{Action: "webhook.disabled", Subject: subject(id), Detail: map[string]string{"why": why}})
}
