// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// variable is a setting as the program reads it or as the documentation gives it.
type variable struct{ name, initial string }

// configVariables are the settings of a configuration struct. One without a default is documented as "none".
func configVariables(configuration any) []variable {
	var list []variable
	for field := range reflect.TypeOf(configuration).Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("env"), ",")
		initial := "none"
		if value, ok := field.Tag.Lookup("envDefault"); ok {
			initial = "`" + value + "`"
		}
		list = append(list, variable{name, initial})
	}
	return list
}

// tableRow is a row of a table of settings: name, meaning, default, special values.
var tableRow = regexp.MustCompile("(?m)^\\| `([A-Z0-9_]+)` \\| [^|]+ \\| ([^|]+) \\| [^|]*\\|$")

// documentedVariables are the settings in the tables of a document.
func documentedVariables(document string) []variable {
	var list []variable
	for _, row := range tableRow.FindAllStringSubmatch(document, -1) {
		list = append(list, variable{row[1], row[2]})
	}
	return list
}

// compareVariables names what stands on one side only, or twice.
func compareVariables(read, documented []variable) []string {
	var found []string
	for _, v := range read {
		if !slices.Contains(documented, v) {
			found = append(found, fmt.Sprintf("%s with the default %s is read and not documented so", v.name, v.initial))
		}
	}
	seen := map[string]bool{}
	for _, v := range documented {
		if !slices.Contains(read, v) {
			found = append(found, fmt.Sprintf("%s with the default %s is documented and not read so", v.name, v.initial))
		}
		if seen[v.name] {
			found = append(found, v.name+" has two rows")
		}
		seen[v.name] = true
	}
	return found
}

// readByTools are names that look like settings of the program and are none.
var readByTools = map[string]string{
	"CANDOR_SERVE_FLAGS": "docker compose puts it into the gateway's command",
	"TEST_DATABASE_URL":  "names the server on which tests make databases",
	"CANDOR_TEST_KILLS":  "says how often the crash test kills the gateway",
}

// settingName matches what looks like the name of a setting.
var settingName = regexp.MustCompile(`\b(?:CANDOR|OPENAI)_[A-Z0-9_]*[A-Z0-9]\b|\b(?:[A-Z0-9]+_)*DATABASE_URL(?:_[A-Z0-9]+)*\b`)

// unknownNames are the names in a text that neither the program nor a tool reads.
func unknownNames(text string, read []variable, tools map[string]string) []string {
	var found []string
	for _, name := range settingName.FindAllString(text, -1) {
		known := slices.ContainsFunc(read, func(v variable) bool { return v.name == name })
		if !known && tools[name] == "" && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found
}

// repositoryFiles are the texts of the files that match a pattern below the root of the repository, by path.
func repositoryFiles(t *testing.T, patterns ...string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join("../..", pattern))
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			texts[path] = string(text)
		}
	}
	return texts
}

func TestConfig_is_documented_as_it_is_read(t *testing.T) {
	t.Parallel()
	for _, document := range repositoryFiles(t, "docs/configuration.md") {
		require.Empty(t, compareVariables(configVariables(config{}), documentedVariables(document)))
	}
}

func TestConfig_names_in_scripts_and_documents_are_read(t *testing.T) {
	t.Parallel()
	files := repositoryFiles(t, "scripts/*", "docker-compose.yml", "Dockerfile", "Makefile", "*.md", "docs/*.md")
	for path, text := range files {
		require.Empty(t, unknownNames(text, configVariables(config{}), readByTools), path)
	}
	all := strings.Join(slices.Collect(maps.Values(files)), "\n")
	for name := range readByTools {
		require.Contains(t, all, name, "an exception that is not needed any more")
	}
}

func TestCompareVariables_finds(t *testing.T) {
	t.Parallel()
	read := configVariables(struct {
		Listen string `env:"A_LISTEN" envDefault:":80"`
		Secret string `env:"A_SECRET_FILE,file"`
	}{})
	const row = "| `A_LISTEN` | where | `:80` | |\n"
	const secret = "| `A_SECRET_FILE` | a path | none | |\n"
	for name, document := range map[string]string{
		"a missing row":       row,
		"another default":     strings.Replace(row, ":80", ":81", 1) + secret,
		"a row for nothing":   row + secret + "| `A_GHOST` | nothing | none | |\n",
		"a second row":        row + row + secret,
		"an invented default": row + strings.Replace(secret, "none", "`x`", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, compareVariables(read, documentedVariables(document)))
		})
	}
	require.Empty(t, compareVariables(read, documentedVariables(row+secret)), "the control")
}

func TestUnknownNames_finds_settings_that_do_not_exist(t *testing.T) {
	t.Parallel()
	read := []variable{{"CANDOR_LISTEN", "none"}, {"DATABASE_URL", "none"}}
	found := unknownNames("CANDOR_LISTEN=$DATABASE_URL CANDOR_LISTENER OPENAI_KEY DATABASE_URL_FILE TEST_DATABASE_URL", read, readByTools)
	require.Equal(t, []string{"CANDOR_LISTENER", "OPENAI_KEY", "DATABASE_URL_FILE"}, found)
}
