// SPDX-License-Identifier: MIT

package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
	"candor/knowledge"
	"candor/llm"
)

// turn is one answer in the making. It belongs to one goroutine.
type turn struct {
	chat.Turn
	model        *llm.Client        // nil: the built-in answerer alone
	rehearsal    bool               // nobody reads it, and nothing of it is kept
	lasting      bool               // announcements aside
	reader       knowledge.Audience // who asks: what is for them may be told
	draft        int64              // article whose draft counts as published, in a rehearsal
	drafts       *knowledge.DraftSet
	conversation chat.Conversation
	question     question
	found        knowledge.Result
	confidence   float64
	threshold    float64                       // from which an answer is tried
	calibration  string                        // that both are of
	notices      []knowledge.AnnouncementMatch // said before the answer
	sentences    []checked                     // in the order the answerer gave them, shown or not
	answerer     string                        // the model that wrote, "built-in", or empty when nothing was written
	degraded     bool                          // the provider should have written and could not
	usage        usage
	timings      timings
}

// errLost says that the turn is somebody else's by now.
var errLost = errors.New("the turn was taken over")

// run takes a turn from the question to its end, whatever happens on the way: an
// answer, a clarifying question, a friendly no, or a person. If this process is
// told to stop, the turn is given back; if the turn was taken over, it is
// dropped. Every step on the way has a time limit of its own.
func (s *Service) run(t chat.Turn) {
	ctx, cancel := context.WithCancel(s.stopping)
	defer cancel()
	release := s.hold(ctx, cancel, t)
	defer release()

	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		s.giveBack(t)
		return
	}
	err := s.guarded(ctx, t)
	switch {
	case err == nil || errors.Is(err, errLost):
	case s.stopping.Err() != nil:
		s.giveBack(t)
	case fault.Is(err, "conversation_erased"):
		if err := s.Handoff.EndErased(ctx, t.ConversationID); err != nil {
			s.Logger.Error("an erased conversation could not be ended; a sweep will", "turn", t.ID, "error", err)
		}
	default:
		// The database is away, most likely: the lease runs out and a sweep ends it.
		s.Logger.Error("a turn could not be ended; a sweep will", "turn", t.ID, "error", err)
	}
}

// guarded turns a panic into an error: one turn is lost to the sweep, and the
// process lives.
func (s *Service) guarded(ctx context.Context, t chat.Turn) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic of type %T in a turn\n%s", r, debug.Stack())
		}
	}()
	return s.complete(ctx, &turn{Turn: t, model: s.Model, timings: startTimings()})
}

// complete is the turn: retrieve, answer, verify, decide, and end it.
func (s *Service) complete(ctx context.Context, t *turn) error {
	var err error
	if t.conversation, err = s.Chat.Get(ctx, t.ConversationID); err != nil {
		return err
	}
	t.reader = readerOf(t.conversation)
	if t.Shown > 0 || t.Attempt > maxAttempts {
		// A run that died had spoken already, or runs keep dying: no second answer.
		return s.finish(ctx, t, callFor(handoff.ReasonProviderError, "lost_turn", float64(t.Attempt), maxAttempts))
	}
	if t.question, err = s.ask(ctx, t); err != nil {
		return err
	}
	if t.found, err = s.retrieve(ctx, t); err != nil {
		return s.finish(ctx, t, callFor(handoff.ReasonProviderError, "search", 0, 0))
	}
	if err := s.findNotices(ctx, t); err != nil {
		return s.finish(ctx, t, callFor(handoff.ReasonProviderError, "search", 0, 0))
	}
	decision, err := s.respond(ctx, t)
	if err != nil {
		return err
	}
	return s.finish(ctx, t, decision)
}

// maxAttempts is how often a turn that showed nothing yet is run.
const maxAttempts = 2

// hold renews the lease of a turn until released, and cancels the run when the
// turn is not ours any more.
func (s *Service) hold(ctx context.Context, cancel context.CancelFunc, t chat.Turn) (release func()) {
	done := make(chan struct{})
	s.turns.Go(func() {
		ticker := time.NewTicker(s.Lease / 3)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				ours, err := s.Chat.Renew(ctx, t, s.Lease)
				if err == nil && !ours {
					cancel()
					return
				}
			}
		}
	})
	return func() { close(done) }
}
