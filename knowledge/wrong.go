// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
)

// MarkWrongTx says that a version was wrong: it is never used for an answer again,
// and from this moment on, if it is the live one. It tells whether it was.
func (s *Service) MarkWrongTx(ctx context.Context, tx pgx.Tx, id int64, version int) (live bool, err error) {
	if _, err := lockArticle(ctx, tx, id); err != nil {
		return false, err
	}
	var state State
	var wrong bool
	err = tx.QueryRow(ctx, `
		SELECT state, wrong_at IS NOT NULL FROM knowledge_versions WHERE article_id = $1 AND version = $2`, id, version).Scan(&state, &wrong)
	switch {
	case errors.Is(err, pgx.ErrNoRows) || err == nil && state == StateDraft:
		return false, fault.NotFound("version_not_found", "Article %d has no published version %d.", id, version)
	case err != nil:
		return false, fmt.Errorf("read version %d of article %d: %w", version, id, err)
	case wrong:
		return false, fault.Conflict("already_wrong", "Version %d was marked wrong already.", version)
	}
	if live = state == StatePublished; live {
		if err := removeLive(ctx, tx, []int64{id}); err != nil {
			return false, err
		}
		if err := archiveLive(ctx, tx, []int64{id}); err != nil {
			return false, err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE knowledge_versions SET wrong_at = now() WHERE article_id = $1 AND version = $2`, id, version)
	if err != nil {
		return false, fmt.Errorf("mark version %d of article %d: %w", version, id, err)
	}
	return live, touch(ctx, tx, id)
}

// refuseWrong refuses to make live again, word for word, what was marked wrong of these articles.
func refuseWrong(ctx context.Context, tx pgx.Tx, ids []int64, hashes [][]byte) error {
	var version int
	err := tx.QueryRow(ctx, `
		SELECT v.version FROM unnest($1::bigint[], $2::bytea[]) AS text (article_id, hash)
		JOIN knowledge_versions v USING (article_id, hash)
		WHERE v.wrong_at IS NOT NULL ORDER BY v.article_id, v.version LIMIT 1`, ids, hashes).Scan(&version)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("compare with what was wrong: %w", err)
	}
	return fault.Conflict("text_was_wrong", "This is, word for word, version %d, which was marked wrong. Please correct the text before you publish it.", version)
}
