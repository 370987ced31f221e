// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/handoff"
)

type viewerView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Typing bool   `json:"typing"`
}

type customerPresence struct {
	Online   bool       `json:"online"`
	LastSeen *time.Time `json:"last_seen,omitempty"`
}

type aroundView struct {
	CaseID   string           `json:"case_id"`
	Viewers  []viewerView     `json:"viewers"`
	Customer customerPresence `json:"customer"`
}

func showAround(k handoff.Case, a handoff.Around) aroundView {
	v := aroundView{CaseID: strconv.FormatInt(k.ID, 10), Viewers: []viewerView{}, Customer: customerPresence{Online: a.CustomerHere}}
	for _, viewer := range a.Viewers {
		v.Viewers = append(v.Viewers, viewerView{strconv.FormatInt(viewer.ID, 10), viewer.Name, viewer.Typing})
	}
	if !a.CustomerHere {
		v.Customer.LastSeen = utc(a.CustomerSeen)
	}
	return v
}

func (s *Server) around(ctx context.Context, k handoff.Case) (aroundView, error) {
	a, err := s.Handoff.Around(ctx, k)
	return showAround(k, a), err
}

func (s *Server) getViewing(c *gin.Context) error {
	k, _, err := s.caseNamed(c, c.Param("case_id"))
	if err != nil {
		return err
	}
	view, err := s.around(c.Request.Context(), k)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, view)
}

// setViewing notes that the caller looks at a case, types in it, or has left it.
func (s *Server) setViewing(c *gin.Context) error {
	k, _, err := s.caseNamed(c, c.Param("case_id"))
	if err != nil {
		return err
	}
	body, err := decodeOptional[struct {
		Typing bool `json:"typing"`
		Left   bool `json:"left"`
	}](c)
	if err != nil {
		return err
	}
	if body.Left {
		err = s.Handoff.StopViewing(c.Request.Context(), k.ID, agent(c))
	} else {
		err = s.Handoff.View(c.Request.Context(), k.ID, agent(c), body.Typing)
	}
	if err != nil {
		return err
	}
	view, err := s.around(c.Request.Context(), k)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, view)
}

func (s *Server) snoozeCase(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Until time.Time `json:"until"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	k, err := s.Handoff.Snooze(c.Request.Context(), id, agent(c), body.Until)
	if err != nil {
		return inField("until", err)
	}
	return s.result(c, k)
}

func (s *Server) escalateCase(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Note string `json:"note"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if err := checkNote(body.Note); err != nil {
		return err
	}
	k, err := s.Handoff.Escalate(c.Request.Context(), id, actor(c), body.Note)
	if err != nil {
		return inField("note", err)
	}
	return s.result(c, k)
}

// looker keeps an agent's look at a case, for as long as their stream shows it,
// and tells them who else is there.
type looker struct {
	s     *Server
	k     handoff.Case
	agent chat.Agent
	at    time.Time
	told  *aroundView
}

// newLooker makes one for the case that the stream is about; nil without one.
func (s *Server) newLooker(c *gin.Context) *looker {
	if c.Query("case") == "" {
		return nil
	}
	k, _, err := s.caseNamed(c, c.Query("case"))
	if err != nil {
		return nil // the stream has said so already
	}
	return &looker{s: s, k: k, agent: agent(c)}
}

// topics are what wakes it.
func (l *looker) topics() []int64 {
	if l == nil {
		return nil
	}
	return []int64{l.k.ConversationID}
}

func (l *looker) tell(ctx context.Context, out *sse) error {
	if l == nil {
		return nil
	}
	if time.Since(l.at) >= handoff.ViewEvery {
		l.at = time.Now()
		if err := l.s.Handoff.KeepViewing(ctx, l.k.ID, l.agent); err != nil {
			return err
		}
	}
	now, err := l.s.around(ctx, l.k)
	if err != nil || l.told != nil && reflect.DeepEqual(*l.told, now) {
		return err
	}
	l.told = &now
	return out.event("viewing.updated", 0, now)
}

// leaveTimeout bounds the last word of a stream that ends.
const leaveTimeout = 2 * time.Second

func (l *looker) close(ctx context.Context) {
	if l == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	if err := l.s.Handoff.StopViewing(ctx, l.k.ID, l.agent); err != nil {
		l.s.Logger.Warn("a look at a case was not ended; it ends by itself", "error", err)
	}
}

// beacon notes that a customer's page is open, once there is a case: agents see
// whether the customer is still there.
type beacon struct {
	s     *Server
	id    int64
	at    time.Time
	shown bool
}

// beaconEvery is a little less than the heartbeat, so that every one counts.
const beaconEvery = heartbeat - time.Second

func (b *beacon) shine(ctx context.Context, owner chat.Owner) {
	if owner == chat.OwnerBot || time.Since(b.at) < beaconEvery {
		return
	}
	b.at, b.shown = time.Now(), true
	if err := b.s.Handoff.CustomerHere(ctx, b.id); err != nil && ctx.Err() == nil {
		b.s.Logger.Warn("a customer's presence was not noted; tried again", "error", err)
	}
}

func (b *beacon) close(ctx context.Context) {
	if !b.shown {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	if err := b.s.Handoff.CustomerLeft(ctx, b.id); err != nil {
		b.s.Logger.Warn("a customer's leaving was not noted; it shows by itself", "error", err)
	}
}
