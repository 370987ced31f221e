// SPDX-License-Identifier: MIT

package bot

import (
	"context"
	"fmt"
	"strings"

	"candor/bot/triage"
	"candor/chat"
	"candor/internal/redact"
	"candor/internal/text"
	"candor/knowledge"
	"candor/prompts"
)

// question is what the customer wants to know, personal data taken out: this is
// what is searched for, and all that a model provider ever sees of the customer.
type question struct {
	Text    string // what was asked in this turn
	Before  string // the question before, when this one is so short that it may lean on it
	Query   string // what was searched for
	Locale  prompts.Locale
	LastSeq int
	Upset   bool
}

// leaningTerms is how few words of its own make a question lean on the one before.
const leaningTerms = 2

// passageLimit is how many passages an answer may rest on.
const passageLimit = 8

// ask reads what the turn is to answer.
func (s *Service) ask(ctx context.Context, t *turn) (question, error) {
	list, err := s.Chat.Messages(ctx, t.conversation, max(0, t.FromSeq-2-leanBack), t.ToSeq-max(0, t.FromSeq-2-leanBack))
	if err != nil {
		return question{}, fmt.Errorf("read the question: %w", err)
	}
	q := question{Locale: prompts.Locale(t.conversation.Locale), LastSeq: t.ToSeq}
	var asked []string
	var before string
	for _, m := range list {
		switch {
		case m.Author == chat.AuthorAgent:
			before = "" // what was said to a person is not the bot's business
		case m.Author != chat.AuthorCustomer || !m.NeedsTurn:
		case m.Seq >= t.FromSeq:
			asked = append(asked, m.Text)
			q.Upset = q.Upset || triage.Detect(m.Text).Upset.Hit
		default:
			before = m.Text
		}
	}
	q.Text, _ = redact.Text(strings.Join(asked, "\n"))
	q.Query = q.Text
	if len(text.Terms(q.Text, string(q.Locale))) <= leaningTerms {
		q.Before, _ = redact.Text(before)
	}
	return q, nil
}

// leanBack is how many messages back the question before may lie.
const leanBack = 6

// retrieve searches the live index. A short question that finds little alone is
// asked again together with the one before it ("and in Spain?").
func (s *Service) retrieve(ctx context.Context, t *turn) (knowledge.Result, error) {
	defer t.timings.retrieved()
	found, err := s.search(ctx, t, t.question.Text)
	if err != nil || t.question.Before == "" || s.Confidence.Score(found.Features) >= s.Confidence.Answer() {
		return found, err
	}
	both := t.question.Before + "\n" + t.question.Text
	together, err := s.search(ctx, t, both)
	if err != nil || s.Confidence.Score(together.Features) <= s.Confidence.Score(found.Features) {
		return found, err
	}
	t.question.Query = both
	return together, nil
}

// readerOf is as whom the customer of a conversation is answered.
func readerOf(c chat.Conversation) knowledge.Audience {
	if c.SignedIn {
		return knowledge.ForSignedIn
	}
	return knowledge.ForEveryone
}

// MayRead tells whether the customer of a conversation may be told what an article says.
func (s *Service) MayRead(ctx context.Context, c chat.Conversation, article int64) (bool, error) {
	audience, err := s.Knowledge.AudienceOf(ctx, article)
	return readerOf(c).MayRead(audience), err
}

func (s *Service) search(ctx context.Context, t *turn, query string) (knowledge.Result, error) {
	found, err := s.Knowledge.Search(ctx, knowledge.Query{Text: query, Lang: string(t.question.Locale), Limit: passageLimit, Draft: t.draft, Drafts: t.drafts, For: t.reader})
	if err != nil {
		s.Logger.Error("search failed; a person is called", "turn", t.ID, "error", err)
	}
	return found, err
}
