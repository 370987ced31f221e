// SPDX-License-Identifier: MIT

package arch_test

import (
	"fmt"
	"go/ast"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	licence       = "// SPDX-License-Identifier: MIT\n"
	longestFile   = 400 // lines of a file that is not a test
	longestMethod = 60  // lines of a function outside tests, braces included
)

// tooLong are the files that may be longer, each with its reason. A file that got shorter has to leave the list.
var tooLong = map[string]string{}

// checkLicence names the Go files that do not begin with the licence's line.
func checkLicence(t tree) []string {
	var found []string
	for _, file := range t.goFiles() {
		if !strings.HasPrefix(file.text, licence) {
			found = append(found, file.path+" does not begin with "+strings.TrimSpace(licence))
		}
	}
	return found
}

// checkFileLength names the files that are longer than they may be, and exceptions that are none any more.
func checkFileLength(t tree, exceptions map[string]string) []string {
	var found []string
	long := map[string]bool{}
	for _, file := range t.sources {
		if file.isTestFile() || file.lines() <= longestFile {
			continue
		}
		long[file.path] = true
		if exceptions[file.path] == "" {
			found = append(found, fmt.Sprintf("%s has %d lines, at most %d: divide it by what it does", file.path, file.lines(), longestFile))
		}
	}
	for path := range exceptions {
		if !long[path] {
			found = append(found, path+" is no longer too long: take it off the list")
		}
	}
	return found
}

// checkFunctionLength names the functions outside tests that do not fit a screen.
func checkFunctionLength(t tree) []string {
	var found []string
	for _, file := range t.goFiles() {
		if file.isTestFile() {
			continue
		}
		for _, declared := range file.syntax.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok {
				continue
			}
			length := t.fset.Position(function.End()).Line - t.fset.Position(function.Pos()).Line + 1
			if length > longestMethod {
				found = append(found, fmt.Sprintf("%s: %s has %d lines, at most %d", file.path, function.Name.Name, length, longestMethod))
			}
		}
	}
	return found
}

// checkCalls names the uses of pkg.name in the files that the rule is for.
func checkCalls(t tree, pkg, name string, concerns func(source) bool) []string {
	var found []string
	for _, file := range t.goFiles() {
		if !concerns(file) {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			selector, ok := node.(*ast.SelectorExpr)
			if ok && selector.Sel.Name == name {
				if base, ok := selector.X.(*ast.Ident); ok && base.Name == pkg {
					found = append(found, fmt.Sprintf("%s uses %s.%s", t.fset.Position(node.Pos()), pkg, name))
				}
			}
			return true
		})
	}
	return found
}

// checkSleeps names the tests that wait for a time instead of for an event.
func checkSleeps(t tree) []string {
	return checkCalls(t, "time", "Sleep", source.forTests)
}

// checkEnvironment names product code outside cmd that reads the environment: elsewhere configuration is an argument.
func checkEnvironment(t tree) []string {
	concerns := func(file source) bool { return !file.forTests() && !below(file.folder(), "cmd") }
	return append(checkCalls(t, "os", "Getenv", concerns), checkCalls(t, "os", "LookupEnv", concerns)...)
}

func TestSource(t *testing.T) {
	t.Parallel()
	read := repository(t)
	t.Run("each Go file names the licence", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, checkLicence(read))
	})
	t.Run("files fit 400 lines", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, checkFileLength(read, tooLong))
	})
	t.Run("functions fit a screen", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, checkFunctionLength(read))
	})
	t.Run("no test sleeps", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, checkSleeps(read))
	})
	t.Run("only cmd reads the environment", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, checkEnvironment(read))
	})
}

func TestCheckLicence_finds_the_file_without(t *testing.T) {
	t.Parallel()
	read := synthetic(t, "a/with.go", licence+"\npackage a\n", "a/without.go", "package a\n")
	require.Equal(t, []string{"a/without.go does not begin with // SPDX-License-Identifier: MIT"}, checkLicence(read))
}

func TestCheckFileLength(t *testing.T) {
	t.Parallel()
	t.Run("counts Go, scripts and style sheets, not tests", func(t *testing.T) {
		t.Parallel()
		read := synthetic(t,
			"a/fits.go", "package a"+lines(400), "a/long.go", "package a"+lines(401), "a/long_test.go", "package a"+lines(401),
			"web/long.js", lines(401), "web/long.css", lines(401))
		require.Len(t, checkFileLength(read, nil), 3)
	})
	t.Run("a reason excuses a long file", func(t *testing.T) {
		t.Parallel()
		read := synthetic(t, "a/long.go", "package a"+lines(401))
		require.Empty(t, checkFileLength(read, map[string]string{"a/long.go": "a table"}))
		require.Len(t, checkFileLength(read, map[string]string{"a/long.go": ""}), 1)
	})
	t.Run("an excuse that is not needed is a finding", func(t *testing.T) {
		t.Parallel()
		require.Len(t, checkFileLength(synthetic(t, "a/a.go", "package a\n"), map[string]string{"a/a.go": "was long"}), 1)
	})
}

func TestCheckFunctionLength_counts_the_braces(t *testing.T) {
	t.Parallel()
	fits := "package a\nfunc fits() {" + lines(59) + "}\n"
	long := "package a\nfunc long() {" + lines(60) + "}\n"
	require.Equal(t, []string{"a/long.go: long has 61 lines, at most 60"},
		checkFunctionLength(synthetic(t, "a/fits.go", fits, "a/long.go", long, "a/long_test.go", long)))
}

func TestCheckSleeps_concerns_tests_only(t *testing.T) {
	t.Parallel()
	text := "package a\nimport \"time\"\nfunc f() { time.Sleep(1) }\n"
	found := checkSleeps(synthetic(t, "a/a.go", text, "a/a_test.go", text))
	require.Equal(t, []string{"a/a_test.go:3:12 uses time.Sleep"}, found)
}

func TestCheckEnvironment_spares_cmd_and_tests(t *testing.T) {
	t.Parallel()
	text := "package a\nimport \"os\"\nvar a = os.Getenv(\"A\")\nvar _, b = os.LookupEnv(\"A\")\n"
	found := checkEnvironment(synthetic(t, "cmd/candor/a.go", text, "bot/a_test.go", text, "bot/a.go", text))
	require.Equal(t, []string{"bot/a.go:3:9 uses os.Getenv", "bot/a.go:4:12 uses os.LookupEnv"}, found)
}
