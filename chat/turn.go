// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

// Outcome is how a turn ended.
type Outcome string

// The outcomes of a turn.
const (
	OutcomeAnswer     Outcome = "answer"
	OutcomeClarify    Outcome = "clarify"
	OutcomeDecline    Outcome = "decline"
	OutcomeHandoff    Outcome = "handoff"
	OutcomeSuperseded Outcome = "superseded" // somebody else took the word
)

// Turn is one answer of the bot in the making. Whoever holds it may write it
// for as long as it is open; the lease says how long a silent holder keeps it.
type Turn struct {
	ID             int64
	ConversationID int64
	FromSeq, ToSeq int // the messages it answers
	Epoch          int
	DisclosureID   string
	Holder         string
	Attempt        int // 1, and 2 when the first run was lost
	Shown          int // sentences that were shown already
}

// Sentence is a verified sentence of a turn as it is kept and shown.
type Sentence struct {
	Text      string     `json:"text"`
	Citations []Citation `json:"citations,omitempty"`
}

type turnEntry struct {
	Turn    int64   `json:"turn"`
	FromSeq int     `json:"from_seq,omitempty"`
	ToSeq   int     `json:"to_seq,omitempty"`
	Epoch   int     `json:"epoch,omitempty"`
	Attempt int     `json:"attempt,omitempty"`
	Outcome Outcome `json:"outcome,omitempty"`
}

// OpenTurn opens a turn for everything the customer wrote that nothing has
// settled yet.
// It gives nil when a turn is open already (its end opens the next) or nothing
// is unanswered.
func (l *Locked) OpenTurn(ctx context.Context, holder string, lease time.Duration) (*Turn, error) {
	disclosure, err := l.Disclosure(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return nil, err
	}
	t := Turn{ConversationID: l.ID, Epoch: l.Epoch, DisclosureID: disclosure.ID, Holder: holder, Attempt: 1}
	err = tx.QueryRow(ctx, `
		INSERT INTO turns (conversation_id, from_seq, to_seq, epoch, disclosure_id, holder, lease_until)
		SELECT $1, min(seq), max(seq), $2, $3, $4, now() + $5::interval
		FROM messages
		WHERE conversation_id = $1 AND needs_turn AND seq > $6
			AND NOT EXISTS (SELECT FROM turns WHERE conversation_id = $1 AND ended_at IS NULL)
		HAVING count(*) > 0
		RETURNING id, from_seq, to_seq`,
		l.ID, l.Epoch, disclosure.ID, holder, lease, l.SettledSeq).Scan(&t.ID, &t.FromSeq, &t.ToSeq)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // nothing to answer, or being answered: not an error
	}
	if err != nil {
		return nil, fmt.Errorf("open a turn: %w", err)
	}
	return &t, l.Record(entryTurnOpened, turnEntry{Turn: t.ID, FromSeq: t.FromSeq, ToSeq: t.ToSeq, Epoch: t.Epoch}, nil)
}

// EndTurn ends the turn if holder still holds it, with what write adds as its
// result; false means that it is somebody else's word by now: nothing was
// written and everything of the turn must be dropped.
func (l *Locked) EndTurn(ctx context.Context, turn int64, holder string, outcome Outcome, write func() error) (bool, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return false, err
	}
	var toSeq int
	err = tx.QueryRow(ctx, `
		UPDATE turns
		SET ended_at = now(), outcome = $3
		WHERE id = $1 AND holder = $2 AND ended_at IS NULL
		RETURNING to_seq`, turn, holder, outcome).Scan(&toSeq)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("end a turn: %w", err)
	}
	l.settleRecorded(toSeq)
	if err := write(); err != nil {
		return false, err
	}
	return true, l.Record(entryTurnEnded, turnEntry{Turn: turn, Outcome: outcome}, nil)
}

// PostTurn adds what a turn has to say, under the notice that the turn began
// with: the conversation's language may have changed since.
func (l *Locked) PostTurn(ctx context.Context, m BotMessage) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	d := Disclosure{conversation: l.ID}
	if err := tx.QueryRow(ctx, "SELECT disclosure_id FROM turns WHERE id = $1 AND conversation_id = $2", m.TurnID, l.ID).Scan(&d.ID); err != nil {
		return fmt.Errorf("find the notice of a turn: %w", err)
	}
	_, err = l.PostBot(ctx, d, m)
	return err
}

// Join makes one text of sentences, and one list of what they rest on without
// repetitions. A sentence keeps the line breaks it begins with.
func Join(sentences []Sentence) (string, []Citation) {
	var text strings.Builder
	var citations []Citation
	seen := map[Citation]bool{}
	for i, s := range sentences {
		if i > 0 && !strings.HasPrefix(s.Text, "\n") && !strings.HasSuffix(sentences[i-1].Text, "\n") {
			text.WriteByte(' ')
		}
		text.WriteString(s.Text)
		for _, c := range s.Citations {
			if !seen[c] {
				seen[c] = true
				citations = append(citations, c)
			}
		}
	}
	return strings.TrimSpace(text.String()), citations
}

// AppendSentence keeps a verified sentence, sealed, before anybody sees it. False
// means that the turn is not the holder's any more: stop, show nothing.
func (s *Service) AppendSentence(ctx context.Context, c Conversation, t Turn, index int, sentence Sentence) (bool, error) {
	key, err := s.key(ctx, c.KeyID)
	if err != nil {
		return false, err
	}
	plain, err := json.Marshal(sentence)
	if err != nil {
		return false, fmt.Errorf("write a sentence: %w", err)
	}
	sealed, _, err := key.Seal(sentencePlace(c.PublicID, t.ID, index), plain)
	if err != nil {
		return false, err
	}
	tag, err := s.db.Exec(ctx, `
		UPDATE turns
		SET sentences = sentences || $4::bytea
		WHERE id = $1 AND holder = $2 AND ended_at IS NULL AND cardinality(sentences) = $3`,
		t.ID, t.Holder, index, sealed)
	if err != nil {
		return false, postgres.Away(fmt.Errorf("keep a sentence: %w", err))
	}
	s.hub.Signal(c.ID)
	return tag.RowsAffected() == 1, nil
}

// Renew prolongs the lease of a turn; false means that it is lost.
func (s *Service) Renew(ctx context.Context, t Turn, lease time.Duration) (bool, error) {
	tag, err := s.db.Exec(ctx, `
		UPDATE turns
		SET lease_until = now() + $3::interval
		WHERE id = $1 AND holder = $2 AND ended_at IS NULL`, t.ID, t.Holder, lease)
	if err != nil {
		return false, postgres.Away(fmt.Errorf("renew a turn: %w", err))
	}
	return tag.RowsAffected() == 1, nil
}

// Release gives a turn back at once, so that another gateway need not wait for
// its lease to run out.
func (s *Service) Release(ctx context.Context, t Turn) error {
	_, err := s.db.Exec(ctx, `
		UPDATE turns
		SET lease_until = now(), attempt = attempt - 1
		WHERE id = $1 AND holder = $2 AND ended_at IS NULL`, t.ID, t.Holder)
	if err != nil {
		return fmt.Errorf("release a turn: %w", err)
	}
	return nil
}

// TakeLost takes over one turn whose lease ran out, by the database's clock; nil
// when there is none. Its old holder, should it wake, finds it gone.
func (s *Service) TakeLost(ctx context.Context, holder string, lease time.Duration) (*Turn, error) {
	rows, err := s.db.Query(ctx, `
		UPDATE turns
		SET holder = $1, attempt = attempt + 1, lease_until = now() + $2::interval
		WHERE id = (
			SELECT id
			FROM turns
			WHERE ended_at IS NULL AND lease_until < now()
			ORDER BY lease_until
			LIMIT 1
			FOR UPDATE SKIP LOCKED)
		RETURNING id, conversation_id, from_seq, to_seq, epoch, disclosure_id, holder, attempt, cardinality(sentences)`,
		holder, lease)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for lost turns: %w", err))
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Turn])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // no turn is lost: the usual case
	}
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("take over a lost turn: %w", err))
	}
	return &t, nil
}

// CountOutcomes is how many turns of this epoch ended so.
func (s *Service) CountOutcomes(ctx context.Context, l *Locked, outcome Outcome) (int, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return 0, err
	}
	var n int
	err = tx.QueryRow(ctx, "SELECT count(*) FROM turns WHERE conversation_id = $1 AND epoch = $2 AND outcome = $3", l.ID, l.Epoch, outcome).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count outcomes: %w", err)
	}
	return n, nil
}
