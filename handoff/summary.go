// SPDX-License-Identifier: MIT

package handoff

import (
	"context"

	"candor/chat"
	"candor/internal/fault"
	"candor/prompts"
)

// EventCorrection marks the message with which a customer corrects the summary.
const EventCorrection = "summary_correction"

// Summary is what the customer may see of what was understood.
type Summary struct {
	Case        Case
	Issue       *PacketLine
	Facts       []PacketFact
	Corrections []PacketLine
}

// summaryReach is how many messages of a conversation a summary reads.
const summaryReach = 500

// Summary gives a conversation's summary, from the customer's own words alone.
func (s *Service) Summary(ctx context.Context, c chat.Conversation) (Summary, error) {
	k, err := s.Latest(ctx, c.ID)
	if err != nil {
		return Summary{}, err
	}
	messages, err := s.chat.Messages(ctx, c, 0, summaryReach)
	if err != nil {
		return Summary{}, err
	}
	packet := NewPacket(PacketSources{Case: k, Conversation: c, Messages: messages})
	summary := Summary{Case: k, Issue: packet.Issue, Facts: packet.Facts, Corrections: []PacketLine{}}
	for _, m := range messages {
		if m.Event == EventCorrection {
			summary.Corrections = append(summary.Corrections, PacketLine{Text: m.Text, Seqs: []int{m.Seq}})
		}
	}
	return summary, nil
}

// Correct adds the customer's correction of the summary, in their words, to the
// case; a resolved one is opened again.
func (s *Service) Correct(ctx context.Context, conversationID int64, text string) (m chat.Message, err error) {
	err = s.chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		k, err := readLatestTx(ctx, l)
		if err != nil {
			return err
		}
		if err := s.RefuseBlockedTx(ctx, l); err != nil {
			return err
		}
		if l.Owner == chat.OwnerBot {
			return fault.Conflict("nothing_to_correct", "No person has this conversation. Please write to the assistant, or ask for a person.")
		}
		if m, err = l.PostCustomer(ctx, chat.CustomerMessage{Text: text, NoTurn: true, Event: EventCorrection}); err != nil {
			return err
		}
		if err := s.WroteTx(ctx, l); err != nil {
			return err
		}
		return s.say(l, "summary_corrected", prompts.SummaryCorrected, prompts.Args{"ref": k.Reference})
	})
	return m, err
}

func readLatestTx(ctx context.Context, l *chat.Locked) (Case, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return Case{}, err
	}
	return readCase(ctx, tx, "k.conversation_id = $1 AND k.state <> 'withdrawn' ORDER BY k.id DESC LIMIT 1", l.ID)
}
