// SPDX-License-Identifier: MIT

package staff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// Guessing is slowed down after some failures, for the address that guesses, and
// for it together with the account it tries: nobody can lock somebody else out.
const (
	freeFailures = 5
	maxDelay     = 15 * time.Minute
)

// decoy is compared with when there is no account, so that both take as long.
const decoy = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func errUnauthenticated() error {
	return fault.Unauthenticated("unauthenticated", "Please sign in.")
}

// SignIn opens a session for an address and password. from is the client's
// network address.
func (s *Service) SignIn(ctx context.Context, email, password, from string) (Account, string, error) {
	subjects := [][]byte{hash("from\n" + from), hash("pair\n" + from + "\n" + normalize(email))}
	if err := s.slowDown(ctx, subjects); err != nil {
		return Account{}, "", err
	}
	var a Account
	var stored *string
	err := s.db.QueryRow(ctx, "SELECT id, email, name, role, password_hash FROM accounts WHERE email = $1 AND disabled_at IS NULL", normalize(email)).
		Scan(&a.ID, &a.Email, &a.Name, &a.Role, &stored)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Account{}, "", postgres.Away(fmt.Errorf("find an account: %w", err))
	}
	known := stored != nil
	if !known {
		d := decoy
		stored = &d
	}
	match, err := argon2id.ComparePasswordAndHash(truncate(password), *stored)
	if err != nil {
		return Account{}, "", fmt.Errorf("compare a password: %w", err)
	}
	if !match || !known {
		return Account{}, "", s.failed(ctx, subjects)
	}
	if _, err := s.db.Exec(ctx, "DELETE FROM sign_in_failures WHERE subject = ANY($1)", subjects); err != nil {
		return Account{}, "", postgres.Away(fmt.Errorf("forget failures: %w", err))
	}
	return s.open(ctx, a)
}

// SignInByLink opens a session with the secret of a one-time link.
func (s *Service) SignInByLink(ctx context.Context, secret string) (Account, string, error) {
	var a Account
	err := s.db.QueryRow(ctx, `
		WITH used AS (
			UPDATE credentials
			SET used_at = now()
			WHERE secret_hash = $1 AND kind = 'link' AND used_at IS NULL AND expires_at > now()
			RETURNING account_id)
		SELECT a.id, a.email, a.name, a.role
		FROM used
		JOIN accounts a ON a.id = used.account_id
		WHERE a.disabled_at IS NULL`, hash(secret)).Scan(&a.ID, &a.Email, &a.Name, &a.Role)
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, "", fault.Unauthenticated("link_not_valid", "This sign-in link was used before or has expired. Please ask for a new one.")
	}
	if err != nil {
		return Account{}, "", postgres.Away(fmt.Errorf("use a sign-in link: %w", err))
	}
	return s.open(ctx, a)
}

// noteEvery is how often the use of a credential is written down: to the minute
// is enough, and all other requests only read.
const noteEvery = time.Minute

// Session gives the account of a session and prolongs it.
func (s *Service) Session(ctx context.Context, secret string) (Account, error) {
	return s.authenticate(ctx, secret, kindSession, SessionLife)
}

// Token gives the account of an API token.
func (s *Service) Token(ctx context.Context, secret string) (Account, error) {
	return s.authenticate(ctx, secret, kindToken, 0)
}

// authenticate has three outcomes: yes, no, and a fault when nobody can tell
// because the database is away. A life of 0 leaves the credential's end as it is.
func (s *Service) authenticate(ctx context.Context, secret, kind string, life time.Duration) (Account, error) {
	var a Account
	err := s.db.QueryRow(ctx, `
		WITH good AS (
			SELECT secret_hash, account_id
			FROM credentials
			WHERE secret_hash = $1 AND kind = $2 AND (expires_at IS NULL OR expires_at > now())
		), noted AS (
			UPDATE credentials
			SET used_at = now(), expires_at = CASE WHEN $3::interval > '0' THEN now() + $3::interval ELSE expires_at END
			WHERE secret_hash = (SELECT secret_hash FROM good) AND (used_at IS NULL OR used_at < now() - $4::interval)
		)
		SELECT a.id, a.email, a.name, a.role
		FROM good
		JOIN accounts a ON a.id = good.account_id
		WHERE a.disabled_at IS NULL`, hash(secret), kind, life, noteEvery).Scan(&a.ID, &a.Email, &a.Name, &a.Role)
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, errUnauthenticated()
	}
	if err != nil {
		return Account{}, postgres.Away(fmt.Errorf("authenticate: %w", err))
	}
	return a, nil
}

// SignOut ends a session.
func (s *Service) SignOut(ctx context.Context, secret string) error {
	_, err := s.db.Exec(ctx, "DELETE FROM credentials WHERE secret_hash = $1 AND kind = 'session'", hash(secret))
	if err != nil {
		return postgres.Away(fmt.Errorf("sign out: %w", err))
	}
	return nil
}

func (s *Service) open(ctx context.Context, a Account) (Account, string, error) {
	life := SessionLife
	secret, err := s.issue(ctx, a.ID, kindSession, "", &life)
	return a, secret, err
}

func (s *Service) slowDown(ctx context.Context, subjects [][]byte) error {
	var wait time.Duration
	err := s.db.QueryRow(ctx, "SELECT coalesce(max(until) - now(), '0')::interval FROM sign_in_failures WHERE subject = ANY($1) AND until > now()", subjects).Scan(&wait)
	if err != nil {
		return postgres.Away(fmt.Errorf("look up failures: %w", err))
	}
	if wait > 0 {
		return fault.Limited("too_many_attempts", "Too many attempts. Please try again in %d seconds.", int(wait.Seconds())+1)
	}
	return nil
}

// failed counts a failure; the delay doubles from the sixth on.
func (s *Service) failed(ctx context.Context, subjects [][]byte) error {
	_, err := s.db.Exec(ctx, `
		INSERT INTO sign_in_failures AS f (subject, failures, until)
		SELECT subject, 1, now() FROM unnest($1::bytea[]) AS subject
		ON CONFLICT (subject) DO UPDATE
		SET failures = f.failures + 1,
			until = now() + least($3::interval, interval '1 second' * power(2, greatest(0, f.failures + 1 - $2)) * (f.failures + 1 >= $2)::int)`,
		subjects, freeFailures, maxDelay)
	if err != nil {
		return postgres.Away(fmt.Errorf("count a failure: %w", err))
	}
	return fault.Unauthenticated("wrong_credentials", "The address or the password is not right.")
}

// truncate bounds the work that a guess can cause.
func truncate(password string) string { return password[:min(len(password), maxPassword+1)] }
