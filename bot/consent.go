// SPDX-License-Identifier: MIT

package bot

import (
	"context"

	"candor/bot/triage"
	"candor/chat"
)

// Consent records what the customer agreed to and does it. When the bot comes
// back at an agent's proposal, it answers what was written since.
func (s *Service) Consent(ctx context.Context, conversationID int64, c chat.Consent) error {
	var turn *chat.Turn
	err := s.Chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		asked, err := s.Handoff.ConsentTx(ctx, l, c)
		if err != nil || asked == 0 || l.State != chat.StateBot {
			return err
		}
		turn, err = s.takeUp(ctx, l, asked)
		return err
	})
	if err == nil && turn != nil {
		s.start(*turn)
	}
	return err
}

// takeUp opens a turn for what the customer wrote after a message and no person
// has answered; nil when there is nothing.
func (s *Service) takeUp(ctx context.Context, l *chat.Locked, after int) (*chat.Turn, error) {
	list, err := s.Chat.RecentTx(ctx, l, after)
	if err != nil {
		return nil, err
	}
	first := 0
	for _, m := range list {
		switch {
		case m.Author == chat.AuthorAgent:
			first = 0
		case m.Author == chat.AuthorCustomer && m.NeedsTurn && first == 0 && !triage.Detect(m.Text).Thanks.Hit:
			first = m.Seq
		}
	}
	if first == 0 {
		return nil, nil //nolint:nilnil // nothing was asked: no turn is needed
	}
	l.Unsettle(first)
	return l.OpenTurn(ctx, s.holder(), s.Lease)
}

// FollowUp is what the customer says of a resolved case: that it is solved, or
// that it is not, with a word about it if they like, which is read as any message.
func (s *Service) FollowUp(ctx context.Context, conversationID int64, solved bool, m Message) error {
	if m.Text != "" {
		if err := chat.CheckText(m.Text); err != nil {
			return err
		}
	}
	var turn *chat.Turn
	err := s.Chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		known, err := l.FindPosted(ctx, chat.AuthorCustomer, m.ClientMessageID, m.Text)
		if err != nil || known != nil {
			return err
		}
		if err := s.Handoff.FollowUpTx(ctx, l, solved); err != nil || m.Text == "" {
			return err
		}
		_, turn, err = s.take(ctx, l, m, triage.Detect(m.Text))
		return err
	})
	if err == nil && turn != nil {
		s.start(*turn)
	}
	return err
}
