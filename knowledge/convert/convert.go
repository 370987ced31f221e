// SPDX-License-Identifier: MIT

// Package convert makes Markdown of the documents that companies have: web pages
// and Word files. What is decoration (navigation, scripts, styles) is left out,
// what is text stays; a file that is not what it says, or swells when it is
// opened, is refused.
package convert

import (
	"strings"

	"candor/internal/fault"
)

// Document is what a file says.
type Document struct {
	Title    string // "" if the file has none
	Lang     string // BCP 47, "" if the file does not say
	URL      string // the canonical address, "" if the file does not say
	Markdown string
	Links    []string // absolute addresses that a page leads to; of a file none
}

func broken(format string, args ...any) error {
	return fault.Invalid("document_broken", format, args...)
}

// clean is one line without runs of space.
func clean(s string) string { return strings.Join(strings.Fields(s), " ") }
