// SPDX-License-Identifier: MIT

package llmtest

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// chunk is one frame of a streamed completion.
type chunk struct {
	ID      string        `json:"id"`
	Object  string        `json:"object"`
	Created int64         `json:"created"`
	Model   string        `json:"model"`
	Choices []chunkChoice `json:"choices"`
	Usage   *usage        `json:"usage,omitempty"`
}

type chunkChoice struct {
	Index        int     `json:"index"`
	Delta        delta   `json:"delta"`
	FinishReason *string `json:"finish_reason"`
}

type delta struct {
	Role      string  `json:"role,omitempty"`
	Content   *string `json:"content,omitempty"`
	Reasoning string  `json:"reasoning_content,omitempty"`
}

type usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

// chat answers a chat request, streamed or whole.
func chat(x *exchange) error {
	if !x.req.Stream {
		return x.whole()
	}
	x.w.Header().Set("Content-Type", "text/event-stream")
	x.w.Header().Set("Cache-Control", "no-cache")
	if err := x.frame(delta{Role: "assistant", Content: new("")}, ""); err != nil {
		return err
	}
	for _, token := range x.reply.Reasoning {
		if err := x.token(delta{Reasoning: token}); err != nil {
			return err
		}
	}
	if err := x.answer(); err != nil {
		return err
	}
	return x.end()
}

// answer streams the tokens up to where the reply breaks off.
func (x *exchange) answer() error {
	tokens := x.reply.tokens()
	switch x.reply.End {
	case EndNoFinish, EndCut, EndStall:
		tokens = tokens[:min(x.reply.After, len(tokens))]
	case EndNever:
		if len(tokens) == 0 {
			tokens = []string{" and"}
		}
	}
	for {
		for _, token := range tokens {
			if x.reply.StampClock {
				token += stamp(time.Now())
			}
			if err := x.token(delta{Content: &token}); err != nil {
				return err
			}
		}
		if x.reply.End != EndNever {
			return nil
		}
	}
}

// token streams one token after the cadence.
func (x *exchange) token(d delta) error {
	if err := x.wait(x.reply.Cadence); err != nil {
		return err
	}
	select {
	case <-x.closing: // an endless reply without a cadence never waits
		return errDone
	default:
		return x.frame(d, "")
	}
}

// end finishes the stream as the reply says.
func (x *exchange) end() error {
	switch x.reply.End {
	case EndCut:
		return x.reset()
	case EndStall:
		return x.wait(-1)
	case EndNoFinish:
		return nil
	}
	reason := map[Ending]string{EndLength: "length", EndFiltered: "content_filter"}[x.reply.End]
	if reason == "" {
		reason = "stop"
	}
	if err := x.frame(delta{}, reason); err != nil {
		return err
	}
	if x.req.IncludeUsage && !x.reply.NoUsage {
		c := x.chunk()
		c.Choices, c.Usage = []chunkChoice{}, x.usage()
		if err := x.send(c); err != nil {
			return err
		}
	}
	if x.reply.End == EndNoDone {
		return nil
	}
	return x.write("data: [DONE]\n\n")
}

// frame sends a delta, with the reason of the end if there is one.
func (x *exchange) frame(d delta, finish string) error {
	c := x.chunk()
	c.Choices = []chunkChoice{{Delta: d}}
	if finish != "" {
		c.Choices[0].FinishReason = &finish
	}
	return x.send(c)
}

// chunk is a frame without choices.
func (x *exchange) chunk() chunk {
	return chunk{ID: "chatcmpl-fake", Object: "chat.completion.chunk", Created: time.Now().Unix(), Model: x.model()}
}

// send writes one frame.
func (x *exchange) send(c chunk) error {
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return x.write("data: " + string(b) + "\n\n")
}

// model is the model's name in the reply.
func (x *exchange) model() string {
	if x.reply.Model != "" {
		return x.reply.Model
	}
	return x.req.Model
}

// usage counts as this fake sees it: prompts by characters, answers by tokens.
func (x *exchange) usage() *usage {
	prompt := (utf8.RuneCountInString(x.req.Prompt()) + 3) / 4
	completion := len(x.reply.tokens()) + len(x.reply.Reasoning)
	return &usage{PromptTokens: prompt, CompletionTokens: completion, TotalTokens: prompt + completion}
}

// whole answers a request that does not stream.
func (x *exchange) whole() error {
	switch x.reply.End {
	case EndCut:
		return x.reset()
	case EndStall, EndNever:
		return x.wait(-1)
	}
	reason := "stop"
	if x.reply.End == EndLength {
		reason = "length"
	}
	writeJSON(x.w, map[string]any{
		"id": "chatcmpl-fake", "object": "chat.completion", "created": time.Now().Unix(), "model": x.model(),
		"choices": []any{map[string]any{
			"index": 0, "finish_reason": reason,
			"message": map[string]any{"role": "assistant", "content": strings.Join(x.reply.tokens(), "")},
		}},
		"usage": x.usage(),
	})
	return nil
}
