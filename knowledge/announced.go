// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

const announcementColumns = `
	v.article_id, v.version, v.title, v.lang, v.source, v.author_id, v.published_at,
	n.starts_at, a.expires_at, n.everybody, n.about, n.overrides, n.articles, n.translations,
	CASE WHEN v.state <> 'published' OR a.expires_at <= now() THEN 'ended' WHEN n.starts_at > now() THEN 'scheduled' ELSE 'live' END`

const announcementTables = `
	FROM knowledge_articles a
	JOIN knowledge_versions v ON v.article_id = a.id
	JOIN knowledge_announcements n ON n.article_id = v.article_id AND n.version = v.version
	WHERE a.kind = 'announcement'`

func scanAnnouncement(row pgx.CollectableRow) (Announcement, error) {
	var a Announcement
	var own AnnouncementText
	var others []AnnouncementText
	err := row.Scan(&a.ID, &a.Version, &own.Title, &own.Lang, &own.Text, &a.AuthorID, &a.Published,
		&a.StartsAt, &a.ExpiresAt, &a.Everybody, &a.About, &a.Overrides, &a.Articles, &others, &a.State)
	a.Texts = append([]AnnouncementText{own}, others...)
	return a, err
}

// Announcement returns an announcement in its newest version.
func (s *Service) Announcement(ctx context.Context, id int64) (Announcement, error) {
	rows, _ := s.db.Query(ctx, `SELECT `+announcementColumns+announcementTables+`
		AND a.id = $1 ORDER BY v.version DESC LIMIT 1`, id)
	a, err := pgx.CollectExactlyOneRow(rows, scanAnnouncement)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, fault.NotFound("announcement_not_found", "There is no announcement %d.", id)
	}
	if err != nil {
		return a, fmt.Errorf("read announcement %d: %w", id, postgres.Away(err))
	}
	return a, nil
}

// listedAnnouncements is how many announcements, or versions of one, a list has at most.
const listedAnnouncements = 200

// AnnouncementVersions lists the versions of an announcement, the newest first.
func (s *Service) AnnouncementVersions(ctx context.Context, id int64) ([]Announcement, error) {
	rows, _ := s.db.Query(ctx, `SELECT `+announcementColumns+announcementTables+`
		AND a.id = $1 ORDER BY v.version DESC LIMIT $2`, id, listedAnnouncements)
	list, err := pgx.CollectRows(rows, scanAnnouncement)
	if err != nil {
		return nil, fmt.Errorf("list the versions of announcement %d: %w", id, postgres.Away(err))
	}
	if len(list) == 0 {
		return nil, fault.NotFound("announcement_not_found", "There is no announcement %d.", id)
	}
	return list, nil
}

// Announcements lists announcements, those that end last first.
func (s *Service) Announcements(ctx context.Context) ([]Announcement, error) {
	rows, _ := s.db.Query(ctx, `SELECT `+announcementColumns+announcementTables+`
		AND v.version = (SELECT max(version) FROM knowledge_versions w WHERE w.article_id = a.id)
		ORDER BY a.expires_at DESC, a.id DESC LIMIT $1`, listedAnnouncements)
	list, err := pgx.CollectRows(rows, scanAnnouncement)
	if err != nil {
		return nil, fmt.Errorf("list the announcements: %w", postgres.Away(err))
	}
	return list, nil
}

// Announced lists the announcements that are in force at this moment of the database's clock, the newest first.
func (s *Service) Announced(ctx context.Context) ([]Announcement, error) {
	rows, _ := s.db.Query(ctx, `SELECT `+announcementColumns+announcementTables+`
		AND a.expires_at > now() AND n.starts_at <= now() AND v.state = 'published'
		ORDER BY n.starts_at DESC, a.id DESC LIMIT $1`, maxAnnouncements)
	list, err := pgx.CollectRows(rows, scanAnnouncement)
	if err != nil {
		return nil, fmt.Errorf("read the announcements in force: %w", postgres.Away(err))
	}
	return list, nil
}

// AnnouncedText is what a version of an announcement said in a language; nil if that version is of an article.
func (s *Service) AnnouncedText(ctx context.Context, id int64, version int, lang string) (*AnnouncementText, error) {
	rows, _ := s.db.Query(ctx, `SELECT `+announcementColumns+announcementTables+` AND a.id = $1 AND v.version = $2`, id, version)
	a, err := pgx.CollectExactlyOneRow(rows, scanAnnouncement)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // an article: not an error
	}
	if err != nil {
		return nil, fmt.Errorf("read version %d of announcement %d: %w", version, id, postgres.Away(err))
	}
	t := a.In(lang)
	return &t, nil
}
