// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/staff"
)

// A gateway that finds the words of a turn gone ends it, and does not take it up
// for ever.
func TestErase_a_lost_turn_of_somebody_who_is_gone_ends(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	inside, err := w.Chat.Find(t.Context(), c.id)
	require.NoError(t, err)
	require.NoError(t, w.Keys.Destroy(t.Context(), inside.KeyID))
	_, err = w.DB.Exec(t.Context(), `
		INSERT INTO turns (conversation_id, from_seq, to_seq, epoch, disclosure_id, holder, lease_until)
		SELECT conversation_id, 1, 1, 1, id, 'a process that died', now()
		FROM disclosures
		WHERE conversation_id = $1`, inside.ID)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		now, err := w.Chat.Get(t.Context(), inside.ID)
		return err == nil && now.State == chat.StateClosed
	}, time.Minute, 20*time.Millisecond)
	lost, err := w.Chat.TakeLost(t.Context(), "other", time.Second)
	require.NoError(t, err)
	require.Nil(t, lost)
}

func TestErase_while_the_bot_answers(t *testing.T) {
	t.Parallel()
	w := setupModel(t, stuck())
	agent := w.member(t, "Agent One", staff.RoleAgent)
	c := w.customer(t)
	live := w.listen(t, http.MethodPost, c.path("/messages"), map[string]any{"text": question}, bearer(c.token))
	live.until(t, named("message.delta"))
	inside, err := w.Chat.Find(t.Context(), c.id)
	require.NoError(t, err)
	require.NoError(t, w.desk.Erase(t.Context(), inside.CustomerID, nil))
	live.until(t, named("turn.ended"))
	require.Equal(t, "conversation_closed", w.call(t, http.MethodPost, c.path("/messages"), map[string]any{"text": question}, bearer(c.token)).code(t))
	require.Empty(t, agent.queue(t))
	require.Empty(t, w.Violations(t))
}

func TestTakeOver_the_desk_sees_what_the_bot_had_shown(t *testing.T) {
	t.Parallel()
	w := setupModel(t, stuck())
	agent := w.member(t, "Agent One", staff.RoleAgent)
	c := w.customer(t)
	live := w.listen(t, http.MethodPost, c.path("/messages"), map[string]any{"text": question}, bearer(c.token))
	live.until(t, named("message.delta"))
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, c.path("/take-over"), nil).status)
	var file struct {
		Turns []struct {
			Outcome    string
			MessageSeq int `json:"message_seq"`
			Sentences  []struct {
				Text  string
				Shown bool
			}
		}
	}
	r := agent.call(t, http.MethodGet, "/v1/desk/conversations/"+c.id, nil)
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	r.into(t, &file)
	require.Len(t, file.Turns, 1)
	require.Equal(t, "superseded", file.Turns[0].Outcome)
	require.Equal(t, 2, file.Turns[0].MessageSeq)
	require.NotEmpty(t, file.Turns[0].Sentences)
	require.True(t, file.Turns[0].Sentences[0].Shown)
	require.Contains(t, file.Turns[0].Sentences[0].Text, "2 EUR a day")
}
