// SPDX-License-Identifier: MIT

package handoff_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/handoff"
	"candor/postgres/pgtest"
)

// agents adds so many agents.
func (b bundle) agents(t *testing.T, n int) []chat.Agent {
	t.Helper()
	list := make([]chat.Agent, n)
	for i := range list {
		list[i] = b.Account(t, fmt.Sprintf("agent-%d@example.com", i), fmt.Sprintf("Agent %d", i+10), "agent")
	}
	return list
}

func (b bundle) assign(t *testing.T, want int) {
	t.Helper()
	given, err := b.desk.Assign(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, given)
}

// holder is who has a case, 0 for nobody.
func (b bundle) holder(t *testing.T, k handoff.Case) int64 {
	t.Helper()
	now, err := b.desk.Case(t.Context(), k.ID)
	require.NoError(t, err)
	if now.AgentID == nil {
		return 0
	}
	return *now.AgentID
}

// settings changes what the company says of itself.
func (b bundle) settings(change func(*chat.Company)) {
	company := b.Chat.Company()
	change(&company)
	b.Chat.SetCompany(company)
}

func TestService_Assign(t *testing.T) {
	t.Parallel()

	t.Run("gives a case to who is available, and says their name before their first message", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		b.assign(t, 0)
		b.here(t, b.agent)
		b.assign(t, 1)
		require.Equal(t, b.agent.ID, b.holder(t, k))
		now, err := b.Chat.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, chat.StateHuman, now.State)
		require.Equal(t, "agent_joined", b.last(t, c).Event)
		require.Contains(t, b.last(t, c).Text, b.agent.Name)
		b.assign(t, 0)
		require.Empty(t, b.Violations(t))
	})

	t.Run("serves in the order of the queue and stops at the capacity", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.member(t, b.agent, "", 2, nil, nil)
		late := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		first := b.ask(t, b.Open(t), handoff.ReasonComplaint, "two")
		urgent := b.ask(t, b.Open(t), handoff.ReasonSafety, "three")
		b.here(t, b.agent)
		b.assign(t, 2)
		require.Zero(t, b.holder(t, late))
		require.Equal(t, b.agent.ID, b.holder(t, first))

		_, err := b.desk.Resolve(t.Context(), urgent.ID, b.agent, "solved", "")
		require.NoError(t, err)
		b.assign(t, 1)
		require.Equal(t, b.agent.ID, b.holder(t, late))
	})

	t.Run("a case that waits for its customer takes up nobody", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.member(t, b.agent, "", 1, nil, nil)
		b.here(t, b.agent)
		c := b.Open(t)
		b.ask(t, c, handoff.ReasonCustomerRequest, "one")
		b.assign(t, 1)
		next := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "two")
		b.assign(t, 0)
		require.NoError(t, b.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			return l.Move(t.Context(), chat.StateWaitingCustomer, nil)
		}))
		b.assign(t, 1)
		require.Equal(t, b.agent.ID, b.holder(t, next))
	})

	t.Run("asks for team, skill and language", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.settings(func(c *chat.Company) {
			c.Teams = []chat.Team{
				{ID: "front", Name: "Front"},
				{ID: "grave", Name: "Complaints", Reasons: []string{"complaint"}, Skill: "complaints"},
				{ID: "de", Name: "German", Languages: []string{"de"}},
			}
		})
		list := b.agents(t, 4)
		b.member(t, list[0], "grave", 4, nil, nil) // without the skill
		b.member(t, list[1], "grave", 4, []string{"complaints"}, []string{"de", "en"})
		b.member(t, list[2], "de", 4, nil, []string{"de"})
		b.member(t, list[3], "gone", 4, nil, nil)
		for _, agent := range list {
			b.here(t, agent)
		}
		complaint := b.ask(t, b.Open(t), handoff.ReasonComplaint, "I complain")
		german, err := b.Chat.Create(t.Context(), "de", chat.Profile{})
		require.NoError(t, err)
		deutsch := b.ask(t, german.Conversation, handoff.ReasonCustomerRequest, "ein Mensch")
		plain := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		require.Equal(t, []string{"grave", "de", "front"}, []string{complaint.Team, deutsch.Team, plain.Team})
		b.assign(t, 2)
		require.Equal(t, list[1].ID, b.holder(t, complaint))
		require.Equal(t, list[2].ID, b.holder(t, deutsch))
		require.Zero(t, b.holder(t, plain), "nobody of the first team is here")
		b.here(t, b.agent)
		b.assign(t, 1)
		require.Equal(t, b.agent.ID, b.holder(t, plain), "who has no team is in the first")
	})

	t.Run("the first who fits is served though the one before finds nobody", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.member(t, b.agent, "", 4, nil, []string{"en"})
		german, err := b.Chat.Create(t.Context(), "de", chat.Profile{})
		require.NoError(t, err)
		deutsch := b.ask(t, german.Conversation, handoff.ReasonCustomerRequest, "ein Mensch")
		english := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		b.here(t, b.agent)
		b.assign(t, 1)
		require.Zero(t, b.holder(t, deutsch))
		require.Equal(t, b.agent.ID, b.holder(t, english))
	})

	t.Run("in turn, who waited longest comes first whatever they have to do", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		list := b.agents(t, 2)
		for _, agent := range list {
			b.here(t, agent)
		}
		held := map[int64]bool{}
		last := int64(0)
		for range 2 {
			k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
			b.assign(t, 1)
			last = b.holder(t, k)
			held[last] = true
		}
		require.Len(t, held, 2)
		waited := list[0]
		if waited.ID == last {
			waited = list[1]
		}
		for range 2 { // who waited longest has most to do
			extra := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
			_, err := b.desk.Claim(t.Context(), extra.ID, waited)
			require.NoError(t, err)
		}
		company := chattest.Company()
		for _, c := range []struct {
			mode string
			want int64
		}{{"automatic", last}, {"round_robin", waited.ID}} {
			company.Assignment = c.mode
			b.Chat.SetCompany(company)
			k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
			b.assign(t, 1)
			require.Equal(t, c.want, b.holder(t, k), c.mode)
		}
	})

	t.Run("who spoke with the customer comes first, then who has least, then who waited longest", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		list := b.agents(t, 3)
		for _, agent := range list {
			b.here(t, agent)
		}
		round := map[int64]int{}
		for range 6 {
			k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
			b.assign(t, 1)
			round[b.holder(t, k)]++
		}
		require.Equal(t, map[int64]int{list[0].ID: 2, list[1].ID: 2, list[2].ID: 2}, round)

		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person")
		b.assign(t, 1)
		known := chat.Agent{ID: b.holder(t, k), Name: "Agent"}
		_, err := b.desk.Reply(t.Context(), k.ID, known, "Hello", "")
		require.NoError(t, err)
		_, err = b.desk.Resolve(t.Context(), k.ID, known, "solved", "")
		require.NoError(t, err)
		extra := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "another")
		_, err = b.desk.Claim(t.Context(), extra.ID, known) // now they have most to do
		require.NoError(t, err)
		b.writes(t, c, "not solved")
		b.assign(t, 1)
		require.Equal(t, known.ID, b.holder(t, k))
	})

	t.Run("who gives a case away does not get it back", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		other := b.agents(t, 1)[0]
		b.here(t, b.agent)
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		b.assign(t, 1)
		_, err := b.desk.Release(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		b.assign(t, 0)
		b.here(t, other)
		b.assign(t, 1)
		require.Equal(t, other.ID, b.holder(t, k))
	})

	t.Run("a company that wants claims gets none", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.settings(func(c *chat.Company) { c.Assignment = "manual" })
		b.here(t, b.agent)
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		b.assign(t, 0)
		require.Zero(t, b.holder(t, k))
	})
}

// Four gateways assign at once while agents claim by hand: no case goes to two,
// and assignment takes nobody over their capacity.
func TestService_Assign_by_many_gateways_at_once(t *testing.T) {
	t.Parallel()
	url, master := pgtest.URL(t), chattest.MasterKey(t)
	b := gateway(t, url, master, handoff.Pace{})
	gateways := []bundle{b}
	for range 3 {
		gateways = append(gateways, gateway(t, url, master, handoff.Pace{}))
	}
	const capacity, cases = 7, 60
	list := b.agents(t, 5)
	for _, agent := range list {
		b.member(t, agent, "", capacity, nil, nil)
		b.here(t, agent)
	}
	for range cases {
		b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
	}
	var wg sync.WaitGroup
	start := make(chan struct{})
	for _, g := range gateways {
		wg.Go(func() {
			<-start
			_, err := g.desk.Assign(t.Context())
			if err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	_, err := b.desk.Assign(t.Context()) // what was left to each other's signals
	require.NoError(t, err)
	for _, agent := range list {
		require.Equal(t, capacity, b.colleague(t, agent).Load)
	}
	require.Equal(t, 5*capacity, b.count(t, "SELECT count(*) FROM log WHERE kind = 'case' AND body->>'action' = 'assigned'"))
	require.Zero(t, b.count(t, `
		SELECT count(*)
		FROM (SELECT FROM log WHERE kind = 'case' AND body->>'action' = 'assigned' GROUP BY conversation_id HAVING count(*) > 1) twice`))
	require.Equal(t, cases-5*capacity, b.count(t, "SELECT count(*) FROM cases WHERE state = 'waiting'"))
	require.Empty(t, b.Violations(t))
}

func (b bundle) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, b.DB.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// The control of the test above: counting first and giving afterwards, without
// holding the agent, takes them over their capacity.
func TestService_Assign_control(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.member(t, b.agent, "", 1, nil, nil)
	b.here(t, b.agent)
	var looked, done sync.WaitGroup
	looked.Add(2)
	for range 2 {
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
		done.Go(func() {
			c, err := b.desk.Colleague(t.Context(), b.agent.ID)
			looked.Done()
			looked.Wait()
			if err == nil && c.Load < c.Capacity {
				_, err = b.desk.Claim(t.Context(), k.ID, b.agent)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	require.Equal(t, 2, b.colleague(t, b.agent).Load)
}

func TestService_Run_assigns_at_once(t *testing.T) {
	t.Parallel()
	url, master := pgtest.URL(t), chattest.MasterKey(t)
	b, other := gateway(t, url, master, handoff.Pace{}), gateway(t, url, master, handoff.Pace{})
	b.agent = b.Account(t, "agent@example.com", "Agent 1", "agent")
	b.run(t)
	other.run(t)
	b.here(t, b.agent)
	b.member(t, b.agent, "", 1, nil, nil)

	c := other.Open(t)
	watch := b.Hub.Subscribe(c.ID)
	defer watch.Close()
	k := other.ask(t, c, handoff.ReasonCustomerRequest, "a person")
	b.eventually(t, watch, c, chat.StateHuman)

	second := b.Open(t)
	next := b.Hub.Subscribe(second.ID)
	defer next.Close()
	b.ask(t, second, handoff.ReasonCustomerRequest, "a person")
	_, err := other.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
	require.NoError(t, err)
	b.eventually(t, next, second, chat.StateHuman)
	require.Empty(t, b.Violations(t))
}

// eventually waits for a conversation to come to a state.
func (b bundle) eventually(t *testing.T, watch *chat.Subscription, c chat.Conversation, want chat.State) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		now, err := b.Chat.Get(t.Context(), c.ID)
		require.NoError(t, err)
		if now.State == want {
			return
		}
		select {
		case <-watch.C:
		case <-deadline:
			t.Fatalf("it is %q and never became %q", now.State, want)
		}
	}
}

// gateway is one more gateway on a database.
func gateway(t *testing.T, url, master string, pace handoff.Pace) bundle {
	t.Helper()
	w := chattest.On(t, url, master)
	return bundle{World: w, desk: handoff.New(handoff.Config{DB: w.DB, Chat: w.Chat, Hub: w.Hub, Pace: pace})}
}

// run lets a gateway do its part until the test ends.
func (b bundle) run(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = b.desk.Run(ctx) // ends with ctx
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
}
