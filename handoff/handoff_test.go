// SPDX-License-Identifier: MIT

package handoff_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/handoff"
	"candor/internal/calendar"
	"candor/internal/fault"
)

type bundle struct {
	*chattest.World
	desk  *handoff.Service
	agent chat.Agent
}

func setup(t *testing.T) bundle {
	t.Helper()
	w := chattest.New(t)
	return bundle{w, handoff.New(handoff.Config{DB: w.DB, Chat: w.Chat}), w.Account(t, "agent@example.com", "Agent 1", "agent")}
}

// ask writes a message and asks for a person.
func (b bundle) ask(t *testing.T, c chat.Conversation, reason handoff.Reason, text string) handoff.Case {
	t.Helper()
	var k handoff.Case
	err := b.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
		m, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: text})
		require.NoError(t, err)
		r := handoff.Request{Reason: reason, Evidence: []handoff.Evidence{{MessageSeq: m.Seq, Detector: "test", Score: 1}}}
		if reason == handoff.ReasonComplaint {
			r.Complaint = &m
		}
		k, err = b.desk.OpenTx(t.Context(), l, r)
		return err
	})
	require.NoError(t, err)
	return k
}

func (b bundle) leave(t *testing.T, c chat.Conversation) error {
	t.Helper()
	return b.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
		_, err := b.desk.LeaveTx(t.Context(), l)
		return err
	})
}

func (b bundle) transcript(t *testing.T, c chat.Conversation) []chat.Message {
	t.Helper()
	list, err := b.Chat.Messages(t.Context(), c, 0, 100)
	require.NoError(t, err)
	return list
}

func (b bundle) last(t *testing.T, c chat.Conversation) chat.Message {
	t.Helper()
	list := b.transcript(t, c)
	return list[len(list)-1]
}

func TestService_OpenTx(t *testing.T) {
	t.Parallel()

	t.Run("names the reference, the place and what happens next, and asks nothing", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "an agent")
		require.Regexp(t, `^[2-9B-Z]{4}-[2-9B-Z]{4}$`, k.Reference)
		notice := b.last(t, c)
		require.Equal(t, "handoff_queued", notice.Event)
		require.Contains(t, notice.Text, k.Reference)
		require.Contains(t, notice.Text, "queue is 2")
		require.NotContains(t, notice.Text, "?")
		now, err := b.Chat.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, chat.StateQueued, now.State)
		require.Empty(t, b.Violations(t))
	})

	t.Run("a second request keeps the case, its reference and its place", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c := b.Open(t)
		first := b.ask(t, c, handoff.ReasonLowConfidence, "hm")
		b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		again := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		require.Equal(t, first.Reference, again.Reference)
		require.Contains(t, b.last(t, c).Text, "queue is 1")
	})

	t.Run("a complaint is acknowledged in its own words with a date", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonComplaint, "You charged me twice in May and nobody answers.")
		ack := b.last(t, c)
		require.Equal(t, "complaint_received", ack.Event)
		require.Contains(t, ack.Text, "You charged me twice in May and nobody answers.")
		require.Contains(t, ack.Text, k.Reference)
		due := time.Now().In(chattest.Company().Zone()).AddDate(0, 0, 14)
		require.Contains(t, ack.Text, fmt.Sprintf("%d %s %d", due.Day(), due.Month(), due.Year()))
		complaint, err := b.desk.Complaint(t.Context(), k.ID)
		require.NoError(t, err)
		require.Equal(t, 1, complaint.MessageSeq)
	})

	t.Run("out of hours a person is promised by a date", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		company := chattest.Company()
		tomorrow := time.Now().In(company.Zone()).AddDate(0, 0, 1)
		company.Hours = []calendar.Opening{{Day: tomorrow.Weekday(), From: "09:00", To: "17:00"}}
		b.Chat.SetCompany(company)
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		require.NotNil(t, k.DueAt)
		require.Equal(t, "09:03", k.DueAt.In(company.Zone()).Format("15:04"))
		now, err := b.Chat.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, chat.StateAwaitingHours, now.State)
		require.Equal(t, "handoff_after_hours", b.last(t, c).Event)
		require.Contains(t, b.last(t, c).Text, "09:03")
	})
}

func TestService_Queue_serves_safety_first_then_complaints_then_in_order(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
	second := b.ask(t, b.Open(t), handoff.ReasonNoKnowledge, "two")
	complaint := b.ask(t, b.Open(t), handoff.ReasonComplaint, "three")
	safety := b.ask(t, b.Open(t), handoff.ReasonSafety, "four")
	list, err := b.desk.Queue(t.Context(), 10)
	require.NoError(t, err)
	var got []string
	for i, k := range list {
		got = append(got, k.Reference)
		require.Equal(t, i+1, k.Position)
		place, err := b.desk.Place(t.Context(), k.Case)
		require.NoError(t, err)
		require.Equal(t, i+1, place.Position, "the place told is the place in the list")
	}
	require.Equal(t, []string{safety.Reference, complaint.Reference, first.Reference, second.Reference}, got)
	require.Equal(t, "four", list[0].Preview)
}

func TestService_Claim(t *testing.T) {
	t.Parallel()

	t.Run("of 32 agents at once one wins, every time", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		agents := make([]chat.Agent, 32)
		for i := range agents {
			agents[i] = b.Account(t, fmt.Sprintf("a%d@example.com", i), fmt.Sprintf("Agent %d", i), "agent")
		}
		for range 10 {
			k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
			var won atomic.Int32
			var wg sync.WaitGroup
			start := make(chan struct{})
			for _, agent := range agents {
				wg.Go(func() {
					<-start
					_, err := b.desk.Claim(t.Context(), k.ID, agent)
					if err == nil {
						won.Add(1)
					} else if !fault.Is(err, "already_claimed") {
						t.Errorf("a loser is told who won: %v", err)
					}
				})
			}
			close(start)
			wg.Wait()
			require.EqualValues(t, 1, won.Load())
		}
		require.Empty(t, b.Violations(t))
	})

	t.Run("the control: looking first and then claiming gives a case to several", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		var won atomic.Int32
		var looked, done sync.WaitGroup
		looked.Add(8)
		for range 8 {
			done.Go(func() {
				var state string
				err := b.DB.QueryRow(t.Context(), "SELECT state FROM cases WHERE id = $1", k.ID).Scan(&state)
				looked.Done()
				looked.Wait()
				if err == nil && state == "waiting" {
					_, err = b.DB.Exec(t.Context(), "UPDATE cases SET state = 'claimed', agent_id = $2 WHERE id = $1", k.ID, b.agent.ID)
					if err == nil {
						won.Add(1)
					}
				}
			})
		}
		done.Wait()
		require.Greater(t, won.Load(), int32(1))
	})

	t.Run("reply, resolve, and the next word reopens the same reference", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		_, err := b.desk.Reply(t.Context(), k.ID, b.agent, "Hello", "")
		require.True(t, fault.Is(err, "not_your_case"))
		_, err = b.desk.Claim(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		require.Contains(t, b.last(t, c).Text, "Agent 1")
		m, err := b.desk.Reply(t.Context(), k.ID, b.agent, "Hello", "r1")
		require.NoError(t, err)
		again, err := b.desk.Reply(t.Context(), k.ID, b.agent, "Hello", "r1")
		require.NoError(t, err)
		require.Equal(t, m.Seq, again.Seq)
		_, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "nonsense", "")
		require.True(t, fault.Is(err, "unknown_outcome"))
		_, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "called back")
		require.NoError(t, err)

		require.NoError(t, b.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			if _, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: "not solved"}); err != nil {
				return err
			}
			return b.desk.WroteTx(t.Context(), l)
		}))
		reopened, err := b.desk.Latest(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, k.Reference, reopened.Reference)
		require.Equal(t, handoff.StateWaiting, reopened.State)
		require.Empty(t, b.Violations(t))
	})

	t.Run("a released case is back at its old place", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		first := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "two")
		_, err := b.desk.Claim(t.Context(), first.ID, b.agent)
		require.NoError(t, err)
		back, err := b.desk.Release(t.Context(), first.ID, b.agent)
		require.NoError(t, err)
		place, err := b.desk.Place(t.Context(), back)
		require.NoError(t, err)
		require.Equal(t, 1, place.Position)
	})
}

func TestService_TakeOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.Account(t, "b@example.com", "Agent 2", "agent")
	c := b.Open(t)
	k, err := b.desk.TakeOver(t.Context(), c.ID, b.agent)
	require.NoError(t, err)
	require.Equal(t, handoff.ReasonAgentTakeover, k.Reason)
	_, err = b.desk.TakeOver(t.Context(), c.ID, other)
	require.True(t, fault.Is(err, "already_claimed"))
	require.Empty(t, b.Violations(t))
}

func TestService_Leave(t *testing.T) {
	t.Parallel()

	t.Run("gives the word back to the bot, once", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c := b.Open(t)
		b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		require.NoError(t, b.leave(t, c))
		require.NoError(t, b.leave(t, c))
		now, err := b.Chat.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, chat.StateBot, now.State)
		require.GreaterOrEqual(t, now.SettledSeq, 1, "the request itself is not answered by the bot")
		require.Empty(t, b.Violations(t))
	})

	t.Run("does not withdraw a complaint", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c := b.Open(t)
		b.ask(t, c, handoff.ReasonComplaint, "I complain")
		require.True(t, fault.Is(b.leave(t, c), "complaint_is_open"))
	})
}

func TestService_Consent(t *testing.T) {
	t.Parallel()
	yes := func(p chat.Purpose) chat.Consent {
		return chat.Consent{Purpose: p, Given: true, TextShown: "May it?", Locale: "en"}
	}

	t.Run("lets the bot answer while waiting, until a claim", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c := b.Open(t)
		may := func() (may bool) {
			require.NoError(t, b.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) (err error) {
				may, err = l.BotMayAnswer(t.Context())
				return err
			}))
			return may
		}
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		require.False(t, may())
		require.NoError(t, b.desk.Consent(t.Context(), c.ID, yes(chat.PurposeAssistWhileWaiting)))
		require.True(t, may())
		no := yes(chat.PurposeAssistWhileWaiting)
		no.Given = false
		require.NoError(t, b.desk.Consent(t.Context(), c.ID, no))
		require.False(t, may())
		require.NoError(t, b.desk.Consent(t.Context(), c.ID, yes(chat.PurposeAssistWhileWaiting)))
		_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		require.False(t, may())
		require.Empty(t, b.Violations(t))
	})

	t.Run("brings the bot back after a person only when asked for", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c := b.Open(t)
		k, err := b.desk.TakeOver(t.Context(), c.ID, b.agent)
		require.NoError(t, err)
		require.True(t, fault.Is(b.desk.Consent(t.Context(), c.ID, yes(chat.PurposeReturnToBot)), "person_is_here"))
		_, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
		require.NoError(t, err)
		require.NoError(t, b.desk.Consent(t.Context(), c.ID, yes(chat.PurposeReturnToBot)))
		now, err := b.Chat.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, chat.StateBot, now.State)
		require.Empty(t, b.Violations(t))
	})
}
