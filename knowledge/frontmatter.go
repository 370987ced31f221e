// SPDX-License-Identifier: MIT

package knowledge

import (
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"candor/internal/fault"
	"candor/knowledge/chunk"
)

// maxFrontMatter bounds what is given to the YAML parser, in bytes.
const maxFrontMatter = 64 << 10

// frontMatter is what the head of a Markdown file may say of it. Other keys are somebody else's.
type frontMatter struct {
	ID, Title, Lang, URL string
	ReviewBy, ExpiresAt  *time.Time
	exported             bool // written by Export, not by the article's author
	Audience             Audience
	Asked                []string
	Draft                bool
	TranslationOf        string // id of the article that this one says in another language
	Outdated             bool   // it says an older version of that
	Owner                string // e-mail address
}

func readFrontMatter(source string) (frontMatter, error) {
	block, ok, open := chunk.FrontMatter(source)
	switch {
	case open:
		return frontMatter{}, fault.Invalid("front_matter_broken", "The front matter has no end: a line of three dashes is missing.")
	case !ok:
		return frontMatter{}, nil
	case len(block) > maxFrontMatter:
		return frontMatter{}, fault.Invalid("front_matter_too_large", "The front matter is larger than %d KiB.", maxFrontMatter>>10)
	}
	var keys map[string]any
	if err := yaml.Unmarshal([]byte(block), &keys); err != nil {
		return frontMatter{}, fault.Invalid("front_matter_broken", "The front matter is not valid YAML: %s", firstLine(yaml.FormatError(err, false, false)))
	}
	return frontMatterOf(keys)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

func frontMatterOf(keys map[string]any) (frontMatter, error) {
	var wrong error
	exported := keys[exportMark] == exportValue
	word := func(names ...string) string {
		for _, n := range names {
			switch v := keys[n].(type) {
			case nil:
			case []any, map[string]any, []string: // never printed: aliases can make one of any size
				wrong = fault.Invalid("front_matter_broken", "%s in the front matter must be a single value.", n)
			case string:
				if exported { // as it stood, to the last space
					return v
				}
				return strings.TrimSpace(v)
			default:
				return strings.TrimSpace(fmt.Sprint(v))
			}
		}
		return ""
	}
	m := frontMatter{
		ID: word("id"), Title: word("title"), Lang: word("lang", "language", "locale"), URL: word("url", "canonical_url", "canonical"),
		exported: exported, Draft: word("draft") == "true", TranslationOf: word("translation_of"),
	}
	audience := Audience(word("audience"))
	if exported || audience.narrower(ForEveryone) { // whoever wrote it, it is not for everyone
		m.Audience = audience
	}
	if exported { // in the words of others these keys mean other things
		m.Owner, m.Outdated = word("owner"), word("translation_outdated") == "true"
		asked, _ := keys["asked"].([]any)
		for _, q := range asked {
			if text, is := q.(string); is {
				m.Asked = append(m.Asked, text)
			}
		}
	}
	if wrong != nil {
		return frontMatter{}, wrong
	}
	var err error
	if m.ReviewBy, err = date("review_by", word("review_by")); err != nil {
		return frontMatter{}, err
	}
	m.ExpiresAt, err = date("expires_at", word("expires_at", "expires"))
	return m, err
}

// date reads a day, which lasts to its end, or a moment.
func date(key, s string) (*time.Time, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no date is a value, not a missing one
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return &t, nil
	}
	t, err := time.Parse(time.DateOnly, firstWord(s))
	if err != nil {
		return nil, fault.Invalid("front_matter_date", "%s must be a date such as 2027-06-30.", key)
	}
	t = t.AddDate(0, 0, 1)
	return &t, nil
}

// firstWord is the date of what YAML may have read as a time.
func firstWord(s string) string {
	s, _, _ = strings.Cut(s, " ")
	return s
}
