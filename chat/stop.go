// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// stoppedTurn is an open turn that somebody else has ended.
type stoppedTurn struct {
	turnEntry
	sentences [][]byte
}

// StopTurn ends the open turn, if there is one, whoever holds it. What of it was
// shown becomes a message marked partial. The messages it was to answer count as
// taken over by whoever stops it.
func (l *Locked) StopTurn(ctx context.Context) error { return l.stopTurn(ctx, true) }

// dropTurn ends the open turn and keeps nothing of its words.
func (l *Locked) dropTurn(ctx context.Context) error { return l.stopTurn(ctx, false) }

func (l *Locked) stopTurn(ctx context.Context, keep bool) error {
	t, err := l.supersede(ctx)
	if err != nil || t == nil {
		return err
	}
	var shown []Sentence
	if l.erased == nil {
		if shown, err = openSentences(l.PublicID, t.Turn, l.key, t.sentences, 0); err != nil {
			return err
		}
	}
	if keep && len(shown) > 0 {
		if err := l.postShown(ctx, t.Turn, shown); err != nil {
			return err
		}
	}
	if err := l.recordStopped(t.turnEntry, shown, keep); err != nil {
		return err
	}
	return l.Record(entryTurnEnded, turnEntry{Turn: t.Turn, Outcome: OutcomeSuperseded}, nil)
}

// supersede ends the open turn; nil when there is none.
func (l *Locked) supersede(ctx context.Context) (*stoppedTurn, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return nil, err
	}
	t := stoppedTurn{turnEntry: turnEntry{Outcome: OutcomeSuperseded}}
	err = tx.QueryRow(ctx, `
		UPDATE turns
		SET ended_at = now(), outcome = $2
		WHERE conversation_id = $1 AND ended_at IS NULL
		RETURNING id, from_seq, to_seq, epoch, attempt, sentences`, l.ID, t.Outcome).
		Scan(&t.Turn, &t.FromSeq, &t.ToSeq, &t.Epoch, &t.Attempt, &t.sentences)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // no turn is open: not an error
	}
	if err != nil {
		return nil, fmt.Errorf("stop the open turn: %w", err)
	}
	return &t, nil
}

// stoppedDecision is what is known of a turn whose holder did not come to write
// its decision record: the form is that of bot's, with what it rested on.
type stoppedDecision struct {
	turnEntry
	Versions  []ref           `json:"versions"`
	Passages  []struct{}      `json:"passages"` // known to the holder alone
	Sentences []shownSentence `json:"sentences"`
}

type shownSentence struct {
	Shown bool `json:"shown"`
}

// stoppedWords is its sealed part.
type stoppedWords struct {
	Sentences []string `json:"sentences"`
	Evidence  []string `json:"evidence"`
}

func (l *Locked) recordStopped(t turnEntry, shown []Sentence, keep bool) error {
	d := stoppedDecision{turnEntry: t, Versions: []ref{}, Passages: []struct{}{}, Sentences: []shownSentence{}}
	words := stoppedWords{Sentences: []string{}, Evidence: []string{}}
	known := map[ref]bool{}
	for _, sentence := range shown {
		d.Sentences = append(d.Sentences, shownSentence{Shown: true})
		words.Sentences, words.Evidence = append(words.Sentences, sentence.Text), append(words.Evidence, "")
		for _, c := range sentence.Citations {
			if r := (ref{Article: c.ArticleID, Version: c.Version}); !known[r] {
				known[r] = true
				d.Versions = append(d.Versions, r)
			}
		}
	}
	if !keep || len(shown) == 0 {
		return l.Record(EntryDecision, d, nil)
	}
	return l.Record(EntryDecision, d, words)
}

// PostPartial keeps what an ended turn had already shown as a message marked
// partial; nothing when it had shown nothing.
func (l *Locked) PostPartial(ctx context.Context, turn int64) error {
	tx, err := l.Tx(ctx)
	if err != nil || l.erased != nil {
		return err
	}
	var sealed [][]byte
	if err := tx.QueryRow(ctx, "SELECT sentences FROM turns WHERE id = $1", turn).Scan(&sealed); err != nil {
		return fmt.Errorf("read what a turn has shown: %w", err)
	}
	shown, err := openSentences(l.PublicID, turn, l.key, sealed, 0)
	if err != nil || len(shown) == 0 {
		return err
	}
	return l.postShown(ctx, turn, shown)
}

func (l *Locked) postShown(ctx context.Context, turn int64, shown []Sentence) error {
	text, citations := Join(shown)
	return l.PostTurn(ctx, BotMessage{Text: text, Citations: citations, Partial: true, TurnID: turn})
}
