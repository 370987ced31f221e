// SPDX-License-Identifier: MIT

package handoff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/handoff"
)

// held makes a case one that its agent got so much earlier.
func (b bundle) held(t *testing.T, k handoff.Case, d time.Duration) {
	t.Helper()
	_, err := b.DB.Exec(t.Context(), "UPDATE cases SET claimed_at = claimed_at - $2::interval WHERE id = $1", k.ID, d)
	require.NoError(t, err)
}

func (b bundle) takeBack(t *testing.T, want int) {
	t.Helper()
	taken, err := b.desk.TakeBack(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, taken)
}

// causes are why a case was taken back, as the record has it.
func (b bundle) causes(t *testing.T, k handoff.Case) []string {
	t.Helper()
	rows, err := b.DB.Query(t.Context(), `
		SELECT body->>'cause' FROM log
		WHERE conversation_id = $1 AND kind = 'case' AND body->>'action' = 'taken_back' ORDER BY n`, k.ConversationID)
	require.NoError(t, err)
	var list []string
	for rows.Next() {
		var cause string
		require.NoError(t, rows.Scan(&cause))
		list = append(list, cause)
	}
	require.NoError(t, rows.Err())
	return list
}

func TestService_TakeBack_from_the_silent(t *testing.T) {
	t.Parallel()

	t.Run("a case nothing is done with goes back to its place and to somebody else", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		list := b.agents(t, 2)
		b.here(t, list[0])
		b.member(t, list[0], "", 1, nil, nil)
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "one")
		b.assign(t, 1)
		b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "two")
		b.held(t, k, 4*time.Minute)
		b.takeBack(t, 0)
		b.held(t, k, 2*time.Minute)
		b.takeBack(t, 1)
		require.Equal(t, "agent_left", b.last(t, c).Event)
		require.Equal(t, []string{"silent"}, b.causes(t, k))
		now, err := b.desk.Case(t.Context(), k.ID)
		require.NoError(t, err)
		place, err := b.desk.Place(t.Context(), now)
		require.NoError(t, err)
		require.Equal(t, 1, place.Position)
		require.Equal(t, handoff.Away, b.colleague(t, list[0]).Status, "who reacts to nothing is away")
		b.here(t, list[1])
		b.assign(t, 2)
		require.Equal(t, list[1].ID, b.holder(t, k))
		b.takeBack(t, 0)
		require.Empty(t, b.Violations(t))
	})

	t.Run("who is at work with other cases stays available, and gets this one no more", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.here(t, b.agent)
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		other := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "two")
		b.assign(t, 2)
		_, err := b.desk.Reply(t.Context(), other.ID, b.agent, "Hello", "")
		require.NoError(t, err)
		b.held(t, k, time.Hour)
		b.held(t, other, time.Hour)
		b.takeBack(t, 1)
		require.True(t, b.colleague(t, b.agent).Present())
		b.assign(t, 0)
		require.Equal(t, b.agent.ID, b.holder(t, other))
		// Until they say anew that they are available.
		_, err = b.desk.SetPresence(t.Context(), b.agent.ID, handoff.Busy)
		require.NoError(t, err)
		b.here(t, b.agent)
		b.assign(t, 1)
		require.Equal(t, b.agent.ID, b.holder(t, k))
	})

	t.Run("typing keeps a case", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.here(t, b.agent)
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		b.assign(t, 1)
		b.held(t, k, time.Hour)
		require.NoError(t, b.desk.Typing(t.Context(), k.ID, b.agent))
		b.takeBack(t, 0)
	})

	t.Run("after two of a team the next one up the ladder is asked", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.settings(func(c *chat.Company) {
			c.Teams = []chat.Team{{ID: "front", Name: "Front", EscalatesTo: "second"}, {ID: "second", Name: "Second line"}}
		})
		list := b.agents(t, 3)
		b.member(t, list[2], "second", 4, nil, nil)
		for _, agent := range list {
			b.here(t, agent)
		}
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		var asked []int64
		for range 3 {
			b.assign(t, 1)
			asked = append(asked, b.holder(t, k))
			b.held(t, k, time.Hour)
			b.takeBack(t, 1)
		}
		require.Equal(t, []int64{list[0].ID, list[1].ID, list[2].ID}, asked)
		now, err := b.desk.Case(t.Context(), k.ID)
		require.NoError(t, err)
		require.Equal(t, "second", now.Team)
		require.Equal(t, 1, b.count(t, "SELECT count(*) FROM log WHERE kind = 'case' AND body->>'action' = 'moved_up' AND body->>'team' = 'second'"))
		require.Empty(t, b.Violations(t))
	})
}

func TestService_TakeBack_from_the_absent(t *testing.T) {
	t.Parallel()

	// two cases of the agent: in the second they have spoken.
	open := func(t *testing.T) (b bundle, unanswered, answered handoff.Case) {
		t.Helper()
		b = setup(t)
		b.here(t, b.agent)
		unanswered = b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		answered = b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "two")
		b.assign(t, 2)
		_, err := b.desk.Reply(t.Context(), answered.ID, b.agent, "Hello", "")
		require.NoError(t, err)
		return b, unanswered, answered
	}
	// later makes everything so much older.
	later := func(t *testing.T, b bundle, d time.Duration) {
		t.Helper()
		for _, sql := range []string{
			"UPDATE presence SET last_seen = last_seen - $1::interval, since = since - $1::interval",
			"UPDATE cases SET claimed_at = claimed_at - $1::interval WHERE claimed_at IS NOT NULL",
		} {
			_, err := b.DB.Exec(t.Context(), sql, d)
			require.NoError(t, err)
		}
	}

	t.Run("signing out returns what was not begun at once, the rest after a while", func(t *testing.T) {
		t.Parallel()
		b, unanswered, answered := open(t)
		require.NoError(t, b.desk.SignedOut(t.Context(), b.agent.ID))
		b.takeBack(t, 1)
		require.Equal(t, []string{"signed_out"}, b.causes(t, unanswered))
		require.Equal(t, b.agent.ID, b.holder(t, answered))
		later(t, b, 11*time.Minute)
		b.takeBack(t, 1)
		require.Equal(t, []string{"signed_out"}, b.causes(t, answered))
		require.Empty(t, b.Violations(t))
	})

	t.Run("a lost connection has a grace, and a longer one where they have spoken", func(t *testing.T) {
		t.Parallel()
		b, unanswered, answered := open(t)
		later(t, b, 40*time.Second)
		b.takeBack(t, 0)
		later(t, b, 10*time.Second)
		b.takeBack(t, 1)
		require.Equal(t, []string{"connection_lost"}, b.causes(t, unanswered))
		later(t, b, 9*time.Minute)
		b.takeBack(t, 0)
		later(t, b, time.Minute)
		b.takeBack(t, 1)
		require.Equal(t, []string{"connection_lost"}, b.causes(t, answered))
	})

	t.Run("who is back within the grace keeps everything", func(t *testing.T) {
		t.Parallel()
		b, _, _ := open(t)
		later(t, b, 44*time.Second)
		require.NoError(t, b.desk.Beat(t.Context(), b.agent.ID))
		later(t, b, 10*time.Second)
		b.takeBack(t, 0)
	})

	t.Run("a customer who was answered is left in peace until they write", func(t *testing.T) {
		t.Parallel()
		b, _, answered := open(t)
		c := chat.Conversation{ID: answered.ConversationID}
		require.NoError(t, b.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			return l.Move(t.Context(), chat.StateWaitingCustomer, nil)
		}))
		later(t, b, time.Hour)
		b.takeBack(t, 1)
		require.Equal(t, b.agent.ID, b.holder(t, answered))
		b.writes(t, c, "I am back")
		require.Zero(t, b.holder(t, answered), "and then somebody else takes over at once")
		b.takeBack(t, 0)
	})

	t.Run("an account that is closed has no cases", func(t *testing.T) {
		t.Parallel()
		b, _, _ := open(t)
		_, err := b.DB.Exec(t.Context(), "UPDATE accounts SET disabled_at = now() WHERE id = $1", b.agent.ID)
		require.NoError(t, err)
		b.takeBack(t, 2)
	})

	t.Run("a program without a desk is not absent", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		k := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
		_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		b.held(t, k, 4*time.Minute)
		b.takeBack(t, 0)
	})
}
