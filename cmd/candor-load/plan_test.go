// SPDX-License-Identifier: MIT

package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const scanned = `duration: 12.345 ms  plan:
{"Query Text": "SELECT *\n FROM messages", "Plan": {"Node Type": "Limit", "Actual Rows": 1, "Actual Loops": 1, "Plans": [
	{"Node Type": "Seq Scan", "Relation Name": "messages", "Actual Rows": 1, "Actual Loops": 1, "Rows Removed by Filter": 199999},
	{"Node Type": "Index Scan", "Relation Name": "customers", "Index Name": "customers_pkey", "Actual Rows": 1, "Actual Loops": 3}]}}`

func TestReadPlan(t *testing.T) {
	t.Parallel()

	t.Run("names what was scanned and what an index found", func(t *testing.T) {
		t.Parallel()
		p, err := readPlan(scanned)
		require.NoError(t, err)
		require.Equal(t, []string{"messages"}, p.scanned())
		require.Contains(t, p.String(), "messages (seq scan): 200000; customers via customers_pkey: 3")
		require.Contains(t, p.String(), "12.35 ms  SELECT * FROM messages")
	})

	t.Run("thinks nothing of a small table", func(t *testing.T) {
		t.Parallel()
		p, err := readPlan(`duration: 0.010 ms  plan:
			{"Query Text": "SELECT", "Plan": {"Node Type": "Seq Scan", "Relation Name": "accounts", "Actual Rows": 3, "Actual Loops": 1}}`)
		require.NoError(t, err)
		require.Empty(t, p.scanned())
		require.False(t, p.trivial())
	})

	t.Run("refuses what is none", func(t *testing.T) {
		t.Parallel()
		_, err := readPlan("relation exists, skipping")
		require.Error(t, err)
	})
}
