// SPDX-License-Identifier: MIT

package knowledge

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStages_are_as_documented holds the table of docs/article-states.md against the program.
func TestStages_are_as_documented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/article-states.md")
	require.NoError(t, err)
	known := map[string]action{
		"save": write, "ask for a review": askReview, "withdraw the request": withdraw, "approve": approve,
		"send back": sendBack, "schedule": schedule, "take off the schedule": takeDown,
	}
	rows := regexp.MustCompile("(?m)^\\| ([a-z ]+) \\| ((?:`[a-z_]+` ?)+) \\|").FindAllStringSubmatch(string(text), -1)
	require.Len(t, rows, len(known))
	for _, row := range rows {
		a, ok := known[row[1]]
		require.True(t, ok, row[1])
		var from []Stage
		for word := range strings.FieldsSeq(row[2]) {
			from = append(from, Stage(strings.Trim(word, "`")))
		}
		require.ElementsMatch(t, from, a.from, row[1])
		for stage := range stageWords {
			refused := a.check(stage)
			if slices.Contains(from, stage) {
				require.NoError(t, refused, "%s from %s", row[1], stage)
			} else {
				require.Error(t, refused, "%s from %s", row[1], stage)
			}
		}
	}
}
