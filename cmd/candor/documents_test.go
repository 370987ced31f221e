// SPDX-License-Identifier: MIT

package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// link matches a Markdown link to a place in this repository. Pictures are made apart and not looked for.
var link = regexp.MustCompile(`(^|[^!])\[[^\]]*\]\(([^):\s]+)\)`)

// heading matches a heading of a document.
var heading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)

// anchors are the places in a document that a link may name, made from its headings as the platforms do.
func anchors(document string) []string {
	var names []string
	for _, found := range heading.FindAllStringSubmatch(document, -1) {
		kept := strings.Map(func(r rune) rune {
			if r == ' ' || r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, strings.ToLower(found[1]))
		names = append(names, strings.ReplaceAll(kept, " ", "-"))
	}
	return names
}

// deadLinks are the links of a document that lead nowhere; read gives a file's text by its path.
func deadLinks(path, document string, read func(path string) (string, error)) []string {
	var dead []string
	for _, found := range link.FindAllStringSubmatch(document, -1) {
		file, anchor, _ := strings.Cut(found[2], "#")
		text := document
		if file != "" {
			var err error
			if text, err = read(filepath.Join(filepath.Dir(path), file)); err != nil {
				dead = append(dead, found[2])
				continue
			}
		}
		if anchor != "" && !slices.Contains(anchors(text), anchor) {
			dead = append(dead, found[2])
		}
	}
	return dead
}

func readText(path string) (string, error) {
	text, err := os.ReadFile(path)
	return string(text), err
}

func TestDocuments_links_lead_somewhere(t *testing.T) {
	t.Parallel()
	for path, text := range repositoryFiles(t, "*.md", "docs/*.md") {
		require.Empty(t, deadLinks(path, text, readText), path)
	}
}

func TestDeadLinks_finds(t *testing.T) {
	t.Parallel()
	read := func(path string) (string, error) {
		if path == "docs/other.md" {
			return "## When things fail\n", nil
		}
		return "", os.ErrNotExist
	}
	const document = "# Top\n[a](#top) [b](other.md#when-things-fail) ![c](picture.png) [d](#bottom) [e](other.md#nowhere) [f](ghost.md)"
	require.Equal(t, []string{"#bottom", "other.md#nowhere", "ghost.md"}, deadLinks("docs/this.md", document, read))
}

// goFiles are the texts of the repository's Go files, tests or the others.
func goFiles(t *testing.T, tests bool) string {
	t.Helper()
	var all strings.Builder
	for _, depth := range []string{"*/*.go", "*/*/*.go", "*/*/*/*.go"} {
		files := repositoryFiles(t, depth)
		for _, path := range slices.Sorted(maps.Keys(files)) {
			if strings.HasSuffix(path, "_test.go") == tests {
				all.WriteString(files[path])
			}
		}
	}
	return all.String()
}

// namesIn are what the first group of a pattern matches in a text, each once, sorted.
func namesIn(pattern, text string) []string {
	var list []string
	for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		list = append(list, found[1])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func TestDocuments_name_tests_that_exist(t *testing.T) {
	t.Parallel()
	exist := namesIn(`(?m)^func ([tT]est\w+)\(`, goFiles(t, true))
	named := 0
	for path, text := range repositoryFiles(t, "README.md", "docs/*.md") {
		for _, name := range namesIn("`([tT]est[A-Z]\\w+)`", text) {
			require.Contains(t, exist, name, path)
			named++
		}
	}
	require.Greater(t, named, 5, "the README points at the tests that show what is different")
}

func TestDocuments_list_the_metrics_that_exist(t *testing.T) {
	t.Parallel()
	exist := namesIn(`Name: +"(candor_\w+)"`, goFiles(t, false))
	require.NotEmpty(t, exist)
	for _, text := range repositoryFiles(t, "docs/operations.md") {
		require.Equal(t, exist, namesIn("(?m)^\\| `(candor_\\w+)` \\|", text))
	}
}
