// SPDX-License-Identifier: MIT

package gap

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/postgres"
)

// Question is one question of a gap, opened. Its words and the agents' have no
// personal data in them.
type Question struct {
	Turn           int64
	ConversationID int64
	FromSeq, ToSeq int
	Reason         Reason
	Lang           string
	Confidence     float64
	AgentSeconds   float64
	AskedAt        time.Time
	CaseID         *int64
	Reference      *string
	Outcome        *string
	resolvedAt     *time.Time

	PublicID string // of the conversation
	Text     string
	Answers  []Answer
}

// Answer is what an agent answered to a question.
type Answer struct {
	Text string // as it may stand in an article: without greetings
	At   time.Time
}

// shown is how many questions of a gap are opened at most, the newest.
const shown = 100

// Questions gives the questions of a gap, the newest first.
func (s *Service) Questions(ctx context.Context, id int64) ([]Question, error) {
	rows, err := s.DB.Query(ctx, `
		SELECT q.turn_id, q.conversation_id, q.from_seq, q.to_seq, q.reason, q.lang, q.confidence, q.agent_seconds, q.asked_at,
			k.id, k.reference, k.outcome, k.resolved_at
		FROM knowledge_gap_questions q
		LEFT JOIN cases k ON k.id = q.case_id
		WHERE q.gap_id = $1
		ORDER BY q.asked_at DESC, q.turn_id DESC
		LIMIT $2`, id, shown)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read the questions of a gap: %w", err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (q Question, err error) {
		return q, row.Scan(&q.Turn, &q.ConversationID, &q.FromSeq, &q.ToSeq, &q.Reason, &q.Lang, &q.Confidence, &q.AgentSeconds, &q.AskedAt,
			&q.CaseID, &q.Reference, &q.Outcome, &q.resolvedAt)
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read the questions of a gap: %w", err))
	}
	return s.openQuestions(ctx, list)
}

// answerReach is how far behind its question an agent's answer may lie, in messages.
const answerReach = 60

func (s *Service) openQuestions(ctx context.Context, list []Question) ([]Question, error) {
	spans := make([]chat.Span, 0, 2*len(list))
	for _, q := range list {
		spans = append(spans,
			chat.Span{ConversationID: q.ConversationID, From: q.FromSeq, To: q.ToSeq, Author: chat.AuthorCustomer},
			chat.Span{ConversationID: q.ConversationID, From: q.ToSeq + 1, To: q.ToSeq + answerReach, Author: chat.AuthorAgent})
	}
	excerpts, err := s.Chat.Excerpts(ctx, spans)
	if err != nil {
		return nil, err
	}
	var out []Question
	for i, q := range list {
		asked, answered := excerpts[2*i], excerpts[2*i+1]
		if q.Text = words(asked); q.Text == "" {
			continue // redacted since
		}
		q.PublicID = asked.PublicID
		// What an agent said is an answer to the last question before the case.
		if q.CaseID == nil {
			answered.Messages = nil
		}
		for _, m := range answered.Messages {
			if q.resolvedAt != nil && m.At.After(*q.resolvedAt) {
				break // another matter
			}
			if text := substance(clean(m.Text, answered.Profile), m.AgentName); text != "" {
				q.Answers = append(q.Answers, Answer{text, m.At})
			}
		}
		out = append(out, q)
	}
	return out, nil
}
