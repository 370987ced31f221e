// SPDX-License-Identifier: MIT

// Package chunk cuts the source of an article into the passages that search finds and answers
// quote. It works in two steps: visible takes out what a reader would not see (front matter, tags of
// MDX and HTML, comments, ES imports), and Split packs what is left, heading by heading, into chunks
// of at most Limit. Nothing a reader would see is lost, and each chunk knows its bytes in the source.
// Everything is pure and safe for concurrent use.
package chunk
