// SPDX-License-Identifier: MIT

package knowledge

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"candor/internal/fault"
	"candor/internal/markdown"
	"candor/internal/text"
)

// Bounds of announcements. They are few and short: each question is held against all that are in force.
const (
	maxAnnouncements  = 50 // that are not over
	maxAnnounced      = 2000
	maxAnnouncedTitle = 120
	maxAbout          = 30
	maxOverrides      = 100 // and articles that it stands before
	maxTranslations   = 20
	maxAnnouncedFor   = 366 * 24 * time.Hour
)

// Announcement is what customers who ask about something are told first, until it expires: an outage,
// a changed date. It is an article of a kind of its own, so that its versions stand, answers cite them
// and are checked against them, and the record shows who was told what.
type Announcement struct {
	ID        int64
	Version   int
	Texts     []AnnouncementText // the first is the one it was written in
	About     []string           // what customers would ask
	Articles  []int64            // articles whose answers it stands before
	Overrides []int64            // articles that it stands in for meanwhile
	Everybody bool               // shown to all who open the chat, not only to those who ask
	StartsAt  time.Time
	ExpiresAt time.Time
	AuthorID  *int64
	State     AnnouncementState
	Published time.Time // this version
}

// AnnouncementText is what an announcement says in a language.
type AnnouncementText struct {
	Lang  string `json:"lang"`
	Title string `json:"title"`
	Text  string `json:"text"` // Markdown
}

// AnnouncementState is where an announcement stands now.
type AnnouncementState string

// The states of an announcement, by the database's clock.
const (
	Scheduled AnnouncementState = "scheduled"
	InForce   AnnouncementState = "live"
	Ended     AnnouncementState = "ended"
)

// In is the text for a reader of a language: its own if there is one, else the first.
func (a Announcement) In(lang string) AnnouncementText {
	for _, t := range a.Texts {
		if base(t.Lang) == base(lang) {
			return t
		}
	}
	return a.Texts[0]
}

func base(lang string) string {
	short, _, _ := strings.Cut(strings.ToLower(lang), "-")
	return short
}

// clean puts an announcement into its form and says what is wrong with it.
func (a *Announcement) clean() error {
	if len(a.Texts) == 0 {
		return fault.Invalid("text_missing", "The announcement has no text.")
	}
	if len(a.Texts)-1 > maxTranslations {
		return fault.Invalid("too_many_translations", "An announcement may have at most %d translations.", maxTranslations)
	}
	seen := map[string]bool{}
	for i := range a.Texts {
		t := &a.Texts[i]
		if err := t.clean(); err != nil {
			return err
		}
		if seen[base(t.Lang)] {
			return fault.Invalid("lang_twice", "There are two texts in the language %q.", t.Lang)
		}
		seen[base(t.Lang)] = true
	}
	slices.Sort(a.Overrides)
	a.Overrides = slices.Compact(a.Overrides)
	slices.Sort(a.Articles)
	a.Articles = slices.Compact(a.Articles)
	if len(a.Overrides)+len(a.Articles) > maxOverrides {
		return fault.Invalid("too_many_articles", "An announcement may name at most %d articles.", maxOverrides)
	}
	return a.cleanAbout()
}

func (t *AnnouncementText) clean() error {
	t.Text, t.Title = strings.TrimSpace(t.Text), strings.TrimSpace(t.Title)
	t.Title = cmp.Or(t.Title, titleOf(t.Text))
	switch {
	case utf8.RuneCountInString(t.Text) > maxAnnounced:
		return fault.Invalid("text_too_long", "An announcement may have at most %d characters: it stands before the answer.", maxAnnounced)
	case utf8.RuneCountInString(t.Title) > maxAnnouncedTitle:
		return fault.Invalid("title_too_long", "The title may have at most %d characters.", maxAnnouncedTitle)
	case t.Text != "" && strings.TrimSpace(markdown.Plain(t.Text)) == "":
		return fault.Invalid("text_missing", "The announcement has no text that a reader would see.")
	case t.Lang == "":
		return fault.Invalid("lang_invalid", "Please say in which language the text is, such as en.")
	}
	return t.content().check()
}

func (t AnnouncementText) content() Content {
	return Content{Title: t.Title, Lang: t.Lang, Source: t.Text}
}

// titleOf makes a title of the first sentence.
func titleOf(body string) string {
	sentences := text.Sentences(strings.Join(strings.Fields(markdown.Plain(body)), " "))
	if len(sentences) == 0 {
		return ""
	}
	title := []rune(strings.TrimRight(sentences[0], ".。 "))
	if len(title) <= maxDerivedTitle {
		return string(title)
	}
	short := string(title[:maxDerivedTitle])
	if at := strings.LastIndex(short, " "); at > maxDerivedTitle/2 {
		short = short[:at]
	}
	return short + "…"
}

const maxDerivedTitle = 80

func (a *Announcement) cleanAbout() error {
	var about []string
	for _, q := range a.About {
		q = strings.Join(strings.Fields(q), " ")
		if q == "" || slices.Contains(about, q) {
			continue
		}
		if utf8.RuneCountInString(q) > maxQuestionLength {
			return fault.Invalid("question_too_long", "A question may have at most %d characters.", maxQuestionLength)
		}
		if err := checkText(q); err != nil {
			return err
		}
		about = append(about, q)
	}
	if a.About = about; len(about) > maxAbout {
		return fault.Invalid("too_many_questions", "An announcement may have at most %d questions.", maxAbout)
	}
	return nil
}

// checkTimes is against the database's clock.
func (a *Announcement) checkTimes(now time.Time) error {
	if a.StartsAt.IsZero() {
		a.StartsAt = now
	}
	switch {
	case a.ExpiresAt.IsZero():
		return fault.Invalid("expiry_missing", "Please say until when the announcement is true.")
	case !a.ExpiresAt.After(now):
		return fault.Invalid("expired", "The end lies in the past.")
	case !a.ExpiresAt.After(a.StartsAt):
		return fault.Invalid("expires_before_start", "The end lies before the beginning.")
	case a.ExpiresAt.After(now.Add(maxAnnouncedFor)):
		return fault.Invalid("expires_too_late", "An announcement ends within a year. What stays true belongs into an article.")
	}
	return nil
}
