// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/internal/seal"
	"candor/postgres"
)

// Locked is a conversation whose row is held by a transaction: the one door
// through which anything enters. Its embedded Conversation is kept current as
// things are written. Not safe for concurrent use, and not to be kept.
type Locked struct {
	Conversation
	Now time.Time // the database's clock at the start of the transaction

	svc     *Service
	tx      pgx.Tx
	settled int // SettledSeq as it follows from the record so far

	key    seal.Key
	erased error      // the fault of whatever needs the key, once it was destroyed
	batch  *pgx.Batch // inserts that nothing in this transaction reads yet
	desk   bool       // what the desk shows changed
}

// Lock runs fn with the conversation held. What fn wrote is committed when it
// returns nil, all of it or nothing; readers are told after the commit. A fault
// with code database_unavailable may hide a commit: repeat with the same
// client_message_id.
//
// A conversation whose key was destroyed can be locked too, so that what is open
// in it can be ended: whatever would seal or open text there gives a fault with
// code conversation_erased.
func (s *Service) Lock(ctx context.Context, id int64, fn func(*Locked) error) error {
	_, err := s.LockNext(ctx, func(pgx.Tx) (int64, error) { return id, nil }, fn)
	return err
}

// LockNext is Lock for the conversation that find chooses in the transaction: the
// way to take the next of a queue, where find skips what others hold. It reports
// whether there was one; find gives 0 when there is none.
func (s *Service) LockNext(ctx context.Context, find func(pgx.Tx) (int64, error), fn func(*Locked) error) (bool, error) {
	var id int64
	var desk bool
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		if id, err = find(tx); err != nil || id == 0 {
			return err
		}
		l, err := s.lockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := fn(l); err != nil {
			return err
		}
		desk = l.desk
		return l.finish(ctx)
	})
	if err != nil {
		return false, postgres.Away(err)
	}
	if id == 0 {
		return false, nil
	}
	s.hub.Signal(id)
	if desk {
		s.hub.Signal(Desk)
	}
	return true, nil
}

func (s *Service) lockTx(ctx context.Context, tx pgx.Tx, id int64) (*Locked, error) {
	l := &Locked{svc: s, tx: tx, batch: &pgx.Batch{}}
	row := tx.QueryRow(ctx, `
		SELECT `+conversationColumns+`, now()
		FROM conversations c
		JOIN customers u ON u.id = c.customer_id
		WHERE c.id = $1
		FOR UPDATE OF c`, id)
	c := &l.Conversation
	err := row.Scan(&c.ID, &c.PublicID, &c.CustomerID, &c.KeyID, &c.Locale, &c.State, &c.Owner, &c.AgentID,
		&c.Epoch, &c.LastSeq, &c.SettledSeq, &c.LastEntry, &c.Head, &c.CreatedAt, &c.UpdatedAt, &c.SignedIn, &l.Now)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("lock the conversation: %w", err)
	}
	l.settled = c.SettledSeq
	if l.key, err = s.key(ctx, l.KeyID); fault.Is(err, codeErased) {
		l.erased = err
	} else if err != nil {
		return nil, err
	}
	return l, nil
}

// seal encrypts what is personal, for its place.
func (l *Locked) seal(place string, plain []byte) (sealed, commitment []byte, err error) {
	if l.erased != nil {
		return nil, nil, l.erased
	}
	return l.key.Seal(place, plain)
}

// Tx is the transaction, with everything queued so far written: for the rows of
// a package above that belong to the same commit.
func (l *Locked) Tx(ctx context.Context) (pgx.Tx, error) {
	return l.tx, l.flush(ctx)
}

// TouchDesk says that what agents see has changed.
func (l *Locked) TouchDesk() { l.desk = true }

func (l *Locked) flush(ctx context.Context) error {
	if l.batch.Len() == 0 {
		return nil
	}
	batch := l.batch
	l.batch = &pgx.Batch{}
	if err := l.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write the conversation: %w", err)
	}
	return nil
}

// finish writes what is queued and the conversation itself.
func (l *Locked) finish(ctx context.Context) error {
	if l.SettledSeq != l.settled {
		if err := l.Record(entrySettled, settledEntry{Seq: l.SettledSeq}, nil); err != nil {
			return err
		}
	}
	l.batch.Queue(`
		UPDATE conversations
		SET state = $2, owner = $3, agent_id = $4, epoch = $5, last_seq = $6, last_entry = $7, head = $8,
			locale = $9, settled_seq = $10, updated_at = now(), closed_at = CASE WHEN $2 = 'closed' THEN coalesce(closed_at, now()) END
		WHERE id = $1`,
		l.ID, l.State, l.Owner, l.AgentID, l.Epoch, l.LastSeq, l.LastEntry, l.Head, l.Locale, l.SettledSeq)
	return l.flush(ctx)
}

// Move takes the conversation to another state. Every change of owner raises
// the epoch; it and closing end the open turn: what of it was already shown
// becomes a message marked partial, and nothing more follows. agent is set for the
// states that an agent owns and nil for all others.
func (l *Locked) Move(ctx context.Context, to State, agent *Agent) error {
	if !CanMove(l.State, to) {
		return refuseMove(l.State, to)
	}
	owner := to.owner(l.Owner)
	agentID := l.AgentID
	switch {
	case owner != OwnerAgent:
		agentID = nil
	case agent != nil:
		agentID = &agent.ID
	}
	changed := owner != l.Owner || !equal(agentID, l.AgentID)
	if changed || to == StateClosed {
		if err := l.StopTurn(ctx); err != nil {
			return err
		}
	}
	if changed {
		l.Epoch++
		l.settleRecorded(l.LastSeq) // what was open is answered by whoever has the word now, unless they unsettle it
	}
	from := l.State
	l.State, l.Owner, l.AgentID, l.desk = to, owner, agentID, true
	return l.Record(EntryState, stateEntry{From: from, To: to, Owner: owner, AgentID: agentID, Epoch: l.Epoch}, nil)
}

// Settle says that nothing written so far waits for an answer of the bot. While
// the bot has the word that takes an answer or a turn.
func (l *Locked) Settle() { l.SettledSeq = l.LastSeq }

// Unsettle says that the message with that seq, and what followed, waits again.
func (l *Locked) Unsettle(seq int) { l.SettledSeq = min(l.SettledSeq, seq-1) }

// settleRecorded settles what an entry of its own kind says is settled: a turn
// that ended, a change of owner, a word of an agent. Of everything else finish
// makes a settled entry, so that the record alone tells who owes an answer.
func (l *Locked) settleRecorded(seq int) {
	l.SettledSeq, l.settled = max(l.SettledSeq, seq), max(l.settled, seq)
}

type settledEntry struct {
	Seq int `json:"seq"`
}

type stateEntry struct {
	From    State  `json:"from"`
	To      State  `json:"to"`
	Owner   Owner  `json:"owner"`
	AgentID *int64 `json:"agent_id,omitempty"`
	Epoch   int    `json:"epoch"`
}

func equal(a, b *int64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func errNotFound() error {
	return fault.NotFound("conversation_not_found", "There is no such conversation, or this token does not open it.")
}
