// SPDX-License-Identifier: MIT

package eval

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"candor/postgres/pgtest"
)

func exists(t *testing.T, database string) bool {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), pgtest.Server(t))
	require.NoError(t, err)
	defer conn.Close(t.Context()) //nolint:errcheck // one query, then gone
	var yes bool
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, database).Scan(&yes))
	return yes
}

func TestScratch_database_is_dropped(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for name, want := range map[string]error{"after success": nil, "after an error": failed, "after the end of the context": context.Canceled} {
		ctx, cancel := context.WithCancel(t.Context())
		var database string
		err := inScratch(ctx, pgtest.Server(t), func(pool *pgxpool.Pool) error {
			database = pool.Config().ConnConfig.Database
			require.True(t, exists(t, database))
			if errors.Is(want, context.Canceled) {
				cancel()
			}
			return want
		})
		cancel()
		require.ErrorIs(t, err, want, name)
		require.False(t, exists(t, database), name)
	}
}
