// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/mail"
	"candor/postgres"
	"candor/prompts"
)

// The letters to customers.
const (
	letterAnswer = "answer" // there is an answer, and the customer is not here to see it
	letterNews   = "news"   // it ended without one, or a promise was not kept; and they are not here either
	letterLink   = "link"   // the link they asked for
	letterOpened = "opened" // an agent has taken down what they said
)

const (
	// answerDelay is how long somebody who is just reading has until a letter
	// tells them of an answer; several answers in that time are one letter.
	answerDelay = 2 * time.Minute
	// pageOpenFor is how long a page that was open a moment ago counts as open.
	pageOpenFor = time.Minute
	// linksPerHour bounds the letters that strangers can cause with a reference
	// and an address that they know.
	linksPerHour = 4
)

type letterWords struct{ subject, text prompts.Key }

var letters = map[string]letterWords{
	letterAnswer: {prompts.MailAnswerSubject, prompts.MailAnswer},
	letterNews:   {prompts.MailNewsSubject, prompts.MailNews},
	letterLink:   {prompts.MailLinkSubject, prompts.MailLink},
	letterOpened: {prompts.MailOpenedSubject, prompts.MailOpened},
}

func (s *Service) handleLetters() {
	if s.mail == nil {
		return
	}
	for kind := range letters {
		s.mail.Handle(kind, mail.Handler{Compose: s.composeLetter, Ended: s.letterEnded})
	}
}

// TellTx queues a letter that there is an answer, for a customer who gave an
// address. Whether they are here is looked at when it is sent.
func (s *Service) TellTx(ctx context.Context, l *chat.Locked) error {
	return s.letterTx(ctx, l, letterAnswer, answerDelay)
}

// newsTx queues a letter that something else has become of their request.
func (s *Service) newsTx(ctx context.Context, l *chat.Locked) error {
	return s.letterTx(ctx, l, letterNews, answerDelay)
}

// resolvedNewsTx is newsTx when nobody has answered the customer's last word: of
// an answer they are told anyway.
func (s *Service) resolvedNewsTx(ctx context.Context, l *chat.Locked) error {
	tx, err := l.Tx(ctx)
	if err != nil || !s.mail.Enabled() {
		return err
	}
	var answered bool
	err = tx.QueryRow(ctx, `
		SELECT coalesce(max(seq) FILTER (WHERE author = 'agent'), 0) > coalesce(max(seq) FILTER (WHERE author = 'customer'), 0)
		FROM messages
		WHERE conversation_id = $1`, l.ID).Scan(&answered)
	if err != nil {
		return fmt.Errorf("look for an answer: %w", err)
	}
	if answered {
		return nil
	}
	return s.newsTx(ctx, l)
}

func (s *Service) letterTx(ctx context.Context, l *chat.Locked, kind string, after time.Duration) error {
	if !s.mail.Enabled() {
		return nil
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	var reachable bool
	if err := tx.QueryRow(ctx, "SELECT email_index IS NOT NULL FROM customers WHERE id = $1", l.CustomerID).Scan(&reachable); err != nil {
		return fmt.Errorf("look for an address: %w", err)
	}
	if !reachable {
		return nil
	}
	return s.mail.QueueTx(ctx, tx, mail.Queued{Kind: kind, Conversation: l.ID, After: after, Once: onceLetter(kind, l.ID)})
}

func onceLetter(kind string, conversation int64) string {
	return kind + ":" + strconv.FormatInt(conversation, 10)
}

// RequestLink sends a link to a customer who gives reference and address. The
// caller learns nothing: what is wrong does the same work and ends in no letter.
func (s *Service) RequestLink(ctx context.Context, reference, address string) error {
	index, err := s.chat.EmailIndex(address)
	if err != nil {
		return err
	}
	var conversation int64
	err = s.db.QueryRow(ctx, `
		SELECT c.id
		FROM cases k
		JOIN conversations c ON c.id = k.conversation_id
		JOIN customers u ON u.id = c.customer_id
		WHERE k.reference = $1 AND u.email_index = $2`, reference, index).Scan(&conversation)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return postgres.Away(fmt.Errorf("look for a conversation: %w", err))
	}
	return s.mail.Queue(ctx, mail.Queued{Kind: letterLink, Conversation: conversation, Once: onceLetter(letterLink, conversation)})
}

// composeLetter words a letter as things stand now. Its link is made now too, so
// that no secret lies in the outbox.
func (s *Service) composeLetter(ctx context.Context, o mail.Outgoing) (*mail.Letter, error) {
	if o.Conversation == nil {
		return nil, nil //nolint:nilnil // nobody to tell
	}
	conv, err := s.chat.Get(ctx, *o.Conversation)
	if err != nil {
		return nil, err
	}
	profile, err := s.chat.Profile(ctx, conv)
	if fault.Is(err, "conversation_erased") || err == nil && profile.Email == "" {
		return nil, nil //nolint:nilnil // erased, or no address: nobody to tell
	}
	if err != nil {
		return nil, err
	}
	if needless, err := s.needless(ctx, o); err != nil || needless {
		return nil, err
	}
	k, err := s.Latest(ctx, conv.ID)
	if fault.Is(err, "case_not_found") {
		return nil, nil //nolint:nilnil // nothing that a letter could name
	}
	if err != nil {
		return nil, err
	}
	secret, err := s.chat.IssueLink(ctx, conv.ID, profile.Email)
	if err != nil {
		return nil, err
	}
	return s.wordLetter(o.Kind, conv, k, profile.Email, s.url+"/return#"+secret)
}

func (s *Service) wordLetter(kind string, conv chat.Conversation, k Case, to, link string) (*mail.Letter, error) {
	locale, words := prompts.Locale(conv.Locale), letters[kind]
	args := prompts.Args{
		"org": s.chat.Company().Name, "ref": k.Reference, "n": strconv.Itoa(int(chat.LinkLife.Hours() / 24)),
	}
	texts := make([]string, 4)
	for i, key := range []prompts.Key{words.subject, words.text, prompts.MailLinkDays, prompts.MailOpenLink} {
		var err error
		if texts[i], err = prompts.Render(locale, key, args); err != nil {
			return nil, err
		}
	}
	return &mail.Letter{To: to, Locale: locale, Subject: texts[0], Lines: texts[1:3], Link: link, Label: texts[3]}, nil
}

// needless reports whether the customer is here to see the answer, or has been
// sent enough links.
func (s *Service) needless(ctx context.Context, o mail.Outgoing) (bool, error) {
	var here bool
	var links int
	err := s.db.QueryRow(ctx, `
		SELECT
			EXISTS (
				SELECT FROM customer_presence
				WHERE conversation_id = $1 AND left_at IS NULL AND seen_at > now() - $2::interval),
			(SELECT count(*) FROM mails WHERE conversation_id = $1 AND kind = $3 AND state = 'sent' AND ended_at > now() - interval '1 hour')`,
		*o.Conversation, pageOpenFor, letterLink).Scan(&here, &links)
	if err != nil {
		return false, fmt.Errorf("look for the customer: %w", err)
	}
	return (o.Kind == letterAnswer || o.Kind == letterNews) && here || o.Kind == letterLink && links >= linksPerHour, nil
}

type letterEntry struct {
	Reference string `json:"reference"`
	Action    string `json:"action"` // mail_sent, mail_failed
	Letter    string `json:"letter"`
	Verdict   string `json:"verdict,omitempty"`
}

// letterEnded records how a letter ended: an agent sees that it did not arrive.
func (s *Service) letterEnded(ctx context.Context, o mail.Outgoing, sent bool, words string) error {
	if o.Conversation == nil {
		return nil
	}
	k, err := s.Latest(ctx, *o.Conversation)
	if err != nil {
		return err
	}
	return s.chat.Lock(ctx, *o.Conversation, func(l *chat.Locked) error {
		e := letterEntry{Reference: k.Reference, Action: "mail_sent", Letter: o.Kind, Verdict: words}
		if !sent {
			e.Action = "mail_failed"
		}
		return l.Record(chat.EntryCase, e, nil)
	})
}
