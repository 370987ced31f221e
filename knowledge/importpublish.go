// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// ImportDrafts lists the drafts of an import that wait to be published as they were imported: of a source all that
// say what their pages say, of files those that the import wrote. What an editor has changed since is the editor's,
// and what was archived, is in review or scheduled stays so.
func (s *Service) ImportDrafts(ctx context.Context, id int64) ([]DraftRef, error) {
	rows, _ := s.db.Query(ctx, `
		WITH wanted AS (
			SELECT v.article_id, v.revision FROM knowledge_imports i
			JOIN knowledge_pages p ON p.source_id = i.source_id AND p.state <> 'conflict'
			JOIN knowledge_versions v ON v.article_id = p.article_id AND v.state = 'draft' AND v.revision = p.revision
			WHERE i.id = $1
			UNION
			SELECT v.article_id, v.revision FROM knowledge_import_items t
			JOIN knowledge_versions v ON v.article_id = t.article_id AND v.state = 'draft' AND v.revision = t.revision
			WHERE t.import_id = $1 AND t.revision > 0
		)
		SELECT w.article_id, w.revision FROM wanted w
		WHERE NOT (`+fmt.Sprintf(takenBackSQL, "w.article_id")+`)
		ORDER BY 1`, id)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DraftRef])
	if err != nil {
		return nil, fmt.Errorf("list the drafts of an import: %w", postgres.Away(err))
	}
	return list, nil
}

// takenBackSQL tells of an article that an import publishes nothing of: it was archived, or its draft is in
// somebody's hands.
const takenBackSQL = `
	EXISTS (SELECT FROM knowledge_stages g WHERE g.article_id = %[1]s AND g.stage IN ('in_review', 'sent_back', 'scheduled'))
	OR EXISTS (SELECT FROM knowledge_versions v WHERE v.article_id = %[1]s AND v.state = 'archived')
	   AND NOT EXISTS (SELECT FROM knowledge_versions v WHERE v.article_id = %[1]s AND v.state = 'published')`

// takenBack tells it again under the article's lock: the golden questions took their time.
func takenBack(ctx context.Context, tx pgx.Tx, id int64) (back bool, err error) {
	err = tx.QueryRow(ctx, `SELECT `+fmt.Sprintf(takenBackSQL, "$1::bigint"), id).Scan(&back)
	return back, err
}

// PublishDrafts makes drafts live that were prepared, a batch in one transaction. Each is live whole or not at all;
// one that was changed, taken out or put up for review meanwhile is left to its editor, one
// that the publisher wrote to a colleague where each draft has to be seen by a second editor. It gives how many went live.
func (s *Service) PublishDrafts(ctx context.Context, importID int64, how Publication, refs []DraftRef, set *DraftSet) (int, error) {
	models, err := s.models(ctx)
	if err != nil {
		return 0, err
	}
	revision := map[int64]int64{}
	for _, r := range refs {
		revision[r.ArticleID] = r.Revision
	}
	published := 0
	for at := 0; at < len(set.drafts); at += batchItems {
		batch := set.drafts[at:min(at+batchItems, len(set.drafts))]
		list := make([]*prepared, len(batch))
		for i, d := range batch {
			list[i] = d.prepared
		}
		missing := s.embed(ctx, list, models)
		n := 0
		err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
			n, err = s.publishBatch(ctx, tx, importID, how, batch, revision, missing)
			return err
		})
		if err != nil {
			return published, fmt.Errorf("publish the drafts of an import: %w", postgres.Away(err))
		}
		published += n
	}
	return published, s.addUp(ctx)
}

func (s *Service) publishBatch(ctx context.Context, tx pgx.Tx, importID int64, how Publication, batch []*draftIndex, revision map[int64]int64, missing bool) (int, error) {
	var lives []live
	for _, d := range batch { // in the order of their ids, as every writer of many locks them
		at, err := lockArticle(ctx, tx, d.articleID)
		if err != nil {
			return 0, err
		}
		if at.draftRevision != revision[d.articleID] {
			continue
		}
		if back, err := takenBack(ctx, tx, d.articleID); err != nil {
			return 0, err
		} else if back {
			continue
		}
		if err := refuseWrong(ctx, tx, []int64{d.articleID}, [][]byte{d.content.hash()}); fault.Is(err, "text_was_wrong") {
			continue
		} else if err != nil {
			return 0, err
		}
		approved, err := how.may(ctx, tx, d.articleID, at)
		if fault.Is(err, "approval_missing") {
			continue
		}
		if err != nil {
			return 0, err
		}
		version, err := promoteDraft(ctx, tx, d.articleID, at, len(d.chunks), how.By, approved)
		if err != nil {
			return 0, err
		}
		lives = append(lives, live{d.articleID, version, at.usableUntil, at.audience, d.prepared})
	}
	if len(lives) == 0 {
		return 0, nil
	}
	if err := s.switchLive(ctx, tx, lives); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `UPDATE knowledge_imports SET published = published + $2 WHERE id = $1`, importID, len(lives)); err != nil {
		return 0, err
	}
	if !missing {
		return len(lives), nil
	}
	return len(lives), s.enqueue(ctx, tx)
}

// ImportCheck is what the golden questions said to the drafts of an import.
type ImportCheck struct {
	ID             int64
	ImportID       int64
	Drafts         map[string]int64 // revision by article
	Results        json.RawMessage
	Worse          int
	AuthorID       *int64
	CreatedAt      time.Time
	AcknowledgedBy *int64
	AcknowledgedAt *time.Time
	Reason         *string
}

const importCheckColumns = `id, import_id, drafts, results, worse, author_id, created_at, acknowledged_by, acknowledged_at, reason`

func draftMap(refs []DraftRef) map[string]int64 {
	m := map[string]int64{}
	for _, r := range refs {
		m[strconv.FormatInt(r.ArticleID, 10)] = r.Revision
	}
	return m
}

// SaveImportCheck records a check that began at c.CreatedAt.
func (s *Service) SaveImportCheck(ctx context.Context, c ImportCheck, refs []DraftRef) (ImportCheck, error) {
	rows, _ := s.db.Query(ctx, `
		INSERT INTO knowledge_import_checks (import_id, drafts, results, worse, author_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING `+importCheckColumns, c.ImportID, draftMap(refs), c.Results, c.Worse, c.AuthorID, c.CreatedAt)
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[ImportCheck])
	if err != nil {
		return ImportCheck{}, fmt.Errorf("record a check of an import: %w", postgres.Away(err))
	}
	return c, nil
}

// ImportCheck gives the newest check of an import; nil if there is none. With refs, only one that still holds for these drafts.
func (s *Service) ImportCheck(ctx context.Context, importID int64, refs []DraftRef) (*ImportCheck, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT `+importCheckColumns+` FROM knowledge_import_checks
		WHERE import_id = $1 AND ($2::jsonb IS NULL OR drafts = $2
		  AND `+checkHolds+`)
		ORDER BY id DESC LIMIT 1`, importID, orNull(refs))
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[ImportCheck])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // not checked: not an error
	}
	if err != nil {
		return nil, fmt.Errorf("read the check of an import: %w", postgres.Away(err))
	}
	return c, nil
}

func orNull(refs []DraftRef) any {
	if refs == nil {
		return nil
	}
	return draftMap(refs)
}

// AcknowledgeImportCheck records why a regression may go live; by is nil for the operator.
func (s *Service) AcknowledgeImportCheck(ctx context.Context, id int64, by *int64, reason string) error {
	reason, err := checkReason(reason)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `
		UPDATE knowledge_import_checks SET acknowledged_by = $2, acknowledged_at = now(), reason = $3
		WHERE id = $1 AND acknowledged_at IS NULL`, id, by, reason)
	if err != nil {
		return fmt.Errorf("acknowledge a check of an import: %w", postgres.Away(err))
	}
	return nil
}

// SetImportState notes how an import that nobody carries out stands.
func (s *Service) SetImportState(ctx context.Context, id int64, state string) (Import, error) {
	_, err := s.db.Exec(ctx, `
		UPDATE knowledge_imports SET state = $2, ended_at = COALESCE(ended_at, now()) WHERE id = $1 AND (ended_at IS NOT NULL OR source_id IS NULL)`, id, state)
	if err != nil {
		return Import{}, fmt.Errorf("end an import: %w", postgres.Away(err))
	}
	return s.Import(ctx, id)
}
