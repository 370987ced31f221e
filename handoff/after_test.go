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

// resolved is a conversation whose case is done.
func (b bundle) resolved(t *testing.T) (chat.Conversation, handoff.Case) {
	t.Helper()
	c, k := b.claimed(t, "a person")
	_, err := b.desk.Reply(t.Context(), k.ID, b.agent, "It is on its way.", "")
	require.NoError(t, err)
	k, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
	require.NoError(t, err)
	return c, k
}

func TestService_WithdrawContact_whatever_became_of_the_case(t *testing.T) {
	t.Parallel()
	give := handoff.Contact{Email: "customer@example.com", TextShown: "Send the answer to my address", Locale: "en"}
	withdrawn := func(t *testing.T, b bundle, c chat.Conversation) {
		t.Helper()
		for range 2 {
			require.NoError(t, b.desk.WithdrawContact(t.Context(), c.ID, "Remove my address", "en"))
		}
		profile, err := b.Chat.Profile(t.Context(), c)
		require.NoError(t, err)
		require.Empty(t, profile.Email)
		require.Equal(t, 1, b.count(t, "SELECT count(*) FROM consents WHERE conversation_id = $1 AND NOT given", c.ID))
		require.Empty(t, b.Violations(t))
	}

	t.Run("once it is resolved, and once it is closed", func(t *testing.T) {
		t.Parallel()
		for _, closed := range []bool{false, true} {
			b := setup(t)
			c, k := b.claimed(t, "a person")
			require.NoError(t, b.desk.LeaveContact(t.Context(), c.ID, give))
			_, err := b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
			require.NoError(t, err)
			if closed {
				week := handoff.New(handoff.Config{DB: b.DB, Chat: b.Chat, Clock: func(now time.Time) time.Time { return now.AddDate(0, 0, 8) }})
				require.NoError(t, week.KeepTime(t.Context()))
				require.Equal(t, chat.StateClosed, b.state(t, c))
			}
			withdrawn(t, b, c)
		}
	})

	t.Run("an address that an agent took down", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		k, err := b.desk.TakeIn(t.Context(), handoff.Intake{
			Channel: "phone", Profile: chat.Profile{Email: give.Email}, Consent: true, Locale: "en", Text: "The engineer did not come.",
		}, b.agent)
		require.NoError(t, err)
		c, err := b.Chat.Get(t.Context(), k.ConversationID)
		require.NoError(t, err)
		withdrawn(t, b, c)
	})
}

func TestService_Correct_by_a_blocked_customer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c, _ := b.claimed(t, "you fools")
	_, err := b.desk.Block(t.Context(), c.ID, b.by(), "harassment", "insults", time.Hour)
	require.NoError(t, err)
	_, err = b.desk.Correct(t.Context(), c.ID, "you are fools all the same")
	require.True(t, fault.Is(err, "customer_blocked"), "%v", err)
}

func TestService_Escalate_again_once_it_was_reopened(t *testing.T) {
	t.Parallel()
	for name, reopen := range map[string]func(b bundle, c chat.Conversation, k handoff.Case) error{
		"by the customer": func(b bundle, c chat.Conversation, k handoff.Case) error {
			b.writes(t, c, "not solved")
			_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
			return err
		},
		"by an agent": func(b bundle, c chat.Conversation, _ handoff.Case) error {
			_, err := b.desk.TakeOver(t.Context(), c.ID, b.agent)
			return err
		},
	} {
		b := setup(t)
		b.Account(t, "s@example.com", "Supervisor 1", "supervisor")
		c, k := b.claimed(t, "a person")
		_, err := b.desk.Escalate(t.Context(), k.ID, b.by(), "over my limit")
		require.NoError(t, err)
		_, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
		require.NoError(t, err)
		require.NoError(t, reopen(b, c, k), name)
		_, err = b.desk.Escalate(t.Context(), k.ID, b.by(), "over my limit again")
		require.NoError(t, err, name)
	}
}

func TestService_Wall_knows_no_wait_below_nothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, k := b.resolved(t)
	_, err := b.DB.Exec(t.Context(), "UPDATE cases SET ready_at = answered_at + interval '9 hours' WHERE id = $1", k.ID)
	require.NoError(t, err)
	w, err := b.desk.Wall(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, w.First.Within)
	require.Zero(t, w.First.P50)
	require.Zero(t, w.First.P90)
}

func TestService_Ratable_not_where_the_matter_goes_on_elsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c, k := b.claimed(t, "one")
	_, err := b.desk.Reply(t.Context(), k.ID, b.agent, "Hello", "")
	require.NoError(t, err)
	address := handoff.Contact{Email: "customer@example.com", TextShown: "to my address", Locale: "en"}
	require.NoError(t, b.desk.LeaveContact(t.Context(), c.ID, address))
	other, into := b.claimed(t, "two")
	require.NoError(t, b.desk.LeaveContact(t.Context(), other.ID, address))
	_, err = b.desk.Merge(t.Context(), k.ID, b.by(), handoff.Into{CaseID: into.ID, SameCustomer: true})
	require.NoError(t, err)
	now, err := b.Chat.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, chat.StateClosed, now.State)
	may, err := b.desk.Ratable(t.Context(), now)
	require.NoError(t, err)
	require.Equal(t, handoff.Ratable{}, may)
	five := 5
	err = b.desk.Rate(t.Context(), c.ID, handoff.Rating{Person: &five})
	require.True(t, fault.Is(err, "not_finished"), "%v", err)
}

func TestService_Snooze_takes_up_nobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	spells := func() (n [2]int) {
		require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT count(*) FILTER (WHERE ended_at IS NULL), count(*) FROM work_spells").Scan(&n[0], &n[1]))
		return n
	}
	expected := func() handoff.Expected {
		b.desk.Forget()
		e, err := b.desk.Expect(t.Context())
		require.NoError(t, err)
		return e
	}
	c, k := b.claimed(t, "a person")
	require.Equal(t, [2]int{1, 1}, spells())
	require.False(t, expected().Nobody)
	_, err := b.desk.Snooze(t.Context(), k.ID, b.agent, time.Now().Add(72*time.Hour))
	require.NoError(t, err)
	require.Equal(t, [2]int{0, 1}, spells(), "days that it lies aside are no work")
	_, err = b.DB.Exec(t.Context(), "UPDATE work_spells SET started_at = started_at - interval '1 hour', ended_at = ended_at - interval '1 hour'")
	require.NoError(t, err)
	require.True(t, expected().Nobody, "who has gone home with a case aside is not at work")
	b.writes(t, c, "one more thing")
	require.Equal(t, [2]int{1, 2}, spells())
	_, err = b.desk.Snooze(t.Context(), k.ID, b.agent, time.Now().Add(72*time.Hour))
	require.NoError(t, err)
	_, err = b.desk.Resolve(t.Context(), k.ID, b.agent, "solved", "")
	require.NoError(t, err)
	require.Equal(t, [2]int{0, 2}, spells())
	require.Empty(t, b.Violations(t))
}
