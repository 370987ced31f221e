// SPDX-License-Identifier: MIT

// Package rank decides in which order passages answer a question. It holds the arithmetic of search
// and nothing else: how a passage is written down for it (Index), how a question is read (Read), BM25
// over chunks and over whole articles, the fusion with the vectors' similarity, and the features from
// which a confidence can be told. Everything is pure and safe for concurrent use.
package rank
