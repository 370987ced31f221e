// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/internal/seal"
	"candor/postgres"
)

const messageColumns = `seq, author, agent_id, agent_name, automated, disclosure_id, event, partial, turn_id,
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
		DisclosureID: orEmpty(r.DisclosureID), Event: orEmpty(r.Event), Partial: r.Partial,
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
	m.Text, m.Citations = c.Text, c.Citations
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

func (s *Service) messages(ctx context.Context, db querier, c Conversation, after, limit int) ([]Message, error) {
	rows, err := db.Query(ctx, `
		SELECT `+messageColumns+`
		FROM messages
		WHERE conversation_id = $1 AND seq > $2
		ORDER BY seq
		LIMIT $3`, c.ID, after, limit)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read messages: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[messageRow])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read messages: %w", err))
	}
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

// TextRef names one message of one conversation.
type TextRef struct {
	ConversationID int64
	PublicID       string
	KeyID          string
	Seq            int
}

// Texts opens many messages of many conversations at once, for lists. What was
// erased, redacted or never there is empty.
func (s *Service) Texts(ctx context.Context, refs []TextRef) ([]string, error) {
	texts := make([]string, len(refs))
	ids, seqs := make([]int64, len(refs)), make([]int, len(refs))
	for i, ref := range refs {
		ids[i], seqs[i] = ref.ConversationID, ref.Seq
	}
	rows, err := s.db.Query(ctx, `
		SELECT r.i - 1, m.sealed
		FROM unnest($1::bigint[], $2::int[]) WITH ORDINALITY AS r (id, seq, i)
		JOIN messages m ON m.conversation_id = r.id AND m.seq = r.seq
		WHERE m.sealed IS NOT NULL`, ids, seqs)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read texts: %w", err))
	}
	var i int
	var sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&i, &sealed}, func() error {
		key, err := s.key(ctx, refs[i].KeyID)
		if fault.Is(err, "conversation_erased") {
			return nil
		}
		if err != nil {
			return err
		}
		m, err := messageRow{Seq: refs[i].Seq, Sealed: sealed}.open(refs[i].PublicID, key)
		texts[i] = m.Text
		return err
	})
	return texts, postgres.Away(err)
}

// Disclosures gives the notices of a conversation, in the order of what stands
// below them.
func (s *Service) Disclosures(ctx context.Context, c Conversation) ([]Disclosure, error) {
	return readDisclosures(ctx, s.db, c)
}

func readDisclosures(ctx context.Context, db querier, c Conversation) ([]Disclosure, error) {
	rows, err := db.Query(ctx, `
		SELECT id, label, text, locale, before_seq
		FROM disclosures
		WHERE conversation_id = $1
		ORDER BY before_seq, created_at`, c.ID)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read disclosures: %w", err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Disclosure, error) {
		d := Disclosure{conversation: c.ID}
		return d, row.Scan(&d.ID, &d.Label, &d.Text, &d.Locale, &d.BeforeSeq)
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read disclosures: %w", err))
	}
	return list, nil
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

// Decision is an entry of the record that a package above wrote, opened.
type Decision struct {
	At      time.Time
	Body    json.RawMessage
	Private json.RawMessage // nil once erased
}

// Decisions gives the entries of one kind that other packages recorded.
func (s *Service) Decisions(ctx context.Context, c Conversation, kind string) ([]Decision, error) {
	rows, err := s.db.Query(ctx, "SELECT n, created_at, body, sealed FROM log WHERE conversation_id = $1 AND kind = $2 ORDER BY n", c.ID, kind)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read decisions: %w", err))
	}
	key, err := s.key(ctx, c.KeyID)
	if _, erased := fault.Of(err); err != nil && !erased {
		rows.Close()
		return nil, err
	}
	list, readErr := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Decision, error) {
		var n int
		var sealed []byte
		var d Decision
		if err := row.Scan(&n, &d.At, &d.Body, &sealed); err != nil || sealed == nil || key == (seal.Key{}) {
			return d, err
		}
		var err error
		d.Private, _, err = key.Open(entryPlace(c.PublicID, n), sealed)
		return d, err
	})
	if readErr != nil {
		return nil, postgres.Away(fmt.Errorf("read decisions: %w", readErr))
	}
	return list, nil
}

// Feedback keeps what a customer thought of an answer; the last word counts.
func (l *Locked) Feedback(ctx context.Context, seq int, helpful bool, comment string) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	var author Author
	err = tx.QueryRow(ctx, "SELECT author FROM messages WHERE conversation_id = $1 AND seq = $2", l.ID, seq).Scan(&author)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.NotFound("message_not_found", "There is no message %d in this conversation.", seq)
	}
	if err != nil {
		return fmt.Errorf("find the message of a feedback: %w", err)
	}
	if author != AuthorBot && author != AuthorAgent {
		return fault.Invalid("feedback_on_own_message", "Feedback is for answers: message %d is not one.", seq)
	}
	var sealed []byte
	if comment != "" {
		if sealed, _, err = l.key.Seal(feedbackPlace(l.PublicID, seq), []byte(comment)); err != nil {
			return err
		}
	}
	l.batch.Queue(`
		INSERT INTO feedback (conversation_id, seq, helpful, sealed, created_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (conversation_id, seq) DO UPDATE
		SET helpful = excluded.helpful, sealed = excluded.sealed, created_at = excluded.created_at`,
		l.ID, seq, helpful, sealed, l.Now)
	return l.Record(entryFeedback, map[string]any{"seq": seq, "helpful": helpful}, nil)
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
