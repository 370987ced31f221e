// SPDX-License-Identifier: MIT

package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed keystore/*.sql
var keystoreMigrations embed.FS

// Migrations is the main schema's files, for whoever hashes or lists them.
func Migrations() fs.FS { return migrations }

// Migrate brings the main database to the newest schema, River's tables
// included. Gateways that start together wait for each other; a database that
// is up to date is left as it is.
func Migrate(ctx context.Context, url string) error {
	if err := migrate(ctx, url, migrations, "migrations", "candor_migrations"); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return migrateJobs(ctx, url)
}

// MigrateKeystore brings the keystore to the newest schema. It has its own
// version table, so that it may live anywhere, also beside the main tables.
func MigrateKeystore(ctx context.Context, url string) error {
	if err := migrate(ctx, url, keystoreMigrations, "keystore", "candor_keystore_migrations"); err != nil {
		return fmt.Errorf("migrate the keystore: %w", err)
	}
	return nil
}

func migrate(ctx context.Context, url string, files embed.FS, dir, table string) error {
	config, err := pgxpool.ParseConfig(url) // knows the pool's settings, which database/sql would send to the server
	if err != nil {
		return fmt.Errorf("parse the database address: %w", err)
	}
	db := stdlib.OpenDB(*config.ConnConfig)
	defer db.Close() //nolint:errcheck // nothing is left to lose
	sub, err := fs.Sub(files, dir)
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, sub,
		goose.WithSessionLocker(locker), goose.WithTableName(table), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

func migrateJobs(ctx context.Context, url string) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer pool.Close()
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return fmt.Errorf("prepare the job tables: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the job tables: %w", err)
	}
	return nil
}
