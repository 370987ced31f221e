// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/postgres"
)

// Status is what a customer may know of the handoff of their conversation.
type Status struct {
	Case      *Case // the newest one that was not withdrawn; nil when there is none
	Place     Place
	AgentName string // of the agent who has it
	Assist    bool   // the bot answers while they wait
	Typing    bool   // the agent is writing
	Asked     bool   // the agent proposed that the bot goes on, and waits for the customer's word
}

// statusRow is a case with what else its customer may know.
type statusRow struct {
	Case
	AgentName *string
	Typing    bool
	Assist    bool
	Asked     bool
}

// Status reads the handoff of a conversation as it stands.
func (s *Service) Status(ctx context.Context, c chat.Conversation) (Status, error) {
	var st Status
	rows, err := s.db.Query(ctx, `
		SELECT `+caseColumns+`, a.name, coalesce(k.typing_until > now(), false),
			coalesce((
				SELECT given
				FROM consents
				WHERE conversation_id = $1 AND purpose = $2 AND epoch = $3
				ORDER BY id DESC
				LIMIT 1), false),
			EXISTS (SELECT FROM return_proposals WHERE conversation_id = $1 AND epoch = $3 AND answered_at IS NULL)
		FROM cases k
		LEFT JOIN accounts a ON a.id = k.agent_id
		WHERE k.conversation_id = $1 AND k.state <> 'withdrawn'
		ORDER BY k.id DESC
		LIMIT 1`, c.ID, chat.PurposeAssistWhileWaiting, c.Epoch)
	if err != nil {
		return st, postgres.Away(fmt.Errorf("read a handoff: %w", err))
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[statusRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return st, nil
	}
	if err != nil {
		return st, postgres.Away(fmt.Errorf("read a handoff: %w", err))
	}
	st.Case, st.Typing, st.Assist, st.Asked = &row.Case, row.Typing, row.Assist, row.Asked && c.Owner == chat.OwnerAgent
	if row.AgentName != nil {
		st.AgentName = *row.AgentName
	}
	st.Assist = st.Assist && c.Owner == chat.OwnerQueue
	if st.Place, err = s.Place(ctx, row.Case); err != nil {
		return st, err
	}
	return st, nil
}

// typingHolds is how long one keystroke shows; a page repeats it while typing
// goes on, so the sign cannot stick.
const typingHolds = 6 * time.Second

// Typing tells the customer that the agent is writing.
func (s *Service) Typing(ctx context.Context, caseID int64, agent chat.Agent) error {
	var conversation int64
	err := s.db.QueryRow(ctx, `
		UPDATE cases
		SET typing_until = now() + $3::interval
		WHERE id = $1 AND agent_id = $2 AND state = 'claimed'
		RETURNING conversation_id`, caseID, agent.ID, typingHolds).Scan(&conversation)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.Conflict("not_your_case", "This case is not yours; claim it first.")
	}
	if err != nil {
		return postgres.Away(fmt.Errorf("note typing: %w", err))
	}
	s.chat.Touch(conversation)
	return nil
}
