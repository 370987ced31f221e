// SPDX-License-Identifier: MIT

package prompts

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

//go:embed wording/*.json
var wordingFiles embed.FS

// Key names a text. The constants in keys.go are all there are, besides those under "ui." that UI returns together.
type Key string

// Args are the values of a text's placeholders, by their names without braces.
type Args map[string]string

// text is a wording cut at its placeholders: literals[0] names[0] literals[1] ... It is cut once, at start-up, so a value that
// looks like a placeholder (a customer may write "{ref}") is never taken for one.
type text struct {
	literals []string
	names    []string
}

var wording = mustLoad()

func mustLoad() map[Locale]map[Key]text {
	all := make(map[Locale]map[Key]text, len(locales))
	for _, l := range locales {
		texts, err := load(l)
		if err != nil {
			panic(err) // an embedded file is broken: the binary must not start, and no test passes
		}
		all[l] = texts
	}
	return all
}

func load(l Locale) (map[Key]text, error) {
	raw, err := wordingFiles.ReadFile(path.Join("wording", string(l)+".json"))
	if err != nil {
		return nil, fmt.Errorf("reading wording: %w", err)
	}
	var source map[Key]string
	if err := json.Unmarshal(raw, &source); err != nil {
		return nil, fmt.Errorf("reading wording of %s: %w", l, err)
	}
	texts := make(map[Key]text, len(source))
	for k, s := range source {
		if texts[k], err = parse(s); err != nil {
			return nil, fmt.Errorf("wording %s %s: %w", l, k, err)
		}
	}
	return texts, nil
}

func parse(s string) (text, error) {
	var t text
	for {
		literal, rest, found := strings.Cut(s, "{")
		if strings.Contains(literal, "}") {
			return text{}, fmt.Errorf("closing brace without an opening one near %q", literal)
		}
		t.literals = append(t.literals, literal)
		if !found {
			return t, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" {
			return text{}, fmt.Errorf("broken placeholder near %q", rest)
		}
		t.names = append(t.names, name)
		s = after
	}
}

// text is a text without placeholders.
func (t text) text() string { return strings.Join(t.literals, "") }

func table(l Locale) map[Key]text {
	if t, ok := wording[l]; ok {
		return t
	}
	return wording[English]
}

// Render fills a text of the wording. A text that does not exist, a placeholder without a value and an empty value are errors:
// a customer never sees a brace or a hole. Values that the text does not use are ignored.
func Render(l Locale, k Key, args Args) (string, error) { return Wording{}.Render(l, k, args) }

// fill puts the values in.
func (t text) fill(l Locale, k Key, args Args) (string, error) {
	var b strings.Builder
	for i, literal := range t.literals {
		b.WriteString(literal)
		if i == len(t.names) {
			break
		}
		value, ok := args[t.names[i]]
		if !ok || strings.TrimSpace(value) == "" {
			return "", fmt.Errorf("rendering wording %q: placeholder %q has no value", k, t.names[i])
		}
		b.WriteString(isolate(l, value))
	}
	return b.String(), nil
}

// isolate keeps a Latin reference, number or name from disturbing the order of right-to-left text around it.
func isolate(l Locale, value string) string {
	if l.Dir() != "rtl" || strings.Contains(value, "\n") {
		return value
	}
	return "\u2068" + value + "\u2069"
}

// Placeholders names the values a text needs, in the order of their use.
func Placeholders(l Locale, k Key) []string {
	return append([]string(nil), table(l)[k].names...)
}

const uiPrefix = "ui."

// shared are the texts that pages use as messages do, by their whole names.
var shared = []Key{ErrorEmpty, ErrorTooLong, ErrorNotSent, ErrorTooMany, ErrorExpired, ConsentAssistant, ConsentReturn, ConsentContact, handoffWaitUnknown}

// UI returns the texts of the customer's pages by their names without "ui.", placeholders unfilled: the page fills them. Texts
// that pages share with messages, such as what a consent says, keep their whole names.
func UI(l Locale) map[string]string {
	texts := make(map[string]string)
	for k, t := range table(l) {
		if name, ok := strings.CutPrefix(string(k), uiPrefix); ok {
			texts[name] = t.source()
		}
	}
	for _, k := range shared {
		texts[string(k)] = table(l)[k].source()
	}
	return texts
}

func (t text) source() string {
	var b strings.Builder
	for i, literal := range t.literals {
		b.WriteString(literal)
		if i < len(t.names) {
			b.WriteString("{" + t.names[i] + "}")
		}
	}
	return b.String()
}
