// SPDX-License-Identifier: MIT

// Package bot is the automated side: what a customer wrote comes in, and an
// answer with its sources, a clarifying question, a friendly no or a person
// comes out. [Service.Post] decides by code what must not wait for a model;
// everything else is a turn, which reads from top to bottom in turn.go.
//
// A turn runs in the process that took the message, in a goroutine of its own
// that holds no database connection while it waits for the model. It owns the
// conversation's open turn by a lease; a turn whose process died is found by
// the sweep of any gateway and ends in an answer or a handoff, never in both
// and never in neither.
package bot
