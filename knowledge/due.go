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

// Due is a draft whose time has come.
type Due struct {
	ArticleID   int64
	Revision    int64
	ScheduledBy int64
	Accepted    []int64
	Reason      string
	OwnerID     *int64
}

// dueHolds is how long a draft that is due belongs to the gateway that took it; then another may.
const dueHolds = 5 * time.Minute

// ClaimDue takes a draft whose time has come, by the database's clock; false: there is none. Of several
// gateways only one gets it.
func (s *Service) ClaimDue(ctx context.Context) (d Due, ok bool, err error) {
	rows, _ := s.db.Query(ctx, `
		UPDATE knowledge_stages s SET claimed_until = now() + $1::interval
		FROM knowledge_articles a
		WHERE a.id = s.article_id AND s.article_id = (
			SELECT article_id FROM knowledge_stages
			WHERE stage = 'scheduled' AND publish_at <= now() AND (claimed_until IS NULL OR claimed_until < now())
			ORDER BY publish_at LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING s.article_id, s.revision, s.scheduled_by, s.accepted, s.reason, COALESCE(a.owner_id, s.scheduled_by)`, dueHolds)
	d, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Due])
	if errors.Is(err, pgx.ErrNoRows) {
		return Due{}, false, nil
	}
	if err != nil {
		return Due{}, false, fmt.Errorf("take a draft that is due: %w", postgres.Away(err))
	}
	return d, true, nil
}

// Why a scheduled draft was kept back.
const (
	WhyWorse      = "answers_get_worse"
	WhyUnapproved = "approval_missing"
	WhyFailed     = "failed"
)

// KeepBack says that a draft did not go live when it was due, and why. False: it is not due any more.
func (s *Service) KeepBack(ctx context.Context, d Due, why string) (bool, error) {
	tag, err := s.db.Exec(ctx, `
		UPDATE knowledge_stages
		SET stage = 'kept_back', why = $3, publish_at = NULL, claimed_until = NULL, updated_at = now()
		WHERE article_id = $1 AND revision = $2 AND stage = 'scheduled'`, d.ArticleID, d.Revision, why)
	if err != nil {
		return false, fmt.Errorf("keep a draft back: %w", postgres.Away(err))
	}
	return tag.RowsAffected() > 0, nil
}
