// SPDX-License-Identifier: MIT

package arch_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tooLarge is more than any file has that somebody wrote or drew, and less than a binary of Go.
const tooLarge = 1 << 20

// checkCommitted names the files of a listing by `git ls-tree -r -l` that are larger than a limit in bytes.
func checkCommitted(listing string, limit int) []string {
	var found []string
	for line := range strings.Lines(listing) {
		about, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		fields := strings.Fields(about)
		size, err := strconv.Atoi(fields[len(fields)-1])
		if err == nil && size > limit {
			found = append(found, name+" has "+strconv.Itoa(size)+" bytes")
		}
	}
	return found
}

func TestCommitted_is_nothing_that_was_built(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("../../.git"); err != nil {
		t.Skip("not a checkout of git")
	}
	command := exec.CommandContext(t.Context(), "git", "ls-tree", "-r", "-l", "HEAD")
	command.Dir = "../.."
	listing, err := command.Output()
	require.NoError(t, err)
	require.Contains(t, string(listing), "\tgo.mod")
	require.Empty(t, checkCommitted(string(listing), tooLarge))
}

func TestCheckCommitted_names_the_large(t *testing.T) {
	t.Parallel()
	listing := "100644 blob 1a2b      12\tsmall.go\n100755 blob 3c4d 2000000\tcandor\n160000 commit 5e6f       -\tmodule\n"
	require.Equal(t, []string{"candor has 2000000 bytes"}, checkCommitted(listing, tooLarge))
}
