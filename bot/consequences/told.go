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
	"candor/postgres"
)

// Told is somebody who was told something from a version.
type Told struct {
	ConversationID int64 // with Seq and At the place in the list
	PublicID       string
	Seq            int
	Version        int
	At             time.Time
	Reference      string // of their last case; "" without one
	Locale         string
	State          chat.State
	Reachable      bool // by mail, and they agreed to it
	Erased         bool
	Helpful        *bool
	HandedOff      bool
	Corrected      *time.Time // when they were told that it was wrong
	Shown          *time.Time // when a page of theirs had it
	Mail           string     // what became of the letter; "" or none, waiting, sent, failed
}

// Place is where a page of the list ended; the zero Place is the start.
type Place struct {
	At             time.Time
	ConversationID int64
	Seq            int
}

// reachable tells whether a customer u may be written to about a conversation c:
// there is an address, and their last word on letters was yes, here or to an
// agent who took down what they said.
const reachable = `
	(u.email_index IS NOT NULL AND u.erase_requested_at IS NULL AND coalesce((
		SELECT s.given
		FROM conversations own
		JOIN consents s ON s.conversation_id = own.id AND s.purpose = 'contact_by_email'
		WHERE own.customer_id = u.id
		ORDER BY s.id DESC
		LIMIT 1), EXISTS (SELECT FROM cases k WHERE k.conversation_id = c.id AND k.channel <> 'chat')))`

const toldQuery = `
	SELECT t.conversation_id, c.public_id, t.seq, t.version, t.created_at,
		coalesce((SELECT reference FROM cases k WHERE k.conversation_id = c.id ORDER BY k.id DESC LIMIT 1), ''),
		c.locale, c.state, ` + reachable + `, u.erase_requested_at IS NOT NULL, f.helpful,
		EXISTS (SELECT FROM cases k WHERE k.conversation_id = c.id AND k.enqueued_at >= t.created_at),
		d.posted_at, d.shown_at, coalesce(d.mail, '')
	FROM citations t
	JOIN conversations c ON c.id = t.conversation_id
	JOIN customers u ON u.id = c.customer_id
	LEFT JOIN feedback f ON f.conversation_id = t.conversation_id AND f.seq = t.seq
	LEFT JOIN corrections x ON x.article_id = t.article_id AND x.version = t.version
	LEFT JOIN corrected d ON d.correction_id = x.id AND d.conversation_id = t.conversation_id
	WHERE t.article_id = $1 AND t.first AND t.answer`

const toldOrder = ` ORDER BY t.created_at DESC, t.conversation_id DESC, t.seq DESC LIMIT `

// Told lists who was told something from an article, the last ones first; version
// 0 is any. A page shorter than the limit is the last one.
func (s *Service) Told(ctx context.Context, article int64, version int, after Place, limit int) ([]Told, error) {
	query, args := toldQuery, []any{article}
	if version != 0 {
		args = append(args, version)
		query += fmt.Sprintf(" AND t.version = $%d", len(args))
	}
	if after != (Place{}) {
		args = append(args, after.At, after.ConversationID, after.Seq)
		query += fmt.Sprintf(" AND (t.created_at, t.conversation_id, t.seq) < ($%d, $%d, $%d)", len(args)-2, len(args)-1, len(args))
	}
	args = append(args, limit)
	rows, err := s.db.Query(ctx, query+toldOrder+fmt.Sprintf("$%d", len(args)), args...)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list who was told: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Told])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list who was told: %w", err))
	}
	return list, nil
}

// Answer is an answer with what it answers, and the conversation it stands in.
type Answer struct {
	Conversation chat.Conversation
	Question     []chat.Message // what the customer wrote before it, up to some messages
	Message      chat.Message
	Corrections  []chat.Message // of what it said
}

// asked is how far back the question of an answer is looked for.
const asked = 10

// Answer gives one answer of an article. What does not rest on the article is not
// there for whom this is asked: an editor reads answers of their articles.
func (s *Service) Answer(ctx context.Context, article int64, conversation string, seq int) (Answer, error) {
	c, err := s.chat.Find(ctx, conversation)
	if err != nil {
		return Answer{}, err
	}
	var corrections []int
	err = s.db.QueryRow(ctx, `
		SELECT ARRAY(
			SELECT d.seq
			FROM corrected d
			JOIN corrections x ON x.id = d.correction_id
			WHERE d.conversation_id = t.conversation_id AND d.state = 'posted' AND x.article_id = t.article_id AND x.version = t.version
			ORDER BY d.seq)
		FROM citations t
		WHERE t.conversation_id = $1 AND t.seq = $2 AND t.article_id = $3 AND t.first`, c.ID, seq, article).Scan(&corrections)
	if errors.Is(err, pgx.ErrNoRows) {
		return Answer{}, fault.NotFound("answer_not_found", "There is no such answer that rests on article %d.", article)
	}
	if err != nil {
		return Answer{}, postgres.Away(fmt.Errorf("find an answer: %w", err))
	}
	a := Answer{Conversation: c}
	list, err := s.chat.Messages(ctx, c, max(0, seq-1-asked), seq-max(0, seq-1-asked))
	if err != nil {
		return Answer{}, err
	}
	for _, m := range list {
		switch {
		case m.Seq == seq:
			a.Message = m
		case m.Author == chat.AuthorCustomer:
			a.Question = append(a.Question, m)
		case m.Author != chat.AuthorSystem:
			a.Question = nil
		}
	}
	for _, n := range corrections {
		m, err := s.chat.Message(ctx, c, n)
		if err != nil {
			return Answer{}, err
		}
		a.Corrections = append(a.Corrections, m)
	}
	return a, nil
}
