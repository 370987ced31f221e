// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

// glance is what one look at a conversation saw.
type glance struct {
	conversation Conversation
	turns        []feedTurn
	messages     []Message
}

// feedTurn is a turn as its readers see it.
type feedTurn struct {
	ID           int64
	Epoch        int
	ToSeq        int
	DisclosureID string
	Sentences    [][]byte
	Outcome      *Outcome
}

// look reads what is new, and the notices that are not known yet. One snapshot, so
// that a turn's end is never seen without its message; and one round trip, for
// every reader looks once for each sentence.
func (f *Feed) look(ctx context.Context) (*glance, error) {
	g := &glance{}
	var sealed []messageRow
	batch := &pgx.Batch{}
	batch.Queue("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
	batch.Queue(conversationQuery, f.id).Query(func(rows pgx.Rows) (err error) {
		g.conversation, err = collectConversation(rows)
		return err
	})
	batch.Queue(`
		SELECT id, epoch, to_seq, disclosure_id, sentences, outcome
		FROM turns
		WHERE conversation_id = $1 AND id > $2
		ORDER BY id`, f.id, f.turn).Query(func(rows pgx.Rows) (err error) {
		g.turns, err = pgx.CollectRows(rows, pgx.RowToStructByPos[feedTurn])
		return err
	})
	batch.Queue(messagesQuery, f.id, f.seq, feedPage).Query(func(rows pgx.Rows) (err error) {
		sealed, err = pgx.CollectRows(rows, pgx.RowToStructByName[messageRow])
		return err
	})
	batch.Queue(disclosuresQuery, f.id, slices.AppendSeq([]string{}, maps.Keys(f.disclosures))).Query(func(rows pgx.Rows) error {
		list, err := collectDisclosures(rows, f.id)
		for _, d := range list {
			f.disclosures[d.ID] = d
		}
		return err
	})
	batch.Queue("COMMIT")
	if err := f.svc.db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("look at a conversation: %w", err)
	}
	var err error
	g.messages, err = f.svc.open(ctx, g.conversation, sealed)
	return g, err
}

const conversationQuery = `
	SELECT ` + conversationColumns + `
	FROM conversations c
	JOIN customers u ON u.id = c.customer_id
	WHERE c.id = $1`

func collectConversation(rows pgx.Rows) (Conversation, error) {
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Conversation])
	if errors.Is(err, pgx.ErrNoRows) {
		return c, errNotFound()
	}
	return c, err
}
