// SPDX-License-Identifier: MIT

package gap

import (
	"cmp"
	"maps"
	"slices"
)

// looseUpTo is how many questions a gap has at most that may still fall apart.
const looseUpTo = 12

// placed is a question with the gap it belongs to.
type placed struct {
	vector []float32
	gap    int64 // 0: none yet
	loose  bool  // of a gap so small that it may fall apart when others fit better
	fixed  bool  // of a gap that somebody works with
}

// regroup gives each question its gap. New ones find theirs together with those of
// small gaps, so that what came first does not decide for ever; a gap keeps its
// number where most of it stays together. name makes the number of a new gap. merged
// says which gaps were taken in by which.
func regroup(list []placed, name func() int64) (out []int64, merged map[int64]int64) {
	var ids []int64 // of the gaps that stay whole, oldest first
	whole := map[int64]*group{}
	var free []int
	for i, q := range list {
		if q.gap == 0 || q.loose && !q.fixed {
			free = append(free, i)
			continue
		}
		g := whole[q.gap]
		if g == nil {
			made := newGroup(q.fixed)
			g, whole[q.gap] = &made, &made
			ids = append(ids, q.gap)
		}
		add(g.sum, q.vector)
		g.n++
	}
	slices.Sort(ids)
	groups, vs := make([]group, len(ids)), make([][]float32, len(free))
	for i, id := range ids {
		groups[i] = *whole[id]
	}
	for i, at := range free {
		vs[i] = list[at].vector
	}
	of, into := assign(groups, vs)
	out, merged = make([]int64, len(list)), map[int64]int64{}
	for i, q := range list {
		out[i] = q.gap
	}
	for gone, at := range into {
		merged[ids[gone]] = ids[at]
	}
	for i, q := range list {
		if at, gone := merged[q.gap]; gone {
			out[i] = at
		}
	}
	parts := map[int][]int{} // the questions of each new group
	for i, at := range of {
		if at < len(ids) {
			out[free[i]] = ids[at]
		} else {
			parts[at] = append(parts[at], free[i])
		}
	}
	nameParts(list, parts, out, name)
	return out, merged
}

// nameParts numbers new groups: by the gap that most of it was of, if that is not
// the name of another; else by a new number.
func nameParts(list []placed, parts map[int][]int, out []int64, name func() int64) {
	type claim struct {
		part, votes int
		gap         int64
	}
	var claims []claim
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		votes := map[int64]int{}
		for _, i := range parts[part] {
			if gap := list[i].gap; gap != 0 {
				votes[gap]++
			}
		}
		for gap, n := range votes {
			claims = append(claims, claim{part, n, gap})
		}
	}
	slices.SortFunc(claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(b.votes, a.votes), cmp.Compare(a.gap, b.gap), cmp.Compare(a.part, b.part))
	})
	names, taken := map[int]int64{}, map[int64]bool{}
	for _, c := range claims {
		if names[c.part] == 0 && !taken[c.gap] {
			names[c.part], taken[c.gap] = c.gap, true
		}
	}
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		if names[part] == 0 {
			names[part] = name()
		}
		for _, i := range parts[part] {
			out[i] = names[part]
		}
	}
}
