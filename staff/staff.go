// SPDX-License-Identifier: MIT

// Package staff knows the people who work here: accounts and roles, passwords,
// sessions, API tokens and one-time sign-in links. Secrets are random, shown
// once, and kept as SHA-256; passwords as argon2id. All state is in the
// database, so every gateway knows every session.
package staff

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"candor/internal/audit"
	"candor/internal/fault"
	"candor/internal/text"
	"candor/postgres"
)

// Role is what a member of staff may do.
type Role string

// The roles. A supervisor may do what agents and editors may. Compliance reads
// and exports everything, holds deletion, and claims nothing.
const (
	RoleAgent      Role = "agent"
	RoleEditor     Role = "editor"
	RoleSupervisor Role = "supervisor"
	RoleCompliance Role = "compliance"
)

// Roles lists them all.
func Roles() []Role { return []Role{RoleAgent, RoleEditor, RoleSupervisor, RoleCompliance} }

// Account is a member of staff.
type Account struct {
	ID    int64
	Email string
	Name  string // shown to customers with what an agent writes
	Role  Role
}

// Can reports whether the account has one of the roles.
func (a Account) Can(roles ...Role) bool {
	return a.Role == RoleSupervisor || slices.Contains(roles, a.Role)
}

// kinds of credentials
const (
	kindSession = "session"
	kindToken   = "token"
	kindLink    = "link"
	// kindPassword is a link by which a password is chosen.
	kindPassword = "password"
)

const (
	// SessionLife is how long a session lasts without being used.
	SessionLife = 12 * time.Hour
	// LinkLife is how long a sign-in link is good for, once.
	LinkLife    = 24 * time.Hour
	minPassword = 10
	maxPassword = 200
)

// passwordParams are OWASP's second recommendation for argon2id: 19 MiB, two
// passes, one lane; some 20 ms.
var passwordParams = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Service keeps staff. Safe for concurrent use.
type Service struct{ db *pgxpool.Pool }

// New makes a Service.
func New(db *pgxpool.Pool) *Service { return &Service{db: db} }

// Add makes an account at a terminal; without a password its holder signs in by
// link.
func (s *Service) Add(ctx context.Context, email, name string, role Role, password string) (Account, error) {
	return s.insert(ctx, 0, email, name, role, password, "staff.added")
}

func (s *Service) insert(ctx context.Context, by int64, email, name string, role Role, password, action string) (Account, error) {
	a := Account{Email: normalize(email), Name: strings.TrimSpace(name), Role: role}
	if _, err := mail.ParseAddress(a.Email); err != nil {
		return Account{}, fault.Invalid("invalid_email", "%q is not an e-mail address.", email)
	}
	if a.Name == "" {
		return Account{}, fault.Invalid("name_missing", "A member of staff needs the name that customers see.")
	}
	if !text.CleanLine(a.Name) {
		return Account{}, fault.Invalid("invalid_name", "The name has control characters in it.")
	}
	if !slices.Contains(Roles(), role) {
		return Account{}, fault.Invalid("unknown_role", "%q is not a role; choose one of %v.", role, Roles())
	}
	hash, err := hashPassword(password)
	if err != nil {
		return Account{}, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "INSERT INTO accounts (email, name, role, password_hash) VALUES ($1, $2, $3, $4) RETURNING id",
			a.Email, a.Name, a.Role, hash).Scan(&a.ID)
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: by, Action: action, Subject: subject(a.ID), Detail: map[string]Role{"role": a.Role}})
	})
	if postgres.IsUnique(err, "accounts_email_key") {
		return Account{}, fault.Conflict("email_taken", "There is an account for %s already.", a.Email)
	}
	if err != nil {
		return Account{}, postgres.Away(fmt.Errorf("add an account: %w", err))
	}
	return a, nil
}

func hashPassword(password string) (*string, error) {
	if password == "" {
		return nil, nil //nolint:nilnil // no password: sign-in by link only
	}
	if len(password) < minPassword || len(password) > maxPassword {
		return nil, fault.Invalid("weak_password", "A password has %d to %d characters.", minPassword, maxPassword)
	}
	hash, err := argon2id.CreateHash(password, passwordParams)
	if err != nil {
		return nil, fmt.Errorf("hash a password: %w", err)
	}
	return &hash, nil
}

// List gives all accounts that are not disabled.
func (s *Service) List(ctx context.Context) ([]Account, error) {
	rows, err := s.db.Query(ctx, "SELECT id, email, name, role FROM accounts WHERE disabled_at IS NULL ORDER BY email")
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list accounts: %w", err))
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Account])
}

// ByEmail finds an account.
func (s *Service) ByEmail(ctx context.Context, email string) (Account, error) {
	var a Account
	err := s.db.QueryRow(ctx, "SELECT id, email, name, role FROM accounts WHERE email = $1 AND disabled_at IS NULL", normalize(email)).
		Scan(&a.ID, &a.Email, &a.Name, &a.Role)
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, fault.NotFound("account_not_found", "There is no account for %s.", email)
	}
	return a, postgres.Away(err)
}

// ByAnyEmail finds an account, also one that is disabled.
func (s *Service) ByAnyEmail(ctx context.Context, email string) (Account, error) {
	var a Account
	err := s.db.QueryRow(ctx, "SELECT id, email, name, role FROM accounts WHERE email = $1", normalize(email)).
		Scan(&a.ID, &a.Email, &a.Name, &a.Role)
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, fault.NotFound("account_not_found", "There is no account for %s.", email)
	}
	return a, postgres.Away(err)
}

// IssueToken makes an API token for programs; it is shown this once.
func (s *Service) IssueToken(ctx context.Context, accountID int64, name string) (string, error) {
	return s.issue(ctx, accountID, kindToken, name, nil)
}

// IssueLink makes the secret of a one-time sign-in link.
func (s *Service) IssueLink(ctx context.Context, accountID int64) (string, error) {
	life := LinkLife
	return s.issue(ctx, accountID, kindLink, "", &life)
}

func (s *Service) issue(ctx context.Context, accountID int64, kind, name string, life *time.Duration) (string, error) {
	secret := newSecret(kind)
	_, err := s.db.Exec(ctx, `
		INSERT INTO credentials (secret_hash, account_id, kind, name, expires_at)
		VALUES ($1, $2, $3, $4, now() + $5::interval)`, hash(secret), accountID, kind, name, life)
	if err != nil {
		return "", postgres.Away(fmt.Errorf("issue a %s: %w", kind, err))
	}
	return secret, nil
}

// normalize gives the form in which addresses are kept. What PostgreSQL could
// not keep becomes the address of nobody.
func normalize(email string) string {
	return strings.ToLower(strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(email, "\ufffd"), "\x00", "\ufffd")))
}

func hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
