// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/postgres"
)

// maxEarlier is how many earlier cases a packet names.
const maxEarlier = 10

// earlierRow is a row of the query of Earlier.
type earlierRow struct {
	ID             int64
	ConversationID int64
	PublicID       string
	KeyID          string
	Reference      string
	Reason         Reason
	State          State
	Outcome        *string
	Agent          *string
	PreviewSeq     int
	EnqueuedAt     time.Time
	ResolvedAt     *time.Time
	Same           string
	Merged         bool
}

// Earlier gives the other cases of a case's customer, the newest first: of the
// same conversation, of the same customer, which two are who have both proved one
// address or whom the company's shop knows by one name, and of whoever gave the
// same address, which nobody has proved to be theirs.
func (s *Service) Earlier(ctx context.Context, c chat.Conversation, k Case) ([]PacketCase, error) {
	rows, err := s.db.Query(ctx, `
		WITH me AS (SELECT id, email_index, email_proved_at, subject_index FROM customers WHERE id = $1),
		known AS (
			SELECT id, 'customer' AS how FROM me
			UNION ALL
			SELECT u.id, 'customer' FROM customers u JOIN me ON u.subject_index = me.subject_index WHERE u.id <> me.id
			UNION ALL
			SELECT u.id, CASE WHEN u.email_proved_at IS NOT NULL AND me.email_proved_at IS NOT NULL THEN 'customer' ELSE 'email' END
			FROM customers u
			JOIN me ON u.email_index = me.email_index
			WHERE u.id <> me.id),
		same AS (SELECT id, min(how) AS how FROM known GROUP BY id) -- 'customer' before 'email'
		SELECT k.id, k.conversation_id, c.public_id, u.key_id, k.reference, k.reason, k.state, k.outcome, a.name,
			coalesce((k.evidence->0->>'message_id')::int, p.message_seq, 1), k.enqueued_at, k.resolved_at,
			CASE WHEN c.id = $2 THEN 'conversation' ELSE same.how END, k.merged_into IS NOT DISTINCT FROM $3::bigint
		FROM same
		JOIN conversations c ON c.customer_id = same.id
		JOIN customers u ON u.id = c.customer_id
		JOIN cases k ON k.conversation_id = c.id
		LEFT JOIN accounts a ON a.id = k.agent_id
		LEFT JOIN complaints p ON p.case_id = k.id
		WHERE k.id <> $3
		ORDER BY k.id DESC
		LIMIT $4`, c.CustomerID, c.ID, k.ID, maxEarlier)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read earlier cases: %w", err))
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[earlierRow])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read earlier cases: %w", err))
	}
	refs := make([]chat.TextRef, len(found))
	for i, e := range found {
		refs[i] = chat.TextRef{ConversationID: e.ConversationID, PublicID: e.PublicID, KeyID: e.KeyID, Seq: e.PreviewSeq}
	}
	texts, err := s.chat.Texts(ctx, refs)
	if err != nil {
		return nil, err
	}
	list := make([]PacketCase, len(found))
	for i, e := range found {
		list[i] = PacketCase{
			CaseID: strconv.FormatInt(e.ID, 10), ConversationID: e.PublicID, Reference: e.Reference, Reason: e.Reason, State: e.State,
			Preview: shorten(texts[i], previewLimit), OpenedAt: e.EnqueuedAt.UTC(), ResolvedAt: e.ResolvedAt, SameCustomer: e.Same, Merged: e.Merged,
		}
		if e.Outcome != nil {
			list[i].Outcome = *e.Outcome
		}
		if e.Agent != nil {
			list[i].Agent = *e.Agent
		}
	}
	return list, nil
}

// LaterEvidence is what came up while a case was open already: a complaint, say,
// of a customer who had asked for a person.
func (s *Service) LaterEvidence(ctx context.Context, c chat.Conversation, k Case) ([]Evidence, error) {
	entries, err := s.chat.Decisions(ctx, c, chat.EntryHandoff)
	if err != nil {
		return nil, err
	}
	var later []Evidence
	for _, e := range entries {
		var body handoffEntry
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return nil, fmt.Errorf("read why a person was called: %w", err)
		}
		for _, found := range body.Evidence {
			if body.Reference == k.Reference && !slices.Contains(k.Evidence, found) && !slices.Contains(later, found) {
				later = append(later, found)
			}
		}
	}
	return later, nil
}
