// SPDX-License-Identifier: MIT

package postgres_test

import (
	"context"
	"errors"
	"net/url"
	"runtime"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/postgres"
	"candor/postgres/pgtest"
)

func TestMigrate_twice_changes_nothing(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	require.NoError(t, postgres.Migrate(t.Context(), url))
	require.NoError(t, postgres.MigrateKeystore(t.Context(), url))
}

func TestPoolSettings_of_the_address(t *testing.T) {
	t.Parallel()
	plain := pgtest.URL(t)
	pooled := with(t, plain, "pool_max_conns", "3", "pool_max_conn_lifetime", "1h")

	t.Run("are honoured by a pool", func(t *testing.T) {
		t.Parallel()
		for _, open := range []func(context.Context, string) (*pgxpool.Pool, error){postgres.Open, postgres.OpenPlain} {
			pool, err := open(t.Context(), pooled)
			require.NoError(t, err)
			defer pool.Close()
			require.Equal(t, int32(3), pool.Config().MaxConns)
			require.NoError(t, pool.Ping(t.Context()))
		}
	})

	t.Run("are left out where there is no pool", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, postgres.Migrate(t.Context(), pooled))
		require.NoError(t, postgres.MigrateKeystore(t.Context(), pooled))
		conn, err := postgres.Connect(t.Context(), pooled)
		require.NoError(t, err)
		require.NoError(t, conn.Close(t.Context()))
	})

	t.Run("without them a pool is larger than the machine has cores", func(t *testing.T) {
		t.Parallel()
		pool, err := postgres.Open(t.Context(), plain)
		require.NoError(t, err)
		defer pool.Close()
		require.Equal(t, int32(max(16, 4*runtime.NumCPU())), pool.Config().MaxConns)
	})
}

// with adds settings to a database's address.
func with(t *testing.T, address string, settings ...string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	query := u.Query()
	for pair := range slices.Chunk(settings, 2) {
		query.Set(pair[0], pair[1])
	}
	u.RawQuery = query.Encode()
	return u.String()
}

func TestOpenPlain_limits_queries_as_Open_does(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	for _, open := range []func(context.Context, string) (*pgxpool.Pool, error){postgres.Open, postgres.OpenPlain} {
		pool, err := open(t.Context(), address)
		require.NoError(t, err)
		defer pool.Close()
		var statement, lock string
		require.NoError(t, pool.QueryRow(t.Context(), "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')").Scan(&statement, &lock))
		require.Equal(t, "15s", statement)
		require.Equal(t, "10s", lock)
	}
}

func TestInTx(t *testing.T) {
	t.Parallel()
	pool := pgtest.DB(t)

	t.Run("rolls back when the function fails", func(t *testing.T) {
		t.Parallel()
		boom := errors.New("boom")
		err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), "CREATE TABLE never (x int)")
			require.NoError(t, err)
			return boom
		})
		require.ErrorIs(t, err, boom)
		var exists bool
		require.NoError(t, pool.QueryRow(t.Context(), "SELECT to_regclass('never') IS NOT NULL").Scan(&exists))
		require.False(t, exists)
	})
}

func TestAway(t *testing.T) {
	t.Parallel()

	t.Run("a server that is not there asks to try again", func(t *testing.T) {
		t.Parallel()
		pool, err := postgres.Open(t.Context(), "postgres://nobody@127.0.0.1:1/none?sslmode=disable")
		require.NoError(t, err)
		defer pool.Close()
		_, err = pool.Exec(t.Context(), "SELECT 1")
		require.True(t, fault.Is(postgres.Away(err), "database_unavailable"))
	})

	t.Run("a broken rule is not an outage", func(t *testing.T) {
		t.Parallel()
		_, err := pgtest.DB(t).Exec(t.Context(), "INSERT INTO accounts (email, name, role) VALUES ('a@example.com', 'A', 'nobody')")
		require.Error(t, err)
		require.Equal(t, err, postgres.Away(err))
	})

	t.Run("nil stays nil", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, postgres.Away(nil))
	})
}

// A process that freezes in the middle of a transaction keeps nobody waiting:
// the server ends it and its locks.
func TestOpen_ends_a_transaction_that_stands_still(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	frozen, err := postgres.Open(t.Context(), url+"&idle_in_transaction_session_timeout=50")
	require.NoError(t, err)
	defer frozen.Close()
	other, err := postgres.Open(t.Context(), url)
	require.NoError(t, err)
	defer other.Close()
	_, err = other.Exec(t.Context(), "INSERT INTO accounts (email, name, role) VALUES ('a@example.com', 'A', 'agent')")
	require.NoError(t, err)

	tx, err := frozen.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }() // its connection is gone
	_, err = tx.Exec(t.Context(), "SELECT FROM accounts FOR UPDATE")
	require.NoError(t, err)
	_, err = other.Exec(t.Context(), "UPDATE accounts SET name = 'B'") // waits for the lock, and gets it
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "SELECT 1")
	require.Error(t, err)

	var limit string
	require.NoError(t, other.QueryRow(t.Context(), "SHOW idle_in_transaction_session_timeout").Scan(&limit))
	require.Equal(t, "3s", limit)
}
