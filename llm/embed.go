// SPDX-License-Identifier: MIT

package llm

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// maxBatchBytes bounds the text of one embeddings request, below what providers
// take at once.
const maxBatchBytes = 256 << 10

// Embed gives a vector for each text, in their order. Either all of them are
// right (as many as texts, of one length, finite, not zero) or there is an error.
// Long lists are sent in several requests, one after the other.
func (c *Client) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, 0, len(texts))
	for i, text := range texts {
		if strings.TrimSpace(text) == "" {
			return nil, fmt.Errorf("embed text %d of %d: %w", i+1, len(texts), &Error{Kind: ErrRejected, Type: "empty_text"})
		}
	}
	for len(texts) > 0 {
		n := c.batch(texts)
		vectors, err := c.embedBatch(ctx, texts[:n])
		if err != nil {
			return nil, fmt.Errorf("embed texts: %w", err)
		}
		out, texts = append(out, vectors...), texts[n:]
	}
	return out, nil
}

// batch is how many of the texts go into the next request, at least one.
func (c *Client) batch(texts []string) int {
	size, n := 0, 0
	for n < len(texts) && n < c.cfg.EmbedBatch {
		size += len(texts[n])
		if n > 0 && size > maxBatchBytes {
			break
		}
		n++
	}
	return n
}

// embedBatch sends one request, with its retries.
func (c *Client) embedBatch(ctx context.Context, texts []string) ([][]float32, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.EmbedTimeout, &Error{Kind: ErrUnavailable, Type: "timeout"})
	defer cancel()
	vectors, used, err := c.embedWithin(ctx, texts)
	c.metrics.count(c.embed.name, outcome(err), used)
	return vectors, err
}

// embedWithin gets a slot and runs the request under the time limit in ctx.
func (c *Client) embedWithin(ctx context.Context, texts []string) (vectors [][]float32, used Usage, err error) {
	if err := c.embed.acquire(ctx); err != nil {
		return nil, used, err
	}
	defer c.embed.release()
	until, _ := ctx.Deadline()
	err = c.embed.run(ctx, until, func() error {
		vectors, used, err = c.requestVectors(ctx, texts)
		for c.learn(err) {
			vectors, used, err = c.requestVectors(ctx, texts)
		}
		return err
	})
	return vectors, used, err
}

// requestVectors asks once and checks the answer.
func (c *Client) requestVectors(ctx context.Context, texts []string) ([][]float32, Usage, error) {
	req := openai.EmbeddingRequestStrings{Input: texts, Model: openai.EmbeddingModel(c.cfg.EmbeddingModel)}
	ask := c.cfg.RequestDimensions || strings.HasPrefix(c.cfg.EmbeddingModel, "text-embedding-3")
	if ask && !c.lacks(paramDimensions) {
		req.Dimensions = c.cfg.Dimensions
	}
	resp, err := c.api.CreateEmbeddings(ctx, req)
	if err != nil {
		return nil, Usage{}, err
	}
	used := Usage{PromptTokens: resp.Usage.PromptTokens}
	if used.PromptTokens == 0 {
		used.Estimated = true
		for _, text := range texts {
			used.PromptTokens += int(math.Ceil(estimate(text)))
		}
	}
	vectors, err := c.order(resp.Data, len(texts))
	return vectors, used, err
}

// order puts the vectors where their indexes say and checks each.
func (c *Client) order(data []openai.Embedding, n int) ([][]float32, error) {
	if len(data) != n {
		return nil, garbled("vector_count")
	}
	out := make([][]float32, n)
	dims := int(c.dimensions.Load())
	// A server that does not number its vectors sends them in order.
	numbered := slices.ContainsFunc(data, func(d openai.Embedding) bool { return d.Index != 0 })
	for i, d := range data {
		at := d.Index
		if !numbered {
			at = i
		}
		if at < 0 || at >= n || out[at] != nil {
			return nil, garbled("vector_index")
		}
		if dims == 0 {
			dims = len(d.Embedding)
		}
		if len(d.Embedding) != dims || dims == 0 {
			return nil, &Error{Kind: ErrGarbled, Type: "vector_dimensions"}
		}
		if !sound(d.Embedding) {
			return nil, garbled("vector_values")
		}
		out[at] = d.Embedding
	}
	c.dimensions.CompareAndSwap(0, int64(dims))
	return out, nil
}

// sound reports whether a vector is finite and has a direction.
func sound(v []float32) bool {
	var norm float64
	for _, x := range v {
		norm += float64(x) * float64(x)
	}
	return norm > 0 && !math.IsInf(norm, 0) && !math.IsNaN(norm)
}

// Embedder is the client as a source of vectors for search.
type Embedder struct{ c *Client }

// Embedder gives the client as a source of vectors.
func (c *Client) Embedder() *Embedder { return &Embedder{c: c} }

// Model is the name of the embedding model.
func (e *Embedder) Model() string { return e.c.cfg.EmbeddingModel }

// Dimensions is the length of the vectors, or 0 while it is neither configured nor
// seen; Probe finds it out.
func (e *Embedder) Dimensions() int { return int(e.c.dimensions.Load()) }

// Embed is Client.Embed.
func (e *Embedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	return e.c.Embed(ctx, texts)
}

// Probe embeds one word, to learn the length of the vectors and whether the model
// is there at all.
func (e *Embedder) Probe(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, max(e.c.cfg.EmbedTimeout, time.Second))
	defer cancel()
	if _, err := e.c.Embed(ctx, []string{"probe"}); err != nil {
		return 0, err
	}
	return e.Dimensions(), nil
}
