// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"

	"candor/chat"
	"candor/internal/fault"
	"candor/prompts"
)

// outcomeMerged is how a case ends that goes on in another one of the same
// customer. No agent chooses it.
const outcomeMerged = "merged"

// Merge lets a case go on in another case of the same customer: its conversation
// is closed with a word that names the other, whose packet leads back to it.
// Nothing is moved and nothing is lost. What was interrupted is finished by
// calling it again.
func (s *Service) Merge(ctx context.Context, caseID int64, by Actor, intoID int64) (Case, error) {
	into, err := s.Case(ctx, intoID)
	if err != nil {
		return Case{}, err
	}
	k, err := s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if k.MergedInto != nil && *k.MergedInto == intoID {
			return nil // done before
		}
		if err := s.mergeable(ctx, l, *k, by, into); err != nil {
			return err
		}
		return s.mergeTx(ctx, l, k, by.Agent, into)
	})
	if err != nil {
		return Case{}, err
	}
	return s.change(ctx, intoID, func(l *chat.Locked, into *Case) error { return s.mergedTx(ctx, l, *into, k, by.Agent) })
}

// mergeable refuses what must not be joined.
func (s *Service) mergeable(ctx context.Context, l *chat.Locked, k Case, by Actor, into Case) error {
	if err := answers(k, by); err != nil {
		return err
	}
	if into.ConversationID == k.ConversationID || into.State != StateWaiting && into.State != StateClaimed {
		return fault.Conflict("not_mergeable", "Case %s cannot take another one in: it is not open, or of the same conversation.", into.Reference)
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	var same, grave bool
	err = tx.QueryRow(ctx, `
		SELECT a.id = b.id OR coalesce(a.email_index = b.email_index, false),
			EXISTS (SELECT FROM complaints WHERE case_id = $3) AND NOT EXISTS (SELECT FROM complaints WHERE case_id = $4)
		FROM customers a, conversations other
		JOIN customers b ON b.id = other.customer_id
		WHERE a.id = $1 AND other.id = $2`, l.CustomerID, into.ConversationID, k.ID, into.ID).Scan(&same, &grave)
	switch {
	case err != nil:
		return fmt.Errorf("compare two customers: %w", err)
	case !same:
		return fault.Conflict("not_same_customer", "The two cases are not known to be of the same customer.")
	case grave:
		return fault.Conflict("complaint_is_open", "Case %s is a complaint; merge the other one into it.", k.Reference)
	}
	return nil
}

// mergeTx ends the case that goes on elsewhere, and closes its conversation.
func (s *Service) mergeTx(ctx context.Context, l *chat.Locked, k *Case, by chat.Agent, into Case) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	outcome := outcomeMerged
	_, err = tx.Exec(ctx, `
		UPDATE cases
		SET state = 'resolved', outcome = $2, merged_into = $3, resolved_at = now(), snoozed_until = NULL, updated_at = now()
		WHERE id = $1`, k.ID, outcome, into.ID)
	if err != nil {
		return fmt.Errorf("merge a case: %w", err)
	}
	k.State, k.Outcome, k.MergedInto, k.ResolvedAt, k.SnoozedUntil = StateResolved, &outcome, &into.ID, &l.Now, nil
	if err := s.say(l, "merged", prompts.CaseMerged, prompts.Args{"ref": k.Reference, "other": into.Reference}); err != nil {
		return err
	}
	if err := s.recordWork(l, workEntry{Reference: k.Reference, Action: "merged", AgentID: &by.ID, Other: into.Reference}, ""); err != nil {
		return err
	}
	return l.Move(ctx, chat.StateClosed, nil)
}

// mergedTx tells the customer in the conversation that goes on, once.
func (s *Service) mergedTx(ctx context.Context, l *chat.Locked, into, k Case, by chat.Agent) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	var told bool
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM log
			WHERE conversation_id = $1 AND kind = $2 AND body->>'action' = 'took_in' AND body->>'other' = $3)`,
		l.ID, chat.EntryCase, k.Reference).Scan(&told)
	if err != nil || told {
		return err
	}
	if err := s.say(l, "merged_here", prompts.CaseMergedHere, prompts.Args{"ref": into.Reference, "other": k.Reference}); err != nil {
		return err
	}
	return s.recordWork(l, workEntry{Reference: into.Reference, Action: "took_in", AgentID: &by.ID, Other: k.Reference}, "")
}
