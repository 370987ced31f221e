// SPDX-License-Identifier: MIT

package chat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
)

// scene writes a conversation step by step, all in one transaction.
type scene struct {
	*testing.T
	*chat.Locked
	agent chat.Agent
}

func (s scene) ask(noTurn bool) {
	_, err := s.PostCustomer(s.Context(), chat.CustomerMessage{Text: "question", NoTurn: noTurn})
	require.NoError(s, err)
}

func (s scene) botSays() {
	d, err := s.Disclosure(s.Context())
	require.NoError(s, err)
	_, err = s.PostBot(s.Context(), d, chat.BotMessage{Text: "Hello"})
	require.NoError(s, err)
}

func (s scene) agentSays() {
	_, err := s.PostAgent(s.Context(), s.agent, "Hello", "")
	require.NoError(s, err)
}

func (s scene) open() *chat.Turn {
	turn, err := s.OpenTurn(s.Context(), "gateway-1", lease)
	require.NoError(s, err)
	return turn
}

func (s scene) end(turn *chat.Turn) {
	ours, err := s.EndTurn(s.Context(), turn.ID, turn.Holder, chat.OutcomeDecline, func() error { return nil })
	require.NoError(s, err)
	require.True(s, ours)
}

func (s scene) move(to chat.State) {
	var agent *chat.Agent
	if to == chat.StateHuman {
		agent = &s.agent
	}
	require.NoError(s, s.Move(s.Context(), to, agent))
}

func (s scene) comeBack() {
	require.NoError(s, s.Consent(chat.Consent{Purpose: chat.PurposeReturnToBot, Given: true, TextShown: "yes?", Locale: "en"}))
	s.move(chat.StateBot)
}

func TestCheck_follows_who_owes_an_answer(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]struct {
		tell func(scene)
		owed bool // and nobody pays
	}{
		"nobody answers":                    {func(s scene) { s.ask(false) }, true},
		"it is settled without an answer":   {func(s scene) { s.ask(false); s.Settle() }, true},
		"code was to answer and did not":    {func(s scene) { s.ask(true) }, true},
		"code answered the second only":     {func(s scene) { s.ask(true); s.ask(true); s.botSays() }, true},
		"a stopped turn answered nothing":   {func(s scene) { s.ask(false); s.open(); require.NoError(s, s.StopTurn(s.Context())) }, true},
		"the bot has it back and forgot it": {func(s scene) { s.ask(false); s.move(chat.StateHuman); s.comeBack(); s.Unsettle(1) }, true},
		"code answered":                     {func(s scene) { s.ask(true); s.botSays() }, false},
		"a turn is open":                    {func(s scene) { s.ask(false); s.open() }, false},
		"a turn has ended":                  {func(s scene) { s.ask(false); s.end(s.open()) }, false},
		"a person was called":               {func(s scene) { s.ask(false); s.move(chat.StateQueued) }, false},
		"settled in the queue":              {func(s scene) { s.move(chat.StateQueued); s.ask(false); s.Settle() }, false},
		"a person answered":                 {func(s scene) { s.move(chat.StateHuman); s.ask(false); s.agentSays(); s.comeBack() }, false},
		"the bot has it back and answers":   {func(s scene) { s.ask(false); s.move(chat.StateHuman); s.comeBack(); s.Unsettle(1); s.open() }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := chattest.New(t)
			agent := w.Account(t, "agent@example.com", "Agent 1", "agent")
			require.NoError(t, w.Chat.Lock(t.Context(), w.Open(t).ID, func(l *chat.Locked) error {
				story.tell(scene{t, l, agent})
				return nil
			}))
			found := invariants(w.Violations(t))
			if story.owed {
				require.Equal(t, []string{chat.InvariantTurns}, found)
			} else {
				require.Empty(t, found)
			}
		})
	}
}
