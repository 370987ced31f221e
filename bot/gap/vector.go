// SPDX-License-Identifier: MIT

package gap

import (
	"hash/fnv"
	"math"

	"candor/internal/text"
	"candor/knowledge/embed"
)

// dimensions is the length of a vector: one half is the built-in embedder's, the
// other the words that tell the questions apart.
const dimensions = 2 * embed.Dimensions

// utterance is a question with its personal data taken out, and its language.
type utterance struct{ Text, Lang string }

// vectors gives a unit vector for each question; the zero vector if it says
// nothing. Half of what two of them have in common is what the embedder says, the
// other half is the words they share, each by how rare it is among all of them.
func vectors(list []utterance) [][]float32 {
	in := map[string]int{}
	words := make([]map[string]bool, len(list))
	for i, u := range list {
		words[i] = map[string]bool{}
		for _, t := range text.Terms(u.Text, u.Lang) {
			words[i][t] = true
		}
		for w := range words[i] {
			in[w]++
		}
	}
	out := make([][]float32, len(list))
	for i, u := range list {
		out[i] = make([]float32, dimensions)
		half(out[i], embed.Vector(embed.Part{Text: u.Text, Lang: u.Lang, Weight: 1}))
		half(out[i][embed.Dimensions:], rare(words[i], in, len(list)))
	}
	return out
}

// half writes a unit vector so that it makes half of another.
func half(to, from []float32) {
	for i, x := range from {
		to[i] = x * math.Sqrt2 / 2
	}
}

// rare is the unit vector of some words. Sums are of whole numbers, so that the
// order of a map changes nothing.
func rare(words map[string]bool, in map[string]int, all int) []float32 {
	sums := make([]int64, embed.Dimensions)
	for w := range words {
		h := fnv.New64a()
		_, _ = h.Write([]byte(w)) // never fails
		bits := h.Sum64()
		weight := int64(math.Round(math.Log(1+float64(all)/float64(in[w])) * (1 << 20)))
		if bits>>63 == 1 {
			weight = -weight
		}
		sums[(bits>>20)%embed.Dimensions] += weight
	}
	norm := 0.0
	for _, x := range sums {
		norm += float64(x) * float64(x)
	}
	out := make([]float32, embed.Dimensions)
	if norm == 0 {
		return out
	}
	for i, x := range sums {
		out[i] = float32(float64(x) / math.Sqrt(norm))
	}
	return out
}
