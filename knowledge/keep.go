// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

const (
	lookEvery  = 2 * time.Second  // at the mark of the index
	keepEvery  = time.Minute      // even if the mark is the same
	retryAfter = 10 * time.Second // when the provider or the database was away
)

// KeepIndex keeps the index of this gateway's embedding model whole until the context ends: it registers
// the model, makes the vectors that are missing, whoever published what they are of, and switches to the
// model when they are complete. The job of the background work cannot do it alone: any gateway may take
// that, also one with another model, as in a rolling deployment.
func (s *Service) KeepIndex(ctx context.Context) error {
	if s.provider == nil {
		return nil
	}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var k keeper
	for {
		k.look(ctx, s)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// keeper is what KeepIndex remembers between two looks.
type keeper struct {
	kept string    // the state of the index before it was last kept
	due  time.Time // when to do it again in any case
	from time.Time // not before
}

func (k *keeper) look(ctx context.Context, s *Service) {
	now := time.Now()
	if now.Before(k.from) {
		return
	}
	var at mark
	err := at.scan(s.db.QueryRow(ctx, markSQL))
	if err == nil && k.kept == at.state && now.Before(k.due) {
		return
	}
	done := false
	if err == nil {
		done, err = s.keep(ctx)
	}
	switch {
	case err != nil && ctx.Err() == nil:
		s.log.WarnContext(ctx, "the vectors of the provider's model are not complete; they are tried again", "error", err)
		k.from = now.Add(retryAfter)
	case done:
		k.kept, k.due = at.state, now.Add(keepEvery)
	}
}

// keep brings the provider's model up to date; done tells whether it is, which it is not while
// somebody else is at it.
func (s *Service) keep(ctx context.Context) (done bool, err error) {
	if s.provider.Dimensions() == 0 {
		// The length of the vectors is learnt from the first.
		if _, err := s.provider.Embed(ctx, []string{"probe"}); err != nil {
			return false, fmt.Errorf("find out the length of the vectors: %w", err)
		}
	}
	models, err := s.models(ctx)
	if err != nil {
		return false, err
	}
	_, provider := s.writable(models)
	if provider == nil {
		return true, nil // it cannot be registered, which is logged
	}
	return s.complete(ctx, *provider)
}

// noteSeen notes that a gateway has the provider's model, so that its vectors are kept.
func (s *Service) noteSeen(ctx context.Context) error {
	if s.provider == nil {
		return nil
	}
	_, err := s.db.Exec(ctx, `
		UPDATE knowledge_models SET seen_at = now()
		WHERE name = $1 AND dimensions = $2 AND state <> 'retired' AND seen_at < now() - interval '30 seconds'`, s.provider.Model(), s.provider.Dimensions())
	if err != nil {
		return fmt.Errorf("note that model %s is in use: %w", s.provider.Model(), err)
	}
	return nil
}

// keepLock, with the number of a model, lets one gateway at a time make that model's vectors: each is paid for.
const keepLock = 7_223

// completeTries bounds how often what was published meanwhile is caught up with at a time.
const completeTries = 10

// complete makes what a provider's model lacks and switches to it then.
func (s *Service) complete(ctx context.Context, m model) (done bool, err error) {
	if err := s.noteSeen(ctx); err != nil {
		return false, err
	}
	conn, err := s.db.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("work on model %s: %w", m.Name, err)
	}
	defer conn.Release()
	var free bool
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1, $2)`, keepLock, m.ID).Scan(&free); err != nil || !free {
		return false, err
	}
	defer func() {
		// The lock ends with its connection at the latest, so one that cannot be asked is closed.
		if _, err := conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1, $2)`, keepLock, m.ID); err != nil {
			_ = conn.Conn().Close(context.WithoutCancel(ctx))
		}
	}()
	for try := 0; !done && try < completeTries; try++ {
		if err := s.makeMissing(ctx, m); err != nil {
			return false, err
		}
		if done, err = s.activate(ctx, m); err != nil {
			return false, err
		}
	}
	return done, nil
}

func (s *Service) makeMissing(ctx context.Context, m model) error {
	if err := s.fill(ctx, m); err != nil {
		return err
	}
	return s.graph(ctx, m)
}

// errIncomplete ends an activation that came too early.
var errIncomplete = errors.New("vectors are missing")

// activate switches to a model if it is complete at that moment: a publication of a gateway that does
// not have the model may have come in between.
func (s *Service) activate(ctx context.Context, m model) (done bool, err error) {
	if m.State == "ready" {
		return true, nil
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE knowledge_models SET active = false WHERE active`); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			UPDATE knowledge_models SET state = 'ready', active = true, ready_at = now()
			WHERE id = $1 AND state <> 'retired'
			  AND NOT EXISTS (SELECT FROM knowledge_chunks c WHERE NOT EXISTS (SELECT FROM `+vectorTable(m.ID)+` v WHERE v.chunk_id = c.id))
			  AND NOT EXISTS (SELECT FROM knowledge_closed_chunks c WHERE NOT EXISTS (
				SELECT FROM knowledge_closed_vectors v WHERE v.chunk_id = c.id AND v.model_id = $1))`, m.ID)
		if err == nil && tag.RowsAffected() == 0 {
			return errIncomplete
		}
		return err
	})
	if errors.Is(err, errIncomplete) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("activate model %s: %w", m.Name, err)
	}
	s.log.InfoContext(ctx, "embedding model active", "model", m.Name, "dimensions", m.Dimensions)
	return true, nil
}
