// SPDX-License-Identifier: MIT

package webhook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/audit"
	"candor/internal/fault"
	"candor/postgres"
)

// MaxOverlap is the longest time for which a secret signs beside its successor.
const MaxOverlap = 7 * 24 * time.Hour

// Change says anew where a webhook leads, of what it is told and what it is for.
func (s *Service) Change(ctx context.Context, by int64, w Webhook) (Webhook, error) {
	if err := s.check(ctx, w); err != nil {
		return w, err
	}
	w.Events = slices.Compact(slices.Sorted(slices.Values(w.Events)))
	return s.update(ctx, w.ID, audit.Entry{By: by, Action: "webhook.changed", Detail: map[string][]string{"events": w.Events}},
		"url = $2, events = $3, note = $4", w.URL, w.Events, w.Note)
}

// Pause switches a webhook off until somebody switches it on: what waits stays,
// what happens meanwhile is not told.
func (s *Service) Pause(ctx context.Context, by, id int64) (Webhook, error) {
	return s.update(ctx, id, audit.Entry{By: by, Action: "webhook.paused"},
		"disabled_at = coalesce(disabled_at, now()), disabled_why = coalesce(disabled_why, 'paused')")
}

// Enable switches a webhook on, whatever had switched it off.
func (s *Service) Enable(ctx context.Context, by, id int64) (Webhook, error) {
	w, err := s.update(ctx, id, audit.Entry{By: by, Action: "webhook.enabled"},
		"disabled_at = NULL, disabled_why = NULL, failing_since = NULL, quiet_until = NULL")
	s.Wake()
	return w, err
}

// Rotate gives a webhook a new secret, which is shown this once. The one it had
// signs beside it for the time of overlap; one before that signs no more.
func (s *Service) Rotate(ctx context.Context, by, id int64, overlap time.Duration) (Webhook, string, error) {
	if overlap < 0 || overlap > MaxOverlap {
		return Webhook{}, "", wrong("overlap_hours", fault.Invalid("overlap_too_long", "The old secret can sign for %d hours more at most.", int(MaxOverlap.Hours())))
	}
	var keyID string
	err := s.db.QueryRow(ctx, "SELECT key_id FROM webhooks WHERE id = $1 AND disabled_why IS DISTINCT FROM 'deleted'", id).Scan(&keyID)
	if errors.Is(err, pgx.ErrNoRows) {
		return Webhook{}, "", errNoWebhook()
	}
	if err != nil {
		return Webhook{}, "", postgres.Away(fmt.Errorf("read a webhook: %w", err))
	}
	shown, sealed, err := s.newSecret(ctx, keyID)
	if err != nil {
		return Webhook{}, "", err
	}
	w, err := s.update(ctx, id, audit.Entry{By: by, Action: "webhook.secret_renewed", Detail: map[string]int{"overlap_hours": int(overlap.Hours())}},
		`secret = $2, old_secret = CASE WHEN $3::interval > '0' THEN secret END, old_until = CASE WHEN $3::interval > '0' THEN now() + $3::interval END`, sealed, overlap)
	return w, shown, err
}

// update changes a webhook that was not deleted, and notes who did it.
func (s *Service) update(ctx context.Context, id int64, entry audit.Entry, set string, arguments ...any) (w Webhook, err error) {
	entry.Subject = subject(id)
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "UPDATE webhooks SET "+set+" WHERE id = $1 AND disabled_why IS DISTINCT FROM 'deleted' RETURNING "+columns,
			append([]any{id}, arguments...)...)
		if err != nil {
			return fmt.Errorf("change a webhook: %w", err)
		}
		w, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Webhook])
		if errors.Is(err, pgx.ErrNoRows) {
			return errNoWebhook()
		}
		if err != nil {
			return fmt.Errorf("change a webhook: %w", err)
		}
		return audit.Write(ctx, tx, entry)
	})
	return w, postgres.Away(err)
}
