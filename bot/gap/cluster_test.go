// SPDX-License-Identifier: MIT

package gap

import (
	"bufio"
	"encoding/json"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var labelled = flag.String("labelled", "", "file of labelled questions, in the format of candor eval retrieval, to measure clustering on")

// labels are questions with what they are about.
type labels struct {
	questions []utterance
	about     []string
}

func readLabels(t *testing.T, path, split string) labels {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	var l labels
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var q struct {
			Query, Lang, Split string
			Relevant           []string
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &q))
		if len(q.Relevant) == 1 && q.Split == split {
			l.questions, l.about = append(l.questions, utterance{q.Query, q.Lang}), append(l.about, q.Relevant[0])
		}
	}
	require.NoError(t, lines.Err())
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(l.about), func(i, j int) {
		l.questions[i], l.questions[j] = l.questions[j], l.questions[i]
		l.about[i], l.about[j] = l.about[j], l.about[i]
	})
	return l
}

// in feeds the questions in as they would come, some at a time, and gives the gap of each.
func (l labels) in(step int) []int {
	of := make([]int, len(l.questions)) // 0: none yet
	named := 0
	for from := 0; from < len(l.questions); from += step {
		to := min(from+step, len(l.questions))
		members := map[int]int{}
		for _, gap := range of[:from] {
			members[gap]++
		}
		var list []placed
		for i, v := range vectors(l.questions[:to]) {
			list = append(list, placed{vector: v, gap: int64(of[i]), loose: members[of[i]] <= looseUpTo})
		}
		gaps, _ := regroup(list, func() int64 { named++; return int64(named) })
		for i, name := range gaps {
			of[i] = int(name)
		}
	}
	return of
}

// figures are how well clusters agree with the labels.
type figures struct{ Precision, Recall, F1, Purity, NMI float64 }

func (l labels) measure(of []int) (f figures, clusters int) {
	type cell struct {
		cluster int
		about   string
	}
	sizes, abouts, cells, most := map[int]float64{}, map[string]float64{}, map[cell]float64{}, map[int]float64{}
	for i, about := range l.about {
		sizes[of[i]]++
		abouts[about]++
		cells[cell{of[i], about}]++
	}
	n := float64(len(of))
	pairs := func(x float64) float64 { return x * (x - 1) / 2 }
	var both, a, b, information, hA, hB float64
	for c, x := range cells {
		both += pairs(x)
		most[c.cluster] = max(most[c.cluster], x)
		information += x / n * math.Log(x*n/(sizes[c.cluster]*abouts[c.about]))
	}
	for k, x := range sizes {
		a += pairs(x)
		hA -= x / n * math.Log(x/n)
		f.Purity += most[k] / n
	}
	for _, x := range abouts {
		b += pairs(x)
		hB -= x / n * math.Log(x/n)
	}
	f.Precision, f.Recall, f.NMI = both/a, both/b, 2*information/(hA+hB)
	f.F1 = 2 * f.Precision * f.Recall / (f.Precision + f.Recall)
	return f, len(sizes)
}

// TestMeasure prints how well clustering does on labelled questions: all at once,
// and a few at a time as they come in.
func TestMeasure(t *testing.T) {
	t.Parallel()
	if *labelled == "" {
		t.Skip("-labelled names no file")
	}
	for _, split := range []string{"dev", "test"} {
		l := readLabels(t, *labelled, split)
		for _, step := range []int{len(l.about), 50, 5} {
			start := time.Now()
			f, clusters := l.measure(l.in(step))
			t.Logf("%s, %d questions, %d at a time: %d clusters, %+.3f, %s", split, len(l.about), step, clusters, f, time.Since(start).Round(time.Millisecond))
		}
	}
}

func placedOf(gap int64, loose, fixed bool, texts ...string) (list []placed) {
	for range texts {
		list = append(list, placed{gap: gap, loose: loose, fixed: fixed})
	}
	return list
}

func TestRegroup(t *testing.T) {
	t.Parallel()
	fax := []string{"Does the adapter work with a fax machine?", "Can I connect a fax machine to the adapter?", "fax machine and adapter, is it possible?"}
	wine := []string{"Which wine goes with fish?", "What wine do you recommend with fish?"}
	run := func(list []placed, texts ...string) []int64 {
		said := make([]utterance, len(texts))
		for i, s := range texts {
			said[i] = utterance{s, "en"}
		}
		for i, v := range vectors(said) {
			list[i].vector = v
		}
		next := int64(100)
		of, _ := regroup(list, func() int64 { next++; return next })
		return of
	}
	texts := append(append([]string{}, fax...), wine...)
	t.Run("what_means_the_same_is_one_gap", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, []int64{101, 101, 101, 102, 102}, run(make([]placed, 5), texts...))
	})
	t.Run("a_gap_keeps_its_number", func(t *testing.T) {
		t.Parallel()
		list := append(placedOf(7, true, false, fax[:2]...), placed{}, placed{}, placed{gap: 9})
		require.Equal(t, []int64{7, 7, 7, 9, 9}, run(list, texts...))
	})
	t.Run("gaps_that_somebody_works_with_never_become_one", func(t *testing.T) {
		t.Parallel()
		list := []placed{{gap: 3, fixed: true}, {gap: 4, fixed: true}, {}}
		of := run(list, fax...)
		require.Equal(t, []int64{3, 4}, of[:2])
		require.Contains(t, []int64{3, 4}, of[2])
	})
	t.Run("the_same_every_time", func(t *testing.T) {
		t.Parallel()
		first := run(make([]placed, 5), texts...)
		for range 10 {
			require.Equal(t, first, run(make([]placed, 5), texts...))
		}
	})
}
