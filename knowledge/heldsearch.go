// SPDX-License-Identifier: MIT

package knowledge

import (
	"cmp"
	"slices"
	"time"

	"candor/knowledge/rank"
)

func (p *part) candidates(a asked, vector []float32, out []rank.Candidate) []rank.Candidate {
	cosines := p.cosines(vector)
	seen := map[int]bool{}
	take := func(slot int, near bool) {
		if seen[slot] {
			return
		}
		seen[slot] = true
		c := p.chunks[slot].Candidate
		c.Near, c.Cosine = near, cosines[slot]
		out = append(out, c)
	}
	for _, slot := range p.nearest(cosines, a.now) {
		take(slot, true)
	}
	for _, q := range textQueries(a) {
		for _, slot := range p.matching(q, a.now) {
			take(slot, false)
		}
	}
	return out
}

// cosines compares all vectors with one. Most values of a question's vector are zero: whole columns are left out.
func (p *part) cosines(vector []float32) []float64 {
	sums := make([]int32, len(p.chunks))
	numbers, scale := inWhole(vector)
	for d, n := range numbers {
		if n == 0 || d >= len(p.columns) {
			continue
		}
		by := int32(n)
		column := p.columns[d]
		for i := range sums[:len(column)] {
			sums[i] += by * int32(column[i])
		}
	}
	out := make([]float64, len(sums))
	for i, sum := range sums {
		if p.chunks[i].scale != 0 {
			out[i] = float64(sum) * scale
		}
	}
	return out
}

// nearest gives the slots of the nearest vectors, the nearest first.
func (p *part) nearest(cosines []float64, now time.Time) []int {
	order := func(x, y int) int {
		return cmp.Or(cmp.Compare(cosines[y], cosines[x]), cmp.Compare(p.chunks[x].ChunkID, p.chunks[y].ChunkID))
	}
	best := make([]int, 0, nearest+1)
	for slot := range p.chunks {
		c := &p.chunks[slot]
		if c.scale == 0 || len(best) == nearest && cosines[slot] < cosines[best[nearest-1]] || !c.usableUntil.After(now) {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, slot, order)
		best = slices.Insert(best, i, slot)
		best = best[:min(len(best), nearest)]
	}
	return best
}

// matching gives the slots of chunks that have one of the terms, or all of them.
func (p *part) matching(q textQuery, now time.Time) []int {
	hashes := make([]uint32, len(q.terms))
	for i, t := range q.terms {
		hashes[i] = rank.Hash(t)
	}
	var out []int
	take := func(slot int32) {
		if len(out) < q.limit && p.chunks[slot].usableUntil.After(now) {
			out = append(out, int(slot))
		}
	}
	if !q.all {
		seen := map[int32]bool{}
		for _, hash := range hashes {
			for _, slot := range p.with[hash] {
				if !seen[slot] {
					seen[slot] = true
					take(slot)
				}
			}
		}
		return out
	}
	slices.SortFunc(hashes, func(x, y uint32) int { return cmp.Compare(len(p.with[x]), len(p.with[y])) })
	for _, slot := range p.with[hashes[0]] {
		if !slices.ContainsFunc(hashes[1:], func(hash uint32) bool { n, _ := p.chunks[slot].Bag.Count(hash); return n == 0 }) {
			take(slot)
		}
	}
	return out
}
