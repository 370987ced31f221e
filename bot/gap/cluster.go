// SPDX-License-Identifier: MIT

package gap

import "math"

// threshold is from which average likeness on two groups of questions are one gap.
// It has the best pairwise F1 on the dev splits of Banking77 and of CLINC150, see
// docs/gaps.md.
const threshold = 0.30

// group is a gap, or a question that belongs to none yet. Groups are alike by the
// average likeness of their questions, which the sums of their vectors tell.
type group struct {
	sum   []float32
	n     float32
	fixed bool // somebody works with it: it takes in others and is never taken in
	into  int  // the group that took it in; itself while it stands
}

func newGroup(fixed bool, vs ...[]float32) group {
	g := group{sum: make([]float32, dimensions), n: float32(len(vs)), fixed: fixed}
	for _, v := range vs {
		add(g.sum, v)
	}
	return g
}

func add(to, v []float32) {
	for i, x := range v {
		to[i] += x
	}
}

// alike is the average likeness of the questions of two groups.
func alike(a, b group) float32 {
	if a.n == 0 || b.n == 0 {
		return 0
	}
	var s0, s1, s2, s3 float32
	x, y := a.sum, b.sum[:len(a.sum)]
	for i := 0; i+3 < len(x); i += 4 {
		s0 += x[i] * y[i]
		s1 += x[i+1] * y[i+1]
		s2 += x[i+2] * y[i+2]
		s3 += x[i+3] * y[i+3]
	}
	return (s0 + s1 + s2 + s3) / (a.n * b.n)
}

// cluster is new questions finding their gaps: always the two groups that are most
// alike become one (average linkage), until none are alike enough. Gaps that were
// there keep what they have and what they are called; two of them become one only
// if neither is fixed.
type cluster struct {
	groups []group     // the gaps, oldest first, then the new questions
	gaps   int         // how many are gaps
	rows   [][]float32 // of each new question: likeness with each group
	best   []int       // of each new question: the group it is most like; -1: none
}

// assign says for each new question which group it belongs to: the index of a gap,
// or, from len(gaps) on, that of the first question of a new one. merged says which
// gaps were taken in by which.
func assign(gaps []group, fresh [][]float32) (of []int, merged map[int]int) {
	c := &cluster{groups: make([]group, 0, len(gaps)+len(fresh)), gaps: len(gaps)}
	c.groups = append(c.groups, gaps...)
	for _, v := range fresh {
		c.groups = append(c.groups, newGroup(false, v))
	}
	for i := range c.groups {
		c.groups[i].into = i
	}
	c.compare()
	for c.step() {
	}
	c.join()
	of = make([]int, len(fresh))
	for i := range fresh {
		of[i] = c.find(c.gaps + i)
	}
	merged = map[int]int{}
	for i := range gaps {
		if at := c.find(i); at != i {
			merged[i] = at
		}
	}
	return of, merged
}

func (c *cluster) find(i int) int {
	for c.groups[i].into != i {
		i = c.groups[i].into
	}
	return i
}

func (c *cluster) compare() {
	n := len(c.groups)
	c.rows, c.best = make([][]float32, n), make([]int, n)
	for i := c.gaps; i < n; i++ {
		c.rows[i] = make([]float32, n)
		for j := range i {
			s := alike(c.groups[i], c.groups[j])
			c.rows[i][j] = s
			if j >= c.gaps {
				c.rows[j][i] = s
			}
		}
	}
	for i := c.gaps; i < n; i++ {
		c.look(i)
	}
}

// look finds what a new question's group is most like.
func (c *cluster) look(i int) {
	most := float32(-math.MaxFloat32)
	c.best[i] = -1
	for j, s := range c.rows[i] {
		if j != i && c.groups[j].into == j && s > most {
			most, c.best[i] = s, j
		}
	}
}

// step makes one group of the two that are most alike.
func (c *cluster) step() bool {
	most, at := float32(threshold), -1
	for i := c.gaps; i < len(c.groups); i++ {
		if c.groups[i].into == i && c.best[i] >= 0 && c.rows[i][c.best[i]] >= most && (at < 0 || c.rows[i][c.best[i]] > most) {
			most, at = c.rows[i][c.best[i]], i
		}
	}
	if at < 0 {
		return false
	}
	gone, stays := at, c.best[at]
	if stays > gone { // both new: the first one names the group
		gone, stays = stays, gone
	}
	c.unite(gone, stays)
	return true
}

// unite lets stays take in gone, a new question's group. What it is alike follows
// from what both were (Lance and Williams).
func (c *cluster) unite(gone, stays int) {
	a, b := &c.groups[gone], &c.groups[stays]
	whole := a.n + b.n
	a.into = stays
	for k := c.gaps; k < len(c.groups); k++ {
		if k == stays || c.groups[k].into != k {
			continue
		}
		c.rows[k][stays] = (a.n*c.rows[gone][k] + b.n*c.rows[k][stays]) / whole
	}
	if row := c.rows[stays]; row != nil {
		for k := range row {
			row[k] = (a.n*c.rows[gone][k] + b.n*row[k]) / whole
		}
	}
	add(b.sum, a.sum)
	b.n = whole
	for k := c.gaps; k < len(c.groups); k++ {
		switch {
		case c.groups[k].into != k:
		case k == stays || c.best[k] == gone || c.best[k] == stays:
			c.look(k)
		case c.best[k] < 0 || c.rows[k][stays] > c.rows[k][c.best[k]]:
			c.best[k] = stays
		}
	}
}

// join unites gaps that have grown alike. The older one stays, or the fixed one.
func (c *cluster) join() {
	grown := map[int]bool{}
	for i := c.gaps; i < len(c.groups); i++ {
		if at := c.find(i); at < c.gaps && !c.groups[at].fixed {
			grown[at] = true
		}
	}
	for i := range c.gaps {
		if !grown[i] || c.groups[i].into != i {
			continue
		}
		most, at := float32(threshold), -1
		for j := range c.gaps {
			if j == i || c.groups[j].into != j {
				continue
			}
			if s := alike(c.groups[i], c.groups[j]); s >= most {
				most, at = s, j
			}
		}
		if at < 0 {
			continue
		}
		gone, stays := max(i, at), min(i, at)
		if c.groups[gone].fixed {
			gone, stays = stays, gone
		}
		c.groups[gone].into = stays
		add(c.groups[stays].sum, c.groups[gone].sum)
		c.groups[stays].n += c.groups[gone].n
	}
}
