// SPDX-License-Identifier: MIT

package webhook_test

import (
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"candor/webhook"
)

func TestTriggers_tell_each_event_in_its_transaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, _ := b.add(t, webhook.Events()...)
	id := b.open(t)
	for _, change := range []string{
		"UPDATE cases SET state = 'claimed', agent_id = %, claimed_at = now() WHERE id = $1",
		"UPDATE cases SET escalated_at = now(), priority = 2 WHERE id = $1",
		"UPDATE cases SET state = 'waiting', agent_id = NULL, claimed_at = NULL WHERE id = $1",
		"UPDATE cases SET team = 'billing' WHERE id = $1",
		"UPDATE cases SET state = 'withdrawn', resolved_at = now() WHERE id = $1",
		"UPDATE cases SET state = 'waiting', resolved_at = NULL WHERE id = $1",
		"INSERT INTO complaints (case_id, state, message_seq, received_at, acknowledged_at, due_at, updated_at) VALUES ($1, 'acknowledged', 1, now(), now(), now(), now())",
		"INSERT INTO clocks (case_id, kind, n, team, priority, state, started_at, elapsed_s, entry) VALUES ($1, 'resolution', 1, '', 0, 'breached', now(), 0, 1)",
		"UPDATE clocks SET breached_at = now() WHERE case_id = $1",
		"UPDATE clocks SET breached_at = now() WHERE case_id = $1",
	} {
		b.exec(t, strings.ReplaceAll(change, "%", strconv.FormatInt(b.account, 10)), id)
	}
	err := pgx.BeginFunc(t.Context(), b.db, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE cases SET priority = 1 WHERE id = $1", id)
		require.NoError(t, err)
		return io.ErrUnexpectedEOF
	})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "what is rolled back is not told")
	list, err := b.hooks.Deliveries(t.Context(), w.ID, 0, 100)
	require.NoError(t, err)
	told := []string{}
	for _, d := range list {
		told = append(told, d.Event)
	}
	require.ElementsMatch(t, []string{
		"case.opened", "case.claimed", "case.escalated", "case.priority_changed", "case.released", "case.transferred", "case.withdrawn", "case.reopened",
		"complaint.received", "clock.breached",
	}, told)
}
