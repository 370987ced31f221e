// SPDX-License-Identifier: MIT

package llm

import (
	"context"
	"errors"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// The roles of messages.
const (
	RoleSystem    = "system"
	RoleUser      = "user"
	RoleAssistant = "assistant"
)

// Message is one message of a prompt.
type Message struct {
	Role    string
	Content string
}

// Request is what the model is asked.
type Request struct {
	Messages  []Message
	MaxTokens int // 0: the client's
	// Temperature 0 means as little chance as every provider can bear, which is
	// 0.01: an exact zero is not sent by go-openai, and a smaller number breaks
	// arithmetic in some servers. Negative: the provider's own default.
	Temperature float32
}

const leastTemperature = 0.01

// The parameters that not every provider takes, and the bit of each among the
// quirks found.
const (
	paramStreamOptions = "stream_options"
	paramTemperature   = "temperature"
	paramMaxTokens     = "max_tokens"
	paramDimensions    = "dimensions"
)

var quirkBits = map[string]uint32{paramStreamOptions: 1, paramTemperature: 2, paramMaxTokens: 4, paramDimensions: 8}

// lacks reports whether the provider was found not to take a parameter.
func (c *Client) lacks(param string) bool { return c.quirks.Load()&quirkBits[param] != 0 }

// learn notes which parameter err complains of; it reports whether that is news,
// so that the request is worth sending again without it.
func (c *Client) learn(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.unsupported == "" {
		return false
	}
	bit := quirkBits[e.unsupported]
	if c.quirks.Or(bit)&bit != 0 {
		return false
	}
	c.cfg.Logger.Info("model provider does not take a parameter", "parameter", e.unsupported)
	return true
}

// reasons reports whether a model is named like one of those that think first,
// take max_completion_tokens and no temperature.
func reasons(model string) bool {
	model = model[strings.LastIndex(model, "/")+1:]
	for _, prefix := range []string{"o1", "o3", "o4", "gpt-5", "gpt-6"} {
		if strings.HasPrefix(model, prefix) {
			return true
		}
	}
	return false
}

// chatRequest is r as it is sent.
func (c *Client) chatRequest(r Request) openai.ChatCompletionRequest {
	out := openai.ChatCompletionRequest{Model: c.cfg.ChatModel, Stream: true}
	for _, m := range r.Messages {
		out.Messages = append(out.Messages, openai.ChatCompletionMessage{Role: m.Role, Content: m.Content})
	}
	if !c.lacks(paramStreamOptions) {
		out.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
	}
	reasoning := reasons(c.cfg.ChatModel)
	if r.Temperature >= 0 && !reasoning && !c.lacks(paramTemperature) {
		out.Temperature = max(r.Temperature, leastTemperature)
	}
	if limit := c.maxTokens(r); reasoning || c.lacks(paramMaxTokens) {
		out.MaxCompletionTokens = limit
	} else {
		out.MaxTokens = limit //nolint:staticcheck // most other providers know no other name
	}
	return out
}

// maxTokens is the limit of an answer to r.
func (c *Client) maxTokens(r Request) int {
	if r.MaxTokens > 0 {
		return r.MaxTokens
	}
	return c.cfg.MaxTokens
}

// Stream asks the model and returns when it has produced its first token. The
// stream must be closed. Before the first token errors are ErrUnavailable,
// ErrRejected, or ctx's own.
func (c *Client) Stream(ctx context.Context, r Request) (*Stream, error) {
	s := c.newStream(ctx, r)
	err := s.begin(r)
	if err != nil {
		s.release(outcome(err))
		return nil, err
	}
	return s, nil
}

// begin gets a slot and opens the stream, within the time for the first token.
func (s *Stream) begin(r Request) error {
	limit := s.c.cfg.FirstTokenTimeout
	timer := time.AfterFunc(limit, func() {
		s.cancel(&Error{Kind: ErrUnavailable, Type: "first_token_timeout"})
	})
	defer timer.Stop()
	if err := s.c.chat.acquire(s.ctx); err != nil {
		return err
	}
	s.slot.Store(true)
	err := s.c.chat.run(s.ctx, s.began.Add(limit), func() error {
		err := s.open(r)
		for s.c.learn(err) { // at most once for each parameter
			err = s.open(r)
		}
		return err
	})
	if err == nil {
		s.c.metrics.firstToken.Observe(time.Since(s.began).Seconds())
	}
	return err
}

// open sends the request and reads up to the first token.
func (s *Stream) open(r Request) error {
	src, err := s.c.api.CreateChatCompletionStream(s.ctx, s.c.chatRequest(r))
	if err != nil {
		return err
	}
	s.src = src
	for {
		event, err := s.receive()
		if err != nil {
			s.reset()
			return err
		}
		text, alive, err := s.take(event)
		if err != nil {
			s.reset()
			return err
		}
		if alive {
			s.held = text
			return nil
		}
	}
}

// reset forgets a failed attempt, which had no text yet.
func (s *Stream) reset() {
	_ = s.src.Close()
	s.src, s.model, s.usage, s.reported = nil, "", Usage{}, false
}
