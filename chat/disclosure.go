// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/prompts"
)

// noticeHolds is how long the long notice counts as given in a conversation
// that goes on; after it, and after every human phase, it is given again.
const noticeHolds = 7 * 24 * time.Hour

// Disclosure is the notice that the customer talks with a machine, as it was
// shown. A message of the bot needs one, and only this package makes them.
type Disclosure struct {
	ID        string
	Label     string // short, in the author line of each message of the bot
	Text      string // the long notice, a block of its own
	Locale    string
	BeforeSeq int // it stands before the message with this seq

	conversation int64
}

type disclosureEntry struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	Text      string `json:"text"`
	Locale    string `json:"locale"`
	BeforeSeq int    `json:"before_seq"`
	Epoch     int    `json:"epoch"`
}

// Disclosure gives the notice in force, writing a new one when there is none:
// at the start, after a person has spoken, after seven days, and in another
// language than the last.
func (l *Locked) Disclosure(ctx context.Context) (Disclosure, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return Disclosure{}, err
	}
	d := Disclosure{conversation: l.ID}
	err = tx.QueryRow(ctx, `
		SELECT id, label, text, locale, before_seq
		FROM disclosures d
		WHERE conversation_id = $1 AND locale = $2 AND created_at > $3
			AND NOT EXISTS (
				SELECT FROM messages m
				WHERE m.conversation_id = d.conversation_id AND m.seq >= d.before_seq AND m.author = 'agent')
		ORDER BY before_seq DESC
		LIMIT 1`, l.ID, l.Locale, l.Now.Add(-noticeHolds)).Scan(&d.ID, &d.Label, &d.Text, &d.Locale, &d.BeforeSeq)
	if errors.Is(err, pgx.ErrNoRows) {
		return l.disclose()
	}
	if err != nil {
		return Disclosure{}, fmt.Errorf("find the disclosure: %w", err)
	}
	return d, nil
}

// disclose gives the notice anew. Its id counts, so it needs no lookup.
func (l *Locked) disclose() (Disclosure, error) {
	locale := prompts.Locale(l.Locale)
	text, err := l.svc.Wording().Render(locale, prompts.DisclosureFirst, prompts.Args{"org": l.svc.Company().Name})
	if err != nil {
		return Disclosure{}, err
	}
	label, err := prompts.Render(locale, prompts.DisclosureLabel, nil)
	if err != nil {
		return Disclosure{}, err
	}
	d := Disclosure{
		ID: fmt.Sprintf("d%d", l.LastEntry+1), Label: label, Text: text,
		Locale: l.Locale, BeforeSeq: l.LastSeq + 1, conversation: l.ID,
	}
	l.batch.Queue(`
		INSERT INTO disclosures (conversation_id, id, epoch, label, text, locale, before_seq, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		l.ID, d.ID, l.Epoch, d.Label, d.Text, d.Locale, d.BeforeSeq, l.Now)
	return d, l.Record(entryDisclosure, disclosureEntry{
		ID: d.ID, Label: d.Label, Text: d.Text, Locale: d.Locale, BeforeSeq: d.BeforeSeq, Epoch: l.Epoch,
	}, nil)
}
