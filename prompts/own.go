// SPDX-License-Identifier: MIT

package prompts

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Own are a company's own texts in place of built-in ones, or behind them.
type Own map[Locale]map[Key]string

// Wording is the built-in wording with a company's own texts. The zero Wording
// is the built-in one. It never changes and is safe for concurrent use.
type Wording struct{ own map[Locale]map[Key]text }

// Editable is a text that a company may word itself.
type Editable struct {
	Key     Key
	Extends bool // what the company writes stands behind the built-in text, which stays
}

// ownLimit is how long a company's own text may be.
const ownLimit = 600

// editable are the texts that promise nothing, refuse nothing and hide nothing
// when they are put in other words. Notices that a machine answers can only be
// added to.
var editable = []Editable{
	{DisclosureFirst, true},
	{DisclosureAsked, true},
	{SmallGreeting, false},
	{SmallThanks, false},
	{SmallBye, false},
	{DeclineScope, false},
	{Unknown, false},
	{clarifyOpen, false},
	{UpsetOffer, false},
	{AnswerIntro, false},
	{AnnouncementIntro, false},
	{handoffAdd, false},
	{CaseWaitingCustomer, false},
	{CaseResolved, false},
	{CaseClosed, false},
	{"ui.title", false},
	{"ui.open", false},
	{"ui.placeholder", false},
	{"ui.talk_to_person", false},
}

// EditableTexts lists the texts that a company may word itself.
func EditableTexts() []Editable { return slices.Clone(editable) }

// BuiltIn is a text as it comes with the program, placeholders unfilled.
func BuiltIn(l Locale, k Key) string { return table(l)[k].source() }

// CheckOwn says what is wrong with a company's own text, for the one who wrote
// it; nil when nothing is.
func CheckOwn(l Locale, k Key, s string) error {
	at := slices.IndexFunc(editable, func(e Editable) bool { return e.Key == k })
	if at < 0 {
		return fmt.Errorf("%q is not a text that can be worded anew", k)
	}
	if !slices.Contains(locales, l) {
		return fmt.Errorf("there is no language %q", l)
	}
	if strings.TrimSpace(s) == "" {
		return fmt.Errorf("the text is empty: remove it to use the built-in one")
	}
	if utf8.RuneCountInString(s) > ownLimit {
		return fmt.Errorf("please keep it to %d characters", ownLimit)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
		return fmt.Errorf("it has control characters in it")
	}
	if strings.ContainsAny(s, "<>") {
		return fmt.Errorf("it has < or > in it: markup is not shown")
	}
	t, err := parse(s)
	if err != nil {
		return fmt.Errorf("a placeholder is broken: write it like {org}")
	}
	return checkPlaceholders(table(l)[k], t, editable[at].Extends)
}

// checkPlaceholders: all that the built-in text tells must be told, and nothing
// else can be filled in.
func checkPlaceholders(builtIn, own text, extends bool) error {
	for _, name := range own.names {
		if !slices.Contains(builtIn.names, name) {
			return fmt.Errorf("{%s} cannot be filled in here; there is %s", name, braced(builtIn.names))
		}
	}
	if extends {
		return nil
	}
	for _, name := range builtIn.names {
		if !slices.Contains(own.names, name) {
			return fmt.Errorf("{%s} is missing: customers need to be told it", name)
		}
	}
	return nil
}

func braced(names []string) string {
	if len(names) == 0 {
		return "nothing to fill in"
	}
	return "{" + strings.Join(names, "}, {") + "}"
}

// NewWording puts a company's own texts over the built-in ones. A text that is
// not right is left out: the built-in one stands.
func NewWording(own Own) Wording {
	w := Wording{own: map[Locale]map[Key]text{}}
	for l, texts := range own {
		for k, s := range texts {
			t, err := parse(strings.TrimSpace(s))
			if err != nil || CheckOwn(l, k, s) != nil {
				continue
			}
			if slices.Contains(editable, Editable{k, true}) {
				t = behind(table(l)[k], t, l)
			}
			if w.own[l] == nil {
				w.own[l] = map[Key]text{}
			}
			w.own[l][k] = t
		}
	}
	return w
}

// behind puts one text behind another.
func behind(first, second text, l Locale) text {
	gap := " "
	if l == Chinese || l == Japanese {
		gap = ""
	}
	n := len(first.literals) - 1
	literals := append(slices.Clone(first.literals[:n]), first.literals[n]+gap+second.literals[0])
	return text{literals: append(literals, second.literals[1:]...), names: append(slices.Clone(first.names), second.names...)}
}

// text finds a text: the company's own, else the built-in one.
func (w Wording) text(l Locale, k Key) (text, bool) {
	if t, ok := w.own[l][k]; ok {
		return t, true
	}
	t, ok := table(l)[k]
	return t, ok
}

// Render is [Render] with the company's own texts.
func (w Wording) Render(l Locale, k Key, args Args) (string, error) {
	t, ok := w.text(l, k)
	if !ok {
		return "", fmt.Errorf("rendering wording: no text %q in %q", k, l)
	}
	return t.fill(l, k, args)
}

// UI is [UI] with the company's own texts.
func (w Wording) UI(l Locale) map[string]string {
	texts := UI(l)
	for k, t := range w.own[l] {
		if name, ok := strings.CutPrefix(string(k), uiPrefix); ok {
			texts[name] = t.source()
		}
	}
	return texts
}
