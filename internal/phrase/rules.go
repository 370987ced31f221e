// SPDX-License-Identifier: MIT

package phrase

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// rule is one pattern and what it means for a detector.
type rule struct {
	detector int // or anyDetector
	name     string
	kind     string
	weight   float64 // of a match; of a mask, what is left of other matches
	mask     bool
	pattern  []element
	needs    []need // what a message must have for the pattern to be tried
}

const anyDetector = -1

// entry is one way to say what a set stands for: a row of words.
type entry struct {
	words []int
	set   int
}

// alias is what a word is read as in one language.
type alias struct {
	words []string
	lang  uint16
}

// Book is a set of rules, with the words in them numbered.
type Book struct {
	detectors []string
	ids       map[string]int // of words
	prefixes  map[string]int // of words that end in *
	aliases   map[string]alias
	sets      map[string]int
	fillers   map[int]bool    // sets that are fillers
	entries   map[int][]entry // by first word
	common    map[string]bool
	keys      map[byte][]*key // repairable words by first and second letter
	keyWords  map[string]*key
	langs     map[string]uint16 // languages whose rules have the word
	rules     []rule
}

// Load reads the rules in all files of a folder that end in .txt; the name of a file is that of its language. A finding's detector
// is its place in the list.
func Load(files fs.FS, folder string, detectors ...string) (*Book, error) {
	b := &Book{
		detectors: detectors,
		ids:       map[string]int{}, prefixes: map[string]int{}, aliases: map[string]alias{}, sets: map[string]int{}, fillers: map[int]bool{},
		entries: map[int][]entry{}, common: map[string]bool{}, keys: map[byte][]*key{}, keyWords: map[string]*key{}, langs: map[string]uint16{},
	}
	names, err := fs.Glob(files, path.Join(folder, "*.txt"))
	if err != nil {
		return nil, fmt.Errorf("reading rules: %w", err)
	}
	for n, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading rules: %w", err)
		}
		p := parser{Book: b, lang: strings.TrimSuffix(path.Base(name), ".txt"), bit: 1 << n}
		if err := p.file(string(raw)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// parser reads the rules of one language into the book.
type parser struct {
	*Book
	lang string
	bit  uint16
}

func (p *parser) file(src string) error {
	for n, line := range strings.Split(src, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := p.line(line); err != nil {
			return fmt.Errorf("rules %s line %d: %w", p.lang, n+1, err)
		}
	}
	return nil
}

func (p *parser) line(line string) error {
	head, body, ok := strings.Cut(line, "=")
	fields := strings.Fields(head)
	if !ok || len(fields) < 2 {
		return fmt.Errorf("no rule: %q", line)
	}
	switch fields[0] {
	case "set":
		return p.set(fields[1], strings.Fields(body))
	case "alias":
		a := alias{lang: p.bit}
		for _, t := range tokenize(body) {
			a.words = append(a.words, t.word)
		}
		p.aliases[prepare(fields[1])] = a
		return nil
	case "mask":
		return p.rule(fields[1], 0, true, body)
	}
	number := fields[len(fields)-1]
	weight, err := strconv.ParseFloat(number, 64)
	if err != nil || weight <= 0 || weight >= 1 {
		return fmt.Errorf("no weight between 0 and 1: %q", number)
	}
	if fields[0] == "scale" && len(fields) == 3 {
		return p.rule(fields[1], weight, true, body)
	}
	return p.rule(fields[0], weight, false, body)
}

func (p *parser) rule(name string, weight float64, mask bool, body string) error {
	detector, kind, _ := strings.Cut(name, ".")
	r := rule{weight: weight, mask: mask, kind: kind, name: kind + "." + p.lang, detector: slices.Index(p.detectors, detector)}
	if r.detector < 0 && (detector != "*" || !mask) {
		return fmt.Errorf("no detector %q", detector)
	}
	if kind == "" && !mask {
		return fmt.Errorf("rule %q has no kind", name)
	}
	var err error
	if r.pattern, err = p.pattern(body); err != nil {
		return err
	}
	r.needs = needsOf(r.pattern)
	if len(r.needs) == 0 {
		return fmt.Errorf("pattern %q would match anything", body)
	}
	p.rules = append(p.rules, r)
	return nil
}

func (p *parser) set(name string, words []string) error {
	if name == "common" {
		for _, w := range words {
			w, isKey := strings.CutSuffix(w, "~")
			p.common[prepare(w)] = true
			if isKey {
				p.key(prepare(w))
			}
		}
		return nil
	}
	id := p.setID(name)
	for _, w := range words {
		e := entry{set: id}
		w, isKey := strings.CutSuffix(w, "~")
		for _, part := range strings.Split(w, "_") {
			e.words = append(e.words, p.wordIDs(part)...)
		}
		if len(e.words) == 0 {
			return fmt.Errorf("empty word in set %s", name)
		}
		if isKey {
			p.key(prepare(w))
		}
		p.entries[e.words[0]] = append(p.entries[e.words[0]], e)
	}
	return nil
}

// setID numbers a set; sets belong to the language of their file.
func (p *parser) setID(name string) int {
	full := p.lang + "." + name
	id, ok := p.sets[full]
	if !ok {
		id = len(p.sets)
		p.sets[full] = id
		p.fillers[id] = name == "filler"
	}
	return id
}

// wordIDs numbers a word of the rules, or the characters of one that is written without spaces.
func (p *parser) wordIDs(w string) []int {
	if stem, ok := strings.CutSuffix(w, "*"); ok {
		return []int{number(p.prefixes, prepare(stem), len(p.prefixes)*2+1)}
	}
	var out []int
	for _, t := range tokenize(w) {
		p.langs[t.word] |= p.bit
		out = append(out, number(p.ids, t.word, len(p.ids)*2))
	}
	return out
}

// number gives w its number: words have even ones, prefixes odd ones.
func number(ids map[string]int, w string, next int) int {
	id, ok := ids[w]
	if !ok {
		id = next
		ids[w] = id
	}
	return id
}
