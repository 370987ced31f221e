// SPDX-License-Identifier: MIT

package text

import (
	"strings"
	"unicode/utf8"
)

// Clean reports whether s is UTF-8 without control characters other than line
// breaks and tabs. No person types them, and PostgreSQL keeps no NUL.
func Clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f
	})
}

// CleanLine reports whether s is clean and one line.
func CleanLine(s string) bool { return Clean(s) && !strings.ContainsAny(s, "\n\t\r") }
