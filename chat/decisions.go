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

// Decision is an entry of the record that a package above wrote, opened.
type Decision struct {
	N       int // its number in the record
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
	if err != nil && !fault.Is(err, codeErased) {
		rows.Close()
		return nil, err
	}
	list, readErr := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Decision, error) {
		var sealed []byte
		var d Decision
		if err := row.Scan(&d.N, &d.At, &d.Body, &sealed); err != nil || sealed == nil || key == (seal.Key{}) {
			return d, err
		}
		var err error
		d.Private, _, err = key.Open(entryPlace(c.PublicID, d.N), sealed)
		return d, err
	})
	if readErr != nil {
		return nil, postgres.Away(fmt.Errorf("read decisions: %w", readErr))
	}
	return list, nil
}

// Feedback keeps what a customer thought of an answer; the last word counts.
func (l *Locked) Feedback(ctx context.Context, seq int, helpful bool, comment string) error {
	if err := checkClean("comment", comment); err != nil {
		return err
	}
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
		if sealed, _, err = l.seal(feedbackPlace(l.PublicID, seq), []byte(comment)); err != nil {
			return err
		}
	}
	l.batch.Queue(`
		INSERT INTO feedback (conversation_id, seq, helpful, sealed, created_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (conversation_id, seq) DO UPDATE
		SET helpful = excluded.helpful, sealed = excluded.sealed, created_at = excluded.created_at`,
		l.ID, seq, helpful, sealed, l.Now)
	return l.Record(EntryFeedback, map[string]any{"seq": seq, "helpful": helpful}, nil)
}

// EntryRef names one entry of one conversation's record.
type EntryRef struct {
	ConversationID int64
	N              int
}

// Private opens the sealed part of many entries at once, for lists. What was
// erased, redacted or never there is nil.
func (s *Service) Private(ctx context.Context, refs []EntryRef) ([]json.RawMessage, error) {
	ids, ns := make([]int64, len(refs)), make([]int, len(refs))
	for i, ref := range refs {
		ids[i], ns[i] = ref.ConversationID, ref.N
	}
	rows, err := s.db.Query(ctx, `
		SELECT r.i - 1, c.public_id, u.key_id, e.n, e.sealed
		FROM unnest($1::bigint[], $2::int[]) WITH ORDINALITY AS r (id, n, i)
		JOIN log e ON e.conversation_id = r.id AND e.n = r.n
		JOIN conversations c ON c.id = r.id
		JOIN customers u ON u.id = c.customer_id
		WHERE e.sealed IS NOT NULL`, ids, ns)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read entries: %w", err))
	}
	opened := make([]json.RawMessage, len(refs))
	var i, n int
	var conversation, keyID string
	var sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&i, &conversation, &keyID, &n, &sealed}, func() error {
		key, err := s.key(ctx, keyID)
		if fault.Is(err, codeErased) {
			return nil
		}
		if err != nil {
			return err
		}
		opened[i], _, err = key.Open(entryPlace(conversation, n), sealed)
		return err
	})
	return opened, postgres.Away(err)
}
