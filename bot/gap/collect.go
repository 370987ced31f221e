// SPDX-License-Identifier: MIT

package gap

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/postgres"
)

const (
	// overlap is how far before its last end a sweep looks again, for transactions
	// that were still open then.
	overlap = 10 * time.Minute
	// perBatch is how many conversations are read at once.
	perBatch = 200
	// maxBatches bounds one sweep; the next goes on.
	maxBatches = 25
)

// collect reads what has happened since the last sweep and notes the questions
// that were asked in vain.
func (s *Service) collect(ctx context.Context) error {
	var now, since time.Time
	err := s.DB.QueryRow(ctx, `
		SELECT now(), coalesce((SELECT swept_to FROM knowledge_gap_sweeps), now() - $1::interval)`, reach).Scan(&now, &since)
	if err != nil {
		return postgres.Away(fmt.Errorf("read how far gaps were looked for: %w", err))
	}
	for range maxBatches {
		found, err := s.Chat.Doubtful(ctx, since, perBatch)
		if err != nil {
			return err
		}
		ids := make([]int64, len(found))
		for i, d := range found {
			ids[i] = d.ConversationID
		}
		if err := s.derive(ctx, ids, now); err != nil {
			return err
		}
		to := now.Add(-overlap)
		if len(found) == perBatch {
			to = found[len(found)-1].At.Add(-time.Microsecond)
		}
		if to = latest(to, since); to.Equal(since) && len(found) == perBatch {
			to = found[len(found)-1].At // more at one moment than are read at once
		}
		if _, err := s.DB.Exec(ctx, `
			INSERT INTO knowledge_gap_sweeps (swept_to) VALUES ($1)
			ON CONFLICT (one) DO UPDATE SET swept_to = $1`, to); err != nil {
			return postgres.Away(fmt.Errorf("note how far gaps were looked for: %w", err))
		}
		if since = to; len(found) < perBatch {
			break
		}
	}
	return s.refresh(ctx, now)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// refresh reads conversations again in which something may have happened to a
// question: an agent took the case, or finished it.
func (s *Service) refresh(ctx context.Context, now time.Time) error {
	for range maxBatches {
		rows, err := s.DB.Query(ctx, `
			SELECT DISTINCT conversation_id FROM (
				SELECT conversation_id FROM knowledge_gap_questions
				WHERE refresh_at <= $1 ORDER BY refresh_at LIMIT $2) q`, now, perBatch)
		if err != nil {
			return postgres.Away(fmt.Errorf("look for questions to read again: %w", err))
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return postgres.Away(fmt.Errorf("look for questions to read again: %w", err))
		}
		if len(ids) == 0 {
			return nil
		}
		if err := s.derive(ctx, ids, now); err != nil {
			return err
		}
	}
	return nil
}

// derive reads the record of conversations and writes their questions anew.
func (s *Service) derive(ctx context.Context, conversations []int64, now time.Time) error {
	if len(conversations) == 0 {
		return nil
	}
	entries, err := s.Chat.Entries(ctx, conversations)
	if err != nil {
		return err
	}
	read := map[int64][]question{}
	for len(entries) > 0 {
		id := entries[0].ConversationID
		end := slices.IndexFunc(entries, func(e chat.Entry) bool { return e.ConversationID != id })
		if end < 0 {
			end = len(entries)
		}
		if read[id], err = derive(entries[:end], now); err != nil {
			return err
		}
		entries = entries[end:]
	}
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, id := range conversations {
			write(batch, id, read[id], now)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return postgres.Away(fmt.Errorf("note unanswered questions: %w", err))
	}
	return nil
}

// write puts what the record says in the place of what was noted before. What
// moves often is read again soon, what has rested for long seldom, and what cannot
// change any more never; there a question that nobody was called after is dropped.
func write(batch *pgx.Batch, conversation int64, list []question, now time.Time) {
	turns := make([]int64, len(list))
	for i, q := range list {
		turns[i] = q.Turn
	}
	batch.Queue(`DELETE FROM knowledge_gap_questions WHERE conversation_id = $1 AND turn_id <> ALL ($2)`, conversation, turns)
	for _, q := range list {
		batch.Queue(`
			INSERT INTO knowledge_gap_questions (turn_id, conversation_id, from_seq, to_seq, case_id, reason, counts, lang,
				confidence, agent_seconds, asked_at)
			SELECT $1, c.id, $3, $4, (SELECT id FROM cases WHERE reference = $5), $6, $7, split_part(c.locale, '-', 1), $8, $9, $10
			FROM conversations c
			JOIN customers u ON u.id = c.customer_id AND u.erase_requested_at IS NULL
			WHERE c.id = $2
			ON CONFLICT (turn_id) DO UPDATE
			SET from_seq = $3, case_id = excluded.case_id, reason = $6, counts = $7, agent_seconds = $9,
				gap_id = CASE WHEN $7 THEN knowledge_gap_questions.gap_id END`,
			q.Turn, conversation, q.FromSeq, q.ToSeq, q.Reference, q.Reason, q.Counts, q.Confidence, q.AgentSeconds, q.AskedAt)
	}
	batch.Queue(`
		UPDATE knowledge_gap_questions q
		SET refresh_at = CASE WHEN c.state <> 'closed' AND c.updated_at > $2::timestamptz - interval '14 days'
			THEN $2::timestamptz + greatest(interval '30 seconds', least(($2 - c.updated_at) / 4, interval '6 hours')) END
		FROM conversations c
		WHERE q.conversation_id = $1 AND c.id = $1`, conversation, now)
	batch.Queue(`DELETE FROM knowledge_gap_questions WHERE conversation_id = $1 AND NOT counts AND refresh_at IS NULL`, conversation)
}
