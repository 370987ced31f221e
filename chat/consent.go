// SPDX-License-Identifier: MIT

package chat

import (
	"cmp"
	"context"
	"fmt"

	"candor/internal/fault"
)

// Purpose is what a customer agreed to.
type Purpose string

// The purposes.
const (
	// PurposeAssistWhileWaiting lets the bot answer while the customer keeps the
	// place in the queue. It holds for the epoch it was given in: a claim ends it.
	PurposeAssistWhileWaiting Purpose = "assistant_while_waiting"
	// PurposeReturnToBot lets the bot take over from a person again.
	PurposeReturnToBot Purpose = "return_to_bot"
	// PurposeContact lets us answer at the address that the customer left.
	PurposeContact Purpose = "contact_by_email"
)

// Consent is what a customer was shown and what they said to it.
type Consent struct {
	Purpose   Purpose
	Given     bool
	TextShown string
	Locale    string
}

type consentEntry struct {
	Purpose   Purpose `json:"purpose"`
	Given     bool    `json:"given"`
	TextShown string  `json:"text_shown"`
	Locale    string  `json:"locale"`
	Epoch     int     `json:"epoch"`
}

// Consent records an agreement or its withdrawal, at the present epoch.
func (l *Locked) Consent(c Consent) error {
	switch c.Purpose {
	case PurposeAssistWhileWaiting, PurposeReturnToBot, PurposeContact:
	default:
		return fault.Invalid("unknown_purpose", "There is no consent for %q.", c.Purpose)
	}
	if c.TextShown == "" {
		return fault.Invalid("consent_without_text", "A consent needs the text that was shown.")
	}
	if err := cmp.Or(checkClean("text that was shown", c.TextShown), checkClean("language", c.Locale)); err != nil {
		return err
	}
	l.batch.Queue(`
		INSERT INTO consents (conversation_id, purpose, epoch, given, text_shown, locale, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		l.ID, c.Purpose, l.Epoch, c.Given, c.TextShown, c.Locale, l.Now)
	return l.Record(entryConsent, consentEntry{
		Purpose: c.Purpose, Given: c.Given, TextShown: c.TextShown, Locale: c.Locale, Epoch: l.Epoch,
	}, nil)
}

// Consented reports whether the newest word on the purpose, in this epoch, is yes.
func (l *Locked) Consented(ctx context.Context, purpose Purpose) (bool, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return false, err
	}
	var given bool
	err = tx.QueryRow(ctx, `
		SELECT coalesce((
			SELECT given
			FROM consents
			WHERE conversation_id = $1 AND purpose = $2 AND epoch = $3
			ORDER BY id DESC
			LIMIT 1), false)`, l.ID, purpose, l.Epoch).Scan(&given)
	if err != nil {
		return false, fmt.Errorf("look for a consent: %w", err)
	}
	return given, nil
}

// BotMayAnswer reports whether the bot has the word: it owns the conversation,
// or the customer waits and asked it to answer meanwhile.
func (l *Locked) BotMayAnswer(ctx context.Context) (bool, error) {
	switch l.State {
	case StateBot:
		return true, nil
	case StateQueued, StateAwaitingHours:
		return l.Consented(ctx, PurposeAssistWhileWaiting)
	default:
		return false, nil
	}
}
