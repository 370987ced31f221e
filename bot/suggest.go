// SPDX-License-Identifier: MIT

package bot

import (
	"context"
	"fmt"
	"strings"

	"candor/bot/triage"
	"candor/chat"
	"candor/internal/markdown"
	"candor/internal/redact"
	"candor/internal/text"
	"candor/knowledge"
)

// Suggestion is what an agent might answer: sentences of one article, with their
// source. Nothing of it is said before a person has sent it.
type Suggestion struct {
	Text    string // Markdown; names the source where it has an address
	Source  chat.Citation
	Heading string
	Score   float64 // of the passage
	// Audience is whom the article is for. Barred: this customer is not among them, so
	// that it is not to be sent as it stands.
	Audience knowledge.Audience
	Barred   bool
}

// Suggestions are what the library has for what a customer asked last.
type Suggestions struct {
	Seqs       []int // the messages that were asked about
	Confidence float64
	List       []Suggestion
}

const (
	maxSuggestions = 3
	suggestReach   = 60 // messages back that a question may lie
	suggestSearch  = 12 // passages, of which several may be of one article
)

// Suggest looks in the live library for what the customer asked last, by search
// alone: no model writes it.
func (s *Service) Suggest(ctx context.Context, c chat.Conversation) (Suggestions, error) {
	out := Suggestions{Seqs: []int{}, List: []Suggestion{}}
	messages, err := s.Chat.Messages(ctx, c, max(0, c.LastSeq-suggestReach), suggestReach)
	if err != nil {
		return out, fmt.Errorf("read what was asked: %w", err)
	}
	asked := lastAsked(messages, c.Locale)
	if asked == nil {
		return out, nil
	}
	out.Seqs = append(out.Seqs, asked.Seq)
	query, _ := redact.Text(asked.Text)
	found, err := s.Knowledge.Search(ctx, knowledge.Query{Text: query, Lang: c.Locale, Limit: suggestSearch, For: knowledge.ForStaff})
	if err != nil {
		return out, err
	}
	// What an announcement stands in for is not true just now: nobody is to send it, a person no more than the bot.
	overridden, err := s.Knowledge.Overridden(ctx)
	if err != nil {
		return out, err
	}
	out.Confidence = s.Confidence.Score(found.Features)
	seen := map[int64]bool{}
	for _, p := range found.Passages {
		if overridden[p.ArticleID] || seen[p.ArticleID] || len(out.List) == maxSuggestions {
			continue
		}
		if suggestion, ok := suggest(query, c.Locale, p, readerOf(c)); ok {
			seen[p.ArticleID] = true
			out.List = append(out.List, suggestion)
		}
	}
	return out, nil
}

// lastAsked is the customer's last message that asks something else than for a
// person; nil when there is none.
func lastAsked(messages []chat.Message, locale string) *chat.Message {
	for i := len(messages) - 1; i >= 0; i-- {
		m := &messages[i]
		if m.Author != chat.AuthorCustomer || m.Redacted || len(text.Terms(m.Text, locale)) == 0 {
			continue
		}
		v := triage.Detect(m.Text)
		short := len(text.Terms(m.Text, locale)) < askingTerms
		if v.Greeting.Hit || v.Thanks.Hit || v.Bye.Hit || v.AskedIfHuman.Hit && short || v.HumanRequest.Hit && short {
			continue
		}
		return m
	}
	return nil
}

// suggest is what a passage says about the query, false when it says nothing.
func suggest(query, lang string, p knowledge.Passage, customer knowledge.Audience) (Suggestion, bool) {
	var words strings.Builder
	var quote string
	for _, b := range pick(query, lang, []knowledge.Passage{p}) {
		for i, sentence := range b.sentences {
			if quote == "" {
				quote = sentence
			}
			words.WriteString(b.lead(i))
			if i > 0 && !b.list {
				words.WriteByte(' ')
			}
			words.WriteString(sentence)
		}
	}
	answer := strings.TrimSpace(words.String())
	if answer == "" {
		return Suggestion{}, false
	}
	barred := !customer.MayRead(p.Audience)
	if p.URL != "" && !barred {
		answer += "\n\n[" + markdown.Literal(p.Title) + "](" + p.URL + ")"
	}
	return Suggestion{
		Text: answer, Heading: p.Heading, Score: p.Fused, Audience: p.Audience, Barred: barred,
		Source: chat.Citation{ArticleID: p.ArticleID, Version: p.Version, Title: p.Title, Quote: quote, URL: p.URL},
	}, true
}
