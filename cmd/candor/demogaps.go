// SPDX-License-Identifier: MIT

package main

import (
	"context"

	"candor/bot"
	"candor/chat"
	"candor/internal/fault"
)

// demoGaps are questions that no article of the demo answers, and what an agent
// says to some of them, so that the board of the library is not empty.
var demoGaps = []struct{ locale, text, reply string }{
	{"en", "Do you sell gift vouchers?", "Hello, thank you for waiting. Gift vouchers are sold in our shops, for 20 or 50 EUR. They are valid for three years.\nKind regards"},
	{"en", "I would like to buy a gift voucher for my niece, do you have any?", "Hi! Gift vouchers are sold in our shops, for 20 or 50 EUR. A voucher can be used for bills and for devices. Have a nice day!"},
	{"en", "Where can I get gift vouchers as a present?", ""},
	{"en", "Are your envelopes recycled paper?", ""},
	{"zh", "你们公司的吉祥物叫什么名字？", ""},
}

// demoQuestions has customers ask them, and the agent answer and resolve all.
func (a *app) demoQuestions(ctx context.Context, agent chat.Agent) error {
	talk := a.newBot(nil)
	ids := make([]int64, len(demoGaps))
	for i, d := range demoGaps {
		created, err := a.chat.Create(ctx, d.locale, chat.Profile{})
		if err != nil {
			return err
		}
		ids[i] = created.Conversation.ID
		if _, err := talk.Post(ctx, ids[i], bot.Message{Text: d.text}); err != nil {
			return err
		}
	}
	talk.Drain(ctx)
	for i, d := range demoGaps {
		k, err := a.handoff.Latest(ctx, ids[i])
		if fault.Is(err, "case_not_found") {
			continue // an article answers it by now
		}
		if err != nil {
			return err
		}
		if err := a.demoAnswer(ctx, k, agent, d.locale, d.reply); err != nil {
			return err
		}
	}
	return a.gaps.Sweep(ctx)
}
