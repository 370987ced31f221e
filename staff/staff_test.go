// SPDX-License-Identifier: MIT

package staff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/postgres/pgtest"
	"candor/staff"
)

const password = "correct horse battery"

func TestService(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	s := staff.New(db)
	ann, err := s.Add(t.Context(), " Ann@Example.com ", "Agent A", staff.RoleAgent, password)
	require.NoError(t, err)
	require.Equal(t, "ann@example.com", ann.Email)

	t.Run("opens a session that ends with signing out", func(t *testing.T) {
		t.Parallel()
		_, secret, err := s.SignIn(t.Context(), "ANN@example.com", password, "10.0.0.1")
		require.NoError(t, err)
		got, err := s.Session(t.Context(), secret)
		require.NoError(t, err)
		require.Equal(t, ann, got)
		_, err = s.Token(t.Context(), secret)
		require.True(t, fault.Is(err, "unauthenticated"), "a session is no API token")
		require.NoError(t, s.SignOut(t.Context(), secret))
		_, err = s.Session(t.Context(), secret)
		require.True(t, fault.Is(err, "unauthenticated"))
	})

	t.Run("an expired session opens nothing", func(t *testing.T) {
		t.Parallel()
		_, secret, err := s.SignIn(t.Context(), "ann@example.com", password, "10.0.0.2")
		require.NoError(t, err)
		_, err = db.Exec(t.Context(), "UPDATE credentials SET expires_at = now() - interval '1 second' WHERE secret_hash = sha256($1::bytea)", []byte(secret))
		require.NoError(t, err)
		_, err = s.Session(t.Context(), secret)
		require.True(t, fault.Is(err, "unauthenticated"))
	})

	t.Run("being used prolongs a session, and is written down once a minute at most", func(t *testing.T) {
		t.Parallel()
		_, secret, err := s.SignIn(t.Context(), "ann@example.com", password, "10.0.0.6")
		require.NoError(t, err)
		row := func() (version string, left time.Duration) {
			err := db.QueryRow(t.Context(), "SELECT xmin::text, expires_at - now() FROM credentials WHERE secret_hash = sha256($1::bytea)", []byte(secret)).Scan(&version, &left)
			require.NoError(t, err)
			return version, left
		}
		use := func() {
			got, err := s.Session(t.Context(), secret)
			require.NoError(t, err)
			require.Equal(t, ann, got)
		}
		use()
		first, _ := row()
		use()
		second, _ := row()
		require.Equal(t, first, second, "used a moment ago: nothing to write")
		_, err = db.Exec(t.Context(), `
			UPDATE credentials
			SET used_at = now() - interval '61 seconds', expires_at = now() + interval '1 hour'
			WHERE secret_hash = sha256($1::bytea)`, []byte(secret))
		require.NoError(t, err)
		use()
		_, left := row()
		require.InDelta(t, staff.SessionLife.Minutes(), left.Minutes(), 1)
	})

	t.Run("a token is written down once a minute at most too", func(t *testing.T) {
		t.Parallel()
		token, err := s.IssueToken(t.Context(), ann.ID, "load")
		require.NoError(t, err)
		versions := map[string]bool{}
		for range 3 {
			_, err := s.Token(t.Context(), token)
			require.NoError(t, err)
			var version string
			require.NoError(t, db.QueryRow(t.Context(), "SELECT xmin::text FROM credentials WHERE secret_hash = sha256($1::bytea)", []byte(token)).Scan(&version))
			versions[version] = true
		}
		require.Len(t, versions, 1)
	})

	t.Run("a link works once", func(t *testing.T) {
		t.Parallel()
		link, err := s.IssueLink(t.Context(), ann.ID)
		require.NoError(t, err)
		_, _, err = s.SignInByLink(t.Context(), link)
		require.NoError(t, err)
		_, _, err = s.SignInByLink(t.Context(), link)
		require.True(t, fault.Is(err, "link_not_valid"))
	})

	t.Run("guessing is slowed down for the guesser alone", func(t *testing.T) {
		t.Parallel()
		var limited int
		for range 20 {
			_, _, err := s.SignIn(t.Context(), "ann@example.com", "wrong", "10.6.6.6")
			if fault.Is(err, "too_many_attempts") {
				limited++
			} else {
				require.True(t, fault.Is(err, "wrong_credentials"))
			}
		}
		require.GreaterOrEqual(t, limited, 14)
		_, _, err := s.SignIn(t.Context(), "ann@example.com", password, "10.0.0.3")
		require.NoError(t, err)
	})

	t.Run("an unknown address gets the same answer as a wrong password", func(t *testing.T) {
		t.Parallel()
		_, _, unknown := s.SignIn(t.Context(), "nobody@example.com", password, "10.0.0.4")
		_, _, wrong := s.SignIn(t.Context(), "ann@example.com", "wrong", "10.0.0.5")
		require.Equal(t, unknown.Error(), wrong.Error())
	})

	t.Run("an address that nobody can have is nobody's", func(t *testing.T) {
		t.Parallel()
		for _, email := range []string{"ann\x00@example.com", "ann\xff@example.com"} {
			_, _, err := s.SignIn(t.Context(), email, password, "10.0.0.7")
			require.True(t, fault.Is(err, "wrong_credentials"), "%v", err)
			_, err = s.ByEmail(t.Context(), email)
			require.True(t, fault.Is(err, "account_not_found"), "%v", err)
		}
	})

	t.Run("a disabled account has no session and no token", func(t *testing.T) {
		t.Parallel()
		bea, err := s.Add(t.Context(), "bea@example.com", "Agent B", staff.RoleEditor, "")
		require.NoError(t, err)
		token, err := s.IssueToken(t.Context(), bea.ID, "ci")
		require.NoError(t, err)
		_, err = s.Token(t.Context(), token)
		require.NoError(t, err)
		_, err = db.Exec(t.Context(), "UPDATE accounts SET disabled_at = now() WHERE id = $1", bea.ID)
		require.NoError(t, err)
		_, err = s.Token(t.Context(), token)
		require.True(t, fault.Is(err, "unauthenticated"))
	})

	t.Run("refuses what is no account", func(t *testing.T) {
		t.Parallel()
		for code, try := range map[string]func() error{
			"invalid_email": func() error { _, err := s.Add(t.Context(), "nonsense", "N", staff.RoleAgent, ""); return err },
			"name_missing":  func() error { _, err := s.Add(t.Context(), "n@example.com", " ", staff.RoleAgent, ""); return err },
			"invalid_name":  func() error { _, err := s.Add(t.Context(), "n@example.com", "N\x00", staff.RoleAgent, ""); return err },
			"unknown_role":  func() error { _, err := s.Add(t.Context(), "n@example.com", "N", "king", ""); return err },
			"weak_password": func() error { _, err := s.Add(t.Context(), "n@example.com", "N", staff.RoleAgent, "short"); return err },
			"email_taken":   func() error { _, err := s.Add(t.Context(), "ann@example.com", "N", staff.RoleAgent, ""); return err },
		} {
			require.True(t, fault.Is(try(), code), code)
		}
	})

	t.Run("without a database nobody is refused, they are asked to come back", func(t *testing.T) {
		t.Parallel()
		gone := pgtest.DB(t)
		gone.Close()
		_, err := staff.New(gone).Session(t.Context(), "cs_x")
		require.Error(t, err)
		require.False(t, fault.Is(err, "unauthenticated"))
	})
}

func TestService_Clean(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	s := staff.New(db)
	ann, err := s.Add(t.Context(), "ann@example.com", "Agent A", staff.RoleAgent, password)
	require.NoError(t, err)
	_, _, err = s.SignIn(t.Context(), "ann@example.com", "wrong", "10.0.0.1")
	require.True(t, fault.Is(err, "wrong_credentials"))
	_, err = db.Exec(t.Context(), "INSERT INTO sign_in_failures (subject, failures, until) SELECT int4send(i), 9, now() - interval '25 hours' FROM generate_series(1, 12000) AS i")
	require.NoError(t, err)
	token, err := s.IssueToken(t.Context(), ann.ID, "for good")
	require.NoError(t, err)
	_, session, err := s.SignIn(t.Context(), "ann@example.com", password, "10.0.0.2")
	require.NoError(t, err)
	_, err = s.IssueLink(t.Context(), ann.ID)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), "UPDATE credentials SET expires_at = now() - interval '1 second' WHERE kind = 'link'")
	require.NoError(t, err)

	require.NoError(t, s.Clean(t.Context()))

	var failures, links int
	require.NoError(t, db.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM sign_in_failures), (SELECT count(*) FROM credentials WHERE kind = 'link')").Scan(&failures, &links))
	require.Equal(t, 2, failures, "today's count on, for the address and for the pair")
	require.Zero(t, links)
	_, err = s.Session(t.Context(), session)
	require.NoError(t, err)
	_, err = s.Token(t.Context(), token)
	require.NoError(t, err, "a token without an end stays")
}

func TestAccount_Can(t *testing.T) {
	t.Parallel()
	require.True(t, staff.Account{Role: staff.RoleSupervisor}.Can(staff.RoleEditor))
	require.True(t, staff.Account{Role: staff.RoleAgent}.Can(staff.RoleAgent))
	require.False(t, staff.Account{Role: staff.RoleAgent}.Can(staff.RoleEditor))
}
