// SPDX-License-Identifier: MIT

// Package pgtest gives each test a real database of its own. One template per
// state of the migrations is built under an advisory lock and then cloned, some
// 30 ms a test; the clone is dropped at the end, and kept and named when the
// test failed.
package pgtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"candor/postgres"
)

// templateLock is an arbitrary number that all test processes agree on.
const templateLock = 7_223_001

var template struct {
	sync.Once
	name string
	err  error
}

// DB opens a pool on a fresh, migrated database.
func DB(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool, err := postgres.Open(tb.Context(), URL(tb))
	require.NoError(tb, err)
	tb.Cleanup(pool.Close)
	return pool
}

// URL is the address of a fresh, migrated database; keystore tables included.
func URL(tb testing.TB) string {
	tb.Helper()
	server := Server(tb)
	template.Do(func() { template.name, template.err = build(tb.Context(), server) })
	require.NoError(tb, template.err, "build the template database")

	name := "candor_test_" + strings.ToLower(rand.Text()[:12])
	exec(tb, server, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, template.name))
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the database of this test is kept: %s", name)
			return
		}
		exec(tb, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	})
	return withDatabase(server, name)
}

// Server is the address of the server that tests may make databases on, from
// TEST_DATABASE_URL. Without it a test is skipped on a laptop and fails in CI.
func Server(tb testing.TB) string {
	tb.Helper()
	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		if os.Getenv("CI") == "true" {
			tb.Fatal("TEST_DATABASE_URL is not set: run the tests with `make test`")
		}
		tb.Skip("TEST_DATABASE_URL is not set: `make test` starts a database and sets it")
	}
	return server
}

// build makes the template of the present migrations unless another process has.
func build(ctx context.Context, server string) (string, error) {
	hash, err := hashMigrations()
	if err != nil {
		return "", err
	}
	name := "candor_template_" + hash
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the lock goes with the connection
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return "", err
	}
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)", name).Scan(&exists); err != nil || exists {
		return name, err
	}
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name); err != nil {
		return "", err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"); err != nil {
		return "", err
	}
	target := withDatabase(server, name)
	if err := postgres.Migrate(ctx, target); err != nil {
		return "", err
	}
	if err := postgres.MigrateKeystore(ctx, target); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+name+" WITH IS_TEMPLATE true")
	return name, err
}

// hashMigrations names the template by what it is made from.
func hashMigrations() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(postgres.Migrations(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(postgres.Migrations(), path)
		fmt.Fprintf(sum, "%s %d\n", path, len(content))
		sum.Write(content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:16], err
}

func exec(tb testing.TB, server, sql string) {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context())
	conn, err := pgx.Connect(ctx, server)
	require.NoError(tb, err)
	defer conn.Close(ctx) //nolint:errcheck // one statement, then gone
	_, err = conn.Exec(ctx, sql)
	require.NoError(tb, err)
}

func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + name
	return u.String()
}
