// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"fmt"
)

// History is what was said before a message while nobody but the bot had the word.
type History struct {
	Customer []string // the customer's messages that the bot replied to, oldest first
	Turns    int      // how many turns the bot has taken
}

// historyReach is how many messages back a history looks.
const historyReach = 40

// History gives what the customer said to the bot before a message, since the
// last time a person had the word.
func (s *Service) History(ctx context.Context, l *Locked, before int) (History, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return History{}, err
	}
	var h History
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM turns WHERE conversation_id = $1 AND epoch = $2", l.ID, l.Epoch).Scan(&h.Turns); err != nil {
		return History{}, fmt.Errorf("count turns: %w", err)
	}
	list, err := s.messages(ctx, tx, l.Conversation, max(0, before-1-historyReach), historyReach)
	if err != nil {
		return History{}, err
	}
	var open []string
	for _, m := range list {
		switch {
		case m.Seq >= before:
		case m.Author == AuthorCustomer:
			open = append(open, m.Text)
		case m.Author == AuthorBot:
			h.Customer, open = append(h.Customer, open...), nil
		case m.Author == AuthorAgent:
			h.Customer, open = nil, nil
		}
	}
	return h, nil
}

// MessageTx gives one message, as the transaction sees it.
func (s *Service) MessageTx(ctx context.Context, l *Locked, seq int) (Message, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return Message{}, err
	}
	list, err := s.messages(ctx, tx, l.Conversation, seq-1, 1)
	if err != nil || len(list) == 0 {
		return Message{}, err
	}
	return list[0], nil
}

// RecentTx gives the messages after a seq, as the transaction sees them.
func (s *Service) RecentTx(ctx context.Context, l *Locked, after int) ([]Message, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return nil, err
	}
	return s.messages(ctx, tx, l.Conversation, after, max(0, l.LastSeq-after))
}
