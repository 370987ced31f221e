// SPDX-License-Identifier: MIT

package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat/chattest"
	"candor/llm/llmtest"
	"candor/postgres/pgtest"
	"candor/staff"
)

func TestStream_of_a_turn(t *testing.T) {
	t.Parallel()
	w := setupModel(t, slow(time.Millisecond))
	c := w.customer(t)
	live := w.listen(t, http.MethodPost, c.path("/messages"), map[string]any{"text": question}, bearer(c.token))
	events := live.until(t, named("turn.ended"))
	order := names(events)
	require.Equal(t, "conversation.updated", order[0])
	require.Equal(t, []string{"message.created", "disclosure.shown", "turn.started", "message.delta"}, order[1:5], "the notice stands before the first word")
	require.Equal(t, "turn.ended", order[len(order)-1])
	require.Contains(t, events[len(events)-1].data, `"outcome":"answer"`)
	for _, e := range events {
		require.Equal(t, e.name == "message.created", e.id > 0, "only messages have ids: %s", e.name)
	}
	_, more := <-live.events
	require.False(t, more, "the stream ends with the turn")
}

func TestStream_a_message_sent_again_tells_its_turn_to_the_end(t *testing.T) {
	t.Parallel()
	w := setupModel(t, slow(0))
	c := w.customer(t)
	again := map[string]any{"text": question, "client_message_id": "once"}
	first := w.listen(t, http.MethodPost, c.path("/messages"), again, bearer(c.token))
	told := names(first.until(t, named("turn.ended")))
	second := w.listen(t, http.MethodPost, c.path("/messages"), again, bearer(c.token))
	require.Subset(t, names(second.until(t, named("turn.ended"))), []string{"turn.started", "message.delta", "message.created"})
	require.Contains(t, told, "message.delta")
	require.Equal(t, 1, w.model.Count())
}

func TestStream_fifty_clicks_are_one_message_one_call_and_one_answer(t *testing.T) {
	t.Parallel()
	w := setupModel(t, slow(time.Millisecond))
	c := w.customer(t)
	bodies := make([]string, 50)
	var wg sync.WaitGroup
	for i := range bodies {
		wg.Go(func() {
			r := w.call(t, http.MethodPost, c.path("/messages"), map[string]any{"text": question, "client_message_id": "click"}, bearer(c.token))
			if r.status != http.StatusOK {
				t.Errorf("click %d: %s", i, r.body)
			}
			bodies[i] = string(r.body)
		})
	}
	wg.Wait()
	for _, body := range bodies {
		require.Contains(t, body, "2 EUR a day")
	}
	require.Equal(t, 1, w.model.Count())
	require.Len(t, c.transcript(t).Messages, 2)

	// The control: without an id each click is a message.
	control := w.customer(t)
	control.says(t, question)
	control.says(t, "And on Sundays, "+question)
	require.Greater(t, len(control.transcript(t).Messages), 2)
}

func TestStream_a_wrong_position_is_reset_and_shows_nothing_foreign(t *testing.T) {
	t.Parallel()
	w := setup(t)
	other := w.customer(t)
	for range 5 {
		other.says(t, "agent, this is my secret canary")
	}
	c := w.customer(t)
	c.says(t, question)
	for _, id := range []string{"99999", "-1", "abc", "2147483648", "9223372036854775808", "7:1", strings.Repeat("9", 8000)} {
		live := w.listen(t, http.MethodGet, c.path("/events"), nil, bearer(c.token), header{"Last-Event-ID", id})
		events := live.until(t, saying("2 EUR a day"))
		require.Contains(t, names(events), "reset", id)
		for _, e := range events {
			require.NotContains(t, e.data, "canary")
		}
		live.close()
	}
	right := w.listen(t, http.MethodGet, c.path("/events"), nil, bearer(c.token), header{"Last-Event-ID", "1"})
	require.NotContains(t, names(right.until(t, saying("2 EUR a day"))), "reset", "the control: a right position is not reset")
}

func TestStream_readers_on_another_gateway_see_the_same(t *testing.T) {
	t.Parallel()
	url, master := pgtest.URL(t), chattest.MasterKey(t)
	fake := llmtest.Start(slow(2 * time.Millisecond))
	t.Cleanup(fake.Close)
	here, there := start(t, url, master, fake), start(t, url, master, fake)
	c := here.customer(t)
	reader := there.listen(t, http.MethodGet, c.path("/events"), nil, bearer(c.token))
	reader.until(t, named("conversation.updated"))
	c.says(t, question)
	got := names(reader.until(t, named("turn.ended")))
	require.Contains(t, got, "message.delta")
	require.Contains(t, got, "turn.started")
}

func TestStream_desk_sees_a_new_case_and_the_conversation(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	desk := w.listen(t, http.MethodGet, "/v1/desk/events", nil, bearer(agent.token))
	desk.until(t, named("queue.updated"))
	c := w.customer(t)
	result := c.says(t, "I want to speak to a person")
	desk.until(t, func(e event) bool {
		return e.name == "queue.updated" && strings.Contains(e.data, result.Conversation.Reference)
	})
	one := w.listen(t, http.MethodGet, "/v1/desk/events?case="+agent.queue(t)[0].ID, nil, bearer(agent.token))
	one.until(t, saying("I want to speak to a person"))
	c.says(t, "It is about my bill")
	one.until(t, saying("It is about my bill"))
}

// A customer writes while an agent is claiming: the order is the same for all,
// and no answer of the bot comes after the handoff was acknowledged.
func TestStream_writing_while_a_case_is_claimed(t *testing.T) {
	t.Parallel()
	w := setupModel(t, slow(time.Millisecond))
	agent := w.member(t, "Agent One", staff.RoleAgent)
	for i := range 20 {
		c := w.customer(t)
		var wg sync.WaitGroup
		wg.Go(func() {
			w.call(t, http.MethodPost, c.path("/messages"), map[string]any{"text": question}, bearer(c.token), header{"Prefer", "respond-async"})
		})
		wg.Go(func() { w.call(t, http.MethodPost, c.path("/handoff"), nil, bearer(c.token)) })
		wg.Go(func() {
			w.call(t, http.MethodPost, c.path("/messages"), map[string]any{"text": fmt.Sprintf("more %d", i)}, bearer(c.token), header{"Prefer", "respond-async"})
		})
		wg.Go(func() { agent.call(t, http.MethodPost, c.path("/take-over"), nil) })
		wg.Wait()
		for n, m := range c.says(t, "still here?").Messages {
			require.NotEqual(t, "bot", m.Author.Type, n)
		}
		require.NoError(t, silentAfterHandoff(c.transcript(t).Messages), "run %d", i)
	}
	require.Empty(t, w.Violations(t))
}

// silentAfterHandoff judges a transcript: numbered without a gap, a person was
// promised, and the bot said nothing after that.
func silentAfterHandoff(messages []message) error {
	promised := 0
	for n, m := range messages {
		switch {
		case m.Seq != n+1:
			return fmt.Errorf("message %d stands at place %d", m.Seq, n+1)
		case m.Author.Type == "bot" && promised > 0:
			return fmt.Errorf("the bot spoke in message %d after the handoff in %d", m.Seq, promised)
		case promised == 0 && (m.Event == "handoff_queued" || m.Event == "agent_joined"):
			promised = m.Seq
		}
	}
	if promised == 0 {
		return errors.New("nobody was promised")
	}
	return nil
}

// The control: the judge finds a bot that talks over a person, a gap, and a
// handoff that never was.
func TestStream_judge_can_fail(t *testing.T) {
	t.Parallel()
	line := func(seq int, author, event string) message {
		m := message{Seq: seq, Event: event}
		m.Author.Type = author
		return m
	}
	asked, joined := line(1, "customer", ""), line(2, "system", "agent_joined")
	require.NoError(t, silentAfterHandoff([]message{asked, joined, line(3, "customer", "")}))
	require.Error(t, silentAfterHandoff([]message{asked, joined, line(3, "bot", "")}))
	require.Error(t, silentAfterHandoff([]message{asked, line(3, "system", "agent_joined")}))
	require.Error(t, silentAfterHandoff([]message{asked, line(2, "bot", "")}))
}
