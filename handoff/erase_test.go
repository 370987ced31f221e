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

func TestService_Erase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	supervisor := b.Account(t, "boss@example.com", "Supervisor 1", "supervisor")

	gone := func(t *testing.T, b bundle, c chat.Conversation, k handoff.Case) {
		t.Helper()
		now, err := b.Chat.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, chat.StateClosed, now.State)
		after, err := b.desk.Case(t.Context(), k.ID)
		require.NoError(t, err)
		require.Equal(t, handoff.StateWithdrawn, after.State)
		require.Equal(t, "erased", *after.Outcome)
		queue, err := b.desk.Queue(t.Context(), 100)
		require.NoError(t, err)
		for _, listed := range queue {
			require.NotEqual(t, k.ID, listed.ID, "it waits for nobody any more")
		}
		_, err = b.Chat.Messages(t.Context(), c, 0, 10)
		require.True(t, fault.Is(err, "conversation_erased"))
		require.Empty(t, b.Violations(t))
	}

	t.Run("closes a case that waits, and its complaint", func(t *testing.T) {
		t.Parallel()
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonComplaint, "you charged me twice")
		require.NoError(t, b.desk.Erase(t.Context(), c.CustomerID, &supervisor))
		gone(t, b, c, k)
		complaint, err := b.desk.Complaint(t.Context(), k.ID)
		require.NoError(t, err)
		require.Equal(t, "closed", complaint.State)
		require.NoError(t, b.desk.Erase(t.Context(), c.CustomerID, nil), "a second time changes nothing")
	})

	t.Run("leaves no row of a block", func(t *testing.T) {
		t.Parallel()
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "you fools")
		_, err := b.desk.Block(t.Context(), c.ID, b.by(), "harassment", "insults", time.Hour)
		require.NoError(t, err)
		other := b.Open(t)
		_, err = b.desk.Block(t.Context(), other.ID, b.by(), "spam", "links", time.Hour)
		require.NoError(t, err)
		require.NoError(t, b.desk.Erase(t.Context(), c.CustomerID, nil))
		gone(t, b, c, k)
		require.Zero(t, b.count(t, "SELECT count(*) FROM blocks WHERE customer_id = $1 OR conversation_id = $2", c.CustomerID, c.ID))
		require.Equal(t, 1, b.count(t, "SELECT count(*) FROM blocks WHERE customer_id = $1", other.CustomerID), "the control: others stay blocked")
	})

	t.Run("closes a case that an agent has", func(t *testing.T) {
		t.Parallel()
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person please")
		_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
		require.NoError(t, err)
		require.NoError(t, b.desk.Erase(t.Context(), c.CustomerID, nil))
		gone(t, b, c, k)
		_, err = b.desk.Reply(t.Context(), k.ID, b.agent, "Hello?", "")
		require.True(t, fault.Is(err, "not_your_case"), "%v", err)
	})

	t.Run("ends what is open though the key was destroyed by hand", func(t *testing.T) {
		t.Parallel()
		b := setup(t) // whose record is not in order for a while
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person please")
		require.NoError(t, b.Keys.Destroy(t.Context(), c.KeyID))
		_, err := b.desk.Claim(t.Context(), k.ID, b.agent)
		require.True(t, fault.Is(err, "conversation_erased"), "%v", err)
		require.NoError(t, b.desk.EndErased(t.Context(), c.ID))
		gone(t, b, c, k)
	})

	t.Run("finishes what was asked for in the database, or was interrupted", func(t *testing.T) {
		t.Parallel()
		c := b.Open(t)
		k := b.ask(t, c, handoff.ReasonCustomerRequest, "a person please")
		_, err := b.DB.Exec(t.Context(), "UPDATE customers SET erase_requested_at = now() WHERE id = $1", c.CustomerID)
		require.NoError(t, err)
		require.NoError(t, b.desk.FinishErasures(t.Context()))
		gone(t, b, c, k)
		left, err := b.Chat.ToErase(t.Context(), 10)
		require.NoError(t, err)
		require.NotContains(t, left, c.CustomerID)
	})
}
