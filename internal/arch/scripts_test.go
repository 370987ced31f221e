// SPDX-License-Identifier: MIT

package arch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hostName matches what would tie a script to one address in the world. Packages, modules and images are named as their
// clients name them; where these fetch from is the machine's configuration.
var hostName = regexp.MustCompile(`(?i)https?://[a-z0-9]|\b([a-z0-9-]+\.)+(ai|app|cc|cn|co|com|de|dev|eu|fr|io|net|org|tools|uk)\b`)

// checkHosts names the host names in a text.
func checkHosts(text string) []string { return hostName.FindAllString(text, -1) }

// file reads a file of the repository by its path from the root.
func file(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", path))
	require.NoError(t, err)
	return string(text)
}

// shellScripts are the repository's scripts by their paths from the root.
func shellScripts(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("../../scripts/*")
	require.NoError(t, err)
	require.NotEmpty(t, found)
	paths := []string{".ci/run"}
	for _, path := range found {
		paths = append(paths, "scripts/"+filepath.Base(path))
	}
	return paths
}

// match finds what a pattern's first group matches in a text.
func match(t *testing.T, pattern, text string) string {
	t.Helper()
	groups := regexp.MustCompile(pattern).FindStringSubmatch(text)
	require.NotEmpty(t, groups, "nothing matches %s", pattern)
	return groups[1]
}

// commands are a script's lines without comments, blank lines and indentation.
func commands(script string) []string {
	var found []string
	for line := range strings.Lines(script) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			found = append(found, line)
		}
	}
	return found
}

func TestScripts_name_no_host(t *testing.T) {
	t.Parallel()
	for _, path := range append(shellScripts(t), "Makefile", "Dockerfile", "docker-compose.yml") {
		require.Empty(t, checkHosts(file(t, path)), path)
	}
}

func TestCheckHosts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"deb http://archive/debian bookworm main", "curl -O https://10.0.0.1/x", "FROM registry.example.com/golang",
		"go run example.org/tool@latest", "wget mirror.example.net/x",
	} {
		require.Len(t, checkHosts(text), 1, text)
	}
	for _, text := range []string{
		"postgres://candor@127.0.0.1:5432/candor", "/etc/apt/sources.list.d/*.sources", "golang:1.26.8-bookworm",
		"pgvector/pgvector:0.8.0-pg17", "./cmd/candor", "docs/configuration.md",
	} {
		require.Empty(t, checkHosts(text), text)
	}
}

func TestScripts_are_sound_bash(t *testing.T) {
	t.Parallel()
	for _, path := range shellScripts(t) {
		output, err := exec.CommandContext(t.Context(), "bash", "-n", filepath.Join("../..", path)).CombinedOutput()
		require.NoError(t, err, "%s: %s", path, output)
		text := file(t, path)
		require.True(t, strings.Contains(text, "set -euo pipefail") || strings.Contains(text, "/lib.sh"), "%s does not stop at a failure", path)
		if path == "scripts/lib.sh" {
			continue
		}
		info, err := os.Stat(filepath.Join("../..", path))
		require.NoError(t, err)
		require.NotZero(t, info.Mode()&0o100, "%s cannot be executed", path)
	}
}

func TestBash_notices_a_script_that_is_not(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken")
	require.NoError(t, os.WriteFile(broken, []byte("if true; then echo\n"), 0o600))
	require.Error(t, exec.CommandContext(t.Context(), "bash", "-n", broken).Run())
}

func TestImage_is_built_by_the_Makefile(t *testing.T) {
	t.Parallel()
	makefile, dockerfile := file(t, "Makefile"), file(t, "Dockerfile")
	recipe := match(t, `(?m)^image-build:.*\n\t(.*)$`, makefile)
	require.Contains(t, recipe, "CGO_ENABLED=0 go build -trimpath")
	require.Regexp(t, `(?m)^build: image-build`, makefile, "what runs here is not what the image holds")
	require.Regexp(t, `(?m)^RUN make image-build `, dockerfile)
	require.NotContains(t, dockerfile, "go build", "the Dockerfile has a build of its own")
}

func TestImage_runs_as_nobody_and_reports_its_health(t *testing.T) {
	t.Parallel()
	stages := strings.Split(file(t, "Dockerfile"), "\nFROM ")
	final := stages[len(stages)-1]
	require.True(t, strings.HasPrefix(final, "scratch\n"))
	require.NotEqual(t, "0", match(t, `(?m)^USER (\d+):\d+$`, final))
	require.Regexp(t, `(?m)^HEALTHCHECK .*CMD \["/candor", "healthcheck"\]$`, final)
}

func TestVersions_agree(t *testing.T) {
	t.Parallel()
	version := match(t, `(?m)^go (\S+)$`, file(t, "go.mod"))
	require.Equal(t, version, match(t, `(?m)^go (\S+)$`, file(t, "tools/go.mod")))
	require.Equal(t, version, match(t, `(?m)^FROM golang:([0-9.]+)-`, file(t, "Dockerfile")))
	require.Equal(t,
		match(t, `(?m)^\s*\S+/golangci-lint/v2 (v\S+)`, file(t, "tools/go.mod")),
		strings.TrimSpace(file(t, ".golangci-lint-version")))
}

func TestCI_closes_with_the_test_command_of_the_README(t *testing.T) {
	t.Parallel()
	steps := commands(file(t, ".ci/run"))
	require.Equal(t, "make test", steps[len(steps)-1])
	require.Regexp(t, `(?m)^make test\b`, file(t, "README.md"))
	require.Regexp(t, `(?m)^make run\b`, file(t, "README.md"))
}

func TestMakefile_explains_each_target(t *testing.T) {
	t.Parallel()
	makefile := file(t, "Makefile")
	for target := range strings.FieldsSeq(match(t, `(?m)^\.PHONY: (.*)$`, makefile)) {
		require.Regexp(t, `(?m)^`+target+`:.* ## \S`, makefile)
	}
}
