// SPDX-License-Identifier: MIT

package phrase

import (
	"fmt"
	"strings"
)

// element is one item of a pattern.
type element struct {
	op       op
	id       int         // word or set
	min, max int         // how often it may stand
	choices  [][]element // of a group
}

type op uint8

const (
	opWord op = iota
	opSet
	opAny
	opMark
	opGroup
	opBegin
	opEnd
)

// How often a starred item may stand, and how many words a long gap may hold.
const (
	maxRepeat = 8
	maxGap    = 5
)

// need is words and sets of which a message must have one.
type need []atom

type atom struct {
	set bool
	id  int
}

// needsOf lists what a message must have for a pattern to match.
func needsOf(pattern []element) []need {
	var out []need
	for _, e := range pattern {
		switch {
		case e.min == 0:
		case e.op == opWord || e.op == opSet:
			out = append(out, need{{e.op == opSet, e.id}})
		case e.op == opGroup:
			out = append(out, needsOfGroup(e)...)
		}
	}
	return out
}

// needsOfGroup takes the first need of each choice; one choice that needs nothing frees the whole group.
func needsOfGroup(e element) []need {
	var either need
	for _, choice := range e.choices {
		needs := needsOf(choice)
		if len(needs) == 0 {
			return nil
		}
		if len(e.choices) == 1 {
			return needs
		}
		either = append(either, needs[0]...)
	}
	return []need{either}
}

func (p *parser) pattern(src string) ([]element, error) {
	src = strings.NewReplacer("(", " ( ", "|", " | ", ")", " )").Replace(src)
	out, rest, err := p.sequence(strings.Fields(src))
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("unexpected %q", rest[0])
	}
	return out, err
}

// sequence reads elements up to the end, a bar or a closing bracket.
func (p *parser) sequence(rest []string) ([]element, []string, error) {
	var out []element
	for len(rest) > 0 && rest[0] != "|" && rest[0][0] != ')' {
		item := rest[0]
		rest = rest[1:]
		if item == "(" {
			group, after, err := p.group(rest)
			if err != nil {
				return nil, nil, err
			}
			out, rest = append(out, group), after
			continue
		}
		e, err := p.item(item)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, e)
	}
	return out, rest, nil
}

// group reads alternatives up to the closing bracket.
func (p *parser) group(rest []string) (element, []string, error) {
	g := element{op: opGroup}
	for {
		choice, after, err := p.sequence(rest)
		if err != nil {
			return g, nil, err
		}
		if len(choice) == 0 || len(after) == 0 {
			return g, nil, fmt.Errorf("empty or open bracket")
		}
		g.choices, rest = append(g.choices, choice), after[1:]
		if after[0] == "|" {
			continue
		}
		if left := g.quantity(strings.TrimPrefix(after[0], ")")); left != "" {
			return g, nil, fmt.Errorf("unexpected %q", left)
		}
		return p.asSet(g), rest, nil
	}
}

// asSet makes a set without a name of a group that is nothing but words, which is found faster.
func (p *parser) asSet(g element) element {
	rows := make([][]int, len(g.choices))
	for i, choice := range g.choices {
		for _, e := range choice {
			words := e.words()
			if len(words) == 0 {
				return g
			}
			rows[i] = append(rows[i], words...)
		}
	}
	g.op, g.id, g.choices = opSet, p.setID(fmt.Sprintf("(%d)", len(p.sets))), nil
	for _, words := range rows {
		p.entries[words[0]] = append(p.entries[words[0]], entry{words, g.id})
	}
	return g
}

// words are those of an element that is a word or a row of words, nothing else and exactly once.
func (e element) words() []int {
	switch {
	case e.min != 1 || e.max != 1:
		return nil
	case e.op == opWord:
		return []int{e.id}
	case e.op != opGroup || len(e.choices) != 1:
		return nil
	}
	var out []int
	for _, w := range e.choices[0] {
		if w.op != opWord || w.min != 1 {
			return nil
		}
		out = append(out, w.id)
	}
	return out
}

// quantity takes the sign of how often an item may stand from its end and returns the rest.
func (e *element) quantity(s string) string {
	e.min, e.max = 1, 1
	if s == "" {
		return s
	}
	body := s[:len(s)-1]
	switch s[len(s)-1] {
	case '?':
		e.min = 0
	case '*':
		e.min, e.max = 0, maxRepeat
	case '+':
		e.max = maxRepeat
	default:
		return s
	}
	return body
}

var signs = map[string]element{
	"..": {op: opAny, max: 2}, "...": {op: opAny, max: maxGap}, ",": {op: opMark, max: 1}, "^": {op: opBegin}, "$": {op: opEnd},
}

func (p *parser) item(s string) (element, error) {
	if e, ok := signs[s]; ok {
		return e, nil
	}
	e := element{op: opWord}
	if name, ok := strings.CutPrefix(s, "@"); ok {
		name = e.quantity(name)
		id, known := p.sets[p.lang+"."+name]
		if !known {
			return e, fmt.Errorf("no set %q", name)
		}
		e.op, e.id = opSet, id
		return e, nil
	}
	if body, ok := strings.CutSuffix(s, "?"); ok {
		s, e.min, e.max = body, 0, 1
	} else {
		e.min, e.max = 1, 1
	}
	word, isKey := strings.CutSuffix(s, "~")
	if isKey {
		p.key(prepare(word))
	}
	var row []element
	for _, part := range strings.Split(word, "_") {
		for _, id := range p.wordIDs(part) {
			row = append(row, element{op: opWord, id: id, min: 1, max: 1})
		}
	}
	switch len(row) {
	case 0:
		return e, fmt.Errorf("no word: %q", s)
	case 1:
		e.id = row[0].id
		return e, nil
	}
	return element{op: opGroup, min: e.min, max: e.max, choices: [][]element{row}}, nil
}
