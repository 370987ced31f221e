// SPDX-License-Identifier: MIT

// Package phrase finds in a text what rules describe: rows of words, with the ways to say them, to misspell them and to mean
// something else. The rules are data in the notation of README.md, one file per language; all languages are tried on every text.
//
// A Book is read once and never changes, so it may be used by any number of goroutines; a Reading is of one.
package phrase
