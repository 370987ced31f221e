// SPDX-License-Identifier: MIT

package staff

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/internal/text"
	"candor/postgres"
)

// Credential is a session or an API token, without its secret.
type Credential struct {
	ID        int64
	Kind      string // "session" or "token"
	Name      string // of a token: what it is for
	CreatedAt time.Time
	UsedAt    *time.Time
	ExpiresAt *time.Time
	Current   bool // the one that asks
}

const maxTokenName = 80

// Credentials lists the sessions and tokens of an account; current is the secret
// of the one that asks.
func (s *Service) Credentials(ctx context.Context, id int64, current string) ([]Credential, error) {
	rows, err := s.db.Query(ctx, `
		SELECT id, kind, name, created_at, used_at, expires_at, secret_hash = $2
		FROM credentials
		WHERE account_id = $1 AND kind IN ('session', 'token') AND (expires_at IS NULL OR expires_at > now())
		ORDER BY kind, id DESC`, id, hash(current))
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list credentials: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Credential])
	return list, postgres.Away(err)
}

// Revoke ends a session or token of an account at once.
func (s *Service) Revoke(ctx context.Context, by, id, credential int64) error {
	return s.change(ctx, by, id, "staff.credential_revoked", map[string]int64{"credential": credential}, func(tx pgx.Tx, _ Member) error {
		tag, err := tx.Exec(ctx, "DELETE FROM credentials WHERE id = $1 AND account_id = $2 AND kind IN ('session', 'token')", credential, id)
		if err == nil && tag.RowsAffected() == 0 {
			return fault.NotFound("credential_not_found", "There is no such session or token; it may have ended already.")
		}
		return err
	})
}

// CreateToken makes an API token for programs; it is shown this once.
func (s *Service) CreateToken(ctx context.Context, by, id int64, name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || !text.CleanLine(name) || utf8.RuneCountInString(name) > maxTokenName {
		return "", fault.Invalid("invalid_name", "Say in a line of at most %d characters what the token is for.", maxTokenName).
			In(fault.Field{Name: "name", Message: "Say what the token is for."})
	}
	secret := newSecret(kindToken)
	err := s.change(ctx, by, id, "staff.token_created", nil, func(tx pgx.Tx, m Member) error {
		if m.DisabledAt != nil {
			return fault.Conflict("account_disabled", "This account is disabled. Enable it first.")
		}
		return issueTx(ctx, tx, id, kindToken, name, secret, 0)
	})
	return secret, err
}

// issueTx keeps a credential; a life of 0 has no end.
func issueTx(ctx context.Context, tx pgx.Tx, account int64, kind, name, secret string, life time.Duration) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO credentials (secret_hash, account_id, kind, name, expires_at)
		VALUES ($1, $2, $3, $4, CASE WHEN $5::interval > '0' THEN now() + $5::interval END)`, hash(secret), account, kind, name, life)
	if err != nil {
		return fmt.Errorf("issue a %s: %w", kind, err)
	}
	return nil
}

// AuditEntry is one change as it was written down; see package audit.
type AuditEntry struct {
	ID      int64
	At      time.Time
	ByID    *int64  // none: the operator, at a terminal
	ByName  *string // the account's name today
	Action  string
	Subject string
	Detail  map[string]any
}

// AuditFilter chooses entries of the audit; the newest come first.
type AuditFilter struct {
	Before int64  // only ids below; 0: from the newest on
	Family string // as "staff"; "": all
	Limit  int
}

// Audit pages through who changed what.
func (s *Service) Audit(ctx context.Context, f AuditFilter) ([]AuditEntry, error) {
	rows, err := s.db.Query(ctx, `
		SELECT u.id, u.at, u.account_id, a.name, u.action, u.subject, u.detail
		FROM audit u
		LEFT JOIN accounts a ON a.id = u.account_id
		WHERE ($1 = 0 OR u.id < $1) AND ($2 = '' OR u.action LIKE $2 || '.%')
		ORDER BY u.id DESC
		LIMIT $3`, f.Before, f.Family, f.Limit)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read the audit: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[AuditEntry])
	return list, postgres.Away(err)
}
