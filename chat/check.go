// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Violation is a promise that the record shows broken.
type Violation struct {
	Invariant    string `json:"invariant"` // chain, text, seal, disclosure, fencing, states, sequence, corrections, turns
	Conversation string `json:"conversation,omitempty"`
	Entry        int    `json:"entry,omitempty"`
	Detail       string `json:"detail"`
}

// The invariants that Check derives anew.
const (
	InvariantChain       = "chain"       // every entry follows from the one before, and the rows say what the record says
	InvariantText        = "text"        // sealed words are those in the record, or are known to be erased or redacted
	InvariantSeal        = "seal"        // sealed heads are still there, and the seals are ours
	InvariantDisclosure  = "disclosure"  // every message of the bot stands under a notice
	InvariantFencing     = "fencing"     // the bot wrote only when it had the word
	InvariantStates      = "states"      // every change of state is one the machine allows
	InvariantSequence    = "sequence"    // messages are numbered without a gap
	InvariantCorrections = "corrections" // a correction is said once in a conversation, of what rests on the version
	InvariantTurns       = "turns"       // every turn ended, and nobody was left without an answer, a turn or a person
)

// turnGrace is how long after its lease a turn may stay open: the time a sweep needs.
const turnGrace = time.Minute

// Checked counts what Check has looked at.
type Checked struct {
	Conversations int `json:"conversations"`
	Erased        int `json:"erased"` // conversations of which nothing can be opened any more
	Entries       int `json:"entries"`
	Opened        int `json:"opened"` // sealed texts that were compared with their commitment
	Seals         int `json:"seals"`
}

// Check derives the invariants of all conversations from the record alone,
// compares what is shown with it, opening every sealed text whose key is there,
// and reports each violation as it is found. It reads one snapshot and writes
// nothing.
func (s *Service) Check(ctx context.Context, report func(Violation)) (Checked, error) {
	var done Checked
	err := pgx.BeginTxFunc(ctx, s.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		// A record of years takes longer than a query of ours may, and whoever reads
		// the report takes their time.
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
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
			if err := s.checkConversation(ctx, tx, c, report, &done); err != nil {
				return err
			}
			after = c.ID
		}
	})
	return done, err
}

type checkedConversation struct {
	ID         int64
	PublicID   string
	KeyID      string
	State      State
	Owner      Owner
	AgentID    *int64
	Epoch      int
	LastSeq    int
	SettledSeq int
	LastEntry  int
	Head       []byte
}

func nextChecked(ctx context.Context, tx pgx.Tx, after int64, c *checkedConversation) (bool, error) {
	return readChecked(ctx, tx, "c.id > $1 ORDER BY c.id LIMIT 1", after, c)
}

func readChecked(ctx context.Context, tx pgx.Tx, where string, id int64, c *checkedConversation) (bool, error) {
	rows, err := tx.Query(ctx, `
		SELECT c.id, c.public_id, coalesce(u.key_id, ''), c.state, c.owner, c.agent_id, c.epoch, c.last_seq, c.settled_seq, c.last_entry, c.head
		FROM conversations c
		LEFT JOIN customers u ON u.id = c.customer_id
		WHERE `+where, id)
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

func (s *Service) checkConversation(ctx context.Context, tx pgx.Tx, c checkedConversation, report func(Violation), done *Checked) error {
	r := newReplay(c.PublicID, report)
	o := opener{replay: r, conversation: c.PublicID}
	if err := s.findKey(ctx, c, &o); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
		SELECT n, kind, body, sealed, commitment, created_at, hash
		FROM log
		WHERE conversation_id = $1
		ORDER BY n`, c.ID)
	if err != nil {
		return fmt.Errorf("read the record: %w", err)
	}
	for rows.Next() {
		e, err := pgx.RowToStructByPos[entry](rows)
		if err != nil {
			rows.Close()
			return fmt.Errorf("read the record: %w", err)
		}
		r.step(e)
		o.compare(e.N, entryPlace(c.PublicID, e.N), e.Sealed, e.Commitment)
		done.Entries++
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the record: %w", err)
	}
	r.finish(c)
	if err := s.checkRows(ctx, tx, c, &o); err != nil {
		return err
	}
	done.Conversations++
	done.Opened += o.opened
	if o.destroyed {
		done.Erased++
	}
	return nil
}

// unmarshal reads an entry's body; a body that is not what its kind says is a
// violation of the chain's meaning, reported by the caller.
func unmarshal[T any](raw json.RawMessage) (T, error) {
	var v T
	return v, json.Unmarshal(raw, &v)
}
