// SPDX-License-Identifier: MIT

package webhook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"candor/internal/audit"
	"candor/internal/fault"
	"candor/internal/safedial"
	"candor/internal/seal"
	"candor/postgres"
)

// Config is what a Service needs.
type Config struct {
	DB      *pgxpool.Pool
	Keys    *seal.Keystore
	Allow   []netip.Prefix // networks that are not public and may be called all the same
	Timeout time.Duration  // of an attempt; 0: ten seconds
	Logger  *slog.Logger
}

// Service is the webhooks, their outbox and the worker that empties it.
type Service struct {
	db     *pgxpool.Pool
	keys   *seal.Keystore
	client *safedial.Client
	log    *slog.Logger
	wake   chan struct{}
}

// New makes a Service.
func New(c Config) *Service {
	return &Service{
		db: c.DB, keys: c.Keys, log: c.Logger, wake: make(chan struct{}, 1),
		client: safedial.New(safedial.Config{Allow: c.Allow, Timeout: c.Timeout}),
	}
}

// eventTest is what a test tells; nobody subscribes to it.
const eventTest = "webhook.test"

// Events are what a webhook may ask for; the database's triggers write them.
func Events() []string {
	return []string{
		"case.opened", "case.claimed", "case.released", "case.transferred", "case.escalated", "case.priority_changed",
		"case.resolved", "case.withdrawn", "case.reopened", "complaint.received", "clock.breached",
	}
}

// Webhook is an address that is told.
type Webhook struct {
	ID           int64
	URL          string
	Events       []string
	Note         string
	CreatedBy    int64
	CreatedAt    time.Time
	FailingSince *time.Time
	DisabledAt   *time.Time
	DisabledWhy  *string    // gone, failing, paused
	QuietUntil   *time.Time // the peer asked to be left alone until then
	OldUntil     *time.Time // until then the secret before signs too
	Waiting      int        // messages that are still to be told
}

const columns = `id, url, events, note, created_by, created_at, failing_since, disabled_at, disabled_why,
	CASE WHEN quiet_until > now() THEN quiet_until END, CASE WHEN old_until > now() THEN old_until END,
	(SELECT count(*) FROM webhook_deliveries WHERE webhook_id = webhooks.id AND state = 'waiting')`

const (
	maxWebhooks = 20
	maxURL      = 2000
	maxNote     = 200
	checkFor    = 3 * time.Second
	secretSize  = 32
	// secretPrefix marks a secret as one, after the specification.
	secretPrefix = "whsec_"
)

// Create adds a webhook and gives its secret, which is shown this once.
func (s *Service) Create(ctx context.Context, by int64, w Webhook) (Webhook, string, error) {
	if err := s.check(ctx, w); err != nil {
		return w, "", err
	}
	w.Events = slices.Compact(slices.Sorted(slices.Values(w.Events)))
	// The key is committed before anything is sealed with it; one whose webhook
	// was then not written seals nothing.
	keyID := "webhook-" + rand.Text()
	if err := s.keys.Create(ctx, keyID); err != nil {
		return w, "", postgres.Away(err)
	}
	shown, sealed, err := s.newSecret(ctx, keyID)
	if err != nil {
		return w, "", err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		w, err = insert(ctx, tx, by, w, keyID, sealed)
		return err
	})
	if err != nil {
		return w, "", errors.Join(postgres.Away(err), s.keys.Destroy(context.WithoutCancel(ctx), keyID))
	}
	return w, shown, nil
}

// newSecret makes one, as it is shown and as it is kept.
func (s *Service) newSecret(ctx context.Context, keyID string) (shown string, sealed []byte, err error) {
	key, err := s.keys.Key(ctx, keyID)
	if err != nil {
		return "", nil, postgres.Away(err)
	}
	raw := make([]byte, secretSize)
	_, _ = rand.Read(raw) // never fails
	sealed, _, err = key.Seal(keyID, raw)
	return secretPrefix + base64.StdEncoding.EncodeToString(raw), sealed, err
}

func insert(ctx context.Context, tx pgx.Tx, by int64, w Webhook, keyID string, sealed []byte) (Webhook, error) {
	// One at a time, so that the count holds.
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext('webhooks'))"); err != nil {
		return w, fmt.Errorf("add a webhook: %w", err)
	}
	rows, err := tx.Query(ctx, `
		INSERT INTO webhooks (url, events, note, created_by, key_id, secret)
		SELECT $1, $2, $3, $4, $5, $6
		WHERE (SELECT count(*) FROM webhooks WHERE disabled_why IS DISTINCT FROM 'deleted') < $7
		RETURNING `+columns, w.URL, w.Events, w.Note, by, keyID, sealed, maxWebhooks)
	if err != nil {
		return w, fmt.Errorf("add a webhook: %w", err)
	}
	w, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Webhook])
	if errors.Is(err, pgx.ErrNoRows) {
		return w, fault.Conflict("too_many_webhooks", "There are %d webhooks already. Delete one first.", maxWebhooks)
	}
	if err != nil {
		return w, fmt.Errorf("add a webhook: %w", err)
	}
	return w, audit.Write(ctx, tx, audit.Entry{By: by, Action: "webhook.created", Subject: subject(w.ID), Detail: map[string][]string{"events": w.Events}})
}

func (s *Service) check(ctx context.Context, w Webhook) error {
	u, err := url.Parse(w.URL)
	if err != nil || w.URL == "" || len(w.URL) > maxURL || u.Fragment != "" {
		return wrong("url", fault.Invalid("invalid_url", "This is not an address of a web server."))
	}
	short, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	if err := s.client.Check(short, u); err != nil {
		return wrong("url", fault.Invalid("address_not_allowed", "Only public addresses with http or https and without a password are called. Networks of your own are allowed by the operator."))
	}
	if len(w.Events) == 0 {
		return wrong("events", fault.Invalid("unknown_event", "Say which events to tell of."))
	}
	for _, e := range w.Events {
		if !slices.Contains(Events(), e) {
			return wrong("events", fault.Invalid("unknown_event", "There is no such event."))
		}
	}
	if len([]rune(w.Note)) > maxNote {
		return wrong("note", fault.Invalid("note_too_long", "The note is longer than %d characters.", maxNote))
	}
	return nil
}

// wrong says which field a fault is about.
func wrong(field string, f *fault.Fault) error {
	return f.In(fault.Field{Name: field, Message: f.Message})
}

func subject(id int64) string { return "webhook/" + strconv.FormatInt(id, 10) }

// List gives the webhooks that were not deleted, the oldest first.
func (s *Service) List(ctx context.Context) ([]Webhook, error) {
	rows, err := s.db.Query(ctx, "SELECT "+columns+" FROM webhooks WHERE disabled_why IS DISTINCT FROM 'deleted' ORDER BY id")
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list webhooks: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Webhook])
	return list, postgres.Away(err)
}

// get gives one that was not deleted.
func (s *Service) get(ctx context.Context, id int64) (Webhook, error) {
	rows, err := s.db.Query(ctx, "SELECT "+columns+" FROM webhooks WHERE id = $1 AND disabled_why IS DISTINCT FROM 'deleted'", id)
	if err != nil {
		return Webhook{}, postgres.Away(fmt.Errorf("read a webhook: %w", err))
	}
	w, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Webhook])
	if errors.Is(err, pgx.ErrNoRows) {
		return w, errNoWebhook()
	}
	return w, postgres.Away(err)
}

func errNoWebhook() error { return fault.NotFound("webhook_not_found", "There is no such webhook.") }

// Delete ends a webhook for good: its secret is destroyed, and what waited is
// not told any more.
func (s *Service) Delete(ctx context.Context, by, id int64) error {
	var keyID string
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			UPDATE webhooks SET disabled_at = now(), disabled_why = 'deleted', secret = NULL, old_secret = NULL, old_until = NULL
			WHERE id = $1 AND disabled_why IS DISTINCT FROM 'deleted' RETURNING key_id`, id).Scan(&keyID)
		if errors.Is(err, pgx.ErrNoRows) {
			return errNoWebhook()
		}
		if err != nil {
			return fmt.Errorf("delete a webhook: %w", err)
		}
		if err := drop(ctx, tx, id); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: by, Action: "webhook.deleted", Subject: subject(id)})
	})
	if err != nil {
		return postgres.Away(err)
	}
	return postgres.Away(s.keys.Destroy(ctx, keyID))
}

// drop gives up what waits for a webhook.
func drop(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, "UPDATE webhook_deliveries SET state = 'dropped', ended_at = now() WHERE webhook_id = $1 AND state = 'waiting'", id)
	if err != nil {
		return fmt.Errorf("drop what waits: %w", err)
	}
	return nil
}
