// SPDX-License-Identifier: MIT

package gap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/internal/redact"
	"candor/internal/text"
	"candor/knowledge"
	"candor/postgres"
)

const (
	// goldenQuestions is how many questions of a gap become golden at once.
	goldenQuestions = 8
	reasonRunes     = 500
)

// Golden makes questions of a gap golden: the article must answer them. Those that
// are golden already stay.
func (s *Service) Golden(ctx context.Context, id, author int64) ([]knowledge.GoldenQuestion, error) {
	g, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if g.ArticleID == nil {
		return nil, fault.Conflict("gap_has_no_article", "Make the draft first: a golden question names the article that answers it.")
	}
	questions, err := s.Questions(ctx, id)
	if err != nil {
		return nil, err
	}
	var made []knowledge.GoldenQuestion
	seen := map[string]bool{}
	for _, u := range append([]utterance{g.Label}, utterances(questions)...) {
		golden := knowledge.GoldenQuestion{Text: essence(u.Text), Lang: u.Lang, ArticleID: g.ArticleID, AuthorID: &author}
		if key := strings.ToLower(golden.Text); seen[key] || utf8.RuneCountInString(golden.Text) > goldenRunes {
			continue
		} else if seen[key] = true; len(made) == goldenQuestions {
			break
		}
		if golden, err = s.Knowledge.SaveQuestion(ctx, golden); err != nil {
			return nil, err
		}
		if _, err := s.DB.Exec(ctx, `UPDATE knowledge_questions SET gap_id = $2 WHERE id = $1`, golden.ID, id); err != nil {
			return nil, postgres.Away(fmt.Errorf("link a question to its gap: %w", err))
		}
		made = append(made, golden)
	}
	return made, nil
}

// goldenRunes is how long a golden question is at most.
const goldenRunes = 500

func utterances(list []Question) []utterance {
	out := make([]utterance, len(list))
	for i, q := range list {
		out[i] = utterance{q.Text, q.Lang}
	}
	return out
}

// CloseAnswered closes the gaps of an article, or of all of them when it is 0,
// that the gate showed to be answered: the version that is live passed a check in
// which each golden question of the gap was answered from it.
func (s *Service) CloseAnswered(ctx context.Context, articleID int64) error {
	rows, err := s.DB.Query(ctx, `
		SELECT g.id, c.results, ARRAY(SELECT id FROM knowledge_questions k WHERE k.gap_id = g.id AND k.article_id = g.article_id)
		FROM knowledge_gaps g
		JOIN knowledge_versions v ON v.article_id = g.article_id AND v.state = 'published' AND v.published_at > g.changed_at,
		LATERAL (
			SELECT results FROM knowledge_checks c
			WHERE c.article_id = g.article_id AND c.revision = v.revision AND c.created_at <= v.published_at
			ORDER BY c.id DESC LIMIT 1) c
		WHERE g.state = 'drafted' AND ($1 = 0 OR g.article_id = $1)`, articleID)
	if err != nil {
		return postgres.Away(fmt.Errorf("look for gaps that are answered: %w", err))
	}
	var id int64
	var results json.RawMessage
	var golden, answered []int64
	_, err = pgx.ForEachRow(rows, []any{&id, &results, &golden}, func() error {
		right, err := allRight(results, golden)
		if right {
			answered = append(answered, id)
		}
		return err
	})
	if err != nil {
		return postgres.Away(fmt.Errorf("look for gaps that are answered: %w", err))
	}
	_, err = s.DB.Exec(ctx, `
		UPDATE knowledge_gaps g
		SET state = 'closed', changed_at = now(), closed_at = (
			SELECT published_at FROM knowledge_versions v WHERE v.article_id = g.article_id AND v.state = 'published')
		WHERE id = ANY ($1) AND state = 'drafted'`, answered)
	if err != nil {
		return postgres.Away(fmt.Errorf("close gaps: %w", err))
	}
	return nil
}

// allRight reports whether a check asked all of these questions and the draft
// answered each as expected.
func allRight(results json.RawMessage, questions []int64) (bool, error) {
	var list []struct {
		QuestionID int64 `json:"question_id"`
		Draft      struct {
			Right bool `json:"right"`
		} `json:"draft"`
	}
	if err := json.Unmarshal(results, &list); err != nil {
		return false, fmt.Errorf("read a check: %w", err)
	}
	right := map[int64]bool{}
	for _, r := range list {
		right[r.QuestionID] = r.Draft.Right
	}
	for _, id := range questions {
		if !right[id] {
			return false, nil
		}
	}
	return len(questions) > 0, nil
}

// Dismiss takes a gap off the board: no article will answer it, and why. The reason is plain, so it may hold nothing of
// a customer.
func (s *Service) Dismiss(ctx context.Context, id, by int64, reason string) error {
	reason = strings.TrimSpace(reason)
	clean, found := redact.Text(reason)
	switch {
	case reason == "" || utf8.RuneCountInString(reason) > reasonRunes:
		return fault.Invalid("reason_missing", "Please say in up to %d characters why no article will answer this.", reasonRunes)
	case !text.Clean(reason):
		return fault.Invalid("reason_invalid", "A reason is plain text, without control characters.")
	case len(found) > 0:
		return fault.Invalid("personal_data", "The reason names something personal, and is kept in plain words: \u201c%s\u201d. Please write it without what stands in brackets.", clean)
	}
	return s.move(ctx, id, `state = 'dismissed', reason = $2, changed_by = $3`, reason, by)
}

// Reopen puts a gap back on the board.
func (s *Service) Reopen(ctx context.Context, id, by int64) error {
	return s.move(ctx, id, `state = CASE WHEN article_id IS NULL THEN 'open' ELSE 'drafted' END, reason = NULL, changed_by = $2`, by)
}

func (s *Service) move(ctx context.Context, id int64, set string, args ...any) error {
	var found int64
	err := s.DB.QueryRow(ctx, `UPDATE knowledge_gaps SET changed_at = now(), `+set+` WHERE id = $1 RETURNING id`, append([]any{id}, args...)...).Scan(&found)
	if errors.Is(err, pgx.ErrNoRows) {
		return errNotFound(id)
	}
	if err != nil {
		return postgres.Away(fmt.Errorf("change a gap: %w", err))
	}
	return nil
}
