// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// smallTable is how many rows may be scanned: below it an index would not help.
const smallTable = 1000

// plan is one statement and how it was carried out.
type plan struct {
	Query string `json:"Query Text"`
	Root  node   `json:"Plan"`
	ms    float64
}

// node is a step of a plan.
type node struct {
	Type      string  `json:"Node Type"`
	Relation  string  `json:"Relation Name"`
	Index     string  `json:"Index Name"`
	Operation string  `json:"Operation"`
	Rows      float64 `json:"Actual Rows"`
	Loops     float64 `json:"Actual Loops"`
	Removed   float64 `json:"Rows Removed by Filter"`
	Plans     []node  `json:"Plans"`
}

var planMessage = regexp.MustCompile(`(?s)^duration: ([0-9.]+) ms\s+plan:\s*(.*)$`)

// readPlan reads what auto_explain says.
func readPlan(message string) (plan, error) {
	var p plan
	parts := planMessage.FindStringSubmatch(message)
	if parts == nil {
		return p, fmt.Errorf("this is no plan: %.80s", message)
	}
	if err := json.Unmarshal([]byte(parts[2]), &p); err != nil {
		return p, fmt.Errorf("read a plan: %w", err)
	}
	var err error
	p.ms, err = strconv.ParseFloat(parts[1], 64)
	return p, err
}

// trivial: does the statement touch no table?
func (p plan) trivial() bool { return len(p.Root.access()) == 0 }

// String is the plan in short: the time, what was asked, which rows of what were touched.
func (p plan) String() string {
	query := strings.Join(strings.Fields(p.Query), " ")
	if len(query) > 80 {
		query = query[:80] + "…"
	}
	mark := ""
	if len(p.scanned()) > 0 {
		mark = "  <- SCANS " + strings.Join(p.scanned(), ", ")
	}
	return fmt.Sprintf("%7.2f ms  %s\n              %s%s", p.ms, query, strings.Join(p.Root.access(), "; "), mark)
}

// scanned are the tables that were read from end to end and are not small.
func (p plan) scanned() []string { return p.Root.scans() }

func (n node) scans() []string {
	var list []string
	if n.Type == "Seq Scan" && n.read() > smallTable {
		list = append(list, n.Relation)
	}
	for _, below := range n.Plans {
		list = append(list, below.scans()...)
	}
	return list
}

// read is how many rows a scan looked at.
func (n node) read() float64 { return (n.Rows + n.Removed) * max(1, n.Loops) }

// access names each table or index that was touched, and how many rows of it.
func (n node) access() []string {
	var list []string
	switch {
	case n.Type == "ModifyTable":
		list = append(list, fmt.Sprintf("%s %s", strings.ToLower(n.Operation), n.Relation))
	case n.Index != "" && n.Relation != "":
		list = append(list, fmt.Sprintf("%s via %s: %.0f", n.Relation, n.Index, n.read()))
	case n.Index != "": // of a bitmap, whose rows its parent reads
		list = append(list, n.Index)
	case n.Relation != "":
		list = append(list, fmt.Sprintf("%s (%s): %.0f", n.Relation, strings.ToLower(n.Type), n.read()))
	}
	for _, below := range n.Plans {
		for _, touched := range below.access() {
			if !slices.Contains(list, touched) {
				list = append(list, touched)
			}
		}
	}
	return list
}
