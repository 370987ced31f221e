// SPDX-License-Identifier: MIT

// Package embed turns text into vectors in this process: no model, no download, the same vector for
// the same text anywhere. A vector is a random projection (feature hashing) of what the text is made
// of: its words, the groups of letters in them, so that a misspelt word, another form or a part of a
// compound stays near, single characters where words are not spaced, and the concepts its words
// name, so that another wording or another language stays near, too. It is no language model: what
// shares neither word, nor letters, nor concept is not near. Everything is safe for concurrent use.
package embed

import (
	"context"
	"hash/fnv"
	"math"
	"unicode/utf8"

	"candor/internal/text"
	"candor/knowledge/concept"
)

// Model names what makes the vectors; any change that changes vectors changes the name.
const Model = "candor-lexical-1"

// Dimensions is the length of the vectors.
const Dimensions = 1024

// Weights of what a text is made of, against one word's 1. They were chosen by retrieval measured on
// the dev splits of CLINC150, Banking77, CMRC 2018 and the Dify pages.
const (
	stopWeight    = 0.5
	gramWeight    = 0.7 // of all letter groups of a word together, as a length
	singleWeight  = 0.4
	conceptWeight = 0.8
)

const (
	shortestGram = 3
	longestGram  = 4
	buckets      = 2 // places that a feature is written to
)

// Embedder is the built-in embedder behind the interface that a provider's has. The zero value is ready.
type Embedder struct{}

// Model returns the name of the built-in model.
func (Embedder) Model() string { return Model }

// Dimensions returns the length of its vectors.
func (Embedder) Dimensions() int { return Dimensions }

// Embed returns a vector for each text. It never fails.
func (Embedder) Embed(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = Vector(Part{Text: t, Lang: text.DetectLang(t), Weight: 1})
	}
	return out, nil
}

// Part is a piece of what is embedded, such as a title, with its weight.
type Part struct {
	Text   string
	Lang   string
	Weight float64
}

// Vector returns the unit vector of the parts together; the zero vector if they say nothing.
func Vector(parts ...Part) []float32 {
	f := features{}
	for _, p := range parts {
		f.add(p)
	}
	return f.project()
}

// features holds the weight of each thing a text is made of.
type features map[string]float64

func (f features) add(p Part) {
	a := text.Analyse(p.Text, p.Lang)
	for _, t := range a.Terms {
		w := p.Weight
		if t.Stop {
			w *= stopWeight
		}
		f["w"+t.Text] += w
		r, n := utf8.DecodeRuneInString(t.Text)
		switch {
		case r >= 0x2E80:
			f["c"+t.Text[:n]] += singleWeight * p.Weight
		case !t.Stop && len(t.Text) > shortestGram:
			f.addGrams(t.Text, gramWeight*p.Weight)
		}
	}
	for _, c := range concept.In(a) {
		f[c] += conceptWeight * p.Weight
	}
}

// addGrams adds the groups of letters of a word with its borders, weighing w together.
func (f features) addGrams(word string, w float64) {
	rs := []rune("<" + word + ">")
	count := 0
	for n := shortestGram; n <= longestGram; n++ {
		count += max(0, len(rs)-n+1)
	}
	each := w / math.Sqrt(float64(count))
	for n := shortestGram; n <= longestGram; n++ {
		for i := 0; i+n <= len(rs); i++ {
			f["g"+string(rs[i:i+n])] += each
		}
	}
}

// project writes each feature to a few places that its hash chooses, with the sign it chooses.
// Repeats count with their logarithm. Sums are of whole numbers, so that the order of adding, which is
// a map's, changes nothing.
func (f features) project() []float32 {
	var sums [Dimensions]int64
	for name, weight := range f {
		if weight > 1 {
			weight = 1 + math.Log(weight)
		}
		h := fnv.New64a()
		_, _ = h.Write([]byte(name)) // never fails
		bits := h.Sum64()
		for range buckets {
			bits = mix(bits)
			w := int64(math.Round(weight * (1 << 20)))
			if bits>>63 == 1 {
				w = -w
			}
			sums[bits%Dimensions] += w
		}
	}
	return unit(sums)
}

func unit(sums [Dimensions]int64) []float32 {
	norm := 0.0
	for _, n := range sums {
		norm += float64(n) * float64(n)
	}
	out := make([]float32, Dimensions)
	if norm == 0 {
		return out
	}
	for i, n := range sums {
		out[i] = float32(float64(n) / math.Sqrt(norm))
	}
	return out
}

// mix scrambles all bits of h.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
