// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// Publication says who publishes, and by which rules.
type Publication struct {
	By         *int64 // nil: the operator or an import
	SecondEyes bool   // nobody publishes what they wrote last themselves, unless a colleague approved it
	Scheduled  bool   // it is due: refused where it was taken off the schedule
}

// PublishDraft is Publish by the operator.
func (s *Service) PublishDraft(ctx context.Context, id, expected int64) (Article, error) {
	return s.Publish(ctx, id, expected, Publication{})
}

// Publish makes the draft the live version. expected is the revision that was read: what goes
// live is what the editor saw. The version before serves until the moment of the switch.
func (s *Service) Publish(ctx context.Context, id, expected int64, p Publication) (Article, error) {
	a, err := s.Article(ctx, id)
	if err != nil {
		return Article{}, err
	}
	if a.Draft == nil || a.Draft.Revision != expected {
		return Article{}, draftChanged()
	}
	if err := s.publish(ctx, id, a.Draft.content(), expected, p); err != nil {
		return Article{}, fmt.Errorf("publish article %d: %w", id, err)
	}
	return s.Article(ctx, id)
}

func (v Version) content() Content {
	return Content{Title: v.Title, Lang: v.Lang, URL: v.URL, Source: v.Source, Asked: v.Asked}
}

func draftChanged() error {
	return fault.Conflict("draft_changed", "The draft has been changed by somebody else meanwhile. Load it again before you publish.")
}

func (s *Service) publish(ctx context.Context, id int64, c Content, expected int64, how Publication) error {
	if err := c.check(); err != nil {
		return err
	}
	p, missing, err := s.prepare(ctx, c)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		at, err := lockArticle(ctx, tx, id)
		if err != nil {
			return err
		}
		if at.draftRevision != expected {
			return draftChanged()
		}
		if err := refuseWrong(ctx, tx, []int64{id}, [][]byte{c.hash()}); err != nil {
			return err
		}
		approved, err := how.may(ctx, tx, id, at)
		if err != nil {
			return err
		}
		version, err := promoteDraft(ctx, tx, id, at, len(p.chunks), how.By, approved)
		if err != nil {
			return err
		}
		err = s.switchLive(ctx, tx, []live{{id, version, at.usableUntil, at.audience, p}})
		if err != nil || !missing {
			return err
		}
		return s.enqueue(ctx, tx)
	})
}

// may tells whether the draft may go live, and who beside its author has looked at it.
func (p Publication) may(ctx context.Context, tx pgx.Tx, id int64, at locked) (approved *int64, err error) {
	now, err := standing(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if p.Scheduled && (now.Stage != StageScheduled || now.Revision != at.draftRevision) {
		return nil, fault.Conflict("not_scheduled", "The draft is not scheduled any more.")
	}
	other := func(account *int64) bool {
		return account != nil && at.draftAuthor != nil && *account != *at.draftAuthor
	}
	switch {
	case now.Revision == at.draftRevision && other(now.ApprovedBy):
		return now.ApprovedBy, nil
	case other(p.By):
		return p.By, nil
	case p.SecondEyes && at.draftAuthor != nil:
		return nil, fault.Conflict("approval_missing", "You wrote this draft last, and here a colleague looks at each draft before it goes live. Ask for a review.")
	}
	return nil, nil //nolint:nilnil // nobody has, and nobody had to
}

// promoteDraft makes the draft the published version, with the highest number, and returns it.
func promoteDraft(ctx context.Context, tx pgx.Tx, id int64, at locked, chunks int, by, approved *int64) (int, error) {
	if err := archiveLive(ctx, tx, []int64{id}); err != nil {
		return 0, err
	}
	version := at.draftVersion
	if version < at.lastVersion {
		version = at.lastVersion + 1 // an import has gone past the draft
	}
	_, err := tx.Exec(ctx, `
		UPDATE knowledge_versions
		SET state = 'published', version = $2, chunks = $3, published_at = now(), updated_at = now(), published_by = $4, approved_by = $5
		WHERE article_id = $1 AND state = 'draft'`, id, version, chunks, by, approved)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM knowledge_stages WHERE article_id = $1`, id); err != nil {
		return 0, err
	}
	return version, touch(ctx, tx, id)
}

func touch(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, `UPDATE knowledge_articles SET updated_at = now() WHERE id = $1`, id)
	return err
}

func archiveLive(ctx context.Context, tx pgx.Tx, ids []int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE knowledge_versions SET state = 'archived', archived_at = now(), updated_at = now()
		WHERE article_id = ANY ($1) AND state = 'published'`, ids)
	return err
}

// Archive takes an article out of every answer. Its versions stay on record, and a draft that was to publish itself
// waits for an editor instead: what was taken out does not come back by a schedule.
func (s *Service) Archive(ctx context.Context, id int64) (Article, error) {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := lockArticle(ctx, tx, id); err != nil {
			return err
		}
		var isLive bool
		err := tx.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM knowledge_versions WHERE article_id = $1 AND state = 'published')`, id).Scan(&isLive)
		if err != nil {
			return err
		}
		if !isLive {
			return fault.Conflict("not_published", "The article is not published.")
		}
		if err := removeLive(ctx, tx, []int64{id}); err != nil {
			return err
		}
		if err := archiveLive(ctx, tx, []int64{id}); err != nil {
			return err
		}
		if err := unplan(ctx, tx, id); err != nil {
			return err
		}
		return touch(ctx, tx, id)
	})
	if err != nil {
		return Article{}, fmt.Errorf("archive article %d: %w", id, err)
	}
	return s.Article(ctx, id)
}

// Restore writes what an older version says into the draft, for an editor to publish. expected is the
// revision of the draft that this replaces, 0 if there is none. A version that was marked wrong is restored
// only with wrong: to be corrected, for it cannot be published as it is.
func (s *Service) Restore(ctx context.Context, id int64, version int, expected int64, author *int64, wrong bool) (Article, error) {
	v, err := s.Version(ctx, id, version)
	if err != nil {
		return Article{}, err
	}
	if v.State == StateDraft {
		return Article{}, fault.Invalid("version_is_draft", "Version %d is the draft itself.", version)
	}
	if v.WrongAt != nil && !wrong {
		return Article{}, fault.Conflict("version_is_wrong", "Version %d was marked wrong. Restore it only to correct it: as it is it cannot be published again.", version)
	}
	return s.SaveDraft(ctx, id, expected, v.content(), author)
}
