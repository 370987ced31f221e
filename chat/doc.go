// SPDX-License-Identifier: MIT

// Package chat is the durable log of conversations: who may write in one at
// this moment, what was said in which order, and a record of it that verifies.
// Everything that enters a conversation goes through [Service.Lock], which
// holds the conversation's row for one short transaction; whatever is read is
// read from committed rows, and the [Hub] only says when it is worth looking.
//
// Order: seq counts a conversation's messages without gaps and is taken under
// the row lock, so a reader that asks for "after seq" can miss nothing. owner
// and epoch say whose word it is; a turn of the bot is written only while it
// is the conversation's one open turn, and every change of owner ends it.
//
// What people wrote is sealed with their own key ([candor/internal/seal]) and
// enters the record by a salted commitment alone.
package chat
