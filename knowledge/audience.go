// SPDX-License-Identifier: MIT

package knowledge

import (
	"slices"

	"candor/internal/fault"
)

// Audience is who may be told what an article says, and as whom the library is searched. Searched as
// nobody in particular ("") it is searched as by an anonymous customer.
type Audience string

// The audiences, each a part of the one before. What is not for everyone is in the closed index, which
// no search for an anonymous customer reads.
const (
	ForEveryone Audience = "everyone"
	ForSignedIn Audience = "signed_in" // customers for whom the company's own site vouches
	ForStaff    Audience = "staff"
)

// wide lists the audiences, the widest first.
var wide = []Audience{ForEveryone, ForSignedIn, ForStaff}

// closedChunks is the table of what is for some alone, each row with its audience.
const closedChunks = "knowledge_closed_chunks"

func (a Audience) check() error {
	if !slices.Contains(wide, a) {
		return fault.Invalid("unknown_audience", "An article is for everyone, for signed_in customers or for staff.")
	}
	return nil
}

// reads are the audiences whose articles somebody of this one may be told, everyone's first. Somebody
// of an unknown one is told no more than everybody.
func (a Audience) reads() []Audience {
	return wide[:max(0, slices.Index(wide, a))+1]
}

// closed are the same without everyone's.
func (a Audience) closed() []Audience { return a.reads()[1:] }

// MayRead tells whether somebody of this audience may be told what an article for the other says.
func (a Audience) MayRead(of Audience) bool { return slices.Contains(a.reads(), of) }

// narrower tells whether fewer are told what is for this audience than what is for the other.
func (a Audience) narrower(than Audience) bool {
	return slices.Index(wide, a) > slices.Index(wide, than)
}
