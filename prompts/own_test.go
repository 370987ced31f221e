// SPDX-License-Identifier: MIT

package prompts

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWording_own_texts(t *testing.T) {
	t.Parallel()
	w := NewWording(Own{English: {
		SmallGreeting: "Hello from {org}!", DisclosureFirst: "Calls cost nothing.", "ui.title": "Ask us", SmallBye: "no name in it", ComplaintAck: "Bad luck.",
	}})

	t.Run("stand in place of the built-in ones, in their language alone", func(t *testing.T) {
		t.Parallel()
		got, err := w.Render(English, SmallGreeting, Args{"org": "Norda"})
		require.NoError(t, err)
		require.Equal(t, "Hello from Norda!", got)
		require.Equal(t, "Ask us", w.UI(English)["title"])
		for _, l := range locales[1:] {
			own, err := w.Render(l, SmallGreeting, Args{"org": "Norda"})
			require.NoError(t, err)
			built, err := Render(l, SmallGreeting, Args{"org": "Norda"})
			require.NoError(t, err)
			require.Equal(t, built, own)
		}
	})

	t.Run("never take the notice away that a machine answers", func(t *testing.T) {
		t.Parallel()
		built, err := Render(English, DisclosureFirst, Args{"org": "Norda"})
		require.NoError(t, err)
		got, err := w.Render(English, DisclosureFirst, Args{"org": "Norda"})
		require.NoError(t, err)
		require.Equal(t, built+" Calls cost nothing.", got)
	})

	t.Run("that are not right change nothing", func(t *testing.T) {
		t.Parallel()
		for _, k := range []Key{SmallBye, ComplaintAck} {
			own, err := w.Render(English, k, sample)
			require.NoError(t, err)
			built, err := Render(English, k, sample)
			require.NoError(t, err)
			require.Equal(t, built, own)
		}
	})
}

func TestCheckOwn(t *testing.T) {
	t.Parallel()
	for why, bad := range map[string]struct {
		locale Locale
		key    Key
		text   string
	}{
		"is not a text":        {English, DisclosureLabel, "Robot"},
		"no language":          {"xx", SmallThanks, "Hi"},
		"is empty":             {English, SmallThanks, " \n"},
		"keep it to 600":       {English, SmallThanks, strings.Repeat("x", 601)},
		"control characters":   {English, SmallThanks, "a\x07"},
		"markup":               {English, SmallThanks, "<b>Hi</b>"},
		"placeholder is brok":  {English, SmallGreeting, "Hello {Org}"},
		"{org} is missing":     {English, SmallGreeting, "Hello"},
		"cannot be filled in":  {English, SmallGreeting, "{org} {name}"},
		"nothing to fill in":   {English, SmallThanks, "Thank you {org}"},
		"{ref} is missing":     {German, CaseResolved, "Fertig."},
		"{foo} cannot be fill": {English, DisclosureFirst, "{foo}"},
	} {
		require.ErrorContains(t, CheckOwn(bad.locale, bad.key, bad.text), why)
	}
	for _, e := range EditableTexts() {
		for _, l := range locales {
			require.NotEmpty(t, BuiltIn(l, e.Key), "%s %s", l, e.Key)
			require.NoError(t, CheckOwn(l, e.Key, BuiltIn(l, e.Key)), "%s %s", l, e.Key)
		}
	}
}
