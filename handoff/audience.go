// SPDX-License-Identifier: MIT

package handoff

import (
	"context"

	"candor/chat"
	"candor/internal/fault"
)

// Recipient is an open case of a cause, with what a reply to all would do there.
type Recipient struct {
	Listed

	Result  string   // sent; with_colleague: a note for them; incomplete: a variable has no value; erased: nobody is left to read it
	Text    string   // Markdown, as it would read there
	Missing []string // the variables without a value
}

// Audience tells who a reply to all open cases of a cause would reach, and how it
// would read there. Nothing is sent.
func (s *Service) Audience(ctx context.Context, causeID int64, by chat.Agent, text string) ([]Recipient, error) {
	list, err := s.Linked(ctx, causeID)
	if err != nil {
		return nil, err
	}
	all := []Recipient{}
	for _, k := range list {
		if k.State != StateWaiting && k.State != StateClaimed {
			continue
		}
		r, err := s.recipient(ctx, k, by, text)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func (s *Service) recipient(ctx context.Context, k Listed, by chat.Agent, text string) (Recipient, error) {
	r := Recipient{Listed: k, Result: "sent"}
	c, err := s.chat.Get(ctx, k.ConversationID)
	if err != nil {
		return r, err
	}
	values, err := s.values(ctx, c, k.Case, by)
	if fault.Is(err, "conversation_erased") {
		r.Result = "erased"
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.Text, r.Missing = fill(text, values)
	switch {
	case k.State == StateClaimed && *k.AgentID != by.ID:
		r.Result = "with_colleague"
	case len(r.Missing) > 0:
		r.Result = "incomplete"
	}
	return r, nil
}
