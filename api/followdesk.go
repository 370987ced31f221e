// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
	"candor/staff"
)

// followDesk tells what is said in the conversation at once, and the lists when
// they differ from what was told, until the reader leaves or the session ends.
func (s *Server) followDesk(c *gin.Context, out *sse, r *reader, talk *chat.Subscription) error {
	ctx, cancel := context.WithCancel(c.Request.Context())
	lists := deskLists{changed: make(chan struct{}, 1), news: make(chan deskNews, 1), done: make(chan struct{})}
	go s.readLists(ctx, c, lists)
	defer func() {
		cancel()
		<-lists.done // it reads the request
	}()
	for {
		if r != nil {
			if err := r.tell(ctx); err != nil {
				return err
			}
		}
		if out.buf.Len() > 0 {
			if err := out.flush(); err != nil {
				return err
			}
		}
		if err := s.waitOrBeat(ctx, out, talk.C, lists.changed, 0); err != nil {
			return err
		}
		select {
		case n := <-lists.news:
			if n.err != nil {
				return endSession(out, n.err)
			}
			out.buf.Write(n.events)
		default:
		}
	}
}

// deskLists is how a desk's lists come to its stream.
type deskLists struct {
	changed chan struct{} // wakes the stream
	news    chan deskNews
	done    chan struct{} // closed: nothing is read any more
}

// deskNews is what a desk is to be told of its lists, or why its stream ends.
type deskNews struct {
	events []byte
	err    error
}

// readLists reads the lists of a desk whenever they moved, beside its stream: what
// is said must not wait for them. It sees to the session and to the presence too,
// which the hub's poll brings about every two seconds.
func (s *Server) readLists(ctx context.Context, c *gin.Context, to deskLists) {
	defer close(to.done)
	looks := s.newLooker(c)
	desk := s.Hub.Subscribe(append(looks.topics(), chat.Desk)...)
	defer desk.Close()
	scratch := &sse{}
	seen := deskSeen{lists: deskTeller{s: s, out: scratch, agentID: account(c).ID}, mentions: -1, looks: looks}
	defer looks.close(ctx)
	for ctx.Err() == nil {
		err := s.lookAtDesk(ctx, c, &seen)
		if err != nil || scratch.buf.Len() > 0 {
			news := deskNews{append([]byte{}, scratch.buf.Bytes()...), err}
			scratch.buf.Reset()
			select {
			case to.news <- news:
			case <-ctx.Done():
			}
			select {
			case to.changed <- struct{}{}:
			default: // woken already and has not looked yet
			}
		}
		if err != nil {
			return
		}
		pause(ctx, deskEvery)
		select {
		case <-desk.C:
		case <-ctx.Done():
		}
	}
}

// deskSeen is what of a desk was told last.
type deskSeen struct {
	lists    deskTeller
	beaten   time.Time
	mentions int
	looks    *looker
}

func (s *Server) lookAtDesk(ctx context.Context, c *gin.Context, seen *deskSeen) error {
	now, err := s.authenticate(c)
	if err != nil {
		return err
	}
	if !now.Can(staff.RoleAgent, staff.RoleCompliance) { // they were, when it began
		return fault.Unauthenticated("role_changed", "Your role does not allow this any more. Please sign in again.")
	}
	if time.Since(seen.beaten) >= handoff.BeatEvery {
		seen.beaten = time.Now()
		if err := s.Handoff.Beat(ctx, account(c).ID); err != nil {
			return err
		}
	}
	if err := seen.lists.tell(ctx); err != nil {
		return err
	}
	if err := seen.looks.tell(ctx, seen.lists.out); err != nil {
		return err
	}
	return s.mentionsTold(ctx, seen.lists.out, account(c).ID, &seen.mentions)
}

// endSession tells a screen that its session is over, if it is that.
func endSession(out *sse, err error) error {
	if f, is := fault.Of(err); !is || f.Kind != fault.KindUnauthenticated {
		return err
	}
	if err := out.event("session.ended", 0, struct{}{}); err != nil {
		return err
	}
	return out.flush()
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
