// SPDX-License-Identifier: MIT

package consequences

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"candor/chat"
	"candor/internal/fault"
	"candor/internal/markdown"
	"candor/mail"
	"candor/prompts"
)

// letterCorrection is the letter to a customer who is told by mail too.
const letterCorrection = "correction"

type letterData struct {
	Correction int64 `json:"correction"`
	Seq        int   `json:"seq"`
}

// composeLetter words the letter now: to whoever may still be written to, with
// the words that stand in the conversation where the address is known to be the
// customer's.
func (s *Service) composeLetter(ctx context.Context, o mail.Outgoing) (*mail.Letter, error) {
	var data letterData
	if err := json.Unmarshal(o.Data, &data); err != nil || o.Conversation == nil {
		return nil, fmt.Errorf("a letter without its correction: %w", err)
	}
	c, err := s.chat.Get(ctx, *o.Conversation)
	if err != nil {
		return nil, err
	}
	var may, proved bool
	var reference string
	err = s.db.QueryRow(ctx, `
		SELECT `+reachable+`, u.email_proved_at IS NOT NULL,
			coalesce((SELECT reference FROM cases k WHERE k.conversation_id = c.id ORDER BY k.id DESC LIMIT 1), '')
		FROM conversations c
		JOIN customers u ON u.id = c.customer_id
		WHERE c.id = $1`, c.ID).Scan(&may, &proved, &reference)
	if err != nil {
		return nil, fmt.Errorf("look for an address: %w", err)
	}
	if !may {
		return nil, s.dropped(ctx, o, data) // withdrawn meanwhile
	}
	profile, err := s.chat.Profile(ctx, c)
	if fault.Is(err, "conversation_erased") || err == nil && profile.Email == "" {
		return nil, s.dropped(ctx, o, data)
	}
	if err != nil {
		return nil, err
	}
	m, err := s.chat.Message(ctx, c, data.Seq)
	if err == nil && m.Redacted {
		return nil, s.dropped(ctx, o, data)
	}
	if err != nil {
		return nil, err
	}
	secret, err := s.chat.IssueLink(ctx, c.ID, profile.Email)
	if err != nil {
		return nil, err
	}
	letter, err := s.wordLetter(prompts.Locale(c.Locale), reference)
	if err != nil {
		return nil, err
	}
	if proved {
		letter.Lines = append(strings.Split(markdown.Plain(m.Text), "\n"), letter.Lines[len(letter.Lines)-1])
	}
	letter.To, letter.Link = profile.Email, s.url+"/return#"+secret
	return letter, nil
}

// wordLetter words the letter to an address that nobody has proved to be the
// customer's: who reads it there learns neither what they asked about nor what
// they were told.
func (s *Service) wordLetter(locale prompts.Locale, reference string) (*mail.Letter, error) {
	keys := []prompts.Key{prompts.MailCorrectionSubject, prompts.MailOpenLink, prompts.MailCorrection, "ui.reference", prompts.MailLinkDays}
	if reference == "" {
		keys = slices.Delete(keys, 3, 4)
	}
	args := prompts.Args{"org": s.chat.Company().Name, "ref": reference, "n": strconv.Itoa(int(chat.LinkLife.Hours() / 24))}
	texts := make([]string, len(keys))
	for i, key := range keys {
		var err error
		if texts[i], err = prompts.Render(locale, key, args); err != nil {
			return nil, err
		}
	}
	return &mail.Letter{Locale: locale, Subject: texts[0], Label: texts[1], Lines: texts[2:]}, nil
}

// dropped notes that no letter goes out after all.
func (s *Service) dropped(ctx context.Context, o mail.Outgoing, data letterData) error {
	_, err := s.db.Exec(ctx, "UPDATE corrected SET mail = 'none' WHERE correction_id = $1 AND conversation_id = $2", data.Correction, *o.Conversation)
	if err != nil {
		return fmt.Errorf("note a letter: %w", err)
	}
	return nil
}

type letterEntry struct {
	Correction int64  `json:"correction"`
	Action     string `json:"action"` // mail_sent, mail_failed
	Verdict    string `json:"verdict,omitempty"`
}

// letterEnded notes how it ended, in the conversation's record too.
func (s *Service) letterEnded(ctx context.Context, o mail.Outgoing, sent bool, words string) error {
	var data letterData
	if err := json.Unmarshal(o.Data, &data); err != nil || o.Conversation == nil {
		return fmt.Errorf("a letter without its correction: %w", err)
	}
	state, action := "sent", "mail_sent"
	if !sent {
		state, action = "failed", "mail_failed"
	}
	err := s.chat.Lock(ctx, *o.Conversation, func(l *chat.Locked) error {
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE corrected SET mail = $3 WHERE correction_id = $1 AND conversation_id = $2", data.Correction, l.ID, state)
		if err != nil {
			return fmt.Errorf("note a letter: %w", err)
		}
		return l.Record(chat.EntryLetter, letterEntry{Correction: data.Correction, Action: action, Verdict: words}, nil)
	})
	if fault.Is(err, "conversation_erased") { // nothing of it is recorded any more, and nobody waits for the letter
		return s.dropped(ctx, o, data)
	}
	return err
}
