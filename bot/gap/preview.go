// SPDX-License-Identifier: MIT

package gap

import (
	"context"

	"candor/chat"
	"candor/internal/fault"
)

// Preview is what a customer's message would be as a golden question.
type Preview struct {
	Text     string // personal data taken out
	Lang     string
	Articles []chat.Citation // what the bot answered it from, each article once
}

// previewReach is how far behind a question its answer may lie, in messages.
const previewReach = 10

// Preview reads a message of a customer, and what the bot said to it.
func (s *Service) Preview(ctx context.Context, c chat.Conversation, seq int) (Preview, error) {
	list, err := s.Chat.Messages(ctx, c, seq-1, previewReach)
	if err != nil {
		return Preview{}, err
	}
	if len(list) == 0 || list[0].Seq != seq {
		return Preview{}, fault.NotFound("message_not_found", "There is no message %d in this conversation.", seq)
	}
	if list[0].Author != chat.AuthorCustomer || list[0].Redacted {
		return Preview{}, fault.Invalid("not_a_question", "Message %d is not the customer's, or its words were removed.", seq)
	}
	who, err := s.Chat.Profile(ctx, c)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Text: essence(clean(list[0].Text, who))}
	p.Lang = language(p.Text, c.Locale)
	seen := map[int64]bool{}
	for _, m := range list[1:] {
		if m.Author != chat.AuthorBot {
			continue
		}
		for _, cited := range m.Citations {
			if !seen[cited.ArticleID] {
				seen[cited.ArticleID] = true
				p.Articles = append(p.Articles, cited)
			}
		}
		break
	}
	return p, nil
}
