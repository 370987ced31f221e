// SPDX-License-Identifier: MIT

package eval

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"candor/postgres"
)

// inScratch runs fn on a migrated database of its own, made on the server of databaseURL and dropped
// at the end, also when ctx has ended.
func inScratch(ctx context.Context, databaseURL string, fn func(*pgxpool.Pool) error) error {
	name := "candor_eval_" + strings.ToLower(rand.Text()[:12])
	at, err := url.Parse(databaseURL)
	if err != nil || at.Scheme == "" {
		return fmt.Errorf("the database's address must be a URL such as postgres://user@host/name")
	}
	at.Path = "/" + name
	if err := execOn(ctx, databaseURL, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return fmt.Errorf("make a scratch database: %w", err)
	}
	err = migrated(ctx, at.String(), fn)
	if dropErr := execOn(context.WithoutCancel(ctx), databaseURL, "DROP DATABASE "+name+" WITH (FORCE)"); dropErr != nil && err == nil {
		err = fmt.Errorf("drop the scratch database %s: %w", name, dropErr)
	}
	return err
}

func migrated(ctx context.Context, databaseURL string, fn func(*pgxpool.Pool) error) error {
	if err := postgres.Migrate(ctx, databaseURL); err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	return fn(pool)
}

func execOn(ctx context.Context, databaseURL, sql string) error {
	conn, err := postgres.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // one statement, then gone
	_, err = conn.Exec(ctx, sql)
	return err
}
