// SPDX-License-Identifier: MIT

package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

// line is a message as one side heard it.
type line struct {
	Seq    int
	Author string
	Event  string
	Text   string
}

// heard reads the messages out of a side's stream, in the order in which they came.
func heard(t *testing.T, events []event) []line {
	t.Helper()
	var list []line
	for _, e := range events {
		if e.name != "message.created" {
			continue
		}
		var m message
		require.NoError(t, json.Unmarshal([]byte(e.data), &m))
		list = append(list, line{m.Seq, m.Author.Type, m.Event, m.Text})
	}
	return list
}

func lines(messages []message) []line {
	list := make([]line, len(messages))
	for i, m := range messages {
		list[i] = line{m.Seq, m.Author.Type, m.Event, m.Text}
	}
	return list
}

// same judges what the two sides heard against what stands in the record: the
// same, in the same order, without a gap, nothing twice, and each of what they
// wrote in it once.
func same(record, customer, agent []line, wrote []string) error {
	for i, l := range record {
		if l.Seq != i+1 {
			return fmt.Errorf("message %d stands at place %d", l.Seq, i+1)
		}
	}
	for name, side := range map[string][]line{"customer": customer, "agent": agent} {
		if !slices.Equal(record, side) {
			return fmt.Errorf("the %s heard %v, and the record has %v", name, side, record)
		}
	}
	for _, text := range wrote {
		n := 0
		for _, l := range record {
			if l.Text == text {
				n++
			}
		}
		if n != 1 {
			return fmt.Errorf("%q is there %d times", text, n)
		}
	}
	return nil
}

// hold keeps a conversation from everybody until let go.
func (w *world) hold(t *testing.T, c customer) (letGo func()) {
	t.Helper()
	tx, err := w.DB.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "SELECT FROM conversations WHERE public_id = $1 FOR UPDATE", c.id)
	require.NoError(t, err)
	return func() { require.NoError(t, tx.Rollback(t.Context())) }
}

// queued waits until so many stand in line for what is held. PostgreSQL lets them
// in in the order in which they came.
func (w *world) queued(t *testing.T, n int) {
	t.Helper()
	watch, err := w.DB.Acquire(t.Context())
	require.NoError(t, err)
	defer watch.Release()
	for stood := 0; stood < n; {
		require.NoError(t, watch.QueryRow(t.Context(), `
			SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE OF c%'`).Scan(&stood))
	}
}

// A customer writes while an agent claims their case, first the one and then the
// other, with and without a turn of the bot that is just being told: both sides
// hear the same in the same order, and the bot says nothing once a person is there.
func TestRace_the_customer_writes_while_the_case_is_claimed(t *testing.T) {
	t.Parallel()
	const rounds = 24
	w := setupModel(t, stuck())
	agent := w.member(t, "Agent One", staff.RoleAgent)
	var before, after, cut int
	for i := range rounds {
		record := raceRound(t, w, agent, i%2 == 0, i%4 < 2)
		joined := slices.IndexFunc(record, func(l line) bool { return l.Event == "agent_joined" })
		wrote := slices.IndexFunc(record, func(l line) bool { return l.Text == "and my bill" })
		if wrote < joined {
			before++
		} else {
			after++
		}
		for _, l := range record[:joined] {
			if l.Author == "bot" {
				cut++
			}
		}
		require.NotContains(t, authors(record[joined:]), "bot", "round %d", i)
		require.Equal(t, 1, countOf(record, "agent_joined"), "round %d", i)
	}
	t.Logf("%d rounds: written %d times before the agent was there and %d times after; %d answers of the bot were cut short", rounds, before, after, cut)
	require.Positive(t, before, "else one interleaving was never tried")
	require.Positive(t, after, "else one interleaving was never tried")
	require.Positive(t, cut, "else the bot was never interrupted")
	require.Equal(t, cut, w.count(t, "SELECT count(*) FROM turns WHERE outcome = 'superseded'"))
	require.Empty(t, w.Violations(t))
}

// raceRound is one claim and one message that meet, and gives the record of it.
func raceRound(t *testing.T, w *world, agent member, claimFirst, streaming bool) []line {
	t.Helper()
	c := w.customer(t)
	c.says(t, "I want to speak to a person")
	cases := agent.queue(t)
	id := cases[slices.IndexFunc(cases, func(k struct{ ID, Reference, Reason, State, Preview string }) bool { return k.State == "queued" })].ID
	street := w.listen(t, http.MethodGet, c.path("/events"), nil, bearer(c.token))
	desk := w.listen(t, http.MethodGet, "/v1/desk/events?case="+id, nil, bearer(agent.token))
	var told []event
	if streaming {
		r := w.call(t, http.MethodPost, c.path("/consents"), map[string]any{
			"purpose": "assistant_while_waiting", "given": true, "text_shown": "Let the assistant answer while I wait.", "locale": "en",
		}, bearer(c.token))
		require.Equal(t, http.StatusCreated, r.status, string(r.body))
		c.async(t, question)
		told = street.until(t, named("message.delta"))
	}
	steps := []func(){
		func() {
			if r := agent.call(t, http.MethodPost, "/v1/cases/"+id+"/claim", nil); r.status != http.StatusOK {
				t.Errorf("claim: %s", r.body)
			}
		},
		func() {
			for range 2 { // and repeats it, as somebody does who saw no answer
				body := map[string]any{"text": "and my bill", "client_message_id": "bill"}
				if r := w.call(t, http.MethodPost, c.path("/messages"), body, bearer(c.token), header{"Prefer", "respond-async"}); r.status >= http.StatusBadRequest {
					t.Errorf("write: %s", r.body)
				}
			}
		},
	}
	if !claimFirst {
		slices.Reverse(steps)
	}
	letGo := w.hold(t, c)
	var meet sync.WaitGroup
	for i, step := range steps {
		meet.Go(step)
		w.queued(t, i+1)
	}
	letGo()
	meet.Wait()
	r := agent.call(t, http.MethodPost, "/v1/cases/"+id+"/messages", map[string]any{"text": "Good morning."})
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	record := lines(c.transcript(t).Messages)
	told = append(told, street.until(t, saying("Good morning."))...)
	require.NoError(t, same(record, heard(t, told), heard(t, desk.until(t, saying("Good morning."))), []string{"and my bill", "Good morning."}))
	street.close()
	desk.close()
	return record
}

func authors(list []line) (names []string) {
	for _, l := range list {
		names = append(names, l.Author)
	}
	return names
}

func countOf(list []line, event string) (n int) {
	for _, l := range list {
		if l.Event == event {
			n++
		}
	}
	return n
}

func (w *world) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, w.DB.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// The control: the judge finds what is twice, missing, in another order, and
// what only one side heard.
func TestRace_judge_can_fail(t *testing.T) {
	t.Parallel()
	a, b, c := line{1, "customer", "", "one"}, line{2, "agent", "", "two"}, line{3, "customer", "", "three"}
	record := []line{a, b, c}
	wrote := []string{"one", "two", "three"}
	require.NoError(t, same(record, record, record, wrote))
	for name, bad := range map[string][4][]line{
		"twice in the record": {{a, b, {3, "agent", "", "two"}}, {a, b, {3, "agent", "", "two"}}, {a, b, {3, "agent", "", "two"}}},
		"twice to one side":   {record, {a, b, b, c}, record},
		"not heard":           {record, record, {a, c}},
		"in another order":    {record, {b, a, c}, record},
		"a gap":               {{a, c}, {a, c}, {a, c}},
	} {
		require.Error(t, same(bad[0], bad[1], bad[2], wrote), name)
	}
}
