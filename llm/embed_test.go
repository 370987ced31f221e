// SPDX-License-Identifier: MIT

package llm_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"candor/llm"
	"candor/llm/llmtest"
)

// texts makes n texts.
func texts(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("text number %d", i)
	}
	return list
}

// vectors is an embeddings response as it stands.
func vectors(data string) llmtest.Behaviour {
	return llmtest.Static(llmtest.Reply{Body: `{"object":"list","data":` + data + `,"model":"e","usage":{"prompt_tokens":3}}`})
}

func TestClient_Embed(t *testing.T) {
	t.Parallel()

	t.Run("keeps the order over several requests", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, nil)
		list := texts(150)
		got, err := client.Embed(t.Context(), list)
		require.NoError(t, err)
		require.Len(t, got, 150)
		for i, text := range list {
			require.Equal(t, llmtest.Vector(text, 256), got[i])
		}
		sizes := []int{}
		for _, r := range server.Requests() {
			sizes = append(sizes, len(r.Input))
		}
		require.Equal(t, []int{64, 64, 22}, sizes)
	})

	t.Run("cuts long texts into requests by their size", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, nil)
		long := strings.Repeat("word ", 30_000)
		_, err := client.Embed(t.Context(), []string{long, long, long})
		require.NoError(t, err)
		require.Equal(t, 3, server.Count())
	})

	t.Run("nothing to embed needs no request", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, nil)
		got, err := client.Embed(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, got)
		require.Equal(t, 0, server.Count())
	})

	t.Run("an empty text is refused before it is sent", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, nil)
		_, err := client.Embed(t.Context(), []string{"a", " \n"})
		require.ErrorIs(t, err, llm.ErrRejected)
		require.ErrorContains(t, err, "text 2 of 2")
		require.Equal(t, 0, server.Count())
	})

	t.Run("vectors are put where their index says", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, nil)
		server.SetEmbeddings(vectors(`[{"index":1,"embedding":[0,2]},{"index":0,"embedding":[1,0]}]`))
		got, err := client.Embed(t.Context(), texts(2))
		require.NoError(t, err)
		require.Equal(t, [][]float32{{1, 0}, {0, 2}}, got)
	})

	t.Run("vectors without numbers are taken in their order", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, nil)
		server.SetEmbeddings(vectors(`[{"embedding":[1,0]},{"embedding":[0,2]}]`))
		got, err := client.Embed(t.Context(), texts(2))
		require.NoError(t, err)
		require.Equal(t, [][]float32{{1, 0}, {0, 2}}, got)
	})
}

func TestClient_Embed_broken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ data, kind string }{
		"too few vectors":        {`[{"index":0,"embedding":[1,2]}]`, "vector_count"},
		"too many vectors":       {`[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,2]},{"index":2,"embedding":[1,2]}]`, "vector_count"},
		"none":                   {`[]`, "vector_count"},
		"null":                   {`null`, "vector_count"},
		"an index twice":         {`[{"index":1,"embedding":[1,2]},{"index":1,"embedding":[1,2]}]`, "vector_index"},
		"an index out of range":  {`[{"index":0,"embedding":[1,2]},{"index":2,"embedding":[1,2]}]`, "vector_index"},
		"a negative index":       {`[{"index":0,"embedding":[1,2]},{"index":-1,"embedding":[1,2]}]`, "vector_index"},
		"lengths that differ":    {`[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,2,3]}]`, "vector_dimensions"},
		"an empty vector":        {`[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]`, "vector_dimensions"},
		"a zero vector":          {`[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[0,0]}]`, "vector_values"},
		"NaN":                    {`[{"index":0,"embedding":[1,NaN]},{"index":1,"embedding":[1,2]}]`, "invalid_json"},
		"a number over float32":  {`[{"index":0,"embedding":[1,1e39]},{"index":1,"embedding":[1,2]}]`, "invalid_json"},
		"strings":                {`[{"index":0,"embedding":["1","2"]},{"index":1,"embedding":[1,2]}]`, "invalid_json"},
		"a body that breaks off": {`[{"index":0,"embedding":[1,`, "invalid_json"},
	} {
		t.Run(name+" is an error, not a vector", func(t *testing.T) {
			t.Parallel()
			server, client := setup(t, nil, func(c *llm.Config) { c.MaxAttempts = 1 })
			server.SetEmbeddings(vectors(c.data))
			got, err := client.Embed(t.Context(), texts(2))
			require.ErrorIs(t, err, llm.ErrGarbled)
			require.ErrorIs(t, err, llm.ErrUnavailable)
			require.Equal(t, c.kind, kind(t, err).Type)
			require.Nil(t, got)
			require.Equal(t, 0, client.Embedder().Dimensions(), "nothing is learned from it")
		})
	}

	t.Run("a page instead of vectors", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, nil, func(c *llm.Config) { c.MaxAttempts = 1 })
		server.SetEmbeddings(llmtest.Static(llmtest.Reply{Body: "<html>maintenance</html>"}))
		_, err := client.Embed(t.Context(), texts(1))
		require.ErrorIs(t, err, llm.ErrGarbled)
	})

	t.Run("a response over the limit is not read to its end", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, nil, func(c *llm.Config) { c.MaxStreamBytes = 1 << 10 })
		server.SetEmbeddings(llmtest.Static(llmtest.Reply{Vectors: [][]float32{make([]float32, 100_000)}}))
		_, err := client.Embed(t.Context(), texts(1))
		require.ErrorIs(t, err, llm.ErrTooLong)
	})

	t.Run("the configured length is required", func(t *testing.T) {
		t.Parallel()
		_, client := setup(t, nil, func(c *llm.Config) { c.Dimensions = 300 })
		_, err := client.Embed(t.Context(), texts(1))
		require.Equal(t, "vector_dimensions", kind(t, err).Type)
	})

	t.Run("the length cannot change under way", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, nil)
		_, err := client.Embed(t.Context(), texts(1))
		require.NoError(t, err)
		server.SetEmbeddings(vectors(`[{"index":0,"embedding":[1,2]}]`))
		_, err = client.Embed(t.Context(), texts(1))
		require.Equal(t, "vector_dimensions", kind(t, err).Type)
	})
}

func TestClient_Embed_dimensions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, model string
		ask         bool
		dims, want  int
	}{
		{"are not asked for by themselves", "bge-m3", false, 256, 0},
		{"are asked for when told to", "bge-m3", true, 64, 64},
		{"are asked of a model that is known to take them", "text-embedding-3-small", false, 512, 512},
		{"are left to the model when not configured", "text-embedding-3-small", false, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server, client := setup(t, nil, func(cfg *llm.Config) {
				cfg.EmbeddingModel, cfg.RequestDimensions, cfg.Dimensions = c.model, c.ask, c.dims
			})
			_, err := client.Embed(t.Context(), texts(1))
			require.NoError(t, err)
			require.Equal(t, c.want, server.Requests()[0].Dimensions)
			require.Equal(t, c.model, server.Requests()[0].Model)
		})
	}

	t.Run("a provider that does not take them is asked without", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, nil, func(cfg *llm.Config) { cfg.RequestDimensions, cfg.Dimensions = true, 256 })
		server.SetEmbeddings(func(r llmtest.Request) llmtest.Reply {
			if r.Dimensions != 0 {
				return llmtest.Fail(http.StatusBadRequest, "BadRequestError", "Model does not support matryoshka representation, changing dimensions is not supported.")
			}
			return llmtest.Reply{}
		})
		_, err := client.Embed(t.Context(), texts(1))
		require.NoError(t, err)
	})
}

func TestClient_Embed_faults(t *testing.T) {
	t.Parallel()

	t.Run("a failure that passes is overcome", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := virtual(t, nil)
			server.SetEmbeddings(func(r llmtest.Request) llmtest.Reply {
				if r.N < 3 {
					return llmtest.Reply{Status: http.StatusBadGateway}
				}
				return llmtest.Reply{}
			})
			_, err := client.Embed(t.Context(), texts(2))
			require.NoError(t, err)
			require.Equal(t, 3, server.Count())
		})
	})

	t.Run("a provider that hangs is given up", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := virtual(t, nil)
			server.SetEmbeddings(llmtest.Static(llmtest.Reply{Hang: true}))
			began := time.Now()
			_, err := client.Embed(t.Context(), texts(1))
			require.ErrorIs(t, err, llm.ErrUnavailable)
			require.Equal(t, 30*time.Second, time.Since(began))

			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err = client.Embed(ctx, texts(1))
			require.ErrorIs(t, err, context.DeadlineExceeded, "a caller may have less patience")
		})
	})

	t.Run("embeddings that fail do not stop the chat", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := virtual(t, llmtest.Static(llmtest.Say(ten)))
			server.SetEmbeddings(llmtest.Static(llmtest.Reply{Status: 500}))
			var err error
			for range 10 {
				_, err = client.Embed(t.Context(), texts(1))
				require.ErrorIs(t, err, llm.ErrUnavailable)
			}
			require.Equal(t, "breaker_open", kind(t, err).Type)
			_, err = ask(t.Context(), client)
			require.NoError(t, err)
		})
	})
}

func TestEmbedder(t *testing.T) {
	t.Parallel()
	_, client := setup(t, nil)
	e := client.Embedder()
	require.Equal(t, "embedding-model", e.Model())
	require.Equal(t, 0, e.Dimensions(), "not known yet")
	dims, err := e.Probe(t.Context())
	require.NoError(t, err)
	require.Equal(t, 256, dims)
	require.Equal(t, 256, e.Dimensions())
	got, err := e.Embed(t.Context(), []string{"a"})
	require.NoError(t, err)
	require.Len(t, got[0], 256)

	server, client := setup(t, nil)
	server.SetEmbeddings(llmtest.Static(llmtest.Reply{Status: http.StatusNotFound}))
	_, err = client.Embedder().Probe(t.Context())
	require.ErrorIs(t, err, llm.ErrRejected)
}
