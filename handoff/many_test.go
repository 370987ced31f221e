// SPDX-License-Identifier: MIT

package handoff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
)

func TestService_ReplyToAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.Account(t, "b@example.com", "Agent 2", "agent")
	_, err := b.desk.NewCause(t.Context(), b.agent, "Ann, ann@example.com")
	require.True(t, fault.Is(err, "personal_data"), "%v", err)
	cause, err := b.desk.NewCause(t.Context(), b.agent, "Outage in the north")
	require.NoError(t, err)
	link := func(k handoff.Case) {
		_, err := b.desk.Link(t.Context(), k.ID, b.agent, cause.ID)
		require.NoError(t, err)
	}
	mineC, mine := b.claimed(t, "no internet")
	waitingC := b.Open(t)
	waiting := b.ask(t, waitingC, handoff.ReasonCustomerRequest, "no internet here")
	theirsC, theirs := b.claimed(t, "none here either")
	_, err = b.desk.Transfer(t.Context(), theirs.ID, b.by(), handoff.Target{AgentID: other.ID}, "")
	require.NoError(t, err)
	strangerC, _ := b.claimed(t, "my bill")
	for _, k := range []handoff.Case{mine, waiting, theirs} {
		link(k)
		link(k) // a second click
	}
	_, err = b.desk.Link(t.Context(), mine.ID, b.agent, 1<<40)
	require.True(t, fault.Is(err, "cause_not_found"), "%v", err)

	named, err := b.desk.Audience(t.Context(), cause.ID, b.agent, "It is over, {reference}.")
	require.NoError(t, err)
	audience := map[string]string{}
	for _, r := range named {
		audience[r.Reference] = r.Result + ": " + r.Text
	}
	require.Equal(t, map[string]string{
		mine.Reference: "sent: It is over, " + mine.Reference + ".", waiting.Reference: "sent: It is over, " + waiting.Reference + ".",
		theirs.Reference: "with_colleague: It is over, " + theirs.Reference + ".",
	}, audience)
	holes, err := b.desk.Audience(t.Context(), cause.ID, b.agent, "Dear {customer_name}")
	require.NoError(t, err)
	require.Equal(t, []string{"{customer_name}"}, holes[0].Missing)

	m := handoff.Macro{Text: "It is over, {reference}.", ClientMessageID: "all-1"}
	first, err := b.desk.ReplyToAll(t.Context(), cause.ID, b.agent, handoff.Macro{Text: "First you.", ClientMessageID: "one-1"}, mine.ID)
	require.NoError(t, err)
	require.Len(t, first, 1, "to nobody else")
	_, err = b.desk.ReplyToAll(t.Context(), cause.ID, b.agent, handoff.Macro{Text: "x"})
	require.True(t, fault.Is(err, "client_message_id_missing"), "%v", err)
	results := func() map[string]string {
		told, err := b.desk.ReplyToAll(t.Context(), cause.ID, b.agent, m)
		require.NoError(t, err)
		got := map[string]string{}
		for _, one := range told {
			require.NoError(t, one.Err)
			got[one.Reference] = one.Result
		}
		return got
	}
	require.Equal(t, map[string]string{mine.Reference: "sent", waiting.Reference: "sent", theirs.Reference: "with_colleague"}, results())
	require.Equal(t, map[string]string{mine.Reference: "sent_before", waiting.Reference: "sent_before", theirs.Reference: "with_colleague"}, results())
	require.Equal(t, 1, b.count(t, "SELECT count(*) FROM log WHERE body->>'action' = 'noted'"), "the colleague finds one note")
	said := func(c chat.Conversation) (texts []string) {
		for _, one := range b.transcript(t, c) {
			if one.Author == chat.AuthorAgent {
				texts = append(texts, one.Text)
			}
		}
		return texts
	}
	require.Equal(t, []string{"First you.", "It is over, " + mine.Reference + "."}, said(mineC))
	require.Equal(t, []string{"It is over, " + waiting.Reference + "."}, said(waitingC), "nobody gets it twice")
	require.Equal(t, chat.StateQueued, b.state(t, waitingC), "who waited for a person still does")
	require.Empty(t, said(theirsC), "nobody talks over a colleague")
	require.Empty(t, said(strangerC))
	mentions, err := b.desk.Mentions(t.Context(), other.ID, true)
	require.NoError(t, err)
	require.Contains(t, mentions[0].Text, "It is over")

	counted, err := b.desk.Cause(t.Context(), cause.ID)
	require.NoError(t, err)
	require.Equal(t, 3, counted.Open)
	require.Empty(t, b.Violations(t))
}

func TestService_Merge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	opened := func(email string, reason handoff.Reason) (chat.Conversation, handoff.Case) {
		created, err := b.Chat.Create(t.Context(), "en", chat.Profile{Email: email})
		require.NoError(t, err)
		return created.Conversation, b.ask(t, created.Conversation, reason, "You charged me twice")
	}
	firstC, first := opened("ann@example.com", handoff.ReasonCustomerRequest)
	secondC, second := opened("ann@example.com", handoff.ReasonCustomerRequest)
	_, stranger := opened("", handoff.ReasonCustomerRequest)
	_, complaint := opened("ann@example.com", handoff.ReasonComplaint)

	for code, try := range map[string][2]int64{
		"not_same_customer": {stranger.ID, first.ID}, "complaint_is_open": {complaint.ID, first.ID}, "not_mergeable": {first.ID, first.ID},
		"case_not_found": {first.ID, 1 << 40},
	} {
		_, err := b.desk.Merge(t.Context(), try[0], b.by(), handoff.Into{CaseID: try[1], SameCustomer: true})
		require.True(t, fault.Is(err, code), "%s: %v", code, err)
	}
	_, err := b.desk.Merge(t.Context(), second.ID, b.by(), handoff.Into{CaseID: first.ID})
	require.True(t, fault.Is(err, "address_not_proved"), "%v", err)
	before := b.transcript(t, secondC)
	for range 2 {
		into, err := b.desk.Merge(t.Context(), second.ID, b.by(), handoff.Into{CaseID: first.ID, SameCustomer: true})
		require.NoError(t, err)
		require.Equal(t, first.ID, into.ID)
	}
	require.Equal(t, chat.StateClosed, b.state(t, secondC))
	after := b.transcript(t, secondC)
	require.Len(t, after, len(before)+1, "one word, and nothing lost")
	require.Contains(t, b.last(t, secondC).Text, first.Reference)
	require.Contains(t, b.last(t, firstC).Text, second.Reference)
	told := 0
	for _, m := range b.transcript(t, firstC) {
		if m.Event == "merged_here" {
			told++
		}
	}
	require.Equal(t, 1, told)
	earlier, err := b.desk.Earlier(t.Context(), firstC, first)
	require.NoError(t, err)
	merged := 0
	for _, e := range earlier {
		if e.Merged {
			merged++
			require.Equal(t, second.Reference, e.Reference)
		}
	}
	require.Equal(t, 1, merged)
	require.Empty(t, b.Violations(t))
}

func TestService_Block(t *testing.T) {
	t.Parallel()
	b := setup(t)
	boss := handoff.Actor{Agent: b.Account(t, "s@example.com", "Supervisor 1", "supervisor"), Supervisor: true}
	other := handoff.Actor{Agent: b.Account(t, "b@example.com", "Agent 2", "agent")}
	c, _ := b.claimed(t, "you fools")
	refused := func() error {
		return b.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error { return b.desk.RefuseBlockedTx(t.Context(), l) })
	}
	require.NoError(t, refused())
	for code, try := range map[string]func() error{
		"unknown_category": func() error { _, err := b.desk.Block(t.Context(), c.ID, b.by(), "rude", "why", time.Hour); return err },
		"message_empty":    func() error { _, err := b.desk.Block(t.Context(), c.ID, b.by(), "spam", "", time.Hour); return err },
		"invalid_hours": func() error {
			_, err := b.desk.Block(t.Context(), c.ID, b.by(), "spam", "why", 48*time.Hour)
			return err
		},
	} {
		require.True(t, fault.Is(try(), code), code)
	}
	_, err := b.desk.Block(t.Context(), c.ID, b.by(), "harassment", "insults", 24*time.Hour)
	require.NoError(t, err)
	require.Equal(t, "blocked", b.last(t, c).Event)
	require.Contains(t, b.last(t, c).Text, "help@example.com", "other ways are named")
	require.True(t, fault.Is(refused(), "customer_blocked"))
	_, err = b.desk.Block(t.Context(), c.ID, boss, "harassment", "insults", time.Hour)
	require.True(t, fault.Is(err, "blocked_already"), "%v", err)
	require.True(t, fault.Is(b.desk.Unblock(t.Context(), c.ID, other), "not_blocked"))
	require.NoError(t, b.desk.Unblock(t.Context(), c.ID, boss))
	require.NoError(t, refused())
	_, err = b.desk.Block(t.Context(), c.ID, boss, "threats", "a threat", 72*time.Hour)
	require.NoError(t, err)
	_, err = b.DB.Exec(t.Context(), "UPDATE blocks SET created_at = created_at - interval '80 hours', until = until - interval '80 hours'")
	require.NoError(t, err)
	require.NoError(t, refused(), "a block ends by itself")
	require.Empty(t, b.Violations(t))
}

func TestService_Block_holds_for_whom_the_shop_knows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	opened := func(subject string) chat.Conversation {
		created, err := b.Chat.Create(t.Context(), "en", chat.Profile{Subject: subject})
		require.NoError(t, err)
		return created.Conversation
	}
	refused := func(c chat.Conversation) bool {
		err := b.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error { return b.desk.RefuseBlockedTx(t.Context(), l) })
		return fault.Is(err, "customer_blocked")
	}
	first := opened("shop-7")
	_, err := b.desk.Block(t.Context(), first.ID, b.by(), "harassment", "insults", time.Hour)
	require.NoError(t, err)
	again := opened("shop-7")
	require.True(t, refused(again), "a new conversation does not lift it")
	require.False(t, refused(opened("shop-8")))
	require.False(t, refused(opened("")))
	require.NoError(t, b.desk.Unblock(t.Context(), again.ID, b.by()))
	require.False(t, refused(first))
}

// follows opens a link that was mailed to an address, as its reader does.
func (b bundle) follows(t *testing.T, c chat.Conversation, address string) {
	t.Helper()
	secret, err := b.Chat.IssueLink(t.Context(), c.ID, address)
	require.NoError(t, err)
	_, _, err = b.Chat.OpenLink(t.Context(), secret)
	require.NoError(t, err)
}

// Whoever knows an address can give it. Only who reads what is mailed there is
// one with others who do.
func TestService_an_address_joins_customers_only_when_it_is_proved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const address = "ann@example.com"
	opened := func() (chat.Conversation, handoff.Case) {
		created, err := b.Chat.Create(t.Context(), "en", chat.Profile{Email: address})
		require.NoError(t, err)
		return created.Conversation, b.ask(t, created.Conversation, handoff.ReasonCustomerRequest, "a person")
	}
	refused := func(c chat.Conversation) bool {
		err := b.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error { return b.desk.RefuseBlockedTx(t.Context(), l) })
		return fault.Is(err, "customer_blocked")
	}
	same := func(c chat.Conversation, k handoff.Case) string {
		list, err := b.desk.Earlier(t.Context(), c, k)
		require.NoError(t, err)
		return list[0].SameCustomer
	}
	annC, ann := opened()
	otherC, other := opened()
	b.follows(t, annC, address)
	_, err := b.desk.Block(t.Context(), otherC.ID, b.by(), "harassment", "insults", time.Hour)
	require.NoError(t, err)
	require.False(t, refused(annC), "somebody else gave her address, and is blocked")
	alike, err := b.desk.BlockedAlike(t.Context(), annC)
	require.NoError(t, err)
	require.NotNil(t, alike, "the agent is told")
	_, err = b.desk.Merge(t.Context(), other.ID, b.by(), handoff.Into{CaseID: ann.ID})
	require.True(t, fault.Is(err, "address_not_proved"), "%v", err)
	require.Equal(t, "email", same(annC, ann))

	// A link to the address of before proves nothing of the one that they have now.
	stale, err := b.Chat.IssueLink(t.Context(), otherC.ID, address)
	require.NoError(t, err)
	setEmail := func(email string) {
		require.NoError(t, b.Chat.Lock(t.Context(), otherC.ID, func(l *chat.Locked) error { return l.SetEmail(t.Context(), email) }))
	}
	setEmail("bob@example.com")
	setEmail(address)
	_, _, err = b.Chat.OpenLink(t.Context(), stale)
	require.NoError(t, err)
	b.follows(t, otherC, "bob@example.com")
	require.False(t, refused(annC))

	b.follows(t, otherC, address)
	require.True(t, refused(annC), "now it is known that they are one")
	require.Equal(t, "customer", same(annC, ann))
	alike, err = b.desk.BlockedAlike(t.Context(), annC)
	require.NoError(t, err)
	require.Nil(t, alike)
	setEmail("bob@example.com")
	require.False(t, refused(annC), "another address is not proved by that")
	setEmail(address)
	b.follows(t, otherC, address)
	_, err = b.desk.Merge(t.Context(), other.ID, b.by(), handoff.Into{CaseID: ann.ID})
	require.NoError(t, err)
	require.Equal(t, 1, b.count(t, "SELECT count(*) FROM log WHERE body->>'action' = 'merged' AND body->>'known_by' = 'proved_address'"))
	require.Empty(t, b.Violations(t))
}

func TestService_ReplyToAll_heeds_what_changes_meanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.Account(t, "b@example.com", "Agent 2", "agent")
	cause, err := b.desk.NewCause(t.Context(), b.agent, "Outage in the north")
	require.NoError(t, err)
	var open []chat.Conversation
	var cases []handoff.Case
	for range 3 {
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "no internet here")
		_, err := b.desk.Link(t.Context(), k.ID, b.agent, cause.ID)
		require.NoError(t, err)
		open, cases = append(open, c), append(cases, k)
	}
	got := map[string]string{}
	done := make(chan error, 1)
	require.NoError(t, b.Chat.Lock(t.Context(), open[2].ID, func(l *chat.Locked) error {
		if _, err := l.Tx(t.Context()); err != nil {
			return err
		}
		go func() { // it has its list, and waits for the newest case
			told, err := b.desk.ReplyToAll(t.Context(), cause.ID, b.agent, handoff.Macro{Text: "It is over.", ClientMessageID: "all-1"})
			for _, one := range told {
				got[one.Reference] = one.Result
			}
			done <- err
		}()
		require.Eventually(t, func() bool {
			return b.count(t, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0
		}, time.Minute, 10*time.Millisecond)
		if _, err := b.desk.Link(t.Context(), cases[1].ID, b.agent, 0); err != nil {
			return err
		}
		_, err := b.desk.Claim(t.Context(), cases[0].ID, chat.Agent{ID: other.ID, Name: other.Name})
		return err
	}))
	require.NoError(t, <-done)
	require.Equal(t, map[string]string{cases[2].Reference: "sent", cases[0].Reference: "with_colleague"}, got, "what was taken off the cause is not told")
	mentions, err := b.desk.Mentions(t.Context(), other.ID, true)
	require.NoError(t, err)
	require.Len(t, mentions, 1, "whoever has it now")
	require.Empty(t, b.Violations(t))
}
