// SPDX-License-Identifier: MIT

package llmtest

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Behaviour decides what a server says to a request. It is called from many
// goroutines at once.
type Behaviour func(Request) Reply

// Ending says how a streamed reply ends. After says after how many tokens for
// those that break off.
type Ending int

// The endings of a stream.
const (
	EndClean    Ending = iota // finish_reason "stop", usage if asked for, [DONE]
	EndLength                 // finish_reason "length", then as EndClean
	EndFiltered               // finish_reason "content_filter", then as EndClean
	EndNoDone                 // finish_reason, then the body ends without [DONE]
	EndNoFinish               // After tokens, then a clean end of the body: no finish_reason, no [DONE]
	EndCut                    // After tokens, then the connection is reset
	EndStall                  // After tokens, then silence until the client leaves
	EndNever                  // the tokens again and again until the client leaves
)

// Reply is what a server answers. The zero Reply is an empty, well-formed answer.
type Reply struct {
	Text      string   // the answer; split into tokens by Split when Tokens is nil
	Tokens    []string // the answer, token by token
	Reasoning []string // reasoning_content tokens that come before the answer

	Hang    bool          // never send headers
	Drop    bool          // reset the connection instead of answering
	Delay   time.Duration // wait before the headers
	Cadence time.Duration // wait before each token

	End   Ending
	After int // tokens before EndNoFinish, EndCut or EndStall takes effect

	NoUsage    bool   // leave usage out although it was asked for
	StampClock bool   // put the server's clock into each token, see Stamps
	Model      string // the model named in the reply; empty: the one asked for

	Status      int               // HTTP status; 0: 200
	RetryAfter  string            // the Retry-After header, seconds or an HTTP date
	Header      map[string]string // further headers
	ContentType string            // of Body; empty: by its first byte
	Body        string            // raw body instead of a completion (garbage, error pages, whole SSE frames)
	Slice       int               // write the body in slices of so many bytes, each flushed

	Vectors [][]float32 // embeddings: these instead of hashed ones
}

// Say is a reply with a text and nothing special.
func Say(text string) Reply { return Reply{Text: text} }

// Fail is a reply with a status and a body in the shape of the protocol's errors.
func Fail(status int, kind, message string) Reply {
	return Reply{Status: status, ContentType: "application/json", Body: errorBody(kind, message)}
}

// tokens gives the tokens of the reply.
func (r Reply) tokens() []string {
	if r.Tokens != nil {
		return r.Tokens
	}
	return Split(r.Text)
}

// Split cuts a text into tokens like a model's: a word with the space before it,
// and each character of a script without spaces by itself. Joined, they are s.
func Split(s string) []string {
	var tokens []string
	start := 0
	for i, r := range s {
		if i > start && (spaceless(r) || unicode.IsSpace(r) || afterSpaceless(s[start:i])) {
			tokens = append(tokens, s[start:i])
			start = i
		}
	}
	if start < len(s) {
		tokens = append(tokens, s[start:])
	}
	return tokens
}

// afterSpaceless reports whether the token so far is a whole one already.
func afterSpaceless(token string) bool {
	r, _ := utf8.DecodeLastRuneInString(token)
	return spaceless(r)
}

// spaceless reports whether r is of a script that writes no spaces between words.
func spaceless(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) ||
		strings.ContainsRune("。，！？、；：", r)
}
