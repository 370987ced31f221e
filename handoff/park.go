// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"

	"candor/chat"
	"candor/prompts"
)

// waitTx lets the agent's case wait for the customer: it takes up nobody until
// they write.
func (s *Service) waitTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent) error {
	if l.State == chat.StateWaitingCustomer {
		return nil
	}
	if err := l.Move(ctx, chat.StateWaitingCustomer, nil); err != nil {
		return err
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE cases SET paused_at = now(), updated_at = now() WHERE id = $1", k.ID); err != nil {
		return fmt.Errorf("wait for the customer: %w", err)
	}
	k.PausedAt = &l.Now
	if err := s.say(l, "waiting_customer", prompts.CaseWaitingCustomer, prompts.Args{"ref": k.Reference}); err != nil {
		return err
	}
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "waiting_customer", AgentID: &agent.ID}, nil)
}
