// SPDX-License-Identifier: MIT

// Package redact takes personal identifiers out of text before it goes to a model provider or a log: e-mail addresses, telephone
// numbers, payment cards, bank accounts and national identity numbers. It is pure, keeps no state and is safe for concurrent use.
//
// What has a check digit is recognised by it, so that order and article numbers stay readable; digits count in every script.
package redact

import (
	"slices"
	"strings"
)

// Kind is what was found; its tag in the text is the kind in square brackets.
type Kind string

// The kinds of identifiers.
const (
	Email Kind = "e-mail"
	Phone Kind = "phone"
	Card  Kind = "card" // Luhn
	IBAN  Kind = "iban" // mod 97
	ID    Kind = "id"   // PRC resident number, CPF, DNI and NIE by their checks; US SSN by its shape
)

// leastDigits is the length of the shortest number that identifies somebody.
const leastDigits = 7

func (k Kind) tag() string { return "[" + string(k) + "]" }

// Text replaces each identifier in s by a stable tag such as "[e-mail]" and returns the kinds found, each once, sorted.
func Text(s string) (string, []Kind) {
	f := fold(s)
	address, number := strings.Contains(f.ascii, "@"), len(digits(f.ascii)) >= leastDigits
	if !address && !number {
		return s, nil
	}
	taken := make([]bool, len(f.ascii))
	var spans []span
	for _, d := range detectors {
		if d.kind == Email && !address || d.kind != Email && !number {
			continue
		}
		for _, at := range d.pattern.FindAllStringIndex(f.ascii, -1) {
			if start, end, ok := d.accept(f, at[0], at[1]); ok && free(taken, start, end) {
				spans = append(spans, span{start, end, d.kind})
				mark(taken, start, end)
			}
		}
	}
	if len(spans) == 0 {
		return s, nil
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	var b strings.Builder
	var kinds []Kind
	last := 0
	for _, p := range spans {
		b.WriteString(s[f.offset[last]:f.offset[p.start]])
		b.WriteString(p.kind.tag())
		kinds, last = append(kinds, p.kind), p.end
	}
	b.WriteString(s[f.offset[last]:])
	slices.Sort(kinds)
	return b.String(), slices.Compact(kinds)
}

type span struct {
	start, end int
	kind       Kind
}

func free(taken []bool, start, end int) bool { return !slices.Contains(taken[start:end], true) }

func mark(taken []bool, start, end int) {
	for i := start; i < end; i++ {
		taken[i] = true
	}
}
