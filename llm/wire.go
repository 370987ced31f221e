// SPDX-License-Identifier: MIT

package llm

import (
	"encoding/json"
	"errors"
	"net/http"
	"unicode/utf8"

	openai "github.com/sashabaranov/go-openai"
)

// chunk is what matters of one event of a chat stream.
type chunk struct {
	Object  string        `json:"object"`
	Model   string        `json:"model"`
	Choices []chunkChoice `json:"choices"`
	Usage   *openai.Usage `json:"usage"`

	Error json.RawMessage `json:"error"` // in the event itself, as some gateways send it
	Type  any             `json:"type"`  // of an older vLLM's error object
	Code  any             `json:"code"`
}

type chunkChoice struct {
	Delta struct {
		Content          string `json:"content"`
		ReasoningContent string `json:"reasoning_content"`
		Reasoning        string `json:"reasoning"`
		Refusal          string `json:"refusal"`
	} `json:"delta"`
	FinishReason string `json:"finish_reason"`
}

// decode parses one event. Bytes that are no UTF-8, which encoding/json would
// replace one by one, survive in the content as they came.
func decode(raw []byte) (chunk, error) {
	var c chunk
	broken := !utf8.Valid(raw)
	if broken {
		raw = maskBytes(raw)
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return chunk{}, garbled("invalid_json")
	}
	if broken {
		for i := range c.Choices {
			c.Choices[i].Delta.Content = unmaskBytes(c.Choices[i].Delta.Content)
		}
	}
	return c, c.failure()
}

// failure is the error that an event tells of, or nil.
func (c *chunk) failure() error {
	switch {
	case len(c.Error) > 0 && string(c.Error) != "null":
		var inner struct{ Type, Code any }
		_ = json.Unmarshal(c.Error, &inner)
		return eventError(inner.Type, inner.Code)
	case c.Object == "error":
		return eventError(c.Type, c.Code)
	case len(c.Choices) > 0 && c.Choices[0].FinishReason == "error":
		return eventError(nil, nil)
	default:
		return nil
	}
}

// received turns what go-openai's reader returns into an event or an error.
func received(raw []byte, err error) (chunk, error) {
	var api *openai.APIError
	switch {
	case errors.As(err, &api):
		return chunk{}, eventError(api.Type, api.Code)
	case err != nil:
		return chunk{}, err
	case raw == nil: // an error event that go-openai could not read
		return chunk{}, eventError(nil, nil)
	default:
		return decode(raw)
	}
}

// eventError is an error that came in the stream, where no status can tell whose
// fault it is; its code sometimes does.
func eventError(kind, code any) *Error {
	e := &Error{Kind: ErrCut, Type: "error_event", retry: true}
	for _, v := range []any{code, kind} {
		if word := safeWord(v); word != "" {
			e.Type = word
			break
		}
	}
	status := 0
	switch n := code.(type) {
	case int:
		status = n
	case float64:
		status = int(n)
	}
	ours := status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout
	if ours || e.Type == "invalid_request_error" || e.Type == "context_length_exceeded" {
		e.Kind, e.retry = ErrRejected, false
	}
	return e
}
