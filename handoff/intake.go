// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"slices"

	"candor/chat"
	"candor/internal/fault"
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
	created, err := s.chat.Create(ctx, in.Locale, in.Profile)
	if err != nil {
		return Case{}, err
	}
	var k Case
	err = s.chat.Lock(ctx, created.Conversation.ID, func(l *chat.Locked) error {
		k, err = s.takeInTx(ctx, l, in, agent)
		return err
	})
	s.mail.Wake()
	return k, err
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
	tx, err := l.Tx(ctx)
	if err != nil {
		return Case{}, err
	}
	if _, err := tx.Exec(ctx, "UPDATE cases SET channel = $2, reply_by_email_at = CASE WHEN $3 THEN now() END WHERE id = $1", k.ID, in.Channel, in.Profile.Email != ""); err != nil {
		return Case{}, fmt.Errorf("note the channel: %w", err)
	}
	entry := intakeEntry{Reference: k.Reference, Action: "opened", AgentID: &agent.ID, Channel: in.Channel, Mail: in.Profile.Email != ""}
	if err := l.Record(chat.EntryCase, entry, nil); err != nil {
		return Case{}, err
	}
	return k, s.letterTx(ctx, l, letterOpened, 0)
}

// Channel is how a case came in.
func (s *Service) Channel(ctx context.Context, caseID int64) (string, error) {
	var channel string
	if err := s.db.QueryRow(ctx, "SELECT channel FROM cases WHERE id = $1", caseID).Scan(&channel); err != nil {
		return "", fmt.Errorf("read a channel: %w", err)
	}
	return channel, nil
}
