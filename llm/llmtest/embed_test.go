// SPDX-License-Identifier: MIT

package llmtest_test

import (
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/llm/llmtest"
)

// cosine is the cosine of two unit vectors.
func cosine(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestVector(t *testing.T) {
	t.Parallel()

	t.Run("near texts are near, others are not", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct{ text, near, far string }{
			{"When is my order refunded?", "refund of an order", "opening hours of the shop"},
			{"退款多久到账", "退款五天到账", "门店营业时间"},
		} {
			v := llmtest.Vector(c.text, 1536)
			near, far := cosine(v, llmtest.Vector(c.near, 1536)), cosine(v, llmtest.Vector(c.far, 1536))
			require.Greater(t, near, far+0.2, c.text)
		}
	})

	t.Run("every text has a unit vector, the same each time", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"", "?!", "a", "refund", "退", "\xff"} {
			v := llmtest.Vector(text, 8)
			require.InDelta(t, 1, math.Sqrt(cosine(v, v)), 1e-6)
			require.Equal(t, v, llmtest.Vector(text, 8))
		}
	})
}

func TestServer_Embeddings(t *testing.T) {
	t.Parallel()
	s, c := start(t, nil)

	embed := func(body string) (int, []struct{ Embedding []float32 }) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/embeddings", strings.NewReader(body))
		require.NoError(t, err)
		resp, err := c.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		var reply struct {
			Data []struct{ Embedding []float32 }
		}
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&reply))
		return resp.StatusCode, reply.Data
	}

	_, data := embed(`{"model":"e","input":["one","two"],"dimensions":32}`)
	require.Len(t, data, 2)
	require.Equal(t, llmtest.Vector("two", 32), data[1].Embedding)

	_, data = embed(`{"model":"e","input":"alone"}`)
	require.Len(t, data, 1)
	require.Equal(t, []string{"alone"}, s.Requests()[1].Input)

	s.SetEmbeddings(llmtest.Static(llmtest.Reply{Vectors: [][]float32{{1, 2}}}))
	_, data = embed(`{"model":"e","input":["one","two"]}`)
	require.Len(t, data, 1, "the scripted vectors are sent, right or wrong")

	s.SetEmbeddings(llmtest.Static(llmtest.Fail(http.StatusBadGateway, "server_error", "down")))
	status, _ := embed(`{"model":"e","input":["one"]}`)
	require.Equal(t, http.StatusBadGateway, status)
}
