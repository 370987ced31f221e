// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// Doubtful is a conversation in which the bot may have failed the customer, and
// when it last did.
type Doubtful struct {
	ConversationID int64
	At             time.Time
}

// Doubtful gives the conversations in which a turn ended in something else than
// an answer since a moment, or an answer was marked as not helpful, oldest first.
func (s *Service) Doubtful(ctx context.Context, since time.Time, limit int) ([]Doubtful, error) {
	rows, err := s.db.Query(ctx, `
		SELECT conversation_id, max(at)
		FROM (
			SELECT conversation_id, ended_at AS at FROM turns
			WHERE ended_at > $1 AND outcome IN ('handoff', 'clarify', 'decline')
			UNION ALL
			SELECT conversation_id, created_at FROM feedback
			WHERE created_at > $1 AND NOT helpful) d
		GROUP BY conversation_id
		ORDER BY max(at), conversation_id
		LIMIT $2`, since, limit)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for unanswered questions: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Doubtful])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for unanswered questions: %w", err))
	}
	return list, nil
}

// Entry is a link of the record, without what is sealed in it.
type Entry struct {
	ConversationID int64
	N              int
	Kind           string
	Body           json.RawMessage
	CreatedAt      time.Time
}

// Entries gives what the record of some conversations says, each in order, and
// nothing of customers who are to be erased.
func (s *Service) Entries(ctx context.Context, conversations []int64) ([]Entry, error) {
	rows, err := s.db.Query(ctx, `
		SELECT e.conversation_id, e.n, e.kind, e.body, e.created_at
		FROM log e
		JOIN conversations c ON c.id = e.conversation_id
		JOIN customers u ON u.id = c.customer_id
		WHERE e.conversation_id = ANY ($1) AND u.erase_requested_at IS NULL
		ORDER BY e.conversation_id, e.n`, conversations)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read records: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read records: %w", err))
	}
	return list, nil
}

// Span is some messages of a conversation, from the first seq to the last.
type Span struct {
	ConversationID int64
	From, To       int
	Author         Author // whose messages
}

// Excerpt is what was said in a span.
type Excerpt struct {
	PublicID string
	Locale   string
	Profile  Profile
	Messages []Said
}

// Said is one message of an excerpt.
type Said struct {
	Seq       int
	AgentName string
	Text      string
	At        time.Time
}

// Excerpts opens spans of many conversations at once. Of what was erased nothing
// is there, of what was redacted no text.
func (s *Service) Excerpts(ctx context.Context, spans []Span) ([]Excerpt, error) {
	out := make([]Excerpt, len(spans))
	ids, froms, tos, authors := make([]int64, len(spans)), make([]int, len(spans)), make([]int, len(spans)), make([]string, len(spans))
	for i, span := range spans {
		ids[i], froms[i], tos[i], authors[i] = span.ConversationID, span.From, span.To, string(span.Author)
	}
	rows, err := s.db.Query(ctx, `
		SELECT r.i - 1, c.public_id, c.locale, u.key_id, u.profile, m.seq, coalesce(m.agent_name, ''), m.created_at, m.sealed
		FROM unnest($1::bigint[], $2::int[], $3::int[], $4::text[]) WITH ORDINALITY AS r (id, first, last, author, i)
		JOIN conversations c ON c.id = r.id
		JOIN customers u ON u.id = c.customer_id
		JOIN messages m ON m.conversation_id = r.id AND m.seq BETWEEN r.first AND r.last AND m.author = r.author
		WHERE m.sealed IS NOT NULL AND u.erase_requested_at IS NULL
		ORDER BY r.i, m.seq`, ids, froms, tos, authors)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read excerpts: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sealedSaid])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read excerpts: %w", err))
	}
	keys := make([]string, len(list))
	for i, row := range list {
		keys[i] = row.KeyID
	}
	if err := s.keys.Fetch(ctx, keys); err != nil {
		return nil, postgres.Away(err)
	}
	for _, row := range list {
		if err := s.openSaid(ctx, row, &out[row.Span]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type sealedSaid struct {
	Span      int
	PublicID  string
	Locale    string
	KeyID     string
	Profile   []byte
	Seq       int
	AgentName string
	At        time.Time
	Sealed    []byte
}

func (s *Service) openSaid(ctx context.Context, row sealedSaid, to *Excerpt) error {
	key, err := s.key(ctx, row.KeyID)
	if fault.Is(err, codeErased) {
		return nil
	}
	if err != nil {
		return err
	}
	if to.PublicID == "" {
		to.PublicID, to.Locale = row.PublicID, row.Locale
		plain, _, err := key.Open(profilePlace(row.KeyID), row.Profile)
		if err != nil {
			return fmt.Errorf("open a profile: %w", err)
		}
		if err := json.Unmarshal(plain, &to.Profile); err != nil {
			return fmt.Errorf("read a profile: %w", err)
		}
	}
	plain, _, err := key.Open(messagePlace(row.PublicID, row.Seq), row.Sealed)
	if err != nil {
		return fmt.Errorf("open message %d: %w", row.Seq, err)
	}
	var c content
	if err := json.Unmarshal(plain, &c); err != nil {
		return fmt.Errorf("read message %d: %w", row.Seq, err)
	}
	to.Messages = append(to.Messages, Said{row.Seq, row.AgentName, c.Text, row.At})
	return nil
}
