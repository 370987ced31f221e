// SPDX-License-Identifier: MIT

package handoff_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/handoff"
)

func references(list []handoff.Listed) []string {
	got := []string{}
	for _, k := range list {
		got = append(got, k.Reference)
	}
	return got
}

func TestService_Inbox(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "one")
	b.age(t, old, time.Hour)
	talk := b.Open(t)
	grave := b.ask(t, talk, handoff.ReasonSafety, "two")
	taken := b.ask(t, b.Open(t), handoff.ReasonCustomerRequest, "three")
	_, err := b.desk.Claim(t.Context(), taken.ID, b.agent)
	require.NoError(t, err)
	read := func(view handoff.View) []handoff.Listed {
		list, err := b.desk.Inbox(t.Context(), view, b.agent.ID, 0, 10)
		require.NoError(t, err)
		return list
	}
	require.Equal(t, []string{grave.Reference, old.Reference}, references(read(handoff.ViewWaiting)))
	require.Equal(t, []string{taken.Reference}, references(read(handoff.ViewMine)))
	require.Equal(t, []string{grave.Reference, old.Reference, taken.Reference}, references(read(handoff.ViewOpen)))
	require.Empty(t, read(handoff.ViewResolved))
	n, err := b.desk.Counts(t.Context(), b.agent.ID)
	require.NoError(t, err)
	require.Equal(t, handoff.Counts{Waiting: 2, Mine: 1, Open: 3}, n)

	second, err := b.desk.Inbox(t.Context(), handoff.ViewWaiting, b.agent.ID, 1, 1)
	require.NoError(t, err)
	require.Equal(t, 2, second[0].Position, "a place is the place in the whole queue, wherever the page begins")

	require.Greater(t, read(handoff.ViewMine)[0].CustomerSeq, read(handoff.ViewMine)[0].AgentSeq)
	_, err = b.desk.Reply(t.Context(), taken.ID, b.agent, "Good morning.", "")
	require.NoError(t, err)
	require.Less(t, read(handoff.ViewMine)[0].CustomerSeq, read(handoff.ViewMine)[0].AgentSeq, "answered")
	_, err = b.desk.Resolve(t.Context(), taken.ID, b.agent, "solved", "")
	require.NoError(t, err)
	require.Equal(t, []string{taken.Reference}, references(read(handoff.ViewResolved)))

	find := func(text string) []string {
		list, err := b.desk.FindReference(t.Context(), text)
		require.NoError(t, err)
		return references(list)
	}
	require.Equal(t, []string{old.Reference}, find(" "+strings.ToLower(strings.ReplaceAll(old.Reference, "-", " "))))
	require.Equal(t, []string{taken.Reference}, find(taken.Reference), "a resolved one too")
	require.Contains(t, find(grave.Reference[:4]), grave.Reference)
	require.Empty(t, find("%"))
	require.Empty(t, find(grave.Reference[:1]), "one letter is no search")
	_, err = b.desk.Inbox(t.Context(), "all", b.agent.ID, 0, 10)
	require.ErrorContains(t, err, "no list")
	require.Empty(t, b.Violations(t))
}

// explained is how PostgreSQL runs a query, and for how many milliseconds.
func (b bundle) explained(t *testing.T, query string, args ...any) (plan string, ms float64) {
	t.Helper()
	var raw []byte
	require.NoError(t, b.DB.QueryRow(t.Context(), "EXPLAIN (ANALYZE, FORMAT JSON) "+query, args...).Scan(&raw))
	var found []struct {
		Time float64 `json:"Execution Time"`
	}
	require.NoError(t, json.Unmarshal(raw, &found))
	return string(raw), found[0].Time
}

func TestInbox_with_5000_open_cases(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.crowd(t, 5000)
	all := map[string]bool{}
	for offset := 0; offset < 5000; offset += 200 {
		list, err := b.desk.Inbox(t.Context(), handoff.ViewWaiting, b.agent.ID, offset, 200)
		require.NoError(t, err)
		for i, k := range list {
			require.Equal(t, offset+i+1, k.Position)
			all[k.Reference] = true
		}
	}
	require.Len(t, all, 5000, "every case is in exactly one part of the list")
	for _, offset := range []int{0, 4900} {
		started := time.Now()
		_, err := b.desk.Inbox(t.Context(), handoff.ViewWaiting, b.agent.ID, offset, 50)
		require.NoError(t, err)
		t.Logf("50 cases from %d on: %v", offset, time.Since(started))
	}
	plan, ms := b.explained(t, handoff.CountsQuery, b.agent.ID)
	t.Logf("counted in %.1f ms", ms)
	require.NotContains(t, plan, `"Sort"`)
	_, ms = b.explained(t, "SELECT k.id FROM cases k "+handoff.Views[handoff.ViewWaiting], b.agent.ID, 4900, 50)
	t.Logf("chosen in %.1f ms", ms)
}
