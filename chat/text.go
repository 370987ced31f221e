// SPDX-License-Identifier: MIT

package chat

import (
	"strings"
	"unicode/utf8"

	"candor/internal/fault"
	"candor/internal/text"
)

// MaxText is the longest message of a customer or an agent, in characters.
const MaxText = 4000

// CheckText refuses what is no message of a person.
func CheckText(s string) error {
	switch {
	case strings.TrimSpace(s) == "":
		return fault.Invalid("message_empty", "The message is empty.")
	case utf8.RuneCountInString(s) > MaxText:
		return fault.Invalid("message_too_long", "The message is longer than %d characters; please shorten it or send it in parts.", MaxText)
	case !text.Clean(s):
		return fault.Invalid("message_control_characters", "The message has control characters in it; please send plain text.")
	}
	return nil
}

// checkClean refuses a text that PostgreSQL could not keep or no person wrote;
// what names it in the sentence. It may be empty.
func checkClean(what, s string) error {
	if !text.Clean(s) {
		return fault.Invalid("control_characters", "The %s has control characters in it; please send plain text.", what)
	}
	return nil
}
