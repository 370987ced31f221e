// SPDX-License-Identifier: MIT

package prompts

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"text/template"
	"unicode"
)

//go:embed templates/*.tmpl
var templateFiles embed.FS

var templates = template.Must(template.New("").Option("missingkey=error").ParseFS(templateFiles, "templates/*.tmpl"))

// UnknownWord is what a model replies, alone, when the passages do not answer the question.
const UnknownWord = "UNKNOWN"

// Passage is a numbered piece of a published article as the model gets it; the first is number 1.
type Passage struct {
	Title string
	Text  string
}

// SystemData is what the system message is made for.
type SystemData struct {
	Org    string // the company's name
	Locale Locale // the customer's language
	Canary string // a random word that must never appear in an answer
}

// System renders the system message.
func System(d SystemData) (string, error) {
	if d.Org == "" || d.Canary == "" {
		return "", fmt.Errorf("rendering system prompt: company and canary are needed")
	}
	return execute("system.tmpl", map[string]string{"Org": oneLine(d.Org), "Language": languageName(d.Locale), "Canary": d.Canary})
}

// User renders the user message: the passages and the question, all of it data whose delimiters are made harmless.
func User(question string, passages []Passage) (string, error) {
	type item struct {
		N           int
		Title, Text string
	}
	items := make([]item, len(passages))
	for i, p := range passages {
		items[i] = item{i + 1, attribute(p.Title), data(p.Text)}
	}
	return execute("user.tmpl", map[string]any{"Passages": items, "Question": data(question)})
}

func execute(name string, d any) (string, error) {
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, name, d); err != nil {
		return "", fmt.Errorf("rendering %s: %w", name, err)
	}
	return b.String(), nil
}

// Version names the model's templates by their content, for the record of a decision.
func Version() string {
	h := sha256.New()
	for _, name := range []string{"system.tmpl", "user.tmpl"} {
		raw, err := templateFiles.ReadFile("templates/" + name)
		if err != nil {
			panic(err) // embedded, cannot be missing
		}
		h.Write(raw)
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// delimiter is an opening or closing tag of the user message, also in the disguises that a model might read as one.
var delimiter = regexp.MustCompile(`(?i)[<＜‹〈⟨](\s*[/／]?\s*(?:passage|question)\b)`)

// data makes customers' and articles' text safe between the tags: no delimiter, no invisible control characters.
func data(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if r == '\u200d' || r == '\u200c' {
			return r // joiners, needed in several scripts
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(delimiter.ReplaceAllString(s, "&lt;$1"))
}

// attribute makes one line of a text that stands in quotation marks.
func attribute(s string) string {
	return attributeSpecials.Replace(oneLine(s))
}

func oneLine(s string) string { return strings.Join(strings.Fields(data(s)), " ") }

var attributeSpecials = strings.NewReplacer(`"`, "&quot;", "<", "&lt;", ">", "&gt;")

// languageName is what a language is called in the system message, which is in English.
func languageName(l Locale) string {
	names := map[Locale]string{
		Chinese: "Chinese", Spanish: "Spanish", French: "French", German: "German",
		Portuguese: "Portuguese", Japanese: "Japanese", Arabic: "Arabic",
	}
	if name, ok := names[l]; ok {
		return name
	}
	return "English"
}
