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

// Into is the case that another one goes on in.
type Into struct {
	CaseID int64
	// SameCustomer says that the agent has made sure that both are of one customer,
	// where the two gave one address and it is not proved to be theirs.
	SameCustomer bool
}

// Merge lets a case go on in another case of the same customer: its conversation
// is closed with a word that names the other, whose packet leads back to it.
// Nothing is moved and nothing is lost. What was interrupted is finished by
// calling it again.
func (s *Service) Merge(ctx context.Context, caseID int64, by Actor, to Into) (Case, error) {
	intoID := to.CaseID
	into, err := s.Case(ctx, intoID)
	if err != nil {
		return Case{}, err
	}
	k, err := s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if k.MergedInto != nil && *k.MergedInto == intoID {
			return nil // done before
		}
		known, err := s.mergeable(ctx, l, *k, by, into)
		switch {
		case err != nil:
			return err
		case known == knownByAddress && !to.SameCustomer:
			return fault.Conflict("address_not_proved", "The two gave the same address, and nobody has shown that it is theirs. Make sure that they are one customer, and say so.")
		}
		return s.mergeTx(ctx, l, k, by.Agent, into, known)
	})
	if err != nil {
		return Case{}, err
	}
	return s.change(ctx, intoID, func(l *chat.Locked, into *Case) error { return s.mergedTx(ctx, l, *into, k, by.Agent) })
}

// How it is known that two cases are of one customer, as the record has it.
const (
	knownAsOne     = "customer"
	knownByProof   = "proved_address"
	knownByAddress = "address" // nobody has proved it; an agent has made sure
)

// sameCustomer tells of two customers how they are known to be one. An address
// that somebody gave is not known to be theirs: it is proved by a link that was
// mailed there and opened, or by the company's shop, which vouches for it; the
// name under which the shop knows a customer is proof of itself.
const sameCustomer = `CASE
	WHEN a.id = b.id THEN '` + knownAsOne + `'
	WHEN a.subject_index = b.subject_index THEN '` + knownByProof + `'
	WHEN a.email_index = b.email_index AND a.email_proved_at IS NOT NULL AND b.email_proved_at IS NOT NULL THEN '` + knownByProof + `'
	WHEN a.email_index = b.email_index THEN '` + knownByAddress + `'
	ELSE '' END`

// mergeable refuses what must not be joined, and tells how the two are known to
// be of one customer.
func (s *Service) mergeable(ctx context.Context, l *chat.Locked, k Case, by Actor, into Case) (known string, err error) {
	if err := answers(k, by); err != nil {
		return "", err
	}
	if into.ConversationID == k.ConversationID || into.State != StateWaiting && into.State != StateClaimed {
		return "", fault.Conflict("not_mergeable", "Case %s cannot take another one in: it is not open, or of the same conversation.", into.Reference)
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return "", err
	}
	var grave bool
	err = tx.QueryRow(ctx, `
		SELECT `+sameCustomer+`,
			EXISTS (SELECT FROM complaints WHERE case_id = $3) AND NOT EXISTS (SELECT FROM complaints WHERE case_id = $4)
		FROM customers a, conversations other
		JOIN customers b ON b.id = other.customer_id
		WHERE a.id = $1 AND other.id = $2`, l.CustomerID, into.ConversationID, k.ID, into.ID).Scan(&known, &grave)
	switch {
	case err != nil:
		return "", fmt.Errorf("compare two customers: %w", err)
	case known == "":
		return "", fault.Conflict("not_same_customer", "The two cases are not known to be of the same customer.")
	case grave:
		return "", fault.Conflict("complaint_is_open", "Case %s is a complaint; merge the other one into it.", k.Reference)
	}
	return known, nil
}

// mergeTx ends the case that goes on elsewhere, and closes its conversation.
func (s *Service) mergeTx(ctx context.Context, l *chat.Locked, k *Case, by chat.Agent, into Case, known string) error {
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
	if err := s.recordWork(l, workEntry{Reference: k.Reference, Action: "merged", AgentID: &by.ID, Other: into.Reference, KnownBy: known}, ""); err != nil {
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
