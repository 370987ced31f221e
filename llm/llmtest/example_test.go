// SPDX-License-Identifier: MIT

package llmtest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"candor/llm/llmtest"
)

// A server first answers from its queue, then as its behaviour says.
func Example() {
	server := llmtest.Start(llmtest.Honest())
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()
	server.Queue(llmtest.Fail(http.StatusServiceUnavailable, "overloaded", "busy"))

	for range 2 {
		//nolint:noctx // an example is short
		resp, err := http.Post(server.URL()+"/chat/completions", "application/json", strings.NewReader(
			`{"model":"m","messages":[{"role":"user","content":
			"<passage n=\"1\" title=\"Returns\">\nA refund takes five days.\n</passage>\n<question>refund?</question>"}]}`))
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Println(resp.StatusCode, strings.Contains(string(body), "A refund takes five days [1]."))
	}
	// Output:
	// 503 false
	// 200 true
}
