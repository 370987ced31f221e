// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
)

// steady is how far a reference may spread before its ratios are not to be trusted.
const steady = 0.25

// The verdicts on a figure.
const (
	verdictMet      = "met"
	verdictMissed   = "missed"
	verdictUnsteady = "unsteady" // the reference itself moved too much
	verdictNone     = ""         // there is no target for it
)

// goal is a target: a ratio to stay under, or to reach.
type goal struct {
	ID      string  `json:"id"`
	Limit   float64 `json:"limit"`
	AtLeast bool    `json:"at_least"`
}

func atMost(id string, limit float64) goal  { return goal{ID: id, Limit: limit} }
func atLeast(id string, limit float64) goal { return goal{ID: id, Limit: limit, AtLeast: true} }

func (g goal) String() string {
	if g.ID == "" {
		return ""
	}
	sign := "<="
	if g.AtLeast {
		sign = ">="
	}
	return fmt.Sprintf("%s %s %g", g.ID, sign, g.Limit)
}

// figure is one line of the result: the product, the reference of the same run,
// and the median and quartiles of the ratios of all rounds.
type figure struct {
	Name      string  `json:"name"`
	Unit      string  `json:"unit"`
	Product   float64 `json:"product"`
	Reference float64 `json:"reference,omitempty"`
	Against   string  `json:"against,omitempty"`
	Ratio     float64 `json:"ratio"`
	Low       float64 `json:"ratio_q1"`
	High      float64 `json:"ratio_q3"`
	Rounds    int     `json:"rounds"`
	Spread    float64 `json:"reference_spread"`
	Goal      goal    `json:"target"`
	Verdict   string  `json:"verdict"`
	Note      string  `json:"note,omitempty"`
}

// compare makes a figure of the rounds of a product and of its reference.
func compare(name, unit string, product []float64, against string, reference []float64, g goal) figure {
	r := ratios(product, reference)
	f := figure{
		Name: name, Unit: unit, Product: median(product), Reference: median(reference), Against: against,
		Ratio: median(r), Low: quantile(r, 0.25), High: quantile(r, 0.75), Rounds: len(r), Spread: spread(reference), Goal: g,
	}
	f.judge(f.Ratio)
	if f.Spread > steady && g.ID != "" {
		f.Verdict = verdictUnsteady
	}
	return f
}

// single makes a figure of a value that is a target's measure itself.
func single(name, unit string, value float64, g goal) figure {
	f := figure{Name: name, Unit: unit, Product: value, Ratio: math.NaN(), Low: math.NaN(), High: math.NaN(), Rounds: 1, Goal: g}
	f.judge(value)
	return f
}

// middle makes a figure of rounds that nothing is compared with.
func middle(name, unit string, rounds []float64) figure {
	f := single(name, unit, median(rounds), goal{})
	f.Rounds = len(rounds)
	return f
}

func (f *figure) judge(value float64) {
	switch {
	case f.Goal.ID == "":
		f.Verdict = verdictNone
	case math.IsNaN(value), f.Goal.AtLeast != (value >= f.Goal.Limit) && value != f.Goal.Limit:
		f.Verdict = verdictMissed
	default:
		f.Verdict = verdictMet
	}
}

// because adds a note.
func (f figure) because(format string, args ...any) figure {
	f.Note = fmt.Sprintf(format, args...)
	return f
}

// MarshalJSON leaves out ratios that do not exist, for which JSON has no value.
func (f figure) MarshalJSON() ([]byte, error) {
	type plain figure
	if math.IsNaN(f.Ratio) {
		f.Ratio, f.Low, f.High = 0, 0, 0
	}
	return json.Marshal(plain(f))
}

const lineFormat = "%-46s %12s  %-24s %-20s %-12s %s\n"

func printHeader(w io.Writer) {
	fmt.Fprintf(w, lineFormat, "what", "candor", "reference", "ratio [quartiles]", "target", "")
}

func (f figure) print(w io.Writer) {
	reference, ratio := "", ""
	if f.Against != "" {
		reference = fmt.Sprintf("%s %s", f.Against, amount(f.Reference, f.Unit))
		ratio = fmt.Sprintf("%.2f [%.2f-%.2f]", f.Ratio, f.Low, f.High)
	}
	fmt.Fprintf(w, lineFormat, f.Name, amount(f.Product, f.Unit), reference, ratio, f.Goal, strings.ToUpper(f.Verdict))
	if f.Spread > steady {
		fmt.Fprintf(w, "%48s the reference spread by %.0f %%: do not trust this ratio\n", "", 100*f.Spread)
	}
	if f.Note != "" {
		fmt.Fprintf(w, "%48s %s\n", "", f.Note)
	}
}

// amount writes a value with as many digits as say something.
func amount(v float64, unit string) string {
	digits := 0
	switch a := math.Abs(v); {
	case a < 1:
		digits = 3
	case a < 10:
		digits = 2
	case a < 100:
		digits = 1
	}
	return strings.TrimSpace(fmt.Sprintf("%.*f %s", digits, v, unit))
}
