// SPDX-License-Identifier: MIT

// Package guard decides of one sentence whether the bot may say it: whether the passages it cites support it, and whether it is
// something no automated assistant may say at all (a promise to this customer, to be a person, to have passed the case on).
//
// It knows the sentence and the passages, nothing else. Every function is pure and safe for concurrent use.
package guard
