// SPDX-License-Identifier: MIT

package knowledge

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"candor/internal/fault"
)

// check tells what is wrong with a content before anything is stored.
func (c Content) check() error {
	switch {
	case strings.TrimSpace(c.Title) == "":
		return fault.Invalid("title_missing", "The article needs a title.")
	case utf8.RuneCountInString(c.Title) > maxTitle:
		return fault.Invalid("title_too_long", "The title may have at most %d characters.", maxTitle)
	case len(c.Source) > MaxSource:
		return fault.Invalid("article_too_large", "An article may have at most %d MiB of text.", MaxSource>>20)
	case strings.TrimSpace(c.Source) == "":
		return fault.Invalid("text_missing", "The article has no text.")
	case !validLang(c.Lang):
		return fault.Invalid("lang_invalid", "The language must be a tag such as en or zh-Hans.")
	case !validURL(c.URL):
		return fault.Invalid("url_invalid", "The address must start with http:// or https://.")
	}
	if err := checkAsked(c.Asked); err != nil {
		return err
	}
	return checkText(c.Title, c.URL, c.Source)
}

func validLang(lang string) bool {
	return len(lang) <= maxLang && strings.Trim(lang, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

func validURL(url string) bool { return len(url) <= maxURL && webAddress(url) }

// checkText refuses what PostgreSQL cannot store as text without changing it.
func checkText(texts ...string) error {
	for _, s := range texts {
		if !utf8.ValidString(s) {
			return fault.Invalid("invalid_utf8", "The text is not valid UTF-8 (at byte %d). Save the file as UTF-8 and try again.", invalidAt(s))
		}
		if i := strings.IndexByte(s, 0); i >= 0 {
			return fault.Invalid("nul_byte", "The text contains a NUL byte (at byte %d); it may not be a text file.", i)
		}
	}
	return nil
}

func invalidAt(s string) int {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return len(s)
}

func webAddress(s string) bool {
	if s == "" {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

const (
	// MaxAsked is how many questions in the words of customers an article may have.
	MaxAsked      = 50
	maxAskedWords = 300 // characters of one
)

func checkAsked(asked []string) error {
	if len(asked) > MaxAsked {
		return fault.Invalid("too_many_asked", "An article may have at most %d questions that customers ask.", MaxAsked)
	}
	for _, q := range asked {
		if strings.TrimSpace(q) == "" || utf8.RuneCountInString(q) > maxAskedWords {
			return fault.Invalid("asked_invalid", "A question that customers ask has 1 to %d characters.", maxAskedWords)
		}
	}
	return checkText(asked...)
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
