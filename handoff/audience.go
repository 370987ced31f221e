// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"slices"

	"candor/chat"
)

// Recipient is an open case of a cause, with what a reply to all would do there.
type Recipient struct {
	Listed

	Result  string   // sent; with_colleague: a note for them; incomplete: a variable has no value; erased: nobody is left to read it
	Text    string   // Markdown, as it would read there
	Missing []string // the variables without a value
}

// Audience tells who a reply to all open cases of a cause would reach, and how it
// would read there, in a few queries however many they are. Nothing is sent.
func (s *Service) Audience(ctx context.Context, causeID int64, by chat.Agent, text string) ([]Recipient, error) {
	list, err := s.Linked(ctx, causeID)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(k Listed) bool { return k.State != StateWaiting && k.State != StateClaimed })
	ids := make([]int64, len(list))
	for i, k := range list {
		ids[i] = k.ConversationID
	}
	profiles, err := s.chat.Profiles(ctx, ids)
	if err != nil {
		return nil, err
	}
	all := make([]Recipient, len(list))
	for i, k := range list {
		all[i] = recipient(k, profiles[i], by, text)
	}
	return all, nil
}

// recipient tells how a reply would read in a case; without a profile its customer was erased.
func recipient(k Listed, profile *chat.Profile, by chat.Agent, text string) Recipient {
	r := Recipient{Listed: k, Result: "sent"}
	if profile == nil {
		r.Result = "erased"
		return r
	}
	r.Text, r.Missing = fill(text, valuesOf(*profile, k.Case, by))
	switch {
	case k.State == StateClaimed && *k.AgentID != by.ID:
		r.Result = "with_colleague"
	case len(r.Missing) > 0:
		r.Result = "incomplete"
	}
	return r
}
