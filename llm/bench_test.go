// SPDX-License-Identifier: MIT

package llm_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/llm"
	"candor/llm/llmtest"
)

// benchmarkBody is an answer of 20 tokens.
func benchmarkBody() string {
	return role + strings.Repeat(content(" refund"), 20) + finish + done
}

// BenchmarkStream reads an answer of 20 tokens without a network: what the client
// itself costs.
func BenchmarkStream(b *testing.B) {
	body := benchmarkBody()
	client := scripted(func() io.Reader { return strings.NewReader(body) })
	b.ReportAllocs()
	for b.Loop() {
		_, err := ask(b.Context(), client)
		require.NoError(b, err)
	}
}

// BenchmarkStreamLoopback reads it over a connection; BenchmarkCopyLoopback, for
// comparison, copies the same bytes and parses nothing.
func BenchmarkStreamLoopback(b *testing.B) {
	server := llmtest.Start(llmtest.Static(llmtest.Reply{Body: benchmarkBody()}))
	defer server.Close()
	server.Forget()
	client := llm.New(llm.Config{BaseURL: server.URL(), ChatModel: "m"})
	defer client.Close()
	b.ReportAllocs()
	for b.Loop() {
		_, err := ask(b.Context(), client)
		require.NoError(b, err)
	}
}

func BenchmarkCopyLoopback(b *testing.B) {
	server := llmtest.Start(llmtest.Static(llmtest.Reply{Body: benchmarkBody()}))
	defer server.Close()
	server.Forget()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	b.ReportAllocs()
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, server.URL()+"/chat/completions", strings.NewReader(`{"stream":true}`))
		require.NoError(b, err)
		resp, err := client.Do(req)
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(b, err)
		require.NoError(b, resp.Body.Close())
	}
}
