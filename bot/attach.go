// SPDX-License-Identifier: MIT

package bot

import (
	"context"

	"candor/chat"
	"candor/prompts"
)

// Attach takes in a file of the customer. The bot reads no files and says so; a
// person who has the conversation, or will, sees it.
func (s *Service) Attach(ctx context.Context, conversationID int64, u chat.Upload) (m chat.Message, err error) {
	err = s.Chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		if m, err = l.AttachCustomer(ctx, u); err != nil {
			return err
		}
		if err := s.Handoff.WroteTx(ctx, l); err != nil {
			return err
		}
		if l.State == chat.StateBot {
			return s.say(ctx, l, prompts.AttachmentReceived, nil)
		}
		return nil
	})
	return m, err
}
