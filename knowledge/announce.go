// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/audit"
	"candor/internal/fault"
	"candor/postgres"
)

// Announce publishes an announcement: from StartsAt on, or at once, until ExpiresAt.
func (s *Service) Announce(ctx context.Context, a Announcement) (Announcement, error) {
	if err := a.clean(); err != nil {
		return Announcement{}, err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		// Two that publish the last ones must not both find room.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('knowledge_announcements'))`); err != nil {
			return err
		}
		var now time.Time
		var n int
		err := tx.QueryRow(ctx, `
			SELECT now(), count(*) FROM knowledge_articles WHERE kind = 'announcement' AND expires_at > now()`).Scan(&now, &n)
		if err != nil {
			return err
		}
		if n >= maxAnnouncements {
			return fault.Conflict("too_many_announcements", "There are %d announcements already; end one first.", n)
		}
		if err := a.checkTimes(now); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO knowledge_articles (kind, revision, expires_at) VALUES ('announcement', 1, $1) RETURNING id`, a.ExpiresAt).Scan(&a.ID)
		if err != nil {
			return err
		}
		a.Version = 1
		return a.write(ctx, tx, "announcement.published")
	})
	if err != nil {
		return Announcement{}, fmt.Errorf("publish an announcement: %w", postgres.Away(err))
	}
	return s.Announcement(ctx, a.ID)
}

// ChangeAnnouncement publishes a new version of an announcement; a.Version is the one that was read. One
// that is over is in force again.
func (s *Service) ChangeAnnouncement(ctx context.Context, a Announcement) (Announcement, error) {
	if err := a.clean(); err != nil {
		return Announcement{}, err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		now, version, err := lockAnnouncement(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if version != a.Version {
			return fault.Conflict("announcement_changed", "The announcement has been changed by somebody else meanwhile. Load it again before you publish.")
		}
		if err := a.checkTimes(now); err != nil {
			return err
		}
		if err := archiveLive(ctx, tx, []int64{a.ID}); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE knowledge_articles SET expires_at = $2, revision = revision + 1, updated_at = now() WHERE id = $1`, a.ID, a.ExpiresAt)
		if err != nil {
			return err
		}
		a.Version = version + 1
		return a.write(ctx, tx, "announcement.changed")
	})
	if err != nil {
		return Announcement{}, fmt.Errorf("change announcement %d: %w", a.ID, postgres.Away(err))
	}
	return s.Announcement(ctx, a.ID)
}

// EndAnnouncement takes an announcement out of every answer, now.
func (s *Service) EndAnnouncement(ctx context.Context, id, by int64) (Announcement, error) {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		_, version, err := lockAnnouncement(ctx, tx, id)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			UPDATE knowledge_articles SET expires_at = now(), updated_at = now() WHERE id = $1 AND expires_at > now()`, id)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.Conflict("announcement_over", "The announcement is over already.")
		}
		// An answer that is being written holds the version: it is finished before this, or not given.
		if err := archiveLive(ctx, tx, []int64{id}); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: by, Action: "announcement.ended", Subject: subject(id), Detail: map[string]any{"version": version}})
	})
	if err != nil {
		return Announcement{}, fmt.Errorf("end announcement %d: %w", id, postgres.Away(err))
	}
	return s.Announcement(ctx, id)
}

// lockAnnouncement orders those who change an announcement.
func lockAnnouncement(ctx context.Context, tx pgx.Tx, id int64) (now time.Time, version int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT now(), (SELECT max(version) FROM knowledge_versions WHERE article_id = a.id)
		FROM knowledge_articles a WHERE id = $1 AND kind = 'announcement' FOR UPDATE`, id).Scan(&now, &version)
	if errors.Is(err, pgx.ErrNoRows) {
		return now, 0, fault.NotFound("announcement_not_found", "There is no announcement %d.", id)
	}
	return now, version, err
}

func subject(id int64) string { return "announcement/" + strconv.FormatInt(id, 10) }

// write adds the version a.Version, published.
func (a *Announcement) write(ctx context.Context, tx pgx.Tx, action string) error {
	c := a.Texts[0].content()
	_, err := tx.Exec(ctx, `
		INSERT INTO knowledge_versions (article_id, version, state, revision, title, lang, source, hash, author_id, published_at)
		VALUES ($1, $2, 'published', 0, $3, $4, $5, $6, $7, now())`,
		a.ID, a.Version, c.Title, c.Lang, c.Source, c.hash(), a.AuthorID)
	if err != nil {
		return err
	}
	var known int
	if err := tx.QueryRow(ctx, `
		SELECT count(*) FROM (SELECT unnest($1::bigint[]) UNION ALL SELECT unnest($2::bigint[])) AS named (id)
		JOIN knowledge_articles USING (id) WHERE kind = 'article'`, a.Overrides, a.Articles).Scan(&known); err != nil {
		return err
	}
	if known != len(a.Overrides)+len(a.Articles) {
		return fault.Invalid("article_not_found", "One of the articles does not exist.")
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO knowledge_announcements (article_id, version, starts_at, expires_at, everybody, about, overrides, articles, translations)
		VALUES ($1, $2, $3, $4, $5, COALESCE($6::text[], '{}'), COALESCE($7::bigint[], '{}'), COALESCE($8::bigint[], '{}'), $9)`,
		a.ID, a.Version, a.StartsAt, a.ExpiresAt, a.Everybody, a.About, a.Overrides, a.Articles, append([]AnnouncementText{}, a.Texts[1:]...))
	if err != nil {
		return err
	}
	by := int64(0)
	if a.AuthorID != nil {
		by = *a.AuthorID
	}
	return audit.Write(ctx, tx, audit.Entry{By: by, Action: action, Subject: subject(a.ID), Detail: map[string]any{
		"version": a.Version, "starts_at": a.StartsAt.UTC(), "expires_at": a.ExpiresAt.UTC(), "everybody": a.Everybody,
	}})
}
