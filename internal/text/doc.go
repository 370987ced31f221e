// SPDX-License-Identifier: MIT

// Package text does the work on words that knows nothing of customers or articles: normal form,
// index terms, language, sentences. Everything here is a pure function of its arguments and safe
// for concurrent use; only Splitter has state, and belongs to one goroutine.
package text
