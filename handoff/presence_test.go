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

// here opens the desk of an agent who takes cases.
func (b bundle) here(t *testing.T, agent chat.Agent) {
	t.Helper()
	require.NoError(t, b.desk.Beat(t.Context(), agent.ID))
	_, err := b.desk.SetPresence(t.Context(), agent.ID, handoff.Available)
	require.NoError(t, err)
}

// ago makes the last beat of an agent so much older.
func (b bundle) ago(t *testing.T, agent chat.Agent, d time.Duration) {
	t.Helper()
	_, err := b.DB.Exec(t.Context(), "UPDATE presence SET last_seen = last_seen - $2::interval WHERE account_id = $1", agent.ID, d)
	require.NoError(t, err)
}

func (b bundle) colleague(t *testing.T, agent chat.Agent) handoff.Colleague {
	t.Helper()
	c, err := b.desk.Colleague(t.Context(), agent.ID)
	require.NoError(t, err)
	return c
}

func (b bundle) member(t *testing.T, agent chat.Agent, team string, capacity int, skills, languages []string) {
	t.Helper()
	_, err := b.DB.Exec(t.Context(), `
		INSERT INTO members (account_id, team, capacity, skills, languages)
		VALUES ($1, $2, $3, coalesce($4::text[], '{}'), coalesce($5::text[], '{}'))`, agent.ID, team, capacity, skills, languages)
	require.NoError(t, err)
}

func TestService_presence(t *testing.T) {
	t.Parallel()

	t.Run("takes an open desk and a word", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		require.False(t, b.colleague(t, b.agent).Online)
		_, err := b.desk.SetPresence(t.Context(), b.agent.ID, handoff.Available)
		require.NoError(t, err)
		require.False(t, b.colleague(t, b.agent).Present(), "a word alone is not presence")
		require.NoError(t, b.desk.Beat(t.Context(), b.agent.ID))
		require.True(t, b.colleague(t, b.agent).Present())
		_, err = b.desk.SetPresence(t.Context(), b.agent.ID, handoff.Busy)
		require.NoError(t, err)
		require.False(t, b.colleague(t, b.agent).Present())
		_, err = b.desk.SetPresence(t.Context(), b.agent.ID, "asleep")
		require.True(t, fault.Is(err, "unknown_status"))
	})

	t.Run("an open desk alone makes nobody available", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		require.NoError(t, b.desk.Beat(t.Context(), b.agent.ID))
		c := b.colleague(t, b.agent)
		require.True(t, c.Online)
		require.Equal(t, handoff.Away, c.Status)
	})

	t.Run("ends some time after the last beat and survives a reload of the page", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.here(t, b.agent)
		b.ago(t, b.agent, 10*time.Second)
		require.True(t, b.colleague(t, b.agent).Present())
		b.ago(t, b.agent, 15*time.Second)
		require.False(t, b.colleague(t, b.agent).Online)
		require.NoError(t, b.desk.Beat(t.Context(), b.agent.ID))
		require.True(t, b.colleague(t, b.agent).Present())
	})

	t.Run("is not taken up again after a night", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.here(t, b.agent)
		b.ago(t, b.agent, 8*time.Hour)
		require.NoError(t, b.desk.Beat(t.Context(), b.agent.ID))
		c := b.colleague(t, b.agent)
		require.True(t, c.Online)
		require.Equal(t, handoff.Away, c.Status)
	})

	t.Run("ends at once when the agent signs out", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.here(t, b.agent)
		require.NoError(t, b.desk.SignedOut(t.Context(), b.agent.ID))
		c := b.colleague(t, b.agent)
		require.False(t, c.Online)
		require.Equal(t, handoff.Away, c.Status)
	})
}

func TestService_Present(t *testing.T) {
	t.Parallel()
	b := setup(t)
	company := b.Chat.Company()
	company.Teams = []chat.Team{{ID: "front", Name: "Front"}, {ID: "bills", Name: "Bills"}}
	b.Chat.SetCompany(company)
	second := b.Account(t, "b@example.com", "Agent 2", "agent")
	third := b.Account(t, "c@example.com", "Agent 3", "supervisor")
	editor := b.Account(t, "e@example.com", "Editor 1", "editor")
	b.member(t, second, "bills", 2, nil, nil)
	for _, agent := range []chat.Agent{b.agent, second, third} {
		b.here(t, agent)
	}
	_, err := b.desk.SetPresence(t.Context(), editor.ID, handoff.Available)
	require.True(t, fault.Is(err, "agent_not_found"))
	_, err = b.desk.Claim(t.Context(), b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "a person").ID, second)
	require.NoError(t, err)

	staffing := func(team string) handoff.Staffing {
		n, err := b.desk.Present(t.Context(), team)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, handoff.Staffing{Agents: 2, Capacity: 8}, staffing(""), "who has no team is in the first")
	require.Equal(t, staffing(""), staffing("front"))
	require.Equal(t, handoff.Staffing{Agents: 1, Capacity: 2, Load: 1}, staffing("bills"))
	require.Equal(t, staffing(""), staffing("gone"), "whose cases the first one is given")
	company.Teams = nil
	b.Chat.SetCompany(company)
	require.Equal(t, handoff.Staffing{Agents: 3, Capacity: 10, Load: 1}, staffing(""))
}
