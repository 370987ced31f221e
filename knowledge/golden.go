// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/internal/redact"
	"candor/postgres"
)

const (
	// MaxQuestions bounds how long a check of a draft takes.
	MaxQuestions      = 1000
	maxQuestionLength = 500 // characters
)

// GoldenQuestion is what the library must answer from a certain article, or must
// leave to a person.
type GoldenQuestion struct {
	ID        int64
	Text      string
	Lang      string // "" to tell from the text
	ArticleID *int64 // that must be cited; nil: a person must answer
	SignedIn  bool   // a customer asks it who is signed in; so do all that ask for an article for those
	AuthorID  *int64
	CreatedAt time.Time
	UpdatedAt time.Time
	Title     string // of that article, as it is live or else as it is written
}

const questionColumns = `id, text, lang, article_id,
	signed_in OR EXISTS (SELECT FROM knowledge_articles a WHERE a.id = knowledge_questions.article_id AND a.audience = 'signed_in'),
	author_id, created_at, updated_at, COALESCE((
	SELECT v.title FROM knowledge_versions v WHERE v.article_id = knowledge_questions.article_id
	ORDER BY v.state = 'published' DESC, v.state = 'draft' DESC, v.version DESC LIMIT 1), '')`

func (q GoldenQuestion) check() error {
	switch {
	case strings.TrimSpace(q.Text) == "":
		return fault.Invalid("question_empty", "Please write the question.")
	case utf8.RuneCountInString(q.Text) > maxQuestionLength:
		return fault.Invalid("question_too_long", "A question may have at most %d characters.", maxQuestionLength)
	case !validLang(q.Lang):
		return fault.Invalid("lang_invalid", "The language must be a tag such as en or zh-Hans.")
	}
	return checkText(q.Text)
}

// SaveQuestion writes a new golden question, or changes the one with the same text that is asked by the same.
func (s *Service) SaveQuestion(ctx context.Context, q GoldenQuestion) (GoldenQuestion, error) {
	if err := q.check(); err != nil {
		return GoldenQuestion{}, err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		// Two that add the last ones must not both find room.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('knowledge_questions'))`); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM knowledge_questions WHERE (text, signed_in) <> ($1, $2)`, q.Text, q.SignedIn).Scan(&n); err != nil {
			return err
		}
		if n >= MaxQuestions {
			return fault.Conflict("too_many_questions", "There are %d golden questions already; delete one first.", n)
		}
		rows, err := tx.Query(ctx, `
			INSERT INTO knowledge_questions (text, lang, article_id, author_id, signed_in)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (text, signed_in) DO UPDATE SET lang = $2, article_id = $3, author_id = $4, updated_at = now()
			RETURNING `+questionColumns, strings.TrimSpace(q.Text), q.Lang, q.ArticleID, q.AuthorID, q.SignedIn)
		if err != nil {
			return err
		}
		q, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[GoldenQuestion])
		return err
	})
	if postgres.IsForeignKey(err) {
		return GoldenQuestion{}, fault.Invalid("article_not_found", "There is no such article.")
	}
	if err != nil {
		return GoldenQuestion{}, fmt.Errorf("save a question: %w", postgres.Away(err))
	}
	return q, nil
}

// Questions lists the golden questions of an article, or all of them when it is 0.
func (s *Service) Questions(ctx context.Context, articleID int64) ([]GoldenQuestion, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT `+questionColumns+` FROM knowledge_questions
		WHERE $1 = 0 OR article_id = $1 ORDER BY id LIMIT $2`, articleID, MaxQuestions)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[GoldenQuestion])
	if err != nil {
		return nil, fmt.Errorf("list the questions: %w", postgres.Away(err))
	}
	return list, nil
}

// DeleteQuestion takes a golden question out of all checks to come.
func (s *Service) DeleteQuestion(ctx context.Context, id int64) error {
	tag, err := s.db.Exec(ctx, `DELETE FROM knowledge_questions WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("delete a question: %w", postgres.Away(err))
	}
	if tag.RowsAffected() == 0 {
		return fault.NotFound("question_not_found", "There is no such question.")
	}
	return nil
}

// Check is what the golden questions said to a draft. Results is the gate's own.
type Check struct {
	ID             int64
	ArticleID      int64
	Revision       int64
	Results        json.RawMessage
	Worse          int
	AuthorID       *int64
	CreatedAt      time.Time
	AcknowledgedBy *int64
	AcknowledgedAt *time.Time
	Reason         *string
}

const checkColumns = `id, article_id, revision, results, worse, author_id, created_at, acknowledged_by, acknowledged_at, reason`

// Now is the database's clock.
func (s *Service) Now(ctx context.Context) (now time.Time, err error) {
	err = s.db.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now)
	return now, postgres.Away(err)
}

// SaveCheck records a check that began at c.CreatedAt.
func (s *Service) SaveCheck(ctx context.Context, c Check) (Check, error) {
	rows, _ := s.db.Query(ctx, `
		INSERT INTO knowledge_checks (article_id, revision, results, worse, author_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING `+checkColumns,
		c.ArticleID, c.Revision, c.Results, c.Worse, c.AuthorID, c.CreatedAt)
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Check])
	if err != nil {
		return Check{}, fmt.Errorf("record a check: %w", postgres.Away(err))
	}
	return c, nil
}

// checkHolds is of a check that still says something: since it began no question has changed, and no article that
// answers are made from, its audience or its dates.
const checkHolds = `created_at > GREATEST(
	(SELECT max(updated_at) FROM knowledge_questions),
	(SELECT v.published_at FROM knowledge_versions v JOIN knowledge_articles a ON a.id = v.article_id
		WHERE v.published_at IS NOT NULL AND a.kind = 'article' ORDER BY v.published_at DESC LIMIT 1),
	(SELECT v.archived_at FROM knowledge_versions v JOIN knowledge_articles a ON a.id = v.article_id
		WHERE v.archived_at IS NOT NULL AND a.kind = 'article' ORDER BY v.archived_at DESC LIMIT 1),
	(SELECT max(details_at) FROM knowledge_articles WHERE details_at IS NOT NULL), '-infinity')`

// LastCheck gives the newest check of a draft that still holds. Nil if none does.
func (s *Service) LastCheck(ctx context.Context, articleID, revision int64) (*Check, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT `+checkColumns+` FROM knowledge_checks
		WHERE article_id = $1 AND revision = $2
		  AND `+checkHolds+`
		ORDER BY id DESC LIMIT 1`, articleID, revision)
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Check])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // not checked yet: not an error
	}
	if err != nil {
		return nil, fmt.Errorf("read the last check: %w", postgres.Away(err))
	}
	return c, nil
}

// AcknowledgeCheck records why a regression may go live.
func (s *Service) AcknowledgeCheck(ctx context.Context, id, by int64, reason string) error {
	reason, err := checkReason(reason)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `
		UPDATE knowledge_checks SET acknowledged_by = $2, acknowledged_at = now(), reason = $3
		WHERE id = $1 AND acknowledged_at IS NULL`, id, by, reason)
	if err != nil {
		return fmt.Errorf("acknowledge a check: %w", postgres.Away(err))
	}
	return nil
}

func checkReason(reason string) (string, error) {
	if reason = strings.TrimSpace(reason); reason == "" || utf8.RuneCountInString(reason) > maxQuestionLength {
		return "", fault.Invalid("reason_missing", "Please say in up to %d characters why the answers that get worse are acceptable.", maxQuestionLength)
	}
	if clean, found := redact.Text(reason); len(found) > 0 {
		return "", fault.Invalid("personal_data", "The reason names something personal, and is kept in plain words: \u201c%s\u201d. Please write it without what stands in brackets.", clean)
	}
	return reason, checkText(reason)
}
