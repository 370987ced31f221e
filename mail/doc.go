// SPDX-License-Identifier: MIT

// Package mail sends letters: what is to be told is written to an outbox in the
// transaction that it tells of, and a worker words, sends and retries it. It
// knows SMTP and nothing of cases or staff: whoever queues a kind of letter
// gives a [Handler] that words it at the moment of sending, so that neither an
// address nor a text stands in the outbox, and what was erased meanwhile is not
// told.
//
// Any number of processes may deliver: a letter is leased with SKIP LOCKED on
// the database's clock. A process that dies between the server's word and the
// note of it sends the letter again, under the same Message-ID.
package mail
