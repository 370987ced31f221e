// SPDX-License-Identifier: MIT

package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Violation is a promise that the record shows broken.
type Violation struct {
	Invariant    string `json:"invariant"` // chain, seal, disclosure, fencing, states, sequence, turns
	Conversation string `json:"conversation,omitempty"`
	Entry        int    `json:"entry,omitempty"`
	Detail       string `json:"detail"`
}

// The invariants that Check derives anew.
const (
	InvariantChain      = "chain"      // every entry follows from the one before, and the rows say what the record says
	InvariantSeal       = "seal"       // sealed heads are still there, and the seals are ours
	InvariantDisclosure = "disclosure" // every message of the bot stands under a notice
	InvariantFencing    = "fencing"    // the bot wrote only when it had the word
	InvariantStates     = "states"     // every change of state is one the machine allows
	InvariantSequence   = "sequence"   // messages are numbered without a gap
	InvariantTurns      = "turns"      // every turn ended; none is without a holder for long
)

// turnGrace is how long after its lease a turn may stay open: the time a sweep needs.
const turnGrace = time.Minute

// Checked counts what Check has looked at.
type Checked struct {
	Conversations int `json:"conversations"`
	Entries       int `json:"entries"`
	Seals         int `json:"seals"`
}

// Check derives the invariants of all conversations from the record alone and
// reports each violation as it is found. It reads one snapshot and writes nothing.
func (s *Service) Check(ctx context.Context, report func(Violation)) (Checked, error) {
	var done Checked
	err := pgx.BeginTxFunc(ctx, s.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		// A record of years takes longer than a query of ours may.
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return fmt.Errorf("prepare the check: %w", err)
		}
		for after := int64(0); ; {
			var c checkedConversation
			found, err := nextChecked(ctx, tx, after, &c)
			if err != nil || !found {
				if err == nil {
					done.Seals, err = s.checkSeals(ctx, tx, report)
				}
				return err
			}
			entries, err := checkConversation(ctx, tx, c, report)
			if err != nil {
				return err
			}
			done.Conversations++
			done.Entries += entries
			after = c.ID
		}
	})
	return done, err
}

type checkedConversation struct {
	ID        int64
	PublicID  string
	State     State
	Owner     Owner
	Epoch     int
	LastSeq   int
	LastEntry int
	Head      []byte
}

func nextChecked(ctx context.Context, tx pgx.Tx, after int64, c *checkedConversation) (bool, error) {
	rows, err := tx.Query(ctx, `
		SELECT id, public_id, state, owner, epoch, last_seq, last_entry, head
		FROM conversations
		WHERE id > $1
		ORDER BY id
		LIMIT 1`, after)
	if err != nil {
		return false, fmt.Errorf("read conversations: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[checkedConversation])
	if err != nil || len(list) == 0 {
		return false, err
	}
	*c = list[0]
	return true, nil
}

func checkConversation(ctx context.Context, tx pgx.Tx, c checkedConversation, report func(Violation)) (int, error) {
	rows, err := tx.Query(ctx, `
		SELECT n, kind, body, sealed, commitment, created_at, hash
		FROM log
		WHERE conversation_id = $1
		ORDER BY n`, c.ID)
	if err != nil {
		return 0, fmt.Errorf("read the record: %w", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[entry])
	if err != nil {
		return 0, fmt.Errorf("read the record: %w", err)
	}
	r := newReplay(c.PublicID, report)
	for _, e := range entries {
		r.step(e)
	}
	r.finish(c)
	if err := compareMessages(ctx, tx, c, r); err != nil {
		return 0, err
	}
	return len(entries), checkOpenTurns(ctx, tx, c, r)
}

// compareMessages holds the rows that are shown against the record.
func compareMessages(ctx context.Context, tx pgx.Tx, c checkedConversation, r *replay) error {
	rows, err := tx.Query(ctx, "SELECT seq, author, coalesce(disclosure_id, ''), commitment FROM messages WHERE conversation_id = $1 ORDER BY seq", c.ID)
	if err != nil {
		return fmt.Errorf("read messages: %w", err)
	}
	var seq int
	var author Author
	var disclosure string
	var commitment []byte
	count := 0
	_, err = pgx.ForEachRow(rows, []any{&seq, &author, &disclosure, &commitment}, func() error {
		count++
		recorded, ok := r.messages[seq]
		if !ok || recorded.body.Author != author || recorded.body.Disclosure != disclosure || !bytes.Equal(recorded.commitment, commitment) {
			r.violate(InvariantChain, recorded.entry, "message %d is not the one in the record", seq)
		}
		return nil
	})
	if count != len(r.messages) {
		r.violate(InvariantChain, 0, "the record has %d messages, the conversation %d", len(r.messages), count)
	}
	return err
}

func checkOpenTurns(ctx context.Context, tx pgx.Tx, c checkedConversation, r *replay) error {
	rows, err := tx.Query(ctx, "SELECT id FROM turns WHERE conversation_id = $1 AND ended_at IS NULL AND lease_until < now() - $2::interval", c.ID, turnGrace)
	if err != nil {
		return fmt.Errorf("read turns: %w", err)
	}
	lost, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("read turns: %w", err)
	}
	for _, id := range lost {
		r.violate(InvariantTurns, 0, "turn %d never ended and nobody holds it", id)
	}
	return checkAnswered(ctx, tx, c, r)
}

// checkAnswered looks for a customer who has neither an answer nor a turn nor a person.
func checkAnswered(ctx context.Context, tx pgx.Tx, c checkedConversation, r *replay) error {
	var forgotten bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM messages m
			JOIN conversations c ON c.id = m.conversation_id
			WHERE c.id = $1 AND c.state = 'bot' AND m.needs_turn AND m.seq > c.settled_seq
				AND NOT EXISTS (SELECT FROM turns t WHERE t.conversation_id = c.id AND t.ended_at IS NULL))`, c.ID).Scan(&forgotten)
	if forgotten {
		r.violate(InvariantTurns, 0, "a message of the customer has neither an answer nor a turn nor a person")
	}
	return err
}

// checkSeals follows the seals and looks for each sealed head in its chain.
func (s *Service) checkSeals(ctx context.Context, tx pgx.Tx, report func(Violation)) (int, error) {
	type row struct {
		ID               int64
		Previous, Digest []byte
		MAC              []byte
	}
	rows, err := tx.Query(ctx, "SELECT id, previous, digest, mac FROM seals ORDER BY id")
	if err != nil {
		return 0, fmt.Errorf("read the seals: %w", err)
	}
	seals, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		return 0, fmt.Errorf("read the seals: %w", err)
	}
	previous := []byte{}
	for _, seal := range seals {
		heads, err := sealedHeads(ctx, tx, seal.ID)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(seal.Previous, previous) || !bytes.Equal(seal.Digest, sealDigest(previous, heads)) || !s.keys.Verify(seal.MAC, seal.Digest) {
			report(Violation{Invariant: InvariantSeal, Detail: fmt.Sprintf("seal %d is not the one that was made", seal.ID)})
		}
		previous = seal.Digest
	}
	return len(seals), reportMissingHeads(ctx, tx, report)
}

func sealedHeads(ctx context.Context, tx pgx.Tx, seal int64) ([]sealedHead, error) {
	rows, err := tx.Query(ctx, "SELECT conversation_id, n, head FROM seal_heads WHERE seal_id = $1", seal)
	if err != nil {
		return nil, fmt.Errorf("read the heads of a seal: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[sealedHead])
}

// reportMissingHeads finds chains that were cut short or made anew after a seal.
func reportMissingHeads(ctx context.Context, tx pgx.Tx, report func(Violation)) error {
	rows, err := tx.Query(ctx, `
		SELECT c.public_id, h.n
		FROM seal_heads h
		JOIN conversations c ON c.id = h.conversation_id
		LEFT JOIN log l ON l.conversation_id = h.conversation_id AND l.n = h.n AND l.hash = h.head
		WHERE l.n IS NULL`)
	if err != nil {
		return fmt.Errorf("compare the seals: %w", err)
	}
	var conversation string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&conversation, &n}, func() error {
		report(Violation{Invariant: InvariantSeal, Conversation: conversation, Entry: n, Detail: "the head that was sealed is not in the record any more"})
		return nil
	})
	return err
}

// unmarshal reads an entry's body; a body that is not what its kind says is a
// violation of the chain's meaning, reported by the caller.
func unmarshal[T any](raw json.RawMessage) (T, error) {
	var v T
	return v, json.Unmarshal(raw, &v)
}
