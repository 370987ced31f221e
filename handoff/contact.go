// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"

	"candor/chat"
	"candor/internal/fault"
	"candor/prompts"
)

// Contact is where a customer wants the answer, and what they were shown when
// they said so.
type Contact struct {
	Email     string
	TextShown string
	Locale    string
}

// LeaveContact takes down an address for the answer: the customer keeps the place
// and need not stay. The address is sealed with the customer's other words.
func (s *Service) LeaveContact(ctx context.Context, conversationID int64, c Contact) error {
	return s.contact(ctx, conversationID, c, true)
}

// WithdrawContact removes the address, whatever has become of the case; an answer
// is given in the chat.
func (s *Service) WithdrawContact(ctx context.Context, conversationID int64, textShown, locale string) error {
	return s.contact(ctx, conversationID, Contact{TextShown: textShown, Locale: locale}, false)
}

func (s *Service) contact(ctx context.Context, conversationID int64, c Contact, given bool) error {
	return s.chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		k, err := contactCase(ctx, l, given)
		if err != nil {
			return err
		}
		if k == nil {
			return fault.Conflict("no_open_case", "An address can be left while a person is to answer you. Please ask for a person first.")
		}
		if !given && k.ReplyByEmailAt == nil {
			return nil // a second click
		}
		if err := l.Consent(chat.Consent{Purpose: chat.PurposeContact, Given: given, TextShown: c.TextShown, Locale: c.Locale}); err != nil {
			return err
		}
		if err := l.SetEmail(ctx, c.Email); err != nil {
			return err
		}
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE cases SET reply_by_email_at = CASE WHEN $2 THEN now() END, updated_at = now() WHERE id = $1", k.ID, given); err != nil {
			return fmt.Errorf("note where to answer: %w", err)
		}
		l.TouchDesk()
		action, key := "reply_by_email", prompts.ContactSaved
		if !given {
			action, key = "reply_in_chat", prompts.ContactWithdrawn
		}
		if err := l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: action}, nil); err != nil {
			return err
		}
		if l.State == chat.StateClosed {
			return nil // nothing is said there any more
		}
		return s.say(l, action, key, prompts.Args{"ref": k.Reference})
	})
}

// contactCase is the open case, or the newest for who takes an address back.
func contactCase(ctx context.Context, l *chat.Locked, given bool) (*Case, error) {
	if given {
		return openCase(ctx, l)
	}
	k, err := readLatestTx(ctx, l)
	if fault.Is(err, "case_not_found") {
		return nil, nil //nolint:nilnil // there never was one
	}
	return &k, err
}

// Continue opens a new conversation that goes on with a closed one, and says so;
// when it is asked for again, it gives the one that is there.
func (s *Service) Continue(ctx context.Context, closed chat.Conversation, locale string) (chat.Created, error) {
	return s.chat.Continue(ctx, closed, locale, func(l *chat.Locked, closed chat.Conversation) error {
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		k, err := readCase(ctx, tx, "k.conversation_id = $1 ORDER BY k.id DESC LIMIT 1", closed.ID)
		if fault.Is(err, "case_not_found") {
			return nil
		}
		if err != nil {
			return err
		}
		return s.say(l, "continues", prompts.CaseContinues, prompts.Args{"ref": k.Reference})
	})
}
