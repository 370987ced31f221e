// SPDX-License-Identifier: MIT

package chat_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
)

// allStates are the states there are.
var allStates = []chat.State{
	chat.StateBot, chat.StateQueued, chat.StateAwaitingHours, chat.StateHuman,
	chat.StateWaitingCustomer, chat.StateResolved, chat.StateClosed,
}

// step is an arrow of the diagram.
type step struct{ from, to chat.State }

// arrow matches a line of a Mermaid state diagram. [*] stands for the begin and the end, which are no states.
var arrow = regexp.MustCompile(`(?m)^ *([a-z_]+) --> ([a-z_]+)(?::.*)?$`)

// drawnSteps are the arrows between states in a document.
func drawnSteps(document string) []step {
	var steps []step
	for _, found := range arrow.FindAllStringSubmatch(document, -1) {
		steps = append(steps, step{chat.State(found[1]), chat.State(found[2])})
	}
	return steps
}

// compareSteps names where the drawing and the machine differ.
func compareSteps(drawn []step) []string {
	var found []string
	for _, from := range allStates {
		for _, to := range allStates {
			if drawing := slices.Contains(drawn, step{from, to}); drawing != chat.CanMove(from, to) {
				found = append(found, fmt.Sprintf("from %s to %s: drawn %t, allowed %t", from, to, drawing, !drawing))
			}
		}
	}
	for _, s := range drawn {
		if !slices.Contains(allStates, s.from) || !slices.Contains(allStates, s.to) {
			found = append(found, fmt.Sprintf("from %s to %s: there is no such state", s.from, s.to))
		}
	}
	return found
}

func TestStates_are_drawn_as_they_are(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../docs/conversation-states.md")
	require.NoError(t, err)
	drawn := drawnSteps(string(document))
	require.Empty(t, compareSteps(drawn))

	t.Run("an arrow too many, one too few and an unknown state are found: the control", func(t *testing.T) {
		t.Parallel()
		require.Len(t, compareSteps(append(slices.Clone(drawn), step{chat.StateClosed, chat.StateBot})), 1)
		require.Len(t, compareSteps(drawn[1:]), 1)
		require.Len(t, compareSteps(append(slices.Clone(drawn), step{"lost", chat.StateBot})), 1)
	})
}
