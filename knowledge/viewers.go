// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// viewHolds is how long a look at an article counts without being repeated.
const viewHolds = 30 * time.Second

// Viewer is somebody who has an article open just now.
type Viewer struct {
	ID      int64
	Name    string
	Writing bool // has written in it lately
}

// View notes that somebody has an article open, and gives the colleagues who have, too. It locks
// nothing: saving is guarded by the revision.
func (s *Service) View(ctx context.Context, article, account int64, writing bool) ([]Viewer, error) {
	_, err := s.db.Exec(ctx, `
		INSERT INTO knowledge_viewers (article_id, account_id, seen_at, wrote_at)
		VALUES ($1, $2, now(), CASE WHEN $3 THEN now() END)
		ON CONFLICT (article_id, account_id) DO UPDATE SET seen_at = now(), wrote_at = COALESCE(excluded.wrote_at, knowledge_viewers.wrote_at)`,
		article, account, writing)
	if postgres.IsForeignKey(err) {
		return nil, fault.NotFound("article_not_found", "There is no article %d.", article)
	}
	if err != nil {
		return nil, fmt.Errorf("note a look at article %d: %w", article, postgres.Away(err))
	}
	rows, _ := s.db.Query(ctx, `
		SELECT v.account_id, u.name, COALESCE(v.wrote_at > now() - $3::interval, false)
		FROM knowledge_viewers v JOIN accounts u ON u.id = v.account_id
		WHERE v.article_id = $1 AND v.account_id <> $2 AND v.seen_at > now() - $3::interval
		ORDER BY u.name, u.id`, article, account, viewHolds)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Viewer])
	if err != nil {
		return nil, fmt.Errorf("read who looks at article %d: %w", article, postgres.Away(err))
	}
	return list, nil
}

// StopViewing notes that somebody has closed an article, and forgets looks that are over.
func (s *Service) StopViewing(ctx context.Context, article, account int64) error {
	_, err := s.db.Exec(ctx, `
		DELETE FROM knowledge_viewers
		WHERE article_id = $1 AND (account_id = $2 OR seen_at < now() - interval '1 hour')`, article, account)
	if err != nil {
		return fmt.Errorf("close article %d: %w", article, postgres.Away(err))
	}
	return nil
}

// Person is somebody who may own, write and review articles.
type Person struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Editors lists them by name.
func (s *Service) Editors(ctx context.Context) ([]Person, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT id, name FROM accounts WHERE role IN ('editor', 'supervisor') AND disabled_at IS NULL ORDER BY lower(name), id LIMIT 500`)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Person])
	if err != nil {
		return nil, fmt.Errorf("list the editors: %w", postgres.Away(err))
	}
	return list, nil
}
