// SPDX-License-Identifier: MIT

package chat

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Brand is how the chat looks on the company's pages. What it leaves empty is as
// Candor has it.
type Brand struct {
	Name   string `json:"name,omitempty"`   // above the chat, instead of the company's
	Accent string `json:"accent,omitempty"` // colour of buttons, links and of the customer's messages, "#0b5d51"
	Corner string `json:"corner,omitempty"` // where the button stands: "left", or "right" as usual
	Logo   *Logo  `json:"logo,omitempty"`   // in the head of the chat
}

const (
	// minContrast is what WCAG 2.2 asks of text at level AA (success criterion 1.4.3).
	minContrast = 4.5
	// The grounds of the chat on which text of the accent is hardest to read.
	lightGround = "#eeebe3"
	darkGround  = "#35251a"
)

var colour = regexp.MustCompile(`^#[0-9a-f]{6}$`)

func (f *findings) brand(b Brand) {
	if b.Name != "" {
		f.line("brand.name", b.Name, maxName, "The name above the chat.")
	}
	if b.Accent != "" {
		f.accent(b.Accent)
	}
	f.when(b.Logo != nil && (!logoHash.MatchString(b.Logo.Image) || b.Logo.Width < 1 || b.Logo.Height < 1), "brand.logo", "Please upload the logo again.")
	f.when(b.Corner != "" && b.Corner != "left" && b.Corner != "right", "brand.corner", "The corner is left or right.")
}

// accent is the ground of white text, and text itself on the pale grounds of the
// chat. They are darker than white: what can be read there can be read in white.
func (f *findings) accent(accent string) {
	if !colour.MatchString(accent) {
		f.add("brand.accent", "A colour is # and six digits or letters a to f, for example #0b5d51.")
		return
	}
	ratio := contrast(luminance(lightGround), luminance(accent))
	f.when(ratio < minContrast, "brand.accent",
		"Text in this colour would be hard to read: its contrast is %.1f to 1, and %.1f to 1 is needed. Please choose a darker one.",
		math.Floor(ratio*10)/10, minContrast)
}

// DarkAccent is the accent on dark grounds: as much lighter as it takes to read it
// there. Empty where there is none.
func (b Brand) DarkAccent() string {
	if !colour.MatchString(b.Accent) {
		return ""
	}
	const steps = 20
	for step := range steps {
		if mixed := whiter(b.Accent, float64(step)/steps); contrast(luminance(mixed), luminance(darkGround)) >= minContrast {
			return mixed
		}
	}
	return "#ffffff"
}

// whiter is a colour mixed with so much white.
func whiter(colour string, share float64) string {
	rgb := parts(colour)
	for i, v := range rgb {
		rgb[i] = math.Round(v + (math.MaxUint8-v)*share)
	}
	return fmt.Sprintf("#%02x%02x%02x", uint8(rgb[0]), uint8(rgb[1]), uint8(rgb[2]))
}

// contrast is the ratio of two relative luminances, the lighter one first.
func contrast(light, dark float64) float64 { return (light + 0.05) / (dark + 0.05) }

// luminance is the relative luminance of a colour, as WCAG defines it.
func luminance(colour string) float64 {
	sum := 0.0
	for i, v := range parts(colour) {
		v /= math.MaxUint8
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += v * [3]float64{0.2126, 0.7152, 0.0722}[i]
	}
	return sum
}

// parts are red, green and blue of a colour that was checked.
func parts(colour string) (rgb [3]float64) {
	n, _ := strconv.ParseUint(colour[1:], 16, 32) // six hexadecimal digits
	for i := range rgb {
		rgb[i] = float64(n >> (16 - 8*i) & math.MaxUint8)
	}
	return rgb
}
