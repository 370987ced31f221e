// SPDX-License-Identifier: MIT

package staff

import (
	"context"
	"fmt"
	"time"

	"candor/postgres"
)

const (
	// failuresKept is how long failed sign-ins count after the delay they caused.
	failuresKept = 24 * time.Hour
	// cleanBatch bounds one statement, after a day of much guessing too.
	cleanBatch = 10_000
)

// Clean deletes what has run out: sessions and links, and failed sign-ins that
// count no more.
func (s *Service) Clean(ctx context.Context) error {
	if err := s.deleteAll(ctx, `
		DELETE FROM sign_in_failures
		WHERE subject IN (SELECT subject FROM sign_in_failures WHERE until < now() - $1::interval LIMIT $2)`, failuresKept); err != nil {
		return postgres.Away(fmt.Errorf("delete old failures: %w", err))
	}
	if err := s.deleteAll(ctx, `
		DELETE FROM credentials
		WHERE secret_hash IN (SELECT secret_hash FROM credentials WHERE expires_at < now() - $1::interval LIMIT $2)`, time.Duration(0)); err != nil {
		return postgres.Away(fmt.Errorf("delete expired credentials: %w", err))
	}
	return nil
}

// deleteAll repeats a bounded deletion until it finds less than a batch.
func (s *Service) deleteAll(ctx context.Context, sql string, age time.Duration) error {
	for {
		tag, err := s.db.Exec(ctx, sql, age, cleanBatch)
		if err != nil || tag.RowsAffected() < cleanBatch {
			return err
		}
	}
}
