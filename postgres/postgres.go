// SPDX-License-Identifier: MIT

// Package postgres opens the database: the pool, transactions, migrations. It
// knows the schema's files and nothing of what the tables mean; every query
// stands beside the method that runs it, in the package that owns the rows.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	pgvector "github.com/pgvector/pgvector-go/pgx"

	"candor/internal/fault"
)

// Connections are renewed now and then, so that after a failover none keeps
// answering from a demoted primary; a query that runs longer than any of ours
// should is ended by the server.
const (
	maxConnLifetime  = 30 * time.Minute
	connectTimeout   = 5 * time.Second
	statementTimeout = 15 * time.Second
	lockTimeout      = 10 * time.Second
	// A process that is frozen in the middle of a transaction holds its row locks
	// until the server ends it; nothing of ours pauses there by itself.
	idleInTransaction = 3 * time.Second
)

// What a gateway asks of the main database are short transactions that wait for
// the disk and for each other's row locks far longer than they compute, and
// background work keeps some connections for itself: pgx's own default, a
// connection per core and at least four, would make requests queue for
// connections while the server idles.
const (
	minPool     = 16
	poolPerCore = 4
)

// Open connects a pool to a migrated database. The DSN's own pool settings
// (pool_max_conns and the like) are honoured.
func Open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	config.AfterConnect = pgvector.RegisterTypes
	if !setsPoolSize(url) {
		config.MaxConns = int32(max(minPool, poolPerCore*runtime.NumCPU()))
	}
	return open(ctx, config)
}

// OpenPlain connects a pool to a database without pgvector, say the keystore,
// which is asked little: pgx's own default is enough connections.
func OpenPlain(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	return open(ctx, config)
}

// Connect makes one connection outside of any pool, to be closed by the caller.
// The DSN may be the one of a pool: what it says of the pool is left out.
func Connect(ctx context.Context, url string) (*pgx.Conn, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return conn, nil
}

// parse reads a DSN and adds our limits where it has none of its own. Only the
// pool's parser knows the pool's settings; any other would send them to the
// server, which refuses them.
func parse(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("parse the database address: %w", err)
	}
	config.MaxConnLifetime = maxConnLifetime
	config.ConnConfig.ConnectTimeout = connectTimeout
	setDefault(config.ConnConfig.RuntimeParams, "application_name", "candor")
	setDefault(config.ConnConfig.RuntimeParams, "statement_timeout", fmt.Sprint(statementTimeout.Milliseconds()))
	setDefault(config.ConnConfig.RuntimeParams, "lock_timeout", fmt.Sprint(lockTimeout.Milliseconds()))
	setDefault(config.ConnConfig.RuntimeParams, "idle_in_transaction_session_timeout", fmt.Sprint(idleInTransaction.Milliseconds()))
	return config, nil
}

// setsPoolSize reports whether the DSN says how many connections to make.
func setsPoolSize(url string) bool {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return false
	}
	_, set := config.RuntimeParams["pool_max_conns"]
	return set
}

func open(ctx context.Context, config *pgxpool.Config) (*pgxpool.Pool, error) {
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return pool, nil
}

func setDefault(params map[string]string, key, value string) {
	if _, set := params[key]; !set {
		params[key] = value
	}
}

// InTx runs fn in one read-committed transaction: committed when fn returns
// nil, rolled back otherwise. Rights of way are settled by row locks.
func InTx(ctx context.Context, pool *pgxpool.Pool, fn func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, pool, fn)
}

// IsUnique reports whether err is a violation of the named unique constraint or index.
func IsUnique(err error, constraint string) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.Code == "23505" && pgErr.ConstraintName == constraint
}

// IsForeignKey reports whether err says that a row names another that is not there.
func IsForeignKey(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.Code == "23503"
}

// IsUndefinedTable reports whether err says that a table is not there.
func IsUndefinedTable(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.Code == "42P01"
}

// Away turns an error that means "the database cannot be reached or is
// restarting" into a fault that asks the caller to try again; database trouble
// must never look like a verdict about the request. Other errors pass through.
func Away(err error) error {
	if err == nil || !isAway(err) {
		return err
	}
	if _, already := fault.Of(err); already {
		return err
	}
	return fault.Unavailable("database_unavailable", "The service is briefly unavailable. Nothing was lost; please try again in a few seconds.").Because(err)
}

func isAway(err error) bool {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pgErr.Code {
		// admin shutdown, crash shutdown, cannot connect now, read-only (a demoted
		// primary), idle in a transaction for too long (a process that was frozen),
		// too many connections, disk full, lock and statement timeouts
		case "57P01", "57P02", "57P03", "25006", "25P03", "53300", "53100", "55P03", "57014":
			return true
		}
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	// What is left of a connection that broke mid-query is not a PgError.
	return pgconn.Timeout(err) || pgconn.SafeToRetry(err) || isBroken(err)
}
