// SPDX-License-Identifier: MIT

package rank

import (
	"encoding/binary"
	"hash/fnv"
	"iter"
	"slices"
	"sort"
	"strings"

	"candor/internal/text"
	"candor/knowledge/concept"
)

// titleWeight is how often a word of the title counts as said in each chunk.
const titleWeight = 2

// Bag is the stored form of a chunk's terms: five bytes each, sorted by hash; the last one is the
// weighted count, its highest bit says that the term stands in the title.
type Bag []byte

const (
	entrySize = 5
	titleBit  = 0x80
	maxCount  = 0x7F
)

// Hash is the name of a term in a Bag.
func Hash(term string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(term)) // never fails
	return h.Sum32()
}

// Count returns the weighted count of a term and whether the title has it.
func (b Bag) Count(hash uint32) (count int, inTitle bool) { return counted(b.entry(hash)) }

func counted(entry uint8) (count int, inTitle bool) {
	return int(entry & maxCount), entry&titleBit != 0
}

// entry returns the last byte of a term's entry, 0 if there is none.
func (b Bag) entry(hash uint32) uint8 {
	n := len(b) / entrySize
	i := sort.Search(n, func(i int) bool { return binary.BigEndian.Uint32(b[i*entrySize:]) >= hash })
	if i == n || binary.BigEndian.Uint32(b[i*entrySize:]) != hash {
		return 0
	}
	return b[i*entrySize+4]
}

// Hashes gives the terms of the bag.
func (b Bag) Hashes() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for i := 0; i+entrySize <= len(b); i += entrySize {
			if !yield(binary.BigEndian.Uint32(b[i:])) {
				return
			}
		}
	}
}

// TitleTerms returns how many terms of the title the bag has.
func (b Bag) TitleTerms() int {
	n := 0
	for i := 4; i < len(b); i += entrySize {
		if b[i]&titleBit != 0 {
			n++
		}
	}
	return n
}

// Document is a chunk as the index holds it.
type Document struct {
	Terms  []string // distinct, sorted
	Bag    Bag
	Length int // weighted number of terms, the title's included
	Title  int // the title's part of Length
}

// Index writes a chunk down for search. Stop words are kept: in a short question they may be all there is.
func Index(title string, headings []string, body, lang string) Document {
	counts, inTitle := map[string]int{}, map[string]bool{}
	var d Document
	head := text.Analyse(title, lang)
	for _, t := range head.Terms {
		counts[t.Text] += titleWeight
		d.Title += titleWeight
		inTitle[t.Text] = inTitle[t.Text] || !t.Stop
	}
	d.Length = d.Title
	rest := text.Analyse(strings.Join(headings, "\n")+"\n"+body, lang)
	for _, t := range rest.Terms {
		counts[t.Text]++
		d.Length++
	}
	for _, c := range concept.In(head) {
		counts[c] += titleWeight
	}
	for _, c := range concept.In(rest) {
		counts[c]++
	}
	for t := range counts {
		d.Terms = append(d.Terms, t)
	}
	slices.Sort(d.Terms)
	d.Bag = pack(counts, inTitle)
	return d
}

func pack(counts map[string]int, inTitle map[string]bool) Bag {
	packed := map[uint32]byte{}
	for t, n := range counts {
		b := byte(min(n, maxCount))
		if inTitle[t] {
			b |= titleBit
		}
		packed[Hash(t)] |= b // two terms of one hash are one term, once in four thousand million
	}
	bag := make(Bag, 0, len(packed)*entrySize)
	hashes := make([]uint32, 0, len(packed))
	for h := range packed {
		hashes = append(hashes, h)
	}
	slices.Sort(hashes)
	for _, h := range hashes {
		bag = binary.BigEndian.AppendUint32(bag, h)
		bag = append(bag, packed[h])
	}
	return bag
}
