// SPDX-License-Identifier: MIT

package chat

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"
)

// The kinds of entries in the record.
const (
	entryCreated    = "created"
	entryDisclosure = "disclosure"
	entryConsent    = "consent"
	entryTurnOpened = "turn_opened"
	entryTurnEnded  = "turn_ended"
	entryRedaction  = "redaction"
	entryErased     = "erased"
	entrySettled    = "settled"
	// EntryMessage, EntryState and EntryFeedback are read by packages above, too.
	EntryMessage  = "message"
	EntryState    = "state"
	EntryFeedback = "feedback"
	// EntryDecision is the decision record of a turn: passages, scores,
	// thresholds, model, prompt. Written by bot.
	EntryDecision = "decision"
	// EntryHandoff and EntryCase are what handoff records of a case.
	EntryHandoff = "handoff"
	EntryCase    = "case"
)

// entry is one link of the chain.
type entry struct {
	N          int
	Kind       string
	Body       json.RawMessage // nothing personal
	Sealed     []byte          // the personal part, or nil
	Commitment []byte          // to the personal part; empty without one
	CreatedAt  time.Time       // microseconds, as PostgreSQL keeps them
	Hash       []byte
}

// genesis is the head of a conversation's empty chain.
func genesis(publicID string) []byte {
	sum := sha256.Sum256([]byte("candor/record/1\n" + publicID))
	return sum[:]
}

// chain is the hash of an entry that follows previous: SHA-256 over its fields,
// each behind its length, so that no two entries have the same bytes.
func chain(previous []byte, e entry) []byte {
	sum := sha256.New()
	for _, field := range [][]byte{
		previous,
		binary.BigEndian.AppendUint64(nil, uint64(e.N)),
		[]byte(e.Kind),
		binary.BigEndian.AppendUint64(nil, uint64(e.CreatedAt.UnixMicro())),
		e.Body,
		e.Commitment,
	} {
		sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(field))))
		sum.Write(field)
	}
	return sum.Sum(nil)
}

// Record appends an entry to the conversation's record. body must hold nothing
// personal; private is sealed, and nil when there is nothing to seal.
func (l *Locked) Record(kind string, body any, private any) error {
	var sealed, commitment []byte
	if private != nil {
		plain, err := json.Marshal(private)
		if err != nil {
			return fmt.Errorf("record %s: %w", kind, err)
		}
		if sealed, commitment, err = l.seal(entryPlace(l.PublicID, l.LastEntry+1), plain); err != nil {
			return fmt.Errorf("record %s: %w", kind, err)
		}
	}
	return l.append(kind, body, sealed, commitment)
}

// append chains an entry to the head and queues its row.
func (l *Locked) append(kind string, body any, sealed, commitment []byte) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("record %s: %w", kind, err)
	}
	e := entry{N: l.LastEntry + 1, Kind: kind, Body: raw, Sealed: sealed, Commitment: commitment, CreatedAt: l.Now}
	if e.Commitment == nil {
		e.Commitment = []byte{}
	}
	e.Hash = chain(l.Head, e)
	l.LastEntry, l.Head = e.N, e.Hash
	l.batch.Queue(`
		INSERT INTO log (conversation_id, n, kind, body, sealed, commitment, hash, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		l.ID, e.N, e.Kind, e.Body, e.Sealed, e.Commitment, e.Hash, e.CreatedAt)
	return nil
}

// Places are the associated data of sealed text: what is moved does not open.
func messagePlace(conversation string, seq int) string {
	return fmt.Sprintf("c/%s/m/%d", conversation, seq)
}

func entryPlace(conversation string, n int) string { return fmt.Sprintf("c/%s/l/%d", conversation, n) }

func sentencePlace(conversation string, turn int64, index int) string {
	return fmt.Sprintf("c/%s/t/%d/%d", conversation, turn, index)
}

func feedbackPlace(conversation string, seq int) string {
	return fmt.Sprintf("c/%s/f/%d", conversation, seq)
}

func profilePlace(key string) string { return "u/" + key + "/profile" }
