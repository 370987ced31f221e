// SPDX-License-Identifier: MIT

package chat_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"candor/chat"
	"candor/chat/chattest"
	"candor/postgres/pgtest"
)

func newDatabase(t *testing.T) string {
	t.Helper()
	return pgtest.URL(t)
}

// goodLog is a record with a bit of everything in it, and sealed.
func goodLog(t *testing.T) (*chattest.World, chat.Conversation) {
	t.Helper()
	w := chattest.New(t)
	return w, writeGoodLog(t, w)
}

func writeGoodLog(t *testing.T, w *chattest.World) chat.Conversation {
	t.Helper()
	agent := w.Account(t, "agent@example.com", "Agent 1", "agent")
	c := w.Open(t)
	_, turn := post(t, w, c, "question")
	_, err := w.Chat.AppendSentence(t.Context(), c, *turn, 0, chat.Sentence{
		Text: "A sentence.", Citations: []chat.Citation{{ArticleID: 7, Version: 3, Title: "T", Quote: "Q"}},
	})
	require.NoError(t, err)
	move(t, w, c, chat.StateHuman, &agent)
	require.NoError(t, w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
		if _, err := l.PostSystem("agent_joined", "Agent 1 is here"); err != nil {
			return err
		}
		_, err := l.PostAgent(t.Context(), agent, "Good morning", "")
		return err
	}))
	sealed, err := w.Chat.SealHeads(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, sealed)
	return c
}

func TestCheck_finds_nothing_in_a_good_log(t *testing.T) {
	t.Parallel()
	w, _ := goodLog(t)
	require.Empty(t, w.Violations(t))
	done, err := w.Chat.Check(t.Context(), func(chat.Violation) {})
	require.NoError(t, err)
	require.Equal(t, 5, done.Opened, "four messages and the words of the turn that was stopped")
	again, err := w.Chat.SealHeads(t.Context())
	require.NoError(t, err)
	require.Zero(t, again, "nothing moved since")
}

// Each mutant is a log that breaks one promise behind the back of the program,
// with the rights of a superuser.
func TestCheck_names_each_mutant(t *testing.T) {
	t.Parallel()
	for name, mutant := range map[string]struct {
		sql       string
		invariant string
	}{
		"an entry was changed":          {"UPDATE log SET body = '{\"locale\":\"de\"}' WHERE n = 1", chat.InvariantChain},
		"an entry was removed":          {"DELETE FROM log WHERE n = 3", chat.InvariantChain},
		"two entries were swapped":      {"UPDATE log a SET kind = b.kind, body = b.body, commitment = b.commitment, created_at = b.created_at, hash = b.hash FROM log b WHERE a.n IN (3, 4) AND b.n = 7 - a.n", chat.InvariantChain},
		"the time of an entry moved":    {"UPDATE log SET created_at = created_at - interval '1 hour' WHERE n = 3", chat.InvariantChain},
		"a message was rewritten":       {"UPDATE messages SET commitment = 'x' WHERE seq = 1", chat.InvariantChain},
		"a message changed its author":  {"UPDATE messages SET author = 'system', automated = true WHERE seq = 1", chat.InvariantChain},
		"a message was removed":         {"DELETE FROM messages WHERE seq = 3", chat.InvariantChain},
		"a message was moved in time":   {"UPDATE messages SET created_at = created_at - interval '1 hour' WHERE seq = 1", chat.InvariantChain},
		"an agent was given a name":     {"UPDATE messages SET agent_name = 'Agent 2' WHERE author = 'agent'", chat.InvariantChain},
		"a partial answer became whole": {"UPDATE messages SET partial = false WHERE seq = 2", chat.InvariantChain},
		"a notice changed its meaning":  {"UPDATE messages SET event = 'agent_left' WHERE author = 'system'", chat.InvariantChain},
		"an answer lost its turn":       {"UPDATE messages SET turn_id = NULL WHERE seq = 2", chat.InvariantChain},
		"a question was waved through":  {"UPDATE messages SET needs_turn = false WHERE seq = 1", chat.InvariantChain},
		"a source was exchanged":        {"UPDATE citations SET version = 4", chat.InvariantChain},
		"a label was changed":           {"UPDATE disclosures SET label = 'Agent'", chat.InvariantDisclosure},
		"a notice was deleted":          {"DELETE FROM disclosures", chat.InvariantDisclosure},
		"words were moved":              {"UPDATE messages SET sealed = (SELECT sealed FROM messages WHERE seq = 4) WHERE seq = 1", chat.InvariantText},
		"words were blanked":            {"UPDATE messages SET sealed = NULL, redacted_at = now() WHERE seq = 1", chat.InvariantText},
		"notes were changed":            {"UPDATE log SET sealed = 'x' WHERE sealed IS NOT NULL", chat.InvariantText},
		"notes were blanked":            {"UPDATE log SET sealed = NULL WHERE sealed IS NOT NULL", chat.InvariantText},
		"the key was destroyed":         {"UPDATE keys SET keyset = NULL, destroyed_at = now() WHERE id IN (SELECT key_id FROM customers)", chat.InvariantText},
		"the key was lost":              {"DELETE FROM keys WHERE id IN (SELECT key_id FROM customers)", chat.InvariantText},
		"the conversation was deleted":  {"WITH a AS (DELETE FROM log), b AS (DELETE FROM messages), c AS (DELETE FROM citations), d AS (DELETE FROM disclosures), e AS (DELETE FROM turns) DELETE FROM conversations", chat.InvariantSeal},
		"a debt was written off":        {"UPDATE conversations SET settled_seq = last_seq + 1", chat.InvariantTurns},
		"a turn was opened again":       {"UPDATE turns SET ended_at = NULL, outcome = NULL, lease_until = now() + interval '1 hour'", chat.InvariantTurns},
		"another agent was put there":   {"UPDATE conversations SET agent_id = agent_id + 1", chat.InvariantStates},
		"the end was cut off":           {"WITH cut AS (DELETE FROM log WHERE n > 3) UPDATE conversations SET last_entry = 3, head = (SELECT hash FROM log WHERE n = 3)", chat.InvariantSeal},
		"a seal was rewritten":          {"UPDATE seals SET digest = 'x'", chat.InvariantSeal},
		"a sealed head was rewritten":   {"UPDATE seal_heads SET head = 'x'", chat.InvariantSeal},
		"a turn was left open":          {"INSERT INTO turns (conversation_id, from_seq, to_seq, epoch, disclosure_id, holder, lease_until) SELECT conversation_id, 1, 1, 1, id, 'nobody', now() - interval '1 hour' FROM disclosures LIMIT 1", chat.InvariantTurns},
		"a customer was forgotten":      {"UPDATE conversations SET state = 'bot', owner = 'bot', agent_id = NULL, settled_seq = 0", chat.InvariantTurns},
		"the state was changed by hand": {"UPDATE conversations SET state = 'resolved'", chat.InvariantStates},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, master := newDatabase(t), chattest.MasterKey(t)
			w := chattest.On(t, url, master)
			writeGoodLog(t, w)
			mutate(t, w, mutant.sql)
			require.Contains(t, invariants(chattest.On(t, url, master).Violations(t)), mutant.invariant, "as a gateway finds it that has no key in its cache")
		})
	}
}

// Whoever has a key can seal other words with it; the record says which ones were said.
func TestCheck_names_words_that_were_exchanged_under_their_own_key(t *testing.T) {
	t.Parallel()
	w, c := goodLog(t)
	key, err := w.Keys.Key(t.Context(), c.KeyID)
	require.NoError(t, err)
	sealed, _, err := key.Seal("c/"+c.PublicID+"/m/1", []byte(`{"text":"never said"}`))
	require.NoError(t, err)
	mutate(t, w, fmt.Sprintf(`UPDATE messages SET sealed = '\x%x' WHERE seq = 1`, sealed))
	list, err := w.Chat.Messages(t.Context(), c, 0, 1)
	require.NoError(t, err)
	require.Equal(t, "never said", list[0].Text, "it opens")
	require.Equal(t, []string{chat.InvariantText}, invariants(w.Violations(t)))
}

func mutate(t *testing.T, w *chattest.World, sql string) {
	t.Helper()
	conn, err := w.DB.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	_, err = conn.Exec(t.Context(), "SET session_replication_role = replica") // no triggers, no foreign keys
	require.NoError(t, err)
	tag, err := conn.Exec(t.Context(), sql)
	require.NoError(t, err)
	require.NotZero(t, tag.RowsAffected(), "the mutation must change something")
	_, err = conn.Exec(t.Context(), "SET session_replication_role = origin")
	require.NoError(t, err)
}

func invariants(list []chat.Violation) (names []string) {
	for _, v := range list {
		names = append(names, v.Invariant)
	}
	return names
}

// A random walk over the machine: whatever is asked in whatever order, what is
// allowed happens, what is not is refused, and the record verifies.
func TestStates_random_walk(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	agents := []chat.Agent{w.Account(t, "a@example.com", "Agent 1", "agent"), w.Account(t, "b@example.com", "Agent 2", "agent")}
	states := []chat.State{
		chat.StateBot, chat.StateQueued, chat.StateAwaitingHours, chat.StateHuman,
		chat.StateWaitingCustomer, chat.StateResolved, chat.StateClosed,
	}
	rapid.Check(t, func(rt *rapid.T) {
		c := w.Open(t)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			to := rapid.SampledFrom(states).Draw(rt, "to")
			agent := rapid.SampledFrom(agents).Draw(rt, "agent")
			before, err := w.Chat.Get(t.Context(), c.ID)
			require.NoError(rt, err)
			err = w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
				if to == chat.StateBot && l.Owner == chat.OwnerAgent {
					if err := l.Consent(chat.Consent{Purpose: chat.PurposeReturnToBot, Given: true, TextShown: "yes?", Locale: "en"}); err != nil {
						return err
					}
				}
				if to == chat.StateHuman || to == chat.StateWaitingCustomer {
					return l.Move(t.Context(), to, &agent)
				}
				return l.Move(t.Context(), to, nil)
			})
			after, getErr := w.Chat.Get(t.Context(), c.ID)
			require.NoError(rt, getErr)
			if !chat.CanMove(before.State, to) {
				require.Error(rt, err)
				require.Equal(rt, before, after, "a refused step changes nothing")
				continue
			}
			require.NoError(rt, err)
			require.Equal(rt, to, after.State)
			require.Equal(rt, before.Owner != after.Owner || !sameAgent(before, after), after.Epoch > before.Epoch)
		}
	})
	require.Empty(t, w.Violations(t))
}

func sameAgent(a, b chat.Conversation) bool {
	if a.AgentID == nil || b.AgentID == nil {
		return a.AgentID == b.AgentID
	}
	return *a.AgentID == *b.AgentID
}

// Forged records are whole chains that hold, with an entry that should never
// have been written: written through the back door of the export for tests.
func TestCheck_names_forged_records(t *testing.T) {
	t.Parallel()
	for name, forged := range map[string]struct {
		message   chat.Message
		owner     chat.State
		invariant string
	}{
		"the bot spoke under no notice":         {chat.Message{Author: chat.AuthorBot, Automated: true, DisclosureID: "d9"}, "", chat.InvariantDisclosure},
		"the bot hid that it is automated":      {chat.Message{Author: chat.AuthorSystem}, "", chat.InvariantDisclosure},
		"the bot spoke over the queue":          {chat.Message{Author: chat.AuthorBot, Automated: true, DisclosureID: "d2"}, chat.StateQueued, chat.InvariantFencing},
		"the bot spoke over an agent":           {chat.Message{Author: chat.AuthorBot, Automated: true, DisclosureID: "d2"}, chat.StateHuman, chat.InvariantFencing},
		"a turn spoke that was not open":        {chat.Message{Author: chat.AuthorBot, Automated: true, DisclosureID: "d2", TurnID: 77}, "", chat.InvariantFencing},
		"the control: nothing is wrong with it": {chat.Message{Author: chat.AuthorBot, Automated: true, DisclosureID: "d2"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := chattest.New(t)
			_, err := w.DB.Exec(t.Context(), "ALTER TABLE messages DROP CONSTRAINT automated_says_so, DROP CONSTRAINT messages_conversation_id_disclosure_id_fkey, DROP CONSTRAINT messages_turn_id_fkey")
			require.NoError(t, err)
			agent := w.Account(t, "agent@example.com", "Agent 1", "agent")
			c := w.Open(t)
			if forged.owner != "" {
				move(t, w, c, forged.owner, &agent)
			}
			require.NoError(t, w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error { return l.Forge(forged.message) }))
			found := invariants(w.Violations(t))
			if forged.invariant == "" {
				require.Empty(t, found)
				return
			}
			require.Contains(t, found, forged.invariant)
		})
	}
}
