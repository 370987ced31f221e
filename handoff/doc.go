// SPDX-License-Identifier: MIT

// Package handoff takes a conversation from the bot to a person and back: the
// queue, cases with one reference each, complaints, and what agents do with
// them. Every step is a change under the conversation's lock, so a case and
// the conversation it belongs to can never disagree.
package handoff
