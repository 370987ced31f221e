// SPDX-License-Identifier: MIT

package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
)

const (
	heartbeat    = 15 * time.Second
	writeTimeout = 10 * time.Second
	// queueEvery bounds how often a waiting customer's place is counted anew.
	queueEvery = 2 * time.Second
	// reconnectMS is when a reader comes back after its stream was ended here.
	reconnectMS = 500
)

// errDraining says that this process is going down: readers come back elsewhere.
var errDraining = errors.New("draining")

// sse writes server-sent events. Every write has a deadline of its own; a reader
// that does not take it is gone, and comes back with its last id.
type sse struct {
	w   http.ResponseWriter
	ctl *http.ResponseController
	buf bytes.Buffer

	onBeat func() // with every heartbeat; nil: nothing
}

func startSSE(c *gin.Context) *sse {
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	c.Status(http.StatusOK)
	return &sse{w: c.Writer, ctl: http.NewResponseController(c.Writer)}
}

// event adds an event; id is sent only for messages. JSON has no line breaks of
// its own, so one data line is enough.
func (s *sse) event(name string, id int, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write event %s: %w", name, err)
	}
	if id > 0 {
		fmt.Fprintf(&s.buf, "id: %d\n", id)
	}
	fmt.Fprintf(&s.buf, "event: %s\ndata: %s\n\n", name, data)
	return nil
}

func (s *sse) comment() { s.buf.WriteString(": \n\n") }

func (s *sse) retry() { fmt.Fprintf(&s.buf, "retry: %d\n\n", reconnectMS) }

// flush sends what was added, in one write.
func (s *sse) flush() error {
	if err := s.ctl.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	if _, err := s.w.Write(s.buf.Bytes()); err != nil {
		return err
	}
	s.buf.Reset()
	return s.ctl.Flush()
}

// watch is woken by changes of a conversation.
func (s *Server) watch(id int64) *chat.Subscription { return s.Hub.Subscribe(id) }

// wait returns when there may be something new to read.
func (s *Server) wait(ctx context.Context, watch *chat.Subscription) error {
	select {
	case <-watch.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reader writes the events of one conversation to one stream.
type reader struct {
	s     *Server
	out   *sse
	feed  *chat.Feed
	label map[string]string // of the notices that were told
	last  *conversationView // as it was told
	desk  bool              // for staff, who see the queue itself and not one place in it
}

// newReader makes a reader that goes on after a message.
func (s *Server) newReader(ctx context.Context, out *sse, id int64, after int) (*reader, error) {
	feed, err := s.Chat.NewFeed(ctx, id, after)
	return &reader{s: s, out: out, feed: feed, label: map[string]string{}}, err
}

// tell writes what is new. It always begins with the state as a snapshot. Of a
// long conversation all pages but the last are sent at once.
func (r *reader) tell(ctx context.Context) error {
	for {
		if err := r.tellPage(ctx); err != nil || !r.feed.More() {
			return err
		}
		if err := r.out.flush(); err != nil {
			return err
		}
	}
}

func (r *reader) tellPage(ctx context.Context) error {
	events, err := r.feed.Next(ctx)
	if err != nil {
		return err
	}
	now, err := r.now(ctx)
	if err != nil {
		return err
	}
	if err := r.tellState(now); err != nil {
		return err
	}
	for _, e := range events {
		if err := r.tellEvent(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// now shows the conversation as the feed saw it.
func (r *reader) now(ctx context.Context) (conversationView, error) {
	c, last := r.feed.Conversation(), r.last
	if last != nil && c.Owner == chat.OwnerBot && last.Rating == nil && last.Owner == c.Owner && last.State == c.State && last.Epoch == c.Epoch {
		// While the bot has the word there is no case that could move.
		view := *last
		view.Locale, view.LastSeq = c.Locale, c.LastSeq
		return view, nil
	}
	return r.s.showConversation(ctx, c)
}

// tellState writes state and place when they are not what was told last.
func (r *reader) tellState(now conversationView) error {
	last := r.last
	r.last = &now
	if last == nil || last.State != now.State || last.Owner != now.Owner || last.Epoch != now.Epoch ||
		last.Reference != now.Reference || last.AssistantWhileWaiting != now.AssistantWhileWaiting || last.ReplyByEmail != now.ReplyByEmail || last.Locale != now.Locale || last.ReturnAsked != now.ReturnAsked ||
		last.Rating != nil && now.Rating == nil {
		if err := r.out.event("conversation.updated", 0, now); err != nil {
			return err
		}
	}
	if !r.desk && now.Queue != nil && (last == nil || !reflect.DeepEqual(last.Queue, now.Queue)) {
		if err := r.out.event("queue.updated", 0, now.Queue); err != nil {
			return err
		}
	}
	if !r.desk && now.Rating != nil && (last == nil || last.Rating == nil) {
		if err := r.out.event("rating.requested", 0, now.Rating); err != nil {
			return err
		}
	}
	if now.typing && (last == nil || !last.typing) {
		return r.out.event("agent.typing", 0, now.Agent)
	}
	return nil
}

func (r *reader) tellEvent(ctx context.Context, e chat.Event) error {
	switch {
	case e.Reset:
		return r.out.event("reset", 0, struct{}{})
	case e.Disclosure != nil:
		r.label[e.Disclosure.ID] = e.Disclosure.Label
		return r.out.event("disclosure.shown", 0, placeDisclosure(*e.Disclosure))
	case e.TurnStarted != nil:
		t := e.TurnStarted
		return r.out.event("turn.started", 0, gin.H{
			"turn": turnID(t.Turn), "epoch": t.Epoch, "disclosure": disclosureRef{t.Disclosure.ID, t.Disclosure.Label},
		})
	case e.Delta != nil:
		return r.out.event("message.delta", 0, gin.H{"turn": turnID(e.Delta.Turn), "index": e.Delta.Index, "text": e.Delta.Text})
	case e.TurnEnded != nil:
		return r.out.event("turn.ended", 0, gin.H{"turn": turnID(e.TurnEnded.Turn), "outcome": e.TurnEnded.Outcome})
	case e.Message != nil:
		if !r.desk {
			if err := r.s.showed(ctx, r.feed.Conversation().ID, e.Message.Seq, e.Message.Event); err != nil {
				return err
			}
		}
		return r.out.event("message.created", e.Message.Seq, showMessage(*e.Message, r.label))
	}
	return nil
}

// streamTurn streams from the customer's message to the end of the turn.
func (s *Server) streamTurn(c *gin.Context, watch *chat.Subscription, fromSeq int) error {
	ctx := c.Request.Context()
	out := startSSE(c)
	// The turn may have ended by now: its start, its sentences and its end are told all the same.
	feed, err := s.Chat.FeedFrom(ctx, conversation(c).ID, fromSeq)
	if err != nil {
		return s.endStream(c, out, err)
	}
	r := &reader{s: s, out: out, feed: feed, label: map[string]string{}}
	for {
		if err := r.tell(ctx); err != nil {
			return s.endStream(c, out, err)
		}
		if out.flush() != nil {
			return nil //nolint:nilerr // the reader left; the turn goes on and is stored
		}
		if !r.feed.Busy() {
			return nil
		}
		if err := s.waitOrBeat(ctx, out, watch.C, nil, queueEvery); err != nil {
			return s.endStream(c, out, err)
		}
	}
}

// streamConversation is everything that happens, until the reader leaves.
func (s *Server) streamConversation(c *gin.Context) error {
	watch := s.watch(conversation(c).ID)
	defer watch.Close()
	out := startSSE(c)
	r, err := s.newReader(c.Request.Context(), out, conversation(c).ID, lastEventID(c))
	if err != nil {
		return s.endStream(c, out, err)
	}
	return s.endStream(c, out, s.follow(c.Request.Context(), out, r, conversation(c).ID, watch))
}

// follow tells a conversation for as long as the reader stays. While they wait
// for a person, the queue wakes it too.
func (s *Server) follow(ctx context.Context, out *sse, r *reader, watched int64, watch *chat.Subscription) error {
	queue := s.Hub.Subscribe(chat.Desk)
	defer queue.Close()
	here := &beacon{s: s, id: watched}
	defer here.close(ctx)
	out.onBeat = func() { here.shine(ctx, r.last.Owner) }
	for {
		if err := r.tell(ctx); err != nil {
			return err
		}
		if err := out.flush(); err != nil {
			return err
		}
		here.shine(ctx, r.last.Owner)
		var moved <-chan struct{}
		if r.last.Owner == chat.OwnerQueue {
			moved = queue.C
		}
		if err := s.waitOrBeat(ctx, out, watch.C, moved, queueEvery); err != nil {
			return err
		}
	}
}

// waitOrBeat waits for a change, keeping the connection alive meanwhile. A moving
// queue is looked at no more often than every.
func (s *Server) waitOrBeat(ctx context.Context, out *sse, changed, queue <-chan struct{}, every time.Duration) error {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	started := time.Now()
	var later <-chan time.Time
	for {
		select {
		case <-changed:
			return nil
		case <-queue:
			queue, later = nil, time.After(max(0, every-time.Since(started)))
		case <-later:
			return nil
		case <-beat.C:
			out.comment()
			if err := out.flush(); err != nil {
				return err
			}
			if out.onBeat != nil {
				out.onBeat()
			}
		case <-s.draining:
			return errDraining
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// endStream says why a stream ends, to a reader who is still there.
func (s *Server) endStream(c *gin.Context, out *sse, err error) error {
	switch {
	case err == nil || c.Request.Context().Err() != nil:
		return nil //nolint:nilerr // the reader left: nobody is there to be told
	case errors.Is(err, errDraining):
		out.retry()
	default:
		if writeErr := out.event("error", 0, problemOf(c, err)); writeErr != nil {
			return writeErr
		}
	}
	_ = out.flush() // the reader may be gone, and then nobody minds
	return nil
}

// lastEventID reads where the reader was. What is no id of ours is a position
// that no conversation has, and that is answered with a reset.
func lastEventID(c *gin.Context) int {
	text := c.GetHeader("Last-Event-ID")
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return -1
	}
	return int(n)
}

func turnID(id int64) string { return strconv.FormatInt(id, 10) }
