// SPDX-License-Identifier: MIT

// Package llmtest is a fake provider that speaks the OpenAI protocol over real
// HTTP: scripted replies, scripted faults, and a record of all it was asked. It
// imports nothing of this project and no testing package, so the demo mode and
// the load generator run against it just as the tests do.
//
// A Server answers chat completions with what its Behaviour (a function from a
// Request to a Reply) says, or with the next reply of its queue; embeddings are
// hashed word vectors, so near texts have near vectors, the same on every
// machine. A Reply also says how to misbehave: late headers, a slow cadence, a
// stall, a reset connection, an end without a finish reason, garbage.
//
// Every method of Server may be called from any goroutine, also while it serves;
// each request runs in its own goroutine, as always in net/http, and all of them
// are over when Close returns.
package llmtest
