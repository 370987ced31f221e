// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
)

type redactionEntry struct {
	Seq     int   `json:"seq"`
	AgentID int64 `json:"agent_id"`
	Entries []int `json:"entries,omitempty"` // entries of the record whose sealed part went with it
}

type redactionReason struct {
	Reason string `json:"reason"`
}

// Redact takes the words of a message out of the conversation for good, and out
// of what the bot noted while it answered it. That it was redacted, and by whom,
// stands in the record; the reason is sealed. What other messages quote of it
// stays: they are redacted on their own. A second time changes nothing.
func (l *Locked) Redact(ctx context.Context, seq int, reason string, by Agent) error {
	if strings.TrimSpace(reason) == "" {
		return fault.Invalid("redaction_without_reason", "A redaction needs a reason.")
	}
	if err := checkClean("reason", reason); err != nil {
		return err
	}
	turns, done, err := l.redactable(ctx, seq)
	if err != nil || done {
		return err
	}
	if _, err := l.tx.Exec(ctx, "UPDATE messages SET sealed = NULL, redacted_at = now() WHERE conversation_id = $1 AND seq = $2", l.ID, seq); err != nil {
		return fmt.Errorf("redact a message: %w", err)
	}
	if err := l.dropFiles(ctx, seq); err != nil {
		return err
	}
	rows, err := l.tx.Query(ctx, `
		UPDATE log
		SET sealed = NULL
		WHERE conversation_id = $1 AND kind = $2 AND sealed IS NOT NULL AND (body->>'turn')::bigint = ANY($3)
		RETURNING n`, l.ID, EntryDecision, turns)
	if err != nil {
		return fmt.Errorf("redact what the bot noted: %w", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return fmt.Errorf("redact what the bot noted: %w", err)
	}
	if _, err := l.tx.Exec(ctx, "UPDATE turns SET sentences = '{}' WHERE conversation_id = $1 AND id = ANY($2)", l.ID, turns); err != nil {
		return fmt.Errorf("redact what the bot wrote: %w", err)
	}
	l.TouchDesk()
	return l.Record(entryRedaction, redactionEntry{Seq: seq, AgentID: by.ID, Entries: entries}, redactionReason{Reason: reason})
}

// redactable gives the turns whose notes hold words of the message: the one that
// wrote it; of a customer's message the one that answered it, and the next, whose
// question may repeat it. done says that the message is redacted already.
func (l *Locked) redactable(ctx context.Context, seq int) (turns []int64, done bool, err error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return nil, false, err
	}
	var open bool
	err = tx.QueryRow(ctx, `
		SELECT m.sealed IS NULL,
			EXISTS (SELECT FROM turns t WHERE t.conversation_id = m.conversation_id AND t.ended_at IS NULL),
			CASE m.author
				WHEN 'bot' THEN array_remove(ARRAY[m.turn_id], NULL)
				WHEN 'customer' THEN ARRAY(
					SELECT t.id FROM turns t WHERE t.conversation_id = m.conversation_id AND t.to_seq >= m.seq ORDER BY t.id LIMIT 2)
				ELSE '{}' END
		FROM messages m
		WHERE m.conversation_id = $1 AND m.seq = $2`, l.ID, seq).Scan(&done, &open, &turns)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, fault.NotFound("message_not_found", "There is no message %d in this conversation.", seq)
	}
	if err != nil {
		return nil, false, fmt.Errorf("find the message to redact: %w", err)
	}
	if open && !done {
		return nil, false, fault.Conflict("turn_open", "The assistant is answering just now. Please try again in a moment.")
	}
	return turns, done, nil
}
