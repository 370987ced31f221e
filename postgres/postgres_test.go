// SPDX-License-Identifier: MIT

package postgres_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
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
