// SPDX-License-Identifier: MIT

package handoff_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/handoff"
	"candor/internal/fault"
	"candor/postgres/pgtest"
)

// minute is how long a minute of the simulated shift lasts.
const minute = 1200 * time.Millisecond

// shift is ten minutes at a desk: customers who come, and agents who answer them
// and leave without notice.
type shift struct {
	t        *testing.T
	gateways []bundle
	mu       sync.Mutex
	failures []error
}

func (s *shift) failed(err error) {
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.failures = append(s.failures, err)
	}
}

// after waits for a part of the simulated time, and reports whether ctx is still good.
func after(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// customer asks for a person at some moment, answers when they are asked
// something and stays until the case is resolved.
func (s *shift) customer(ctx context.Context, b bundle, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	if !after(ctx, time.Duration(random.Int64N(int64(6*minute)))) {
		return
	}
	created, err := b.Chat.Create(ctx, "en", chat.Profile{})
	if err != nil {
		s.failed(err)
		return
	}
	c := created.Conversation
	watch := b.Hub.Subscribe(c.ID)
	defer watch.Close()
	write := func(text string, then func(context.Context, *chat.Locked) error) {
		s.failed(b.Chat.Lock(ctx, c.ID, func(l *chat.Locked) error {
			if _, err := l.PostCustomer(ctx, chat.CustomerMessage{Text: text}); err != nil {
				return err
			}
			return then(ctx, l)
		}))
	}
	write("I want a person", func(ctx context.Context, l *chat.Locked) error {
		_, err := b.desk.OpenTx(ctx, l, handoff.Request{Reason: handoff.ReasonCustomerRequest})
		return err
	})
	for {
		now, err := b.Chat.Get(ctx, c.ID)
		switch {
		case err != nil:
			s.failed(err)
			return
		case now.State == chat.StateResolved:
			return
		case now.State == chat.StateWaitingCustomer:
			if !after(ctx, minute/4) {
				return
			}
			write("Yes, please", b.desk.WroteTx)
			continue
		}
		select {
		case <-watch.C:
		case <-ctx.Done():
			s.failed(fmt.Errorf("a customer was left waiting: %q", now.State))
			return
		}
	}
}

// agent answers what they are given, and now and then is gone for a while:
// signed out, cut off, or there and doing nothing. After the last absence they stay.
func (s *shift) agent(ctx context.Context, b bundle, who chat.Agent, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 2))
	for range 3 {
		s.work(ctx, b, who, random, time.Duration(random.Int64N(int64(3*minute))))
		absence := minute + time.Duration(random.Int64N(int64(2*minute)))
		switch random.IntN(3) {
		case 0:
			s.failed(b.desk.SignedOut(ctx, who.ID))
			after(ctx, absence)
		case 1:
			after(ctx, absence)
		case 2:
			s.beat(ctx, b, who, absence)
		}
	}
	s.work(ctx, b, who, random, time.Hour)
}

// beat keeps a desk open at which nobody sits.
func (s *shift) beat(ctx context.Context, b bundle, who chat.Agent, d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		if err := b.desk.Beat(ctx, who.ID); err != nil || !after(ctx, minute/20) {
			return
		}
	}
}

// work sits at the desk for so long.
func (s *shift) work(ctx context.Context, b bundle, who chat.Agent, random *rand.Rand, d time.Duration) {
	if ctx.Err() != nil {
		return
	}
	s.failed(b.desk.Beat(ctx, who.ID))
	_, err := b.desk.SetPresence(ctx, who.ID, handoff.Available)
	s.failed(err)
	for end := time.Now().Add(d); time.Now().Before(end) && after(ctx, minute/20); {
		if b.desk.Beat(ctx, who.ID) != nil {
			return
		}
		mine, err := b.desk.Cases(ctx, handoff.Filter{AgentID: who.ID, Open: true, Limit: 10})
		if err != nil {
			return
		}
		for _, k := range mine {
			if k.ChatState == chat.StateHuman && random.IntN(4) == 0 {
				s.serve(ctx, b, who, k.Case, random)
			}
		}
		if c, err := b.desk.Colleague(ctx, who.ID); err == nil && c.Status == handoff.Away {
			_, _ = b.desk.SetPresence(ctx, who.ID, handoff.Available) // who was thought away says otherwise
		}
	}
}

// serve says something, asks something or ends the case. An agent whose case was
// taken from them is told so, and that is all that may go wrong.
func (s *shift) serve(ctx context.Context, b bundle, who chat.Agent, k handoff.Case, random *rand.Rand) {
	var err error
	switch random.IntN(3) {
	case 0:
		_, err = b.desk.Reply(ctx, k.ID, who, "One moment", "")
	case 1:
		_, err = b.desk.Reply(ctx, k.ID, who, "Shall I?", "")
		if err == nil {
			err = b.Chat.Lock(ctx, k.ConversationID, func(l *chat.Locked) error {
				if l.AgentID == nil || *l.AgentID != who.ID || l.State != chat.StateHuman {
					return nil
				}
				return l.Move(ctx, chat.StateWaitingCustomer, nil)
			})
		}
	case 2:
		_, err = b.desk.Resolve(ctx, k.ID, who, "solved", "")
	}
	if !fault.Is(err, "not_your_case") && ctx.Err() == nil {
		s.failed(err)
	}
}

// Two gateways, fifty customers, five agents who leave at random, ten minutes:
// at every moment each case has exactly one owner, none is lost, and when the
// agents are back the queue runs empty. Who was told how long it takes waited so
// long, four times of five at least.
func TestShift(t *testing.T) {
	t.Parallel()
	const customers, agents = 50, 5
	url, master := pgtest.URL(t), chattest.MasterKey(t)
	pace := handoff.Pace{Present: minute, Lost: minute / 2, Left: minute, Silent: minute, Gone: time.Hour, Sweep: minute / 4}
	s := &shift{t: t}
	for range 2 {
		b := gateway(t, url, master, pace)
		b.run(t)
		s.gateways = append(s.gateways, b)
	}
	b := s.gateways[0]
	ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
	defer stop()
	var desk, street sync.WaitGroup
	working, home := context.WithCancel(ctx)
	defer home()
	for i, who := range b.agents(t, agents) {
		b.member(t, who, "", 2, nil, nil)
		desk.Go(func() { s.agent(working, s.gateways[i%2], who, uint64(i)) })
	}
	for i := range customers {
		street.Go(func() { s.customer(ctx, s.gateways[i%2], uint64(i)) })
	}
	street.Wait()
	home()
	desk.Wait()
	require.Empty(t, slices.DeleteFunc(s.failures, func(err error) bool { return strings.Contains(err.Error(), context.Canceled.Error()) }))

	require.Equal(t, customers, b.count(t, "SELECT count(*) FROM cases WHERE state = 'resolved'"), "none is lost")
	require.Zero(t, b.count(t, "SELECT count(*) FROM cases WHERE state <> 'resolved'"))
	owners, err := chattest.Owners(t.Context(), b.DB)
	require.NoError(t, err)
	require.Len(t, owners, customers)
	t.Logf("%d cases changed hands %d times; taken back: %s", customers, b.count(t,
		"SELECT count(*) FROM log WHERE kind = 'case' AND body->>'action' = 'assigned'"), b.tally(t))
	require.Positive(t, b.count(t, "SELECT count(*) FROM log WHERE kind = 'case' AND body->>'action' = 'taken_back'"), "else nobody left")
	told := b.count(t, "SELECT count(*) FROM told_waits WHERE served AND low IS NOT NULL")
	within := b.count(t, `
		SELECT count(*)
		FROM told_waits
		WHERE served AND extract(epoch FROM ended_at - told_at) BETWEEN low AND high`)
	t.Logf("%d were told a range, and %d of them waited within it", told, within)
	require.GreaterOrEqual(t, 10*within, 8*told)
	require.Empty(t, b.Violations(t))
}

// tally counts the causes of what was taken back.
func (b bundle) tally(t *testing.T) (text string) {
	t.Helper()
	require.NoError(t, b.DB.QueryRow(t.Context(), `
		SELECT coalesce(string_agg(cause || ' ' || n, ', '), 'none')
		FROM (
			SELECT body->>'cause' AS cause, count(*) AS n
			FROM log
			WHERE kind = 'case' AND body->>'action' = 'taken_back'
			GROUP BY 1) causes`).Scan(&text))
	return text
}

// The control: the judge finds two owners at once, an owner who was skipped and
// somebody who speaks in a case that is not theirs.
func TestShift_judge_can_fail(t *testing.T) {
	t.Parallel()
	b := setup(t)
	k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person")
	_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
	require.NoError(t, err)
	_, err = chattest.Owners(t.Context(), b.DB)
	require.NoError(t, err)
	for _, forged := range [][2]string{
		{"state", `{"to": "human", "owner": "agent", "agent_id": 4711}`},
		{"message", `{"author": "agent", "agent_id": 4711}`},
		{"case", `{"action": "assigned", "agent_id": 4711}`},
		{"case", `{"action": "taken_back"}`},
	} {
		tx, err := b.DB.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), `
			INSERT INTO log (conversation_id, n, kind, body, commitment, hash, created_at)
			SELECT $1, max(n) + 1, $2, $3::json, '', '', now() FROM log WHERE conversation_id = $1`, k.ConversationID, forged[0], forged[1])
		require.NoError(t, err)
		_, err = chattest.Owners(t.Context(), tx)
		require.Error(t, err, forged)
		require.NoError(t, tx.Rollback(t.Context()))
	}
}
