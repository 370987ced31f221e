// SPDX-License-Identifier: MIT

package staff

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"

	"candor/internal/audit"
	"candor/internal/fault"
	"candor/postgres"
)

// Invite makes an account and the secret of a link by which its holder chooses a
// password.
func (s *Service) Invite(ctx context.Context, by int64, email, name string, role Role) (Account, string, error) {
	a, err := s.insert(ctx, by, email, name, role, "", "staff.invited")
	if err != nil {
		return Account{}, "", err
	}
	life := LinkLife
	secret, err := s.issue(ctx, a.ID, kindPassword, "", &life)
	return a, secret, err
}

// ResetLink makes the secret of a link by which an account's holder chooses
// another password. The old one holds until then.
func (s *Service) ResetLink(ctx context.Context, by, id int64) (string, error) {
	secret := newSecret(kindPassword)
	err := s.change(ctx, by, id, "staff.reset_sent", nil, func(tx pgx.Tx, m Member) error {
		if m.DisabledAt != nil {
			return fault.Conflict("account_disabled", "This account is disabled. Enable it first.")
		}
		return issueTx(ctx, tx, id, kindPassword, "", secret, LinkLife)
	})
	return secret, err
}

// PasswordLink makes the secret of one more such link, for a letter about a
// change that is in the audit already.
func (s *Service) PasswordLink(ctx context.Context, id int64) (string, error) {
	life := LinkLife
	return s.issue(ctx, id, kindPassword, "", &life)
}

// Forgot makes such a link for whoever has the address, and nothing when nobody
// does; both take one statement. The caller must answer alike.
func (s *Service) Forgot(ctx context.Context, email string) (Account, string, error) {
	secret := newSecret(kindPassword)
	var a Account
	err := s.db.QueryRow(ctx, `
		WITH found AS (
			SELECT id, email, name, role FROM accounts WHERE email = $1 AND disabled_at IS NULL
		), made AS (
			INSERT INTO credentials (secret_hash, account_id, kind, expires_at)
			SELECT $2, id, $3, now() + $4::interval FROM found
		)
		SELECT id, email, name, role FROM found`, normalize(email), hash(secret), kindPassword, LinkLife).Scan(&a.ID, &a.Email, &a.Name, &a.Role)
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, "", nil
	}
	if err != nil {
		return Account{}, "", postgres.Away(fmt.Errorf("make a link for a password: %w", err))
	}
	return a, secret, nil
}

// ChoosePassword sets the password of the account whose link it is, ends all its
// sessions and links, and opens a session.
func (s *Service) ChoosePassword(ctx context.Context, secret, password string) (Account, string, error) {
	hashed, err := needPassword(password)
	if err != nil {
		return Account{}, "", err
	}
	var a Account
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			WITH used AS (
				DELETE FROM credentials
				WHERE secret_hash = $1 AND kind = 'password' AND expires_at > now()
				RETURNING account_id)
			UPDATE accounts a
			SET password_hash = $2
			FROM used
			WHERE a.id = used.account_id AND a.disabled_at IS NULL
			RETURNING a.id, a.email, a.name, a.role`, hash(secret), hashed).Scan(&a.ID, &a.Email, &a.Name, &a.Role)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.Unauthenticated("link_not_valid", "This link was used before or has expired. Please ask for a new one.")
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM credentials WHERE account_id = $1 AND kind <> 'token'", a.ID); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: a.ID, Action: "staff.password_set", Subject: subject(a.ID)})
	})
	if err != nil {
		return Account{}, "", postgres.Away(err)
	}
	return s.open(ctx, a)
}

// ChangePassword sets another password for somebody who knows the one in force,
// and ends all their sessions but the one with this secret.
func (s *Service) ChangePassword(ctx context.Context, id int64, current, password, session string) error {
	hashed, err := needPassword(password)
	if err != nil {
		return err
	}
	var stored *string
	if err := s.db.QueryRow(ctx, "SELECT password_hash FROM accounts WHERE id = $1", id).Scan(&stored); err != nil {
		return postgres.Away(fmt.Errorf("read a password: %w", err))
	}
	if stored == nil {
		return fault.Conflict("no_password", "This account has no password yet. Ask a supervisor for a link by which you choose one.")
	}
	match, err := argon2id.ComparePasswordAndHash(truncate(current), *stored)
	if err != nil {
		return fmt.Errorf("compare a password: %w", err)
	}
	if !match {
		return fault.Denied("wrong_password", "The password you have now is another one.").In(fault.Field{Name: "current", Message: "The password you have now is another one."})
	}
	return s.change(ctx, id, id, "staff.password_changed", nil, func(tx pgx.Tx, _ Member) error {
		if _, err := tx.Exec(ctx, "UPDATE accounts SET password_hash = $2 WHERE id = $1", id, hashed); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "DELETE FROM credentials WHERE account_id = $1 AND kind <> 'token' AND secret_hash <> $2", id, hash(session))
		return err
	})
}

func needPassword(password string) (*string, error) {
	if password == "" {
		return nil, fault.Invalid("weak_password", "A password has %d to %d characters.", minPassword, maxPassword)
	}
	return hashPassword(password)
}

func newSecret(kind string) string { return "c" + kind[:1] + "_" + rand.Text() + rand.Text() }
