// SPDX-License-Identifier: MIT

package consequences

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/knowledge"
	"candor/postgres"
	"candor/prompts"
)

// correction is what the workers need to know.
type correction struct {
	ID        int64
	ArticleID int64
	Version   int
	Title     string
	Texts     map[prompts.Locale]string
	Fallback  prompts.Locale
	Cites     *int
	CiteTitle string
	CitesFor  knowledge.Audience // who may be shown what it cites
	Quote     string
	URL       string
}

// citations are what a customer is shown: who was told something when it was for
// everyone is not shown what has become of it since, if that is not for them.
func (c correction) citations(signedIn bool) []chat.Citation {
	reader := knowledge.ForEveryone
	if signedIn {
		reader = knowledge.ForSignedIn
	}
	if c.Cites == nil || !reader.MayRead(c.CitesFor) {
		return nil
	}
	return []chat.Citation{{ArticleID: c.ArticleID, Version: *c.Cites, Title: c.CiteTitle, Quote: c.Quote, URL: c.URL}}
}

func (s *Service) read(ctx context.Context, id int64) (correction, error) {
	rows, err := s.db.Query(ctx, `
		SELECT x.id, x.article_id, x.version, x.title, x.texts, x.fallback, v.version, coalesce(v.title, ''), a.audience, x.quote, x.url
		FROM corrections x
		JOIN knowledge_articles a ON a.id = x.article_id
		LEFT JOIN knowledge_versions v ON v.article_id = x.article_id AND v.version = x.cites AND v.wrong_at IS NULL
		WHERE x.id = $1`, id)
	if err != nil {
		return correction{}, fmt.Errorf("read a correction: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[correction])
	if err != nil {
		return c, fmt.Errorf("read a correction: %w", err)
	}
	return c, nil
}

// Delivery counts how far a correction has come.
type Delivery struct {
	Conversations int
	Posted        int
	Shown         int // on a page of the customer
	MailWaiting   int
	Mailed        int
	MailFailed    int
	Failed        int // given up; see Retry
	Erased        int // before they could be told
}

// Waiting are those that are still to be told.
func (d Delivery) Waiting() int { return d.Conversations - d.Posted - d.Failed - d.Erased }

// Correction is a version that was marked wrong, and how far telling everybody has come.
type Correction struct {
	ID        int64
	ArticleID int64
	Version   int
	Title     string
	Reason    string
	Texts     map[prompts.Locale]string
	Cites     *int
	WasLive   bool
	By        string // name of who marked it
	At        time.Time
	Delivery
}

const correctionsQuery = `
	SELECT x.id, x.article_id, x.version, x.title, x.reason, x.texts, x.cites, x.was_live, a.name, x.created_at,
		CASE WHEN x.gathered_at IS NULL THEN greatest(x.concerned, n.conversations) ELSE n.conversations END, n.posted, n.shown, n.mail_waiting, n.mailed, n.mail_failed, n.failed, n.erased
	FROM corrections x
	JOIN accounts a ON a.id = x.created_by
	CROSS JOIN LATERAL (
		SELECT count(*) AS conversations, count(*) FILTER (WHERE d.state = 'posted') AS posted, count(d.shown_at) AS shown,
			count(*) FILTER (WHERE d.mail = 'waiting') AS mail_waiting, count(*) FILTER (WHERE d.mail = 'sent') AS mailed,
			count(*) FILTER (WHERE d.mail = 'failed') AS mail_failed,
			count(*) FILTER (WHERE d.state = 'failed') AS failed, count(*) FILTER (WHERE d.state = 'erased') AS erased
		FROM corrected d
		WHERE d.correction_id = x.id) n `

// Corrections lists them, the newest first; article 0 is any.
func (s *Service) Corrections(ctx context.Context, article int64, limit int) ([]Correction, error) {
	where := "WHERE $1::bigint = 0 "
	if article != 0 {
		where = "WHERE x.article_id = $1 "
	}
	return s.corrections(ctx, where+"ORDER BY x.id DESC LIMIT $2", article, limit)
}

// Correction gives one.
func (s *Service) Correction(ctx context.Context, id int64) (Correction, error) {
	list, err := s.corrections(ctx, "WHERE x.id = $1", id)
	if err == nil && len(list) == 0 {
		err = fault.NotFound("correction_not_found", "There is no such correction.")
	}
	if err != nil {
		return Correction{}, err
	}
	return list[0], nil
}

func (s *Service) corrections(ctx context.Context, where string, args ...any) ([]Correction, error) {
	rows, err := s.db.Query(ctx, correctionsQuery+where, args...)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read corrections: %w", err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Correction, error) {
		var c Correction
		d := &c.Delivery
		return c, row.Scan(&c.ID, &c.ArticleID, &c.Version, &c.Title, &c.Reason, &c.Texts, &c.Cites, &c.WasLive, &c.By, &c.At,
			&d.Conversations, &d.Posted, &d.Shown, &d.MailWaiting, &d.Mailed, &d.MailFailed, &d.Failed, &d.Erased)
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read corrections: %w", err))
	}
	return list, nil
}

// Retry takes up what was given up.
func (s *Service) Retry(ctx context.Context, id int64) (Correction, error) {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var open bool
		err := tx.QueryRow(ctx, "UPDATE corrections SET finished_at = NULL WHERE id = $1 RETURNING true", id).Scan(&open)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.NotFound("correction_not_found", "There is no such correction.")
		}
		if err != nil {
			return fmt.Errorf("open a correction again: %w", err)
		}
		_, err = tx.Exec(ctx, `
			UPDATE corrected SET state = 'waiting', attempts = 0, next_at = now() WHERE correction_id = $1 AND state = 'failed'`, id)
		if err != nil {
			return fmt.Errorf("take corrections up again: %w", err)
		}
		_, err = s.jobs.InsertTx(ctx, tx, CorrectArgs{}, nil)
		return err
	})
	if err != nil {
		return Correction{}, postgres.Away(err)
	}
	return s.Correction(ctx, id)
}

// Shown notes that a page of the customer was sent the correction, the first time.
func (s *Service) Shown(ctx context.Context, conversationID int64, seq int) error {
	_, err := s.db.Exec(ctx, `
		UPDATE corrected
		SET shown_at = now()
		WHERE conversation_id = $1 AND seq = $2 AND state = 'posted' AND shown_at IS NULL`, conversationID, seq)
	if err != nil {
		return postgres.Away(fmt.Errorf("note that a correction was shown: %w", err))
	}
	return nil
}
