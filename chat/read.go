// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/internal/seal"
	"candor/postgres"
)

const messageColumns = `seq, author, agent_id, agent_name, automated, disclosure_id, event, partial, needs_turn, turn_id,
	client_message_id, sealed, commitment, created_at`

// messageRow is a message as the table holds it.
type messageRow struct {
	Seq             int
	Author          Author
	AgentID         *int64
	AgentName       *string
	Automated       bool
	DisclosureID    *string
	Event           *string
	Partial         bool
	NeedsTurn       bool
	TurnID          *int64
	ClientMessageID *string
	Sealed          []byte
	Commitment      []byte
	CreatedAt       time.Time
}

// open decrypts the row. A redacted message has no text.
func (r messageRow) open(conversation string, key seal.Key) (Message, error) {
	m := Message{
		Seq: r.Seq, Author: r.Author, AgentID: r.AgentID, AgentName: orEmpty(r.AgentName), Automated: r.Automated,
		DisclosureID: orEmpty(r.DisclosureID), Event: orEmpty(r.Event), Partial: r.Partial, NeedsTurn: r.NeedsTurn,
		ClientMessageID: orEmpty(r.ClientMessageID), Redacted: r.Sealed == nil, CreatedAt: r.CreatedAt,
	}
	if r.TurnID != nil {
		m.TurnID = *r.TurnID
	}
	if m.Redacted {
		return m, nil
	}
	plain, _, err := key.Open(messagePlace(conversation, r.Seq), r.Sealed)
	if err != nil {
		return Message{}, fmt.Errorf("open message %d: %w", r.Seq, err)
	}
	var c content
	if err := json.Unmarshal(plain, &c); err != nil {
		return Message{}, fmt.Errorf("read message %d: %w", r.Seq, err)
	}
	m.Text, m.Citations, m.Attachments, m.Corrects = c.Text, c.Citations, c.Attachments, c.Corrects
	return m, nil
}

// Messages gives up to limit messages after a seq, in order.
func (s *Service) Messages(ctx context.Context, c Conversation, after, limit int) ([]Message, error) {
	return s.messages(ctx, s.db, c, after, limit)
}

// querier is what reading needs: the pool, or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

const messagesQuery = `
	SELECT ` + messageColumns + `
	FROM messages
	WHERE conversation_id = $1 AND seq > $2
	ORDER BY seq
	LIMIT $3`

func (s *Service) messages(ctx context.Context, db querier, c Conversation, after, limit int) ([]Message, error) {
	rows, err := db.Query(ctx, messagesQuery, c.ID, after, limit)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read messages: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[messageRow])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read messages: %w", err))
	}
	return s.open(ctx, c, list)
}

// open decrypts messages of a conversation.
func (s *Service) open(ctx context.Context, c Conversation, list []messageRow) ([]Message, error) {
	if len(list) == 0 {
		return nil, nil
	}
	key, err := s.key(ctx, c.KeyID)
	if err != nil {
		return nil, err
	}
	messages := make([]Message, len(list))
	for i, row := range list {
		if messages[i], err = row.open(c.PublicID, key); err != nil {
			return nil, err
		}
	}
	return messages, nil
}

// Message gives one message.
func (s *Service) Message(ctx context.Context, c Conversation, seq int) (Message, error) {
	list, err := s.Messages(ctx, c, seq-1, 1)
	if err != nil {
		return Message{}, err
	}
	if len(list) == 0 || list[0].Seq != seq {
		return Message{}, fault.NotFound("message_not_found", "There is no message %d in this conversation.", seq)
	}
	return list[0], nil
}

// Disclosures gives the notices of a conversation, in the order of what stands
// below them.
func (s *Service) Disclosures(ctx context.Context, c Conversation) ([]Disclosure, error) {
	rows, err := s.db.Query(ctx, disclosuresQuery, c.ID, []string{})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read disclosures: %w", err))
	}
	list, err := collectDisclosures(rows, c.ID)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read disclosures: %w", err))
	}
	return list, nil
}

// disclosuresQuery leaves out those with the ids in $2.
const disclosuresQuery = `
	SELECT id, label, text, locale, before_seq
	FROM disclosures
	WHERE conversation_id = $1 AND id <> ALL($2)
	ORDER BY before_seq, created_at`

func collectDisclosures(rows pgx.Rows, conversation int64) ([]Disclosure, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Disclosure, error) {
		d := Disclosure{conversation: conversation}
		return d, row.Scan(&d.ID, &d.Label, &d.Text, &d.Locale, &d.BeforeSeq)
	})
}

// openSentences decrypts what a turn has shown from index from on.
func openSentences(conversation string, turn int64, key seal.Key, sealed [][]byte, from int) ([]Sentence, error) {
	var list []Sentence
	for i := from; i < len(sealed); i++ {
		plain, _, err := key.Open(sentencePlace(conversation, turn, i), sealed[i])
		if err != nil {
			return nil, fmt.Errorf("open sentence %d of a turn: %w", i, err)
		}
		var sentence Sentence
		if err := json.Unmarshal(plain, &sentence); err != nil {
			return nil, fmt.Errorf("read sentence %d of a turn: %w", i, err)
		}
		list = append(list, sentence)
	}
	return list, nil
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Citing gives the messages that rest on a version of an article.
func (s *Service) Citing(ctx context.Context, c Conversation, articleID int64, version int) ([]Message, error) {
	rows, err := s.db.Query(ctx, `
		SELECT DISTINCT seq
		FROM citations
		WHERE conversation_id = $1 AND article_id = $2 AND version = $3
		ORDER BY seq`, c.ID, articleID, version)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("find citations: %w", err))
	}
	seqs, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("find citations: %w", err))
	}
	var list []Message
	for _, seq := range seqs {
		m, err := s.Message(ctx, c, seq)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}
