// SPDX-License-Identifier: MIT

package staff

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/audit"
	"candor/internal/fault"
	"candor/postgres"
)

// Member is an account with all that a supervisor sees of it.
type Member struct {
	Account
	DisabledAt  *time.Time
	HasPassword bool
	LastSeen    *time.Time // when a session or token was used last
	Membership
}

// Membership is what assignment asks of an agent.
type Membership struct {
	Team      string   `json:"team"`      // id of the team in the settings; "": the first one
	Skills    []string `json:"skills"`    // lower-case words
	Languages []string `json:"languages"` // base languages like "en"; none: any
	Capacity  int      `json:"capacity"`  // cases at a time; 0: takes none by assignment
}

const (
	maxCapacity = 50
	maxSkills   = 30
	// defaultCapacity is what members.capacity is without a row.
	defaultCapacity = 4
)

var (
	skillWord = regexp.MustCompile(`^[\p{Ll}\p{Lo}0-9][\p{Ll}\p{Lo}0-9 _-]{0,39}$`)
	langWord  = regexp.MustCompile(`^[a-z]{2,3}$`)
)

const memberColumns = `a.id, a.email, a.name, a.role, a.disabled_at, a.password_hash IS NOT NULL,
	(SELECT max(c.used_at) FROM credentials c WHERE c.account_id = a.id AND c.kind IN ('session', 'token')),
	coalesce(m.team, ''), coalesce(m.skills, '{}'), coalesce(m.languages, '{}'), coalesce(m.capacity, $1)`

func scanMember(row pgx.CollectableRow) (Member, error) {
	var m Member
	return m, row.Scan(&m.ID, &m.Email, &m.Name, &m.Role, &m.DisabledAt, &m.HasPassword, &m.LastSeen, &m.Team, &m.Skills, &m.Languages, &m.Capacity)
}

// Members gives all accounts, those that are disabled last.
func (s *Service) Members(ctx context.Context) ([]Member, error) {
	rows, err := s.db.Query(ctx, `
		SELECT `+memberColumns+`
		FROM accounts a
		LEFT JOIN members m ON m.account_id = a.id
		ORDER BY a.disabled_at IS NOT NULL, a.name, a.id`, defaultCapacity)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list members: %w", err))
	}
	list, err := pgx.CollectRows(rows, scanMember)
	return list, postgres.Away(err)
}

// Member gives one account.
func (s *Service) Member(ctx context.Context, id int64) (Member, error) {
	rows, err := s.db.Query(ctx, `
		SELECT `+memberColumns+`
		FROM accounts a
		LEFT JOIN members m ON m.account_id = a.id
		WHERE a.id = $2`, defaultCapacity, id)
	if err != nil {
		return Member{}, postgres.Away(fmt.Errorf("read a member: %w", err))
	}
	m, err := pgx.CollectExactlyOneRow(rows, scanMember)
	if errors.Is(err, pgx.ErrNoRows) {
		return Member{}, errNoAccount()
	}
	return m, postgres.Away(err)
}

func errNoAccount() error { return fault.NotFound("account_not_found", "There is no such account.") }

// change runs fn with the account's row held and writes what was done to the audit.
func (s *Service) change(ctx context.Context, by, id int64, action string, detail any, fn func(pgx.Tx, Member) error) error {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m := Member{}
		// All supervisors are held, in one order, so that two who disable each other
		// cannot both succeed.
		rows, err := tx.Query(ctx, `
			SELECT id, role, disabled_at
			FROM accounts
			WHERE id = $1 OR (role = 'supervisor' AND disabled_at IS NULL)
			ORDER BY id
			FOR UPDATE`, id)
		if err != nil {
			return fmt.Errorf("hold accounts: %w", err)
		}
		var each Member
		if _, err := pgx.ForEachRow(rows, []any{&each.ID, &each.Role, &each.DisabledAt}, func() error {
			if each.ID == id {
				m = each
			}
			return nil
		}); err != nil {
			return fmt.Errorf("hold accounts: %w", err)
		}
		if m.ID == 0 {
			return errNoAccount()
		}
		if err := fn(tx, m); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: by, Action: action, Subject: subject(id), Detail: detail})
	})
	return postgres.Away(err)
}

func subject(account int64) string { return "account/" + strconv.FormatInt(account, 10) }

// keepsSupervisor refuses what would leave nobody who may change the settings.
func keepsSupervisor(ctx context.Context, tx pgx.Tx, without int64) error {
	var others bool
	err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM accounts WHERE role = 'supervisor' AND disabled_at IS NULL AND id <> $1)", without).Scan(&others)
	if err == nil && !others {
		return fault.Conflict("last_supervisor", "This is the last supervisor. Make somebody else a supervisor first.")
	}
	return err
}

// SetRole gives an account another role.
func (s *Service) SetRole(ctx context.Context, by, id int64, role Role) error {
	if !slices.Contains(Roles(), role) {
		return fault.Invalid("unknown_role", "%q is not a role; choose one of %v.", role, Roles())
	}
	return s.change(ctx, by, id, "staff.role_changed", map[string]Role{"role": role}, func(tx pgx.Tx, m Member) error {
		if m.Role == RoleSupervisor && role != RoleSupervisor && m.DisabledAt == nil {
			if err := keepsSupervisor(ctx, tx, id); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "UPDATE accounts SET role = $2 WHERE id = $1", id, role)
		return err
	})
}

// Disable ends an account: its sessions, tokens and links are gone at once.
func (s *Service) Disable(ctx context.Context, by, id int64) error {
	return s.change(ctx, by, id, "staff.disabled", nil, func(tx pgx.Tx, m Member) error {
		if m.Role == RoleSupervisor && m.DisabledAt == nil {
			if err := keepsSupervisor(ctx, tx, id); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, "UPDATE accounts SET disabled_at = coalesce(disabled_at, now()) WHERE id = $1", id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "DELETE FROM credentials WHERE account_id = $1", id)
		return err
	})
}

// Enable lets a disabled account sign in again, with its password or a new link.
func (s *Service) Enable(ctx context.Context, by, id int64) error {
	return s.change(ctx, by, id, "staff.enabled", nil, func(tx pgx.Tx, _ Member) error {
		_, err := tx.Exec(ctx, "UPDATE accounts SET disabled_at = NULL WHERE id = $1", id)
		return err
	})
}

// SetMembership says what an agent is given. That the team exists is for the
// caller to know, who has the settings.
func (s *Service) SetMembership(ctx context.Context, by, id int64, m Membership) error {
	if err := m.check(); err != nil {
		return err
	}
	return s.change(ctx, by, id, "staff.membership_changed", m, func(tx pgx.Tx, _ Member) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO members (account_id, team, skills, languages, capacity)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account_id) DO UPDATE
			SET team = excluded.team, skills = excluded.skills, languages = excluded.languages, capacity = excluded.capacity, updated_at = now()`,
			id, m.Team, orEmpty(m.Skills), orEmpty(m.Languages), m.Capacity)
		return err
	})
}

func (m Membership) check() error {
	var wrong []fault.Field
	if m.Capacity < 0 || m.Capacity > maxCapacity {
		wrong = append(wrong, fault.Field{Name: "capacity", Message: fmt.Sprintf("A number of cases from 0 to %d.", maxCapacity)})
	}
	if len(m.Skills) > maxSkills || slices.ContainsFunc(m.Skills, func(w string) bool { return !skillWord.MatchString(w) }) {
		wrong = append(wrong, fault.Field{Name: "skills", Message: "A skill is a short lower-case word."})
	}
	if len(m.Languages) > maxSkills || slices.ContainsFunc(m.Languages, func(w string) bool { return !langWord.MatchString(w) }) {
		wrong = append(wrong, fault.Field{Name: "languages", Message: "A language is written like en or de."})
	}
	if len(wrong) == 0 {
		return nil
	}
	return fault.Invalid("membership_invalid", "%s", wrong[0].Message).In(wrong...)
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
