// SPDX-License-Identifier: MIT

// Package webhook tells other systems what happens to cases, after the Standard
// Webhooks specification: the database writes what is to be told to an outbox
// in the transaction that it tells of, and a worker signs, sends and retries
// it. A message holds ids, a reason and a priority, never a person or a text;
// who wants more asks the API with a credential.
//
// Any number of processes may deliver: a delivery is leased with SKIP LOCKED on
// the database's clock. A process that dies between the peer's answer and the
// note of it sends the message again, under the same webhook-id. The order is
// not promised. A Service is safe for concurrent use.
package webhook
