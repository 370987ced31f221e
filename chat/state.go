// SPDX-License-Identifier: MIT

package chat

import (
	"slices"

	"candor/internal/fault"
)

// State is where a conversation stands; docs/conversation-states.md draws the machine.
type State string

// The states of a conversation.
const (
	StateBot             State = "bot"              // the bot owns it
	StateQueued          State = "queued"           // a person was promised, position known
	StateAwaitingHours   State = "awaiting_hours"   // a person was promised by a date
	StateHuman           State = "human"            // an agent owns it
	StateWaitingCustomer State = "waiting_customer" // the agent has answered and waits
	StateResolved        State = "resolved"         // a new message reopens it
	StateClosed          State = "closed"           // a new message opens a new conversation
)

// Owner is whose word it is.
type Owner string

// The owners of a conversation.
const (
	OwnerBot   Owner = "bot"
	OwnerQueue Owner = "queue"
	OwnerAgent Owner = "agent"
)

// transitions is the whole machine: what is not here is refused.
var transitions = map[State][]State{
	StateBot:             {StateQueued, StateAwaitingHours, StateHuman, StateClosed},
	StateQueued:          {StateBot, StateAwaitingHours, StateHuman, StateClosed},
	StateAwaitingHours:   {StateBot, StateQueued, StateHuman, StateClosed},
	StateHuman:           {StateBot, StateQueued, StateAwaitingHours, StateHuman, StateWaitingCustomer, StateResolved, StateClosed},
	StateWaitingCustomer: {StateBot, StateQueued, StateAwaitingHours, StateHuman, StateResolved, StateClosed},
	StateResolved:        {StateBot, StateQueued, StateAwaitingHours, StateHuman, StateClosed},
	StateClosed:          {},
}

// CanMove reports whether the machine allows the step. From human to human is
// a transfer to another agent.
func CanMove(from, to State) bool { return slices.Contains(transitions[from], to) }

// owner is whose word it is in the state; resolved and closed keep the last owner.
func (s State) owner(last Owner) Owner {
	switch s {
	case StateBot:
		return OwnerBot
	case StateQueued, StateAwaitingHours:
		return OwnerQueue
	case StateHuman, StateWaitingCustomer:
		return OwnerAgent
	default:
		return last
	}
}

func refuseMove(from, to State) error {
	if from == StateClosed {
		return fault.Conflict("conversation_closed", "This conversation is closed. Please start a new one.")
	}
	return fault.Conflict("state_conflict", "This cannot be done now: the conversation is %q and cannot become %q.", from, to)
}
