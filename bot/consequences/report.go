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

// reportQuery reads what was added up, and what was counted since.
const reportQuery = `
	SELECT version, date_trunc('week', day::timestamp) AT TIME ZONE 'UTC',
		sum(answers)::int, sum(helped)::int, sum(not_helpful)::int, sum(handed_off)::int, sum(rated)::int, sum(rating_sum)::int
	FROM (
		SELECT * FROM answer_counts WHERE article_id = $1 AND day >= $2
		UNION ALL
		SELECT * FROM answer_changes WHERE article_id = $1 AND day >= $2) counted
	WHERE $3 = 0 OR version = $3
	GROUP BY 1, 2
	HAVING sum(answers) > 0
	ORDER BY 1 DESC`

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
	var given Ratings
	_, err = pgx.ForEachRow(rows, []any{&n, &week, &f.Answers, &f.Helped, &f.NotHelpful, &f.HandedOff, &given.Count, &given.Sum}, func() error {
		if len(r.Versions) == 0 || r.Versions[len(r.Versions)-1].Version != n {
			r.Versions = append(r.Versions, VersionFigures{Version: n})
		}
		v := &r.Versions[len(r.Versions)-1]
		v.add(f)
		v.Ratings.Count += given.Count
		v.Ratings.Sum += given.Sum
		if i := int(week.Sub(r.Since).Hours() / (7 * 24)); i < len(r.Weeks) {
			r.Weeks[i].add(f)
		}
		return nil
	})
	if err != nil {
		return Report{}, postgres.Away(fmt.Errorf("count consequences: %w", err))
	}
	return r, nil
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
	of, args := "", []any{article, maxWords}
	if version != 0 {
		of, args = " AND c.version = $3", append(args, version)
	}
	rows, err := s.db.Query(ctx, `
		SELECT c.conversation_id, o.public_id, c.seq, c.version, f.created_at
		FROM citations c
		JOIN feedback f ON f.conversation_id = c.conversation_id AND f.seq = c.seq
		JOIN conversations o ON o.id = c.conversation_id
		WHERE c.article_id = $1 AND c.commented_at IS NOT NULL`+of+`
		ORDER BY c.commented_at DESC
		LIMIT $2`, args...)
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
