// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"

	"candor/chat"
)

// Attach adds a file of the agent who has the case.
func (s *Service) Attach(ctx context.Context, caseID int64, agent chat.Agent, u chat.Upload) (m chat.Message, err error) {
	_, err = s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := mine(*k, agent); err != nil {
			return err
		}
		if l.State == chat.StateWaitingCustomer {
			if err := s.pauseTx(ctx, l, k, false); err != nil {
				return err
			}
			if err := l.Move(ctx, chat.StateHuman, &agent); err != nil {
				return err
			}
		}
		if m, err = l.AttachAgent(ctx, agent, u); err != nil {
			return err
		}
		l.Settle()
		return errors.Join(s.wordTx(ctx, l, *k), s.TellTx(ctx, l), s.firstWordTx(ctx, l, k))
	})
	return m, err
}

// firstWordTx notes the first word of an agent.
func (s *Service) firstWordTx(ctx context.Context, l *chat.Locked, k *Case) error {
	if k.AnsweredAt != nil {
		return nil
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE cases SET answered_at = now(), updated_at = now() WHERE id = $1", k.ID); err != nil {
		return fmt.Errorf("note the first answer: %w", err)
	}
	k.AnsweredAt = &l.Now
	return nil
}
