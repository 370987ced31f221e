// SPDX-License-Identifier: MIT

// Package eval measures triage on labelled messages: precision, recall, F1 and the area under the ROC curve for requests for a
// person and for complaints. It reads JSON Lines and keeps no state.
package eval

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"candor/bot/triage"
)

// Example is one labelled message. Labels are complaint, human_request and neither.
type Example struct {
	Text  string `json:"text"`
	Label string `json:"label"`
	Lang  string `json:"lang"`
	Split string `json:"split"`
}

// Row is what triage said of one message.
type Row struct {
	Text         string `json:"text"`
	HumanRequest Score  `json:"human_request"`
	Complaint    Score  `json:"complaint"`
}

// Score is one detector's word.
type Score struct {
	Hit   bool    `json:"hit"`
	Score float64 `json:"score"`
}

// maxLine bounds one line of a set: a message is at most a few thousand characters.
const maxLine = 4 << 20

// Read reads a set, one JSON object a line; empty lines are skipped, unknown labels are errors.
func Read(r io.Reader) ([]Example, error) {
	var set []Example
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var e Example
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("reading line %d: %w", n, err)
		}
		if !slices.Contains([]string{humanRequest, complaint, neither, ""}, e.Label) {
			return nil, fmt.Errorf("reading line %d: label %q is none of %s, %s, %s", n, e.Label, humanRequest, complaint, neither)
		}
		set = append(set, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading set: %w", err)
	}
	return set, nil
}

const (
	humanRequest = "human_request"
	complaint    = "complaint"
	neither      = "neither"
)

// Run has triage read every message, in order.
func Run(set []Example) []Row {
	rows := make([]Row, len(set))
	for i, e := range set {
		v := triage.Detect(e.Text)
		rows[i] = Row{e.Text, Score{v.HumanRequest.Hit, v.HumanRequest.Score}, Score{v.Complaint.Hit, v.Complaint.Score}}
	}
	return rows
}

// Write writes rows as JSON Lines.
func Write(w io.Writer, rows []Row) error {
	out := json.NewEncoder(w)
	for _, r := range rows {
		if err := out.Encode(r); err != nil {
			return fmt.Errorf("writing rows: %w", err)
		}
	}
	return nil
}

// Measure is how well one detector does on one part of a set.
type Measure struct {
	Split     string  `json:"split"` // "all", or a split of the set
	Class     string  `json:"class"`
	Positives int     `json:"positives"`
	Negatives int     `json:"negatives"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	AUROC     float64 `json:"auroc"`
}

// String is a line of a report.
func (m Measure) String() string {
	return fmt.Sprintf("%-6s %-14s positives %4d  negatives %4d  precision %.3f  recall %.3f  F1 %.3f  AUROC %.3f",
		m.Split, m.Class, m.Positives, m.Negatives, m.Precision, m.Recall, m.F1, m.AUROC)
}

// Measures compares rows with the labels of the set they come from: for all of it, and for each split it names.
func Measures(set []Example, rows []Row) []Measure {
	splits := []string{""}
	for _, e := range set {
		if !slices.Contains(splits, e.Split) {
			splits = append(splits, e.Split)
		}
	}
	slices.Sort(splits)
	var out []Measure
	for _, split := range splits {
		out = append(out,
			measure(set, rows, split, humanRequest, func(r Row) Score { return r.HumanRequest }),
			measure(set, rows, split, complaint, func(r Row) Score { return r.Complaint }))
	}
	return out
}

func measure(set []Example, rows []Row, split, class string, score func(Row) Score) Measure {
	m := Measure{Split: cmp.Or(split, "all"), Class: class}
	var hits, right int
	var positive, negative []float64
	for i, e := range set {
		if e.Label == "" || split != "" && e.Split != split {
			continue
		}
		s := score(rows[i])
		if e.Label == class {
			positive = append(positive, s.Score)
		} else {
			negative = append(negative, s.Score)
		}
		if s.Hit {
			hits++
			if e.Label == class {
				right++
			}
		}
	}
	m.Positives, m.Negatives = len(positive), len(negative)
	m.Precision, m.Recall = share(right, hits), share(right, m.Positives)
	if right > 0 {
		m.F1 = 2 * m.Precision * m.Recall / (m.Precision + m.Recall)
	}
	m.AUROC = auroc(positive, negative)
	return m
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// auroc is the chance that a positive scores above a negative, ties counting half.
func auroc(positive, negative []float64) float64 {
	if len(positive) == 0 || len(negative) == 0 {
		return 0
	}
	slices.Sort(negative)
	var sum float64
	for _, p := range positive {
		below, _ := slices.BinarySearch(negative, p)
		notAbove, _ := slices.BinarySearchFunc(negative, p, func(n, p float64) int {
			if n <= p {
				return -1
			}
			return 1
		})
		sum += float64(below) + float64(notAbove-below)/2
	}
	return sum / float64(len(positive)) / float64(len(negative))
}
