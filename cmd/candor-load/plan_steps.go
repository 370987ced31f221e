// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"candor/chat"
	"candor/handoff"
	"candor/knowledge"
)

// planLease is longer than the run, but for the sweep, which makes its own lost turns.
const planLease = time.Hour

// plansWaiting is how many customers wait in the queue.
const plansWaiting = 300

// plansState is what the steps of the hot path share.
type plansState struct {
	*world
	library library
	created chat.Created // of the conversation that is talked in
	agent   chat.Agent
	token   string
	turn    *chat.Turn
	shown   int
	waiting []handoff.Listed
	asked   []int64 // conversations to ask for a person in
}

// preparePlans fills the tables and gives the steps of the hot path, in the order
// in which they happen.
func preparePlans(ctx context.Context, w *world, size planSize) ([]step, error) {
	s := &plansState{world: w}
	var err error
	if s.library, err = fillPlans(ctx, w, size); err != nil {
		return nil, err
	}
	agents, tokens, err := w.agents(ctx, 1)
	if err != nil {
		return nil, err
	}
	s.agent, s.token = agents[0], tokens[0]
	if s.created, err = w.chat.Create(ctx, "en", chat.Profile{}); err != nil {
		return nil, err
	}
	b := &bench{world: w}
	if _, err := b.openCases(ctx, plansWaiting); err != nil {
		return nil, err
	}
	if s.waiting, err = w.handoff.Queue(ctx, plansWaiting); err != nil {
		return nil, err
	}
	if s.asked, err = openRecords(ctx, w.quiet, planRounds); err != nil {
		return nil, err
	}
	_, err = w.db.Exec(ctx, "VACUUM ANALYZE")
	return append(s.turnSteps(), s.peopleSteps()...), err
}

// turnSteps are a turn from the customer's message to its end.
func (s *plansState) turnSteps() []step {
	id := s.created.Conversation.ID
	return []step{
		{"token of a customer", func(ctx context.Context, _ int) error {
			_, err := s.chat.Authorize(ctx, s.created.Conversation.PublicID, s.created.Token)
			return err
		}},
		{"open a conversation", func(ctx context.Context, _ int) error {
			_, err := s.chat.Create(ctx, "en", chat.Profile{})
			return err
		}},
		{"end of a turn, and the customer's next message, which opens another", func(ctx context.Context, n int) error {
			if err := s.endTurn(ctx); err != nil {
				return err
			}
			return s.chat.Lock(ctx, id, func(l *chat.Locked) error {
				m, err := l.PostCustomer(ctx, chat.CustomerMessage{Text: "question", ClientMessageID: fmt.Sprint("click-", n)})
				if err != nil {
					return err
				}
				if _, err := s.chat.History(ctx, l, m.Seq); err != nil {
					return err
				}
				s.shown = 0
				s.turn, err = l.OpenTurn(ctx, "plans", planLease)
				return err
			})
		}},
		{"search", func(ctx context.Context, n int) error {
			_, err := s.knowledge.Search(ctx, knowledge.Query{Text: s.library.question(n), Lang: "en"})
			return err
		}},
		{"sentence of an answer", func(ctx context.Context, _ int) error {
			_, err := s.chat.AppendSentence(ctx, s.created.Conversation, *s.turn, s.shown, chat.Sentence{Text: "A sentence."})
			s.shown++
			return err
		}},
		{"feed of a reader: begin, and look", func(ctx context.Context, _ int) error {
			feed, err := s.chat.NewFeed(ctx, id, 3)
			if err == nil {
				_, err = feed.Next(ctx)
			}
			return err
		}},
		{"sweep for lost turns", func(ctx context.Context, _ int) error {
			_, err := s.chat.TakeLost(ctx, "plans", planLease)
			return err
		}},
		{"poll of the hub", s.pollHub},
		{"seal of the record", func(ctx context.Context, _ int) error {
			_, err := s.chat.SealHeads(ctx)
			return err
		}},
	}
}

// peopleSteps are the queue and the desk.
func (s *plansState) peopleSteps() []step {
	return []step{
		{"token of an agent", func(ctx context.Context, _ int) error {
			_, err := s.staff.Token(ctx, s.token)
			return err
		}},
		{"ask for a person", func(ctx context.Context, n int) error {
			return s.chat.Lock(ctx, s.asked[n], func(l *chat.Locked) error {
				_, err := s.handoff.OpenTx(ctx, l, handoff.Request{Reason: handoff.ReasonCustomerRequest, Evidence: []handoff.Evidence{}})
				return err
			})
		}},
		{"place in the queue", func(ctx context.Context, n int) error {
			c, err := s.chat.Get(ctx, s.waiting[plansWaiting-1-n].ConversationID)
			if err == nil {
				_, err = s.handoff.Status(ctx, c)
			}
			return err
		}},
		{"queue on the desk", func(ctx context.Context, _ int) error {
			_, err := s.handoff.Queue(ctx, 200)
			return err
		}},
		{"claim", func(ctx context.Context, n int) error {
			_, err := s.handoff.Claim(ctx, s.waiting[n].ID, s.agent)
			return err
		}},
		{"reply", func(ctx context.Context, n int) error {
			_, err := s.handoff.Reply(ctx, s.waiting[n].ID, s.agent, "It is in order now.", fmt.Sprint("click-", n))
			return err
		}},
		{"resolve", func(ctx context.Context, n int) error {
			_, err := s.handoff.Resolve(ctx, s.waiting[n].ID, s.agent, "solved", "")
			return err
		}},
		{"conversations the bot is having", func(ctx context.Context, _ int) error {
			_, err := s.chat.Live(ctx, 1)
			return err
		}},
	}
}

// endTurn ends the open turn with a message.
func (s *plansState) endTurn(ctx context.Context) error {
	if s.turn == nil {
		return nil
	}
	turn := *s.turn
	s.turn = nil
	return s.chat.Lock(ctx, s.created.Conversation.ID, func(l *chat.Locked) error {
		ours, err := l.EndTurn(ctx, turn.ID, turn.Holder, chat.OutcomeAnswer, func() error {
			notice, err := l.Disclosure(ctx)
			if err == nil {
				_, err = l.PostBot(ctx, notice, chat.BotMessage{Text: "A sentence.", TurnID: turn.ID})
			}
			return err
		})
		if err == nil && !ours {
			err = errors.New("the turn was lost")
		}
		return err
	})
}

// pollHub waits for a poll of the hub with readers on a hundred conversations.
func (s *plansState) pollHub(ctx context.Context, n int) error {
	if n < planRounds-1 {
		return nil // each takes two seconds, and they are all the same
	}
	ids := make([]int64, 100)
	for i := range ids {
		ids[i] = s.waiting[i].ConversationID
	}
	sub := s.hub.Subscribe(ids...)
	defer sub.Close()
	select {
	case <-sub.C:
		return nil
	case <-time.After(patience):
		return errors.New("the hub did not poll")
	}
}
