// SPDX-License-Identifier: MIT

package consequences

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/postgres"
)

// Figures count what became of answers.
type Figures struct {
	Answers    int
	Helped     int // the customer said so
	NotHelpful int
	HandedOff  int // a person was called for in the conversation afterwards
}

func (f *Figures) add(o Figures) {
	f.Answers += o.Answers
	f.Helped += o.Helped
	f.NotHelpful += o.NotHelpful
	f.HandedOff += o.HandedOff
}

// Ratings are what customers gave the assistant in the conversations with such an answer.
type Ratings struct {
	Count int
	Sum   int
}

// VersionFigures are those of one version.
type VersionFigures struct {
	Version int
	Figures
	Ratings Ratings
}

// Week are the figures of answers given in a week, which begins on Monday.
type Week struct {
	Start time.Time
	Figures
}

// Report is what became of an article's answers in some weeks, the running one among them.
type Report struct {
	Since    time.Time
	Versions []VersionFigures // the newest first; without answers none
	Weeks    []Week           // all of them, the oldest first
}

// MaxWeeks is how far back a report reaches.
const MaxWeeks = 104

const reportQuery = `
	WITH told AS MATERIALIZED (
		SELECT conversation_id, seq, version, created_at
		FROM citations
		WHERE article_id = $1 AND first AND answer AND created_at >= $2 AND ($3 = 0 OR version = $3)),
	handed AS (
		SELECT DISTINCT t.conversation_id, t.seq
		FROM told t
		JOIN cases k ON k.conversation_id = t.conversation_id AND k.enqueued_at >= t.created_at)
	SELECT t.version, date_trunc('week', t.created_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC',
		count(*), count(*) FILTER (WHERE f.helpful), count(*) FILTER (WHERE NOT f.helpful), count(h.seq)
	FROM told t
	LEFT JOIN feedback f ON f.conversation_id = t.conversation_id AND f.seq = t.seq
	LEFT JOIN handed h ON h.conversation_id = t.conversation_id AND h.seq = t.seq
	GROUP BY 1, 2
	ORDER BY 1 DESC`

const ratingsQuery = `
	SELECT t.version, count(*), sum(r.assistant)
	FROM ratings r
	JOIN (
		SELECT DISTINCT conversation_id, version
		FROM citations
		WHERE article_id = $1 AND first AND answer AND created_at >= $2 AND ($3 = 0 OR version = $3)) t USING (conversation_id)
	WHERE r.assistant IS NOT NULL
	GROUP BY t.version`

// Report counts what became of the answers that rest on an article; version 0 is all of them.
func (s *Service) Report(ctx context.Context, article int64, version, weeks int, now time.Time) (Report, error) {
	monday := now.UTC().Truncate(24 * time.Hour)
	monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7)
	r := Report{Since: monday.AddDate(0, 0, -7*(weeks-1)), Versions: []VersionFigures{}}
	for i := range weeks {
		r.Weeks = append(r.Weeks, Week{Start: r.Since.AddDate(0, 0, 7*i)})
	}
	rows, err := s.db.Query(ctx, reportQuery, article, r.Since, version)
	if err != nil {
		return Report{}, postgres.Away(fmt.Errorf("count consequences: %w", err))
	}
	var n int
	var week time.Time
	var f Figures
	_, err = pgx.ForEachRow(rows, []any{&n, &week, &f.Answers, &f.Helped, &f.NotHelpful, &f.HandedOff}, func() error {
		if len(r.Versions) == 0 || r.Versions[len(r.Versions)-1].Version != n {
			r.Versions = append(r.Versions, VersionFigures{Version: n})
		}
		r.Versions[len(r.Versions)-1].add(f)
		if i := int(week.Sub(r.Since).Hours() / (7 * 24)); i < len(r.Weeks) {
			r.Weeks[i].add(f)
		}
		return nil
	})
	if err != nil {
		return Report{}, postgres.Away(fmt.Errorf("count consequences: %w", err))
	}
	return r, s.addRatings(ctx, article, version, &r)
}

func (s *Service) addRatings(ctx context.Context, article int64, version int, r *Report) error {
	rows, err := s.db.Query(ctx, ratingsQuery, article, r.Since, version)
	if err != nil {
		return postgres.Away(fmt.Errorf("count ratings: %w", err))
	}
	var n int
	var given Ratings
	_, err = pgx.ForEachRow(rows, []any{&n, &given.Count, &given.Sum}, func() error {
		for i := range r.Versions {
			if r.Versions[i].Version == n {
				r.Versions[i].Ratings = given
			}
		}
		return nil
	})
	if err != nil {
		return postgres.Away(fmt.Errorf("count ratings: %w", err))
	}
	return nil
}

// Words are what a customer wrote of an answer that did not help.
type Words struct {
	PublicID string
	Seq      int
	Version  int
	At       time.Time
	Text     string
}

const maxWords = 50

// Words gives what customers wrote of answers that did not help them, the newest
// first: their own words, personal data included.
func (s *Service) Words(ctx context.Context, article int64, version int) ([]Words, error) {
	rows, err := s.db.Query(ctx, `
		SELECT c.conversation_id, o.public_id, c.seq, c.version, f.created_at
		FROM citations c
		JOIN feedback f ON f.conversation_id = c.conversation_id AND f.seq = c.seq
		JOIN conversations o ON o.id = c.conversation_id
		WHERE c.article_id = $1 AND c.first AND c.answer AND ($2 = 0 OR c.version = $2) AND NOT f.helpful AND f.sealed IS NOT NULL
		ORDER BY f.created_at DESC
		LIMIT $3`, article, version, maxWords)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for comments: %w", err))
	}
	var refs []chat.MessageRef
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Words, error) {
		var w Words
		var conversation int64
		err := row.Scan(&conversation, &w.PublicID, &w.Seq, &w.Version, &w.At)
		refs = append(refs, chat.MessageRef{ConversationID: conversation, Seq: w.Seq})
		return w, err
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for comments: %w", err))
	}
	texts, err := s.chat.Comments(ctx, refs)
	if err != nil {
		return nil, err
	}
	said := []Words{}
	for i, w := range list {
		if w.Text = texts[i]; w.Text != "" {
			said = append(said, w)
		}
	}
	return said, nil
}
