// SPDX-License-Identifier: MIT

package chat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// EventCorrection marks the message that takes back what was said before.
const EventCorrection = "correction"

// entryCorrection is the record of why that message stands there.
const entryCorrection = "correction"

// EntryLetter is the record of how a letter ended that goes out with one.
const EntryLetter = "correction_letter"

// Correction is what is said to everybody who was told of a version that was wrong.
type Correction struct {
	ID        int64 // one message of it in a conversation, and no more
	Text      string
	ArticleID int64
	Version   int // that was wrong
	Citations []Citation
	Mail      bool // a letter goes out with it
}

type correctionEntry struct {
	Correction int64 `json:"correction"`
	Article    int64 `json:"article"`
	Version    int   `json:"version"`
	Seq        int   `json:"seq"`      // the message that says so
	Corrects   []int `json:"corrects"` // the messages that rest on the version
	Mail       bool  `json:"mail,omitempty"`
}

// PostCorrection adds the message that takes back what was said before. It is a
// notice by code and not a word of the bot's: it may stand in every state, a
// person's and a closed one too, and changes neither state nor owner.
func (l *Locked) PostCorrection(ctx context.Context, c Correction) (Message, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return Message{}, err
	}
	rows, err := tx.Query(ctx, `
		SELECT seq
		FROM citations
		WHERE conversation_id = $1 AND article_id = $2 AND version = $3 AND first
		ORDER BY seq`, l.ID, c.ArticleID, c.Version)
	if err != nil {
		return Message{}, fmt.Errorf("find what is corrected: %w", err)
	}
	corrects, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return Message{}, fmt.Errorf("find what is corrected: %w", err)
	}
	if len(corrects) == 0 {
		return Message{}, errors.New("a correction needs something that was said")
	}
	m, err := l.post(Message{
		Author: AuthorSystem, Automated: true, Event: EventCorrection, Text: c.Text, Citations: c.Citations, Corrects: corrects,
	})
	if err != nil {
		return Message{}, err
	}
	l.TouchDesk()
	return m, l.Record(entryCorrection, correctionEntry{
		Correction: c.ID, Article: c.ArticleID, Version: c.Version, Seq: m.Seq, Corrects: corrects, Mail: c.Mail,
	}, nil)
}

// takeCorrection allows a correction once in a conversation, of messages that
// rest on the version, by a message that says so.
func (r *replay) takeCorrection(n int, body correctionEntry) {
	if r.corrected[body.Correction] {
		r.violate(InvariantCorrections, n, "correction %d was said twice", body.Correction)
	}
	r.corrected[body.Correction] = true
	if m := r.messages[body.Seq]; m.body.Event != EventCorrection || m.body.Author != AuthorSystem {
		r.violate(InvariantCorrections, n, "message %d is not the correction that the record says", body.Seq)
	}
	for _, seq := range body.Corrects {
		if seq >= body.Seq || !slices.Contains(r.messages[seq].body.Versions, ref{Article: body.Article, Version: body.Version}) {
			r.violate(InvariantCorrections, n, "message %d does not rest on what was corrected", seq)
		}
	}
	r.explained[body.Seq] = true
}

// finishCorrections looks for corrections that the record does not explain.
func (r *replay) finishCorrections() {
	for seq, m := range r.messages {
		if m.body.Event == EventCorrection && !r.explained[seq] {
			r.violate(InvariantCorrections, m.entry, "message %d corrects something, and the record does not say what", seq)
		}
	}
}

// MessageRef names a message.
type MessageRef struct {
	ConversationID int64
	Seq            int
}

// Comments opens what customers wrote of answers, for lists. Where there is
// nothing, or it was erased, it is "".
func (s *Service) Comments(ctx context.Context, refs []MessageRef) ([]string, error) {
	ids, seqs := make([]int64, len(refs)), make([]int, len(refs))
	for i, ref := range refs {
		ids[i], seqs[i] = ref.ConversationID, ref.Seq
	}
	rows, err := s.db.Query(ctx, `
		SELECT r.i - 1, c.public_id, u.key_id, f.seq, f.sealed
		FROM unnest($1::bigint[], $2::int[]) WITH ORDINALITY AS r (id, seq, i)
		JOIN feedback f ON f.conversation_id = r.id AND f.seq = r.seq
		JOIN conversations c ON c.id = r.id
		JOIN customers u ON u.id = c.customer_id
		WHERE f.sealed IS NOT NULL`, ids, seqs)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read comments: %w", err))
	}
	words := make([]string, len(refs))
	var i, seq int
	var conversation, keyID string
	var sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&i, &conversation, &keyID, &seq, &sealed}, func() error {
		key, err := s.key(ctx, keyID)
		if err != nil {
			if fault.Is(err, codeErased) {
				return nil
			}
			return err
		}
		plain, _, err := key.Open(feedbackPlace(conversation, seq), sealed)
		words[i] = cmp.Or(string(plain), words[i])
		return err
	})
	return words, postgres.Away(err)
}
