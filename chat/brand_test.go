// SPDX-License-Identifier: MIT

package chat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/internal/fault"
)

func TestBrand(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		brand chat.Brand
		field string
	}{
		{"nothing_is_as_usual", chat.Brand{}, ""},
		{"dark_colours_can_be_read", chat.Brand{Name: "Larkwire help", Accent: "#7a1fa2", Corner: "left"}, ""},
		{"pale_colours_cannot", chat.Brand{Accent: "#ffcc00"}, "brand.accent"},
		{"grey_that_reads_on_white_alone_is_not_enough", chat.Brand{Accent: "#767676"}, "brand.accent"},
		{"a_colour_is_written_one_way", chat.Brand{Accent: "red;}"}, "brand.accent"},
		{"the_name_is_one_line", chat.Brand{Name: "a\nb"}, "brand.name"},
		{"there_are_two_corners", chat.Brand{Corner: "top"}, "brand.corner"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			company := chattest.Company()
			company.Brand = c.brand
			err := company.Check()
			if c.field == "" {
				require.NoError(t, err)
				return
			}
			f, ok := fault.Of(err)
			require.True(t, ok)
			require.Len(t, f.Fields, 1)
			require.Equal(t, c.field, f.Fields[0].Name)
		})
	}
	t.Run("on_dark_grounds_the_accent_is_lighter", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, chat.Brand{}.DarkAccent())
		require.Equal(t, "#ffcc00", chat.Brand{Accent: "#ffcc00"}.DarkAccent())
		require.Greater(t, chat.Brand{Accent: "#000000"}.DarkAccent(), "#7f7f7f")
	})
}
