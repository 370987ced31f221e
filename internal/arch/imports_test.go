// SPDX-License-Identifier: MIT

package arch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// layers says which of our packages each of our packages may import, itself and those below it aside. The entry for the
// longest matching path holds: bot/triage has its own rule, bot/anything has bot's. Imports point only downward here.
var layers = map[string][]string{
	"cmd":       {"api", "bot", "chat", "handoff", "internal", "knowledge", "llm", "mail", "postgres", "prompts", "staff", "web", "webhook"},
	"api":       {"bot", "chat", "handoff", "internal", "knowledge", "llm", "mail", "postgres", "prompts", "staff", "web", "webhook"},
	"bot":       {"chat", "handoff", "internal", "knowledge", "llm", "postgres", "prompts"},
	"handoff":   {"chat", "internal", "mail", "postgres", "prompts"},
	"knowledge": {"chat", "internal", "postgres", "prompts"},
	"chat":      {"internal", "postgres", "prompts"},
	"mail":      {"internal", "postgres", "prompts"},
	"staff":     {"internal", "postgres", "prompts"},
	"webhook":   {"internal", "postgres"},
	"web":       {"internal", "prompts"},
	"prompts":   {"internal"},
	"llm":       {"internal"},
	"postgres":  {"internal"},
	"internal":  {},

	// Corrections go out by mail too.
	"bot/consequences": {"chat", "handoff", "internal", "knowledge", "mail", "postgres", "prompts"},

	// Pure: they decide on what they are given and nothing else.
	"bot/triage":    {"internal"},
	"bot/guard":     {"internal"},
	"handoff/clock": {"internal"},
	// A stand-in for somebody else's server: what it says must not come from our own code.
	"llm/llmtest": {},
}

// testDatabase is what tests of every layer may import.
const testDatabase = "postgres/pgtest"

// fakeProvider is imported by tests and by cmd, where the load generator and the demo run against it.
const fakeProvider = "llm/llmtest"

// door says who may import a dependency: packages below these folders, and tests anywhere.
type door struct {
	folders []string
	tests   bool
}

// doors are the dependencies that stand behind a door.
var doors = map[string]door{
	"github.com/gin-gonic/":               {folders: []string{"api", "cmd/candor-load/reference"}}, // what the gateway is measured against
	"github.com/gin-contrib/":             {folders: []string{"api"}},
	"github.com/sashabaranov/go-openai":   {folders: []string{"llm"}},
	"github.com/tink-crypto/tink-go/":     {folders: []string{"internal/seal"}},
	"github.com/pressly/goose/":           {folders: []string{"postgres"}},
	"github.com/alexedwards/argon2id":     {folders: []string{"staff"}},
	"github.com/JohannesKaufmann/":        {folders: []string{"knowledge/convert"}},
	"github.com/caarlos0/env/":            {folders: []string{"cmd"}},
	"github.com/stretchr/testify/require": {tests: true},
	"github.com/wneessen/go-mail":         {folders: []string{"mail"}},
	"github.com/emersion/":                {tests: true}, // a whole SMTP server, to send to
	"github.com/chromedp/":                {tests: true},
	"github.com/compose-spec/":            {tests: true},
	"pgregory.net/rapid":                  {tests: true},
	"go.uber.org/goleak":                  {tests: true},
	"github.com/stretchr/testify/mock":    {}, // tests run on the real thing
	"github.com/stretchr/testify/suite":   {}, // a local setup(t) does it
	"github.com/stretchr/testify/assert":  {}, // require stops at the first failure
}

// forbidden are imports that a folder must not have although others may.
var forbidden = map[string][]string{
	"api":        {"github.com/jackc/pgx", "database/sql"}, // no SQL at the door
	"bot/guard":  {"github.com/jackc/pgx", "net/http"},
	"bot/triage": {"github.com/jackc/pgx", "net/http"},
	"prompts":    {"github.com/jackc/pgx", "net/http"},
	"web":        {"github.com/jackc/pgx"},
}

// checkImports names each import that breaks the tables above.
func checkImports(t tree) []string {
	var found []string
	for _, file := range t.goFiles() {
		for _, imported := range file.imports() {
			if wrong := importRefused(file, imported); wrong != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", file.path, imported, wrong))
			}
		}
	}
	return found
}

// importRefused says what is wrong with an import; nothing if it may stand.
func importRefused(file source, imported string) string {
	if ours, ok := strings.CutPrefix(imported, module); ok {
		return oursRefused(file, ours)
	}
	if entry, ok := longest(doors, imported, strings.HasPrefix); ok && !doors[entry].opens(file) {
		return fmt.Sprintf("only these folders may: %v, tests: %t", doors[entry].folders, doors[entry].tests)
	}
	folder, ok := longest(forbidden, file.folder(), below)
	if ok && !file.forTests() && slices.ContainsFunc(forbidden[folder], func(p string) bool { return strings.HasPrefix(imported, p) }) {
		return folder + " must do without it"
	}
	return ""
}

// oursRefused judges an import of one of our own packages.
func oursRefused(file source, imported string) string {
	switch {
	case file.forTests() && (imported == testDatabase || imported == fakeProvider || imported == file.folder()):
		return ""
	case isTestHelper(imported) && !file.forTests():
		return "only tests may"
	case imported == fakeProvider && !below(file.folder(), "cmd"):
		return "only tests and cmd may"
	}
	layer, ok := longest(layers, file.folder(), below)
	if !ok {
		return "this folder has no place in the table of layers yet"
	}
	if below(imported, layer) || slices.ContainsFunc(layers[layer], func(may string) bool { return below(imported, may) }) {
		return ""
	}
	return fmt.Sprintf("%s may import only %v", layer, layers[layer])
}

// opens: may this file import what is behind the door?
func (d door) opens(file source) bool {
	return d.tests && file.forTests() ||
		slices.ContainsFunc(d.folders, func(folder string) bool { return below(file.folder(), folder) })
}

// below: is the folder the other one or inside it?
func below(folder, other string) bool {
	return folder == other || strings.HasPrefix(folder, other+"/")
}

// longest finds the most specific entry of a table that matches a path.
func longest[V any](table map[string]V, path string, matches func(path, entry string) bool) (string, bool) {
	best, ok := "", false
	for entry := range table {
		if matches(path, entry) && len(entry) >= len(best) {
			best, ok = entry, true
		}
	}
	return best, ok
}

func TestImports_point_only_downward(t *testing.T) {
	t.Parallel()
	require.Empty(t, checkImports(repository(t)))
}

func TestCheckImports_refuses(t *testing.T) {
	t.Parallel()
	for name, file := range map[string][2]string{
		"chat importing bot":                       {"chat/a.go", "candor/bot"},
		"chat's test importing bot":                {"chat/a_test.go", "candor/bot"},
		"knowledge importing handoff":              {"knowledge/a.go", "candor/handoff"},
		"web importing api":                        {"web/a.go", "candor/api"},
		"bot importing api":                        {"bot/a.go", "candor/api"},
		"triage importing chat":                    {"bot/triage/a.go", "candor/chat"},
		"triage importing bot":                     {"bot/triage/a.go", "candor/bot"},
		"a leaf of ours importing a layer":         {"internal/text/a.go", "candor/chat"},
		"the fake provider importing ours":         {"llm/llmtest/a.go", "candor/internal/text"},
		"product code importing the fake":          {"bot/a.go", "candor/llm/llmtest"},
		"product code importing test helpers":      {"chat/a.go", "candor/postgres/pgtest"},
		"cmd importing test helpers":               {"cmd/candor/a.go", "candor/postgres/pgtest"},
		"a test helper of a layer in a lower test": {"knowledge/a_test.go", "candor/bot/bottest"},
		"a product's file named after tests":       {"chat/testing.go", "candor/postgres/pgtest"},
		"a folder that has no place":               {"helpers/a.go", "candor/chat"},
		"gin outside api":                          {"bot/a.go", "github.com/gin-gonic/gin"},
		"gin in a test outside api":                {"web/a_test.go", "github.com/gin-gonic/gin"},
		"go-openai outside llm":                    {"bot/a.go", "github.com/sashabaranov/go-openai"},
		"testify in product code":                  {"chat/a.go", "github.com/stretchr/testify/require"},
		"assert in a test":                         {"chat/a_test.go", "github.com/stretchr/testify/assert"},
		"a mock in a test":                         {"chat/a_test.go", "github.com/stretchr/testify/mock"},
		"a browser driver in product code":         {"web/a.go", "github.com/chromedp/chromedp"},
		"SQL in api":                               {"api/a.go", "github.com/jackc/pgx/v5"},
		"the pool in api":                          {"api/a.go", "github.com/jackc/pgx/v5/pgxpool"},
		"sealing outside the one place for it":     {"chat/a.go", "github.com/tink-crypto/tink-go/v2/aead"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := checkImports(synthetic(t, file[0], fmt.Sprintf("package a\nimport _ %q\n", file[1])))
			require.Len(t, found, 1)
			require.Contains(t, found[0], file[0]+" imports "+file[1])
		})
	}
}

func TestCheckImports_allows(t *testing.T) {
	t.Parallel()
	for name, file := range map[string][2]string{
		"bot importing triage":                    {"bot/a.go", "candor/bot/triage"},
		"bot's folder importing its neighbour":    {"bot/turn/a.go", "candor/bot/guard"},
		"cmd importing api":                       {"cmd/candor/a.go", "candor/api"},
		"cmd importing the fake provider":         {"cmd/candor-load/a.go", "candor/llm/llmtest"},
		"a test of a leaf using a database":       {"internal/seal/a_test.go", "candor/postgres/pgtest"},
		"a test importing its own package":        {"llm/llmtest/a_test.go", "candor/llm/llmtest"},
		"internal importing internal":             {"internal/text/a.go", "candor/internal/fault"},
		"a test helper importing another":         {"chat/chattest/a.go", "candor/postgres/pgtest"},
		"a test importing a lower layer's helper": {"bot/a_test.go", "candor/chat/chattest"},
		"require in a test helper":                {"chat/chattest/a.go", "github.com/stretchr/testify/require"},
		"gin in api":                              {"api/a.go", "github.com/gin-gonic/gin"},
		"the pool in a test of api":               {"api/a_test.go", "github.com/jackc/pgx/v5/pgxpool"},
		"require in a test":                       {"chat/a_test.go", "github.com/stretchr/testify/require"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, checkImports(synthetic(t, file[0], fmt.Sprintf("package a\nimport _ %q\n", file[1]))))
		})
	}
}
