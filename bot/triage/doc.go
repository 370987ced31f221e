// SPDX-License-Identifier: MIT

// Package triage reads a customer's message before any model does and finds what must not be left to one: a person is wanted, a
// complaint, danger, a sensitive matter, "are you a person?", a bad mood, small talk, the same question once more.
//
// What it looks for is data: rules/*.txt, one file per language, in the notation of internal/phrase. The rules of
// all languages are tried on every message, since people mix them. It keeps no state but the rules, which are read once; every
// function is pure and safe for concurrent use.
package triage
