// SPDX-License-Identifier: MIT

package llm_test

import (
	"context"
	"errors"
	"fmt"
	"io"

	"candor/llm"
	"candor/llm/llmtest"
)

// An answer is read piece by piece; only io.EOF says that it is complete.
func Example() {
	server := llmtest.Start(llmtest.Honest())
	defer server.Close()
	client := llm.New(llm.Config{BaseURL: server.URL(), ChatModel: "any"})
	defer client.Close()

	stream, err := client.Stream(context.Background(), llm.Request{Messages: []llm.Message{{
		Role: llm.RoleUser,
		Content: "<passage n=\"1\" title=\"Returns\">\nA refund takes five days.\n</passage>\n" +
			"<question>When do I get my refund?</question>",
	}}})
	if err != nil {
		fmt.Println("no answer:", err)
		return
	}
	defer stream.Close()
	for {
		text, err := stream.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println("broken off:", err)
			return
		}
		fmt.Print(text)
	}
	fmt.Printf("\n%s, %d tokens\n", stream.FinishReason(), stream.Usage().CompletionTokens)
	// Output:
	// A refund takes five days [1].
	// stop, 6 tokens
}
