// SPDX-License-Identifier: MIT

package llmtest

import (
	"hash/fnv"
	"math"
	"strings"
	"unicode"
)

// defaultDimensions is the length of vectors when the request names none.
const defaultDimensions = 256

// embed answers an embeddings request.
func embed(x *exchange) error {
	dims := x.req.Dimensions
	if dims <= 0 {
		dims = defaultDimensions
	}
	vectors := x.reply.Vectors
	if vectors == nil {
		for _, text := range x.req.Input {
			vectors = append(vectors, Vector(text, dims))
		}
	}
	data := make([]any, len(vectors))
	for i, v := range vectors {
		data[i] = map[string]any{"object": "embedding", "index": i, "embedding": v}
	}
	tokens := 0
	for _, text := range x.req.Input {
		tokens += (len(text) + 3) / 4
	}
	writeJSON(x.w, map[string]any{
		"object": "list", "data": data, "model": x.model(),
		"usage": map[string]any{"prompt_tokens": tokens, "total_tokens": tokens},
	})
	return nil
}

// Vector hashes the words of a text and the beginnings of long words into a unit
// vector: texts that share words are near, the same on every machine.
func Vector(text string, dims int) []float32 {
	v := make([]float64, dims)
	for _, w := range words(text) {
		add(v, w, 1)
		if stem := stem(w); stem != w {
			add(v, stem, 1)
		}
	}
	var norm float64
	for _, x := range v {
		norm += x * x
	}
	if norm == 0 { // no words: still a vector that every index takes
		v[0], norm = 1, 1
	}
	out := make([]float32, dims)
	for i, x := range v {
		out[i] = float32(x / math.Sqrt(norm))
	}
	return out
}

// add adds a word to v at the place and with the sign that its hash says.
func add(v []float64, word string, weight float64) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(word))
	sum := h.Sum64()
	if sum>>63 == 1 {
		weight = -weight
	}
	v[sum%uint64(len(v))] += weight
}

// words are the lower-case words of a text; of a script without spaces, the pairs
// of neighbouring characters.
func words(text string) []string {
	var list []string
	for _, f := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		list = append(list, pieces([]rune(f))...)
	}
	return list
}

// pieces cuts a run of letters into words and pairs.
func pieces(run []rune) []string {
	var list []string
	for start := 0; start < len(run); {
		end := start + 1
		for end < len(run) && spaceless(run[end]) == spaceless(run[start]) {
			end++
		}
		if !spaceless(run[start]) || end-start == 1 {
			list = append(list, string(run[start:end]))
		} else {
			for i := start; i+1 < end; i++ {
				list = append(list, string(run[i:i+2]))
			}
		}
		start = end
	}
	return list
}

// stem is a crude stem, the first five letters: enough for a fake to see that
// refunds and refunded are near.
func stem(word string) string {
	if r := []rune(word); len(r) > 5 {
		return string(r[:5])
	}
	return word
}
