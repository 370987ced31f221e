// SPDX-License-Identifier: MIT

package eval

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"candor/bot/confidence"
)

// Report holds the figures of an evaluation.
type Report struct {
	Languages []Figures `json:"languages"`
	All       Figures   `json:"all"`
}

// Figures of the questions in one language, or of all.
type Figures struct {
	Lang     string `json:"lang"`
	InScope  int    `json:"in_scope"`
	OutScope int    `json:"out_of_scope"`

	R1  float64 `json:"r_at_1"` // share of the questions in scope whose first article is right
	R3  float64 `json:"r_at_3"` // whose first three hold a right one
	MRR float64 `json:"mrr"`    // mean of 1 / the place of the first right one, among ten

	AUROC    float64  `json:"auroc"`    // how well confidence tells questions in scope from others; 0.5 is chance
	Answered float64  `json:"answered"` // share of the questions in scope that are answered
	Wrong    float64  `json:"wrong"`    // share of the answers whose first article is not right
	Let      float64  `json:"let_in"`   // share of the questions out of scope that are answered
	Brier    float64  `json:"brier"`    // mean squared distance of the confidence from the truth
	Bins     []Figure `json:"bins,omitempty"`
}

// Figure is a bin of confidences: what was said and what was so.
type Figure struct {
	Confidence float64 `json:"confidence"`
	Right      float64 `json:"right"`
	Count      int     `json:"count"`
}

// reciprocalDepth is how far down a right article still counts for MRR.
const reciprocalDepth = 10

func measure(rows []Row) Report {
	byLang := map[string][]Row{}
	for _, r := range rows {
		byLang[r.Labelled.Lang] = append(byLang[r.Labelled.Lang], r)
	}
	report := Report{All: figures("all", rows)}
	for lang, of := range byLang {
		report.Languages = append(report.Languages, figures(lang, of))
	}
	slices.SortFunc(report.Languages, func(a, b Figures) int { return cmp.Compare(a.Lang, b.Lang) })
	return report
}

// place returns where the first right article stands, from 1; 0 for nowhere.
func (r Row) place() int {
	return 1 + slices.IndexFunc(r.Ranked, func(id string) bool { return slices.Contains(r.Labelled.Relevant, id) })
}

func figures(lang string, rows []Row) Figures {
	f := Figures{Lang: lang}
	var in, out []float64
	answers, wrong, let := 0, 0, 0
	for _, r := range rows {
		place := r.place()
		truth := 0.0
		if place == 1 {
			truth = 1
		}
		f.Brier += (r.Confidence - truth) * (r.Confidence - truth) / float64(len(rows))
		answered := r.Decision == confidence.Answer
		if answered {
			answers++
			wrong += 1 - int(truth)
		}
		if len(r.Labelled.Relevant) == 0 {
			out = append(out, r.Confidence)
			if answered {
				let++
			}
			continue
		}
		in = append(in, r.Confidence)
		f.place(place)
		if answered {
			f.Answered++
		}
	}
	f.InScope, f.OutScope = len(in), len(out)
	n := float64(max(1, len(in)))
	f.R1, f.R3, f.MRR, f.Answered = f.R1/n, f.R3/n, f.MRR/n, f.Answered/n
	f.Wrong, f.Let = float64(wrong)/float64(max(1, answers)), float64(let)/float64(max(1, len(out)))
	f.AUROC = auroc(in, out)
	f.Bins = bins(rows)
	return f
}

func (f *Figures) place(n int) {
	if n == 1 {
		f.R1++
	}
	if n >= 1 && n <= 3 {
		f.R3++
	}
	if n >= 1 && n <= reciprocalDepth {
		f.MRR += 1 / float64(n)
	}
}

// auroc is the chance that one of high is above one of low, ties counted half; 0 without both.
func auroc(high, low []float64) float64 {
	if len(high) == 0 || len(low) == 0 {
		return 0
	}
	slices.Sort(low)
	wins := 0.0
	for _, h := range high {
		below, _ := slices.BinarySearch(low, h)
		above := below
		for above < len(low) && low[above] == h {
			above++
		}
		wins += float64(below) + float64(above-below)/2
	}
	return wins / float64(len(high)) / float64(len(low))
}

const binCount = 10

// bins compares confidence with truth, bin by bin.
func bins(rows []Row) []Figure {
	out := make([]Figure, binCount)
	for _, r := range rows {
		b := &out[min(binCount-1, int(r.Confidence*binCount))]
		b.Count++
		b.Confidence += r.Confidence
		if r.place() == 1 {
			b.Right++
		}
	}
	for i := range out {
		if n := float64(out[i].Count); n > 0 {
			out[i].Confidence /= n
			out[i].Right /= n
		}
	}
	return out
}

// Write prints the report as a table.
func (r Report) Write(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%-10s %6s %6s %6s %6s %6s %6s %8s %6s %6s %6s\n",
		"lang", "in", "out", "R@1", "R@3", "MRR", "AUROC", "answered", "wrong", "let in", "Brier")
	for _, f := range append(r.Languages, r.All) {
		if err != nil {
			break
		}
		auroc, let := "-", "-" // nothing to tell apart without questions out of scope
		if f.OutScope > 0 {
			auroc, let = fmt.Sprintf("%.3f", f.AUROC), fmt.Sprintf("%.3f", f.Let)
		}
		_, err = fmt.Fprintf(w, "%-10s %6d %6d %6.3f %6.3f %6.3f %6s %8.3f %6.3f %6s %6.3f\n",
			f.Lang, f.InScope, f.OutScope, f.R1, f.R3, f.MRR, auroc, f.Answered, f.Wrong, let, f.Brier)
	}
	return err
}
