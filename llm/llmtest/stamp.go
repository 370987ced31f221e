// SPDX-License-Identifier: MIT

package llmtest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The marks around a stamped clock; neither is in ordinary text.
const stampOpen, stampClose = "⟦", "⟧"

// stamp writes t as it is put into a token.
func stamp(t time.Time) string {
	return stampOpen + strconv.FormatInt(t.UnixNano(), 10) + stampClose
}

// Stamps finds the server clocks in a text that came from a reply with
// StampClock. A reader that takes its own time at arrival has the exact delay of
// each token, and a token that never arrived is missing from the list.
func Stamps(text string) ([]time.Time, error) {
	var times []time.Time
	for {
		_, rest, found := strings.Cut(text, stampOpen)
		if !found {
			return times, nil
		}
		digits, after, found := strings.Cut(rest, stampClose)
		if !found {
			return times, fmt.Errorf("read stamp %d: not closed", len(times)+1)
		}
		ns, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return times, fmt.Errorf("read stamp %d: %w", len(times)+1, err)
		}
		times, text = append(times, time.Unix(0, ns)), after
	}
}
