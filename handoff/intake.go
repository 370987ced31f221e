// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/postgres"
)

// Channels are how somebody may have come whom an agent opens a case for.
var channels = []string{"phone", "email", "letter", "visit"}

// Intake is what an agent takes down for somebody who phoned, wrote or came by.
type Intake struct {
	Channel   string
	Profile   chat.Profile
	Consent   bool // they agreed to be written to
	Locale    string
	Text      string
	Complaint bool
	Take      bool   // the agent has the case from the beginning, and it waits for nobody
	ClientID  string // of the agent's program: the case is opened once under it; may be empty
}

type intakeEntry struct {
	Reference string `json:"reference"`
	Action    string `json:"action"` // opened
	AgentID   *int64 `json:"agent_id,omitempty"`
	Channel   string `json:"channel"`
	Mail      bool   `json:"mail"` // the customer agreed to be written to
}

// TakeIn opens a case as if the customer had written here: the same log, the same
// queue, the same register of complaints and the same clocks. Their words, as the
// agent took them down, are their message.
func (s *Service) TakeIn(ctx context.Context, in Intake, agent chat.Agent) (Case, error) {
	switch {
	case !slices.Contains(channels, in.Channel):
		return Case{}, fault.Invalid("unknown_channel", "%q is not a channel; choose one of %v.", in.Channel, channels)
	case in.Profile.Email != "" && !in.Consent:
		return Case{}, fault.Invalid("consent_missing", "An address is kept only when the customer agreed to be written to.")
	}
	if err := chat.CheckText(in.Text); err != nil {
		return Case{}, err
	}
	if k, found, err := s.takenIn(ctx, in, agent); err != nil || found {
		return k, err
	}
	created, err := s.chat.Create(ctx, in.Locale, in.Profile)
	if err != nil {
		return Case{}, err
	}
	var k Case
	err = s.chat.Lock(ctx, created.Conversation.ID, func(l *chat.Locked) error {
		k, err = s.takeInTx(ctx, l, in, agent)
		return err
	})
	if postgres.IsUnique(err, "intake_ids_pkey") { // the same at the same time: it is there now
		k, _, err = s.takenIn(ctx, in, agent)
	}
	s.mail.Wake()
	return k, err
}

// takenIn is the case that the agent has opened before under the same id.
func (s *Service) takenIn(ctx context.Context, in Intake, agent chat.Agent) (k Case, found bool, err error) {
	if in.ClientID == "" {
		return Case{}, false, nil
	}
	var id int64
	err = s.db.QueryRow(ctx, "SELECT case_id FROM intake_ids WHERE account_id = $1 AND client_case_id = $2", agent.ID, in.ClientID).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Case{}, false, nil
	}
	if err != nil {
		return Case{}, false, fmt.Errorf("look for a repeated case: %w", postgres.Away(err))
	}
	k, err = s.Case(ctx, id)
	return k, true, err
}

func (s *Service) takeInTx(ctx context.Context, l *chat.Locked, in Intake, agent chat.Agent) (Case, error) {
	m, err := l.PostCustomer(ctx, chat.CustomerMessage{Text: in.Text, NoTurn: true, Event: "by_" + in.Channel})
	if err != nil {
		return Case{}, err
	}
	r := Request{Reason: ReasonCustomerRequest, Evidence: []Evidence{{MessageSeq: m.Seq, Detector: "agent", Score: 1, Rule: in.Channel}}}
	if in.Complaint {
		r.Reason, r.Complaint = ReasonComplaint, &m
	}
	k, err := s.OpenTx(ctx, l, r)
	if err != nil {
		return Case{}, err
	}
	if err := noteIntakeTx(ctx, l, k, in, agent); err != nil {
		return Case{}, err
	}
	entry := intakeEntry{Reference: k.Reference, Action: "opened", AgentID: &agent.ID, Channel: in.Channel, Mail: in.Profile.Email != ""}
	if err := l.Record(chat.EntryCase, entry, nil); err != nil {
		return Case{}, err
	}
	if err := s.letterTx(ctx, l, letterOpened, 0); err != nil {
		return Case{}, err
	}
	if in.Take {
		err = s.claimTx(ctx, l, &k, agent)
	}
	return k, err
}

// noteIntakeTx notes how the case came in, and under which id it was opened.
func noteIntakeTx(ctx context.Context, l *chat.Locked, k Case, in Intake, agent chat.Agent) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE cases SET channel = $2, reply_by_email_at = CASE WHEN $3 THEN now() END WHERE id = $1", k.ID, in.Channel, in.Profile.Email != ""); err != nil {
		return fmt.Errorf("note the channel: %w", err)
	}
	if in.ClientID == "" {
		return nil
	}
	if _, err := tx.Exec(ctx, "INSERT INTO intake_ids (account_id, client_case_id, case_id) VALUES ($1, $2, $3)", agent.ID, in.ClientID, k.ID); err != nil {
		return fmt.Errorf("remember a case: %w", err)
	}
	return nil
}

// Channel is how a case came in.
func (s *Service) Channel(ctx context.Context, caseID int64) (string, error) {
	var channel string
	if err := s.db.QueryRow(ctx, "SELECT channel FROM cases WHERE id = $1", caseID).Scan(&channel); err != nil {
		return "", fmt.Errorf("read a channel: %w", err)
	}
	return channel, nil
}
