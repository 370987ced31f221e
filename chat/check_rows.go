// SPDX-License-Identifier: MIT

package chat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/internal/seal"
)

// opener opens the sealed texts of one conversation to compare them with what
// the record says of them.
type opener struct {
	*replay
	conversation string
	key          seal.Key
	there        bool // the key is there
	destroyed    bool // the key was destroyed
	opened       int
}

// findKey looks the key up once for all texts of a conversation.
func (s *Service) findKey(ctx context.Context, c checkedConversation, o *opener) (err error) {
	o.key, err = s.key(ctx, c.KeyID)
	switch {
	case err == nil:
		o.there = true
	case fault.Is(err, codeErased):
		o.destroyed = true
	case errors.Is(err, seal.ErrNoKey):
		o.violate(InvariantText, 0, "its key is not in the keystore: nothing that was said can be opened")
	default:
		return err
	}
	return nil
}

// compare opens a text and holds its commitment against the recorded one.
func (o *opener) compare(entry int, place string, sealed, commitment []byte) {
	if !o.there || sealed == nil {
		return
	}
	o.opened++
	_, now, err := o.key.Open(place, sealed)
	switch {
	case err != nil:
		o.violate(InvariantText, entry, "what is sealed at %s does not open: it was changed or moved", place)
	case !bytes.Equal(now, commitment):
		o.violate(InvariantText, entry, "what is sealed at %s is not what the record says was written there", place)
	}
}

// checkRows holds the rows that are shown against the record.
func (s *Service) checkRows(ctx context.Context, tx pgx.Tx, c checkedConversation, o *opener) error {
	if err := checkMessages(ctx, tx, c, o); err != nil {
		return err
	}
	if err := checkCitations(ctx, tx, c, o.replay); err != nil {
		return err
	}
	if err := checkDisclosures(ctx, tx, c, o.replay); err != nil {
		return err
	}
	if err := checkOpenTurns(ctx, tx, c, o.replay); err != nil {
		return err
	}
	o.checkBlanked()
	return s.checkErased(ctx, c, o)
}

func checkMessages(ctx context.Context, tx pgx.Tx, c checkedConversation, o *opener) error {
	rows, err := tx.Query(ctx, "SELECT "+messageColumns+" FROM messages WHERE conversation_id = $1 ORDER BY seq", c.ID)
	if err != nil {
		return fmt.Errorf("read messages: %w", err)
	}
	defer rows.Close()
	count := 0
	for ; rows.Next(); count++ {
		row, err := pgx.RowToStructByName[messageRow](rows)
		if err != nil {
			return fmt.Errorf("read messages: %w", err)
		}
		recorded, ok := o.messages[row.Seq]
		if !ok || !recorded.is(row) {
			o.violate(InvariantChain, recorded.entry, "message %d is not the one in the record", row.Seq)
		}
		if _, redacted := o.redacted[row.Seq]; redacted != (row.Sealed == nil) {
			o.violate(InvariantText, recorded.entry, "message %d has words and was redacted, or has none and was not", row.Seq)
		}
		o.compare(recorded.entry, messagePlace(c.PublicID, row.Seq), row.Sealed, recorded.commitment)
	}
	if count != len(o.messages) {
		o.violate(InvariantChain, 0, "the record has %d messages, the conversation %d", len(o.messages), count)
	}
	return rows.Err()
}

// is reports whether a row is what was recorded, all but the words themselves.
func (m recordedMessage) is(row messageRow) bool {
	turn := int64(0)
	if row.TurnID != nil {
		turn = *row.TurnID
	}
	b := m.body
	return b.Author == row.Author && equal(b.AgentID, row.AgentID) && b.AgentName == orEmpty(row.AgentName) &&
		b.Automated == row.Automated && b.Disclosure == orEmpty(row.DisclosureID) && b.Event == orEmpty(row.Event) &&
		b.Partial == row.Partial && b.NeedsTurn == row.NeedsTurn && b.Turn == turn &&
		m.createdAt.Equal(row.CreatedAt) && bytes.Equal(m.commitment, row.Commitment)
}

// checkCitations compares what messages rest on.
func checkCitations(ctx context.Context, tx pgx.Tx, c checkedConversation, r *replay) error {
	rows, err := tx.Query(ctx, `
		SELECT seq, article_id, version, created_at, answer, first
		FROM citations
		WHERE conversation_id = $1
		ORDER BY seq, ordinal`, c.ID)
	if err != nil {
		return fmt.Errorf("read citations: %w", err)
	}
	cited := map[int][]ref{}
	var seq int
	var to ref
	var at time.Time
	var answer, first bool
	_, err = pgx.ForEachRow(rows, []any{&seq, &to.Article, &to.Version, &at, &answer, &first}, func() error {
		m := r.messages[seq]
		if !at.Equal(m.createdAt) || answer != (m.body.Author == AuthorBot) || first == slices.Contains(cited[seq], to) {
			r.violate(InvariantChain, m.entry, "a citation of message %d says other things of it than the record", seq)
		}
		cited[seq] = append(cited[seq], to)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read citations: %w", err)
	}
	for seq, m := range r.messages {
		if !slices.Equal(cited[seq], m.body.Versions) {
			r.violate(InvariantChain, m.entry, "message %d does not rest on the versions in the record", seq)
		}
	}
	return nil
}

// checkDisclosures compares the notices that are shown.
func checkDisclosures(ctx context.Context, tx pgx.Tx, c checkedConversation, r *replay) error {
	rows, err := tx.Query(ctx, "SELECT id, label, text, locale, before_seq, epoch FROM disclosures WHERE conversation_id = $1", c.ID)
	if err != nil {
		return fmt.Errorf("read disclosures: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[disclosureEntry])
	if err != nil {
		return fmt.Errorf("read disclosures: %w", err)
	}
	shown := map[string]disclosureEntry{}
	for _, d := range list {
		shown[d.ID] = d
	}
	if !maps.Equal(shown, r.disclosures) {
		r.violate(InvariantDisclosure, 0, "the notices that are shown are not those in the record")
	}
	return nil
}

func checkOpenTurns(ctx context.Context, tx pgx.Tx, c checkedConversation, r *replay) error {
	rows, err := tx.Query(ctx, "SELECT id, lease_until < now() - $2::interval FROM turns WHERE conversation_id = $1 AND ended_at IS NULL", c.ID, turnGrace)
	if err != nil {
		return fmt.Errorf("read turns: %w", err)
	}
	open := map[int64]bool{}
	var id int64
	var lost bool
	_, err = pgx.ForEachRow(rows, []any{&id, &lost}, func() error {
		open[id] = true
		if lost {
			r.violate(InvariantTurns, 0, "turn %d never ended and nobody holds it", id)
		}
		if _, recorded := r.open[id]; !recorded {
			r.violate(InvariantTurns, 0, "turn %d is open, and by the record it is not", id)
		}
		return nil
	})
	for id := range r.open {
		if !open[id] {
			r.violate(InvariantTurns, 0, "turn %d is open by the record, and has ended", id)
		}
	}
	return err
}

// checkBlanked allows the sealed part of an entry to be gone only when a
// redaction says so.
func (o *opener) checkBlanked() {
	allowed := map[int]bool{}
	for _, redaction := range o.redacted {
		for _, n := range redaction.Entries {
			allowed[n] = true
		}
	}
	for _, n := range o.blanked {
		if !allowed[n] {
			o.violate(InvariantText, n, "the sealed part of the entry is gone, and no redaction took it")
		}
	}
}

// checkErased demands that the record says why a key is gone. Keys are as they
// are now, so the record is read as it is now too.
func (s *Service) checkErased(ctx context.Context, c checkedConversation, o *opener) error {
	if !o.destroyed || o.erased {
		return nil
	}
	var erased bool
	if err := s.db.QueryRow(ctx, "SELECT EXISTS (SELECT FROM log WHERE conversation_id = $1 AND kind = $2)", c.ID, entryErased).Scan(&erased); err != nil {
		return fmt.Errorf("look for an erasure: %w", err)
	}
	if !erased {
		o.violate(InvariantText, 0, "its key was destroyed, and the record does not say that it was erased")
	}
	return nil
}
