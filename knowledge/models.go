// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// maxDimensions is how many a halfvec's HNSW index can hold.
const maxDimensions = 4000

// model is a row of the registry of embedding models.
type model struct {
	ID         int
	Name       string
	Dimensions int
	State      string
	Active     bool
	Builtin    bool
	Indexed    bool // has its graph
}

// vectorTable is the table of a model's vectors.
func vectorTable(id int) string { return "knowledge_vectors_" + strconv.Itoa(id) }

func vectorIndex(id int) string { return vectorTable(id) + "_hnsw" }

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

const modelsSQL = `
	SELECT id, name, dimensions, state, active, builtin, indexed FROM knowledge_models
	WHERE state <> 'retired' ORDER BY id`

// listModels returns the models that are not retired.
func listModels(ctx context.Context, q querier) ([]model, error) {
	rows, _ := q.Query(ctx, modelsSQL)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[model])
	if err != nil {
		return nil, fmt.Errorf("list the embedding models: %w", err)
	}
	return list, nil
}

// models returns the models that are written to, with the provider's among them if it is known. One
// that cannot be registered is the operator's to mend and keeps no editor from publishing.
func (s *Service) models(ctx context.Context) ([]model, error) {
	err := s.register(ctx)
	if _, ok := fault.Of(err); ok {
		s.log.ErrorContext(ctx, "the provider's embedding model cannot be used", "error", err)
	} else if err != nil {
		return nil, err
	}
	return listModels(ctx, s.db)
}

// writable picks the built-in model and the one of the provider, nil if that has none yet.
func (s *Service) writable(models []model) (builtin model, provider *model) {
	for i, m := range models {
		switch {
		case m.Builtin:
			builtin = m
		case s.isProviders(m):
			provider = &models[i]
		}
	}
	return builtin, provider
}

func (s *Service) isProviders(m model) bool {
	return s.provider != nil && !m.Builtin && m.Name == s.provider.Model() && m.Dimensions == s.provider.Dimensions()
}

// register makes the registry's row and the table of the provider's model if they are missing.
func (s *Service) register(ctx context.Context) error {
	if s.provider == nil || s.provider.Dimensions() == 0 {
		return nil
	}
	name, dimensions := s.provider.Model(), s.provider.Dimensions()
	if dimensions > maxDimensions {
		return fault.Invalid("embedding_too_long", "Vectors of model %s have %d dimensions; at most %d can be indexed. Ask the provider for shorter ones.", name, dimensions, maxDimensions)
	}
	var state string
	err := s.db.QueryRow(ctx, `SELECT state FROM knowledge_models WHERE name = $1 AND dimensions = $2`, name, dimensions).Scan(&state)
	switch {
	case err == nil && state != "retired":
		return nil
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("find model %s: %w", name, err)
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := registerModel(ctx, tx, name, dimensions); err != nil {
			return fmt.Errorf("register model %s: %w", name, err)
		}
		return s.enqueue(ctx, tx)
	})
}

// registerLock orders those who register a model at the same time; any number that nobody else uses.
const registerLock = 7_223_002

func registerModel(ctx context.Context, tx pgx.Tx, name string, dimensions int) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, registerLock); err != nil {
		return err
	}
	var id int
	err := tx.QueryRow(ctx, `
		INSERT INTO knowledge_models AS m (name, dimensions, state) VALUES ($1, $2, 'building')
		ON CONFLICT (name, dimensions) DO UPDATE SET state = 'building', indexed = false, retired_at = NULL WHERE m.state = 'retired'
		RETURNING id`, name, dimensions).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // somebody else was quicker
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf(`
		CREATE TABLE %[1]s (
			chunk_id     bigint PRIMARY KEY REFERENCES knowledge_chunks ON DELETE CASCADE,
			usable_until timestamptz NOT NULL DEFAULT 'infinity',
			embedding    halfvec(%[2]d) NOT NULL
		);
		ALTER TABLE %[1]s ALTER COLUMN embedding SET STORAGE PLAIN`, vectorTable(id), dimensions))
	return err
}
