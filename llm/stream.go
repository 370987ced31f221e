// SPDX-License-Identifier: MIT

package llm

import (
	"context"
	"errors"
	"io"
	"math"
	"sync/atomic"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// Why an answer ended, as Stream.FinishReason gives it. A provider may have others.
const (
	FinishStop     = "stop"           // the model came to its end
	FinishLength   = "length"         // MaxTokens was reached; the last sentence may be half
	FinishFiltered = "content_filter" // the provider's filter ended it
	FinishRefused  = "refusal"        // the model refused and said nothing else
)

const (
	// usageGrace is how long an answer that is complete waits for its usage.
	usageGrace = time.Second
	// drainGrace is how long Close waits for the end of a response that is complete.
	drainGrace = 100 * time.Millisecond
)

// Usage is what an answer cost.
type Usage struct {
	PromptTokens     int
	CompletionTokens int
	Estimated        bool // guessed from the texts, since the provider did not say
}

// Stream is an answer on its way. It belongs to one goroutine.
type Stream struct {
	c      *Client
	ctx    context.Context //nolint:containedctx // the stream's lifetime is the request's
	cancel context.CancelCauseFunc
	src    *openai.ChatCompletionStream
	idle   *time.Timer
	total  *time.Timer
	slot   atomic.Bool // a slot is held; given back by whoever swaps it to false
	began  time.Time
	prompt float64 // estimated tokens of the prompt

	text     cleaner
	held     string // the first token, read before Next was called
	model    string
	usage    Usage
	reported bool // usage is the provider's
	refused  bool
	finish   string
	size     int     // bytes of content so far
	limit    int     // of size
	guess    float64 // estimated tokens of the answer, thoughts included
	err      error   // what Next gives from now on
	closed   bool
}

// newStream sets up the limits of a stream.
func (c *Client) newStream(ctx context.Context, r Request) *Stream {
	s := &Stream{c: c, began: time.Now()}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	s.idle = time.AfterFunc(time.Hour, func() { s.cancel(&Error{Kind: ErrStalled, Type: "idle_timeout"}) })
	s.idle.Stop()
	s.total = time.AfterFunc(c.cfg.TotalTimeout, func() {
		s.cancel(&Error{Kind: ErrTooLong, Type: "total_timeout"})
		s.free() // also when nobody reads or closes the stream any more
	})
	for _, m := range r.Messages {
		s.prompt += 4 + estimate(m.Content)
	}
	// Four times the bytes that tokens have, for providers that do not mind the limit.
	s.limit = 4096 + 16*c.maxTokens(r)
	return s
}

// Next gives the next piece of the answer, never empty. At the end of a complete
// answer it is io.EOF; any other error says how the answer broke off, and what came
// before it stands. After an error Next gives the same error again.
func (s *Stream) Next() (string, error) {
	if s.held != "" && s.err == nil {
		text := s.held
		s.held = ""
		return text, nil
	}
	if s.err != nil {
		return "", s.err
	}
	text, err := s.next()
	if err != nil {
		s.fail(err)
		return "", s.err
	}
	return text, nil
}

// next reads events until one has text.
func (s *Stream) next() (string, error) {
	s.idle.Reset(s.c.cfg.IdleTimeout)
	defer s.idle.Stop()
	for s.finish == "" {
		event, err := s.receive()
		if err != nil {
			return "", err
		}
		text, alive, err := s.take(event)
		if err != nil {
			return "", err
		}
		if text != "" {
			return text, nil
		}
		if alive { // it thinks
			s.idle.Reset(s.c.cfg.IdleTimeout)
		}
	}
	if text := s.text.flush(); text != "" {
		return text, nil
	}
	s.settle()
	return "", io.EOF
}

// receive reads one event.
func (s *Stream) receive() (chunk, error) { return received(s.src.RecvRaw()) }

// take takes in one event: its text, and whether the model showed life.
func (s *Stream) take(event chunk) (text string, alive bool, err error) {
	if event.Model != "" {
		s.model = event.Model
	}
	if u := event.Usage; u != nil && u.PromptTokens+u.CompletionTokens > 0 {
		s.usage, s.reported = Usage{PromptTokens: u.PromptTokens, CompletionTokens: u.CompletionTokens}, true
	}
	if len(event.Choices) == 0 {
		return "", false, nil
	}
	choice := event.Choices[0]
	d := choice.Delta
	s.finish = choice.FinishReason
	s.refused = s.refused || d.Refusal != ""
	s.guess += estimate(d.Content) + estimate(d.ReasoningContent) + estimate(d.Reasoning) + estimate(d.Refusal)
	if s.size += len(d.Content); s.size > s.limit {
		return "", true, &Error{Kind: ErrTooLong, Type: "answer_bytes"}
	}
	alive = s.finish != "" || d.Content+d.ReasoningContent+d.Reasoning+d.Refusal != ""
	return s.text.push(d.Content), alive, nil
}

// settle waits a little for the usage, which comes after the finish reason. The
// answer is complete: nothing that happens now spoils it.
func (s *Stream) settle() {
	s.idle.Reset(min(usageGrace, s.c.cfg.IdleTimeout))
	defer s.idle.Stop()
	finish := s.finish
	for {
		event, err := s.receive()
		if err != nil {
			break
		}
		_, _, _ = s.take(event)
	}
	s.finish = finish // whatever those events said
}

// fail ends the stream with err.
func (s *Stream) fail(err error) {
	switch {
	case s.finish != "" && errors.Is(err, io.EOF):
		s.err = io.EOF
	case errors.Is(err, io.EOF) && s.ctx.Err() == nil:
		s.err = &Error{Kind: ErrCut, Type: "no_finish_reason"}
	default:
		s.err = explain(s.ctx, err)
	}
	if s.err != io.EOF { //nolint:errorlint // set above
		s.c.chat.late(s.err)
	}
	s.release(s.outcome())
}

// Close ends the stream and, if it is not at its end, the request at the provider.
// It may be called again.
func (s *Stream) Close() {
	if s.err == nil {
		s.err = &Error{Kind: ErrClosed}
		s.release(s.outcome())
	}
}

// release gives back all that the stream holds and counts it, once.
func (s *Stream) release(outcome string) {
	if s.closed {
		return
	}
	s.closed = true
	s.idle.Stop()
	s.total.Stop()
	if s.src != nil {
		drain := time.AfterFunc(drainGrace, func() { s.cancel(ErrClosed) })
		if s.err != io.EOF { //nolint:errorlint // as it is returned
			s.cancel(ErrClosed)
		}
		_ = s.src.Close()
		drain.Stop()
	}
	s.cancel(ErrClosed)
	s.free()
	s.c.metrics.count(s.c.chat.name, outcome, s.usageIfSent())
}

// free gives the slot back.
func (s *Stream) free() {
	if s.slot.Swap(false) {
		s.c.chat.release()
	}
}

// outcome names how the stream ended, for the metrics.
func (s *Stream) outcome() string {
	if s.err != io.EOF { //nolint:errorlint // as it is returned
		return outcome(s.err)
	}
	switch s.FinishReason() {
	case FinishLength:
		return "length"
	case FinishFiltered, FinishRefused:
		return "filtered"
	default:
		return "ok"
	}
}

// Usage is what the answer cost so far: the provider's count after the end of the
// answer, an estimate before it and where the provider gives none. A stream that
// was closed early has cost what it had produced by then.
func (s *Stream) Usage() Usage {
	if s.reported {
		return s.usage
	}
	return Usage{PromptTokens: int(math.Ceil(s.prompt)), CompletionTokens: int(math.Ceil(s.guess)), Estimated: true}
}

// usageIfSent is the usage, or none if no attempt got to a first token.
func (s *Stream) usageIfSent() Usage {
	if s.src == nil {
		return Usage{}
	}
	return s.Usage()
}

// Model is the name of the model as the provider gives it, or as it was asked for.
func (s *Stream) Model() string {
	if s.model != "" {
		return s.model
	}
	return s.c.cfg.ChatModel
}

// FinishReason says why the answer ended: empty before its end, else one of the
// Finish constants or the provider's own word.
func (s *Stream) FinishReason() string {
	if s.finish == FinishStop && s.refused && s.size == 0 {
		return FinishRefused
	}
	return s.finish
}
