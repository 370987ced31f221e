// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
	"candor/internal/markdown"
)

// manyRoutes are for many cases at once.
func (s *Server) manyRoutes(d *gin.RouterGroup) {
	d.GET("/causes", handle(s.listCauses))
	d.POST("/causes", handle(s.createCause))
	d.GET("/causes/:cause_id", handle(s.getCause))
	d.POST("/causes/:cause_id/audience", handle(s.previewToAll))
	d.POST("/causes/:cause_id/reply", handle(s.replyToAll))
	d.POST("/cases/:case_id/link", handle(s.linkCase))
	d.DELETE("/cases/:case_id/link", handle(s.unlinkCase))
	d.POST("/cases/:case_id/merge", handle(s.mergeCase))
}

type causeView struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Cases     int       `json:"cases"`
	Open      int       `json:"open"`
	CreatedAt time.Time `json:"created_at"`
}

// causeRef names a cause in a list.
type causeRef struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

func showCause(c handoff.Cause) causeView {
	return causeView{strconv.FormatInt(c.ID, 10), c.Title, c.Cases, c.Open, c.CreatedAt.UTC()}
}

func (s *Server) listCauses(c *gin.Context) error {
	list, err := s.Handoff.Causes(c.Request.Context())
	if err != nil {
		return err
	}
	views := make([]causeView, len(list))
	for i, cause := range list {
		views[i] = showCause(cause)
	}
	return ok(c, http.StatusOK, gin.H{"causes": views})
}

func (s *Server) createCause(c *gin.Context) error {
	body, err := decode[struct {
		Title string `json:"title"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	cause, err := s.Handoff.NewCause(c.Request.Context(), agent(c), body.Title)
	if err != nil {
		return inField("title", err)
	}
	return ok(c, http.StatusCreated, gin.H{"cause": showCause(cause)})
}

func (s *Server) getCause(c *gin.Context) error {
	id, err := number(c, "cause_id")
	if err != nil {
		return err
	}
	cause, err := s.Handoff.Cause(c.Request.Context(), id)
	if err != nil {
		return err
	}
	list, err := s.Handoff.Linked(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"cause": showCause(cause), "cases": summaries(list)})
}

type recipientView struct {
	CaseID    string    `json:"case_id"`
	Reference string    `json:"reference"`
	Language  string    `json:"language"`
	Result    string    `json:"result"`
	HTML      string    `json:"html"`
	Missing   []string  `json:"missing,omitempty"`
	Assignee  *staffRef `json:"assignee,omitempty"`
}

// previewToAll tells who a reply to all would reach, and how it would read.
func (s *Server) previewToAll(c *gin.Context) error {
	id, err := number(c, "cause_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Text string `json:"text"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	list, err := s.Handoff.Audience(c.Request.Context(), id, agent(c), body.Text)
	if err != nil {
		return err
	}
	views := make([]recipientView, len(list))
	for i, r := range list {
		views[i] = recipientView{
			CaseID: strconv.FormatInt(r.ID, 10), Reference: r.Reference, Language: r.Language, Result: r.Result,
			HTML: markdown.HTML(r.Text), Missing: r.Missing,
		}
		if r.AgentID != nil && r.AgentName != nil {
			views[i].Assignee = &staffRef{idText(r.AgentID), *r.AgentName}
		}
	}
	return ok(c, http.StatusOK, gin.H{"recipients": views})
}

type toldView struct {
	CaseID     string `json:"case_id"`
	Reference  string `json:"reference"`
	Result     string `json:"result"`
	MessageSeq int    `json:"message_seq,omitempty"`
	Code       string `json:"code,omitempty"`
}

func (s *Server) replyToAll(c *gin.Context) error {
	id, err := number(c, "cause_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		newMessage

		Actions handoff.ReplyActions `json:"actions"`
		CaseIDs []string             `json:"case_ids"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	only := make([]int64, len(body.CaseIDs))
	for i, text := range body.CaseIDs {
		if only[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return inField("case_ids", fault.Invalid("case_not_found", "There is no such case."))
		}
	}
	macro := handoff.Macro{Text: body.Text, ClientMessageID: body.ClientMessageID, Actions: body.Actions}
	told, err := s.Handoff.ReplyToAll(c.Request.Context(), id, agent(c), macro, only...)
	if err != nil {
		return err
	}
	views := make([]toldView, len(told))
	for i, t := range told {
		views[i] = toldView{CaseID: strconv.FormatInt(t.CaseID, 10), Reference: t.Reference, Result: t.Result, MessageSeq: t.Seq}
		if t.Err != nil {
			views[i].Code = problemOf(c, t.Err).Code
		}
	}
	return ok(c, http.StatusOK, gin.H{"results": views})
}

func (s *Server) linkCase(c *gin.Context) error {
	body, err := decode[struct {
		CauseID string `json:"cause_id"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	cause, err := strconv.ParseInt(body.CauseID, 10, 64)
	if err != nil || cause < 1 {
		return inField("cause_id", fault.NotFound("cause_not_found", "There is no such cause."))
	}
	return s.link(c, cause)
}

func (s *Server) unlinkCase(c *gin.Context) error { return s.link(c, 0) }

func (s *Server) link(c *gin.Context, cause int64) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	k, err := s.Handoff.Link(c.Request.Context(), id, agent(c), cause)
	if err != nil {
		return err
	}
	return s.result(c, k)
}

// mergeCase lets a case go on in another one, and answers with that.
func (s *Server) mergeCase(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Into         string `json:"into"`
		SameCustomer bool   `json:"same_customer"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	into, err := strconv.ParseInt(body.Into, 10, 64)
	if err != nil || into < 1 {
		return inField("into", fault.NotFound("case_not_found", "There is no such case."))
	}
	k, err := s.Handoff.Merge(c.Request.Context(), id, actor(c), handoff.Into{CaseID: into, SameCustomer: body.SameCustomer})
	if err != nil {
		return err
	}
	return s.result(c, k)
}

// showTies adds what the case has in common with others, and whether its customer
// is kept from writing.
func (s *Server) showTies(ctx context.Context, v *caseView, conv chat.Conversation, k handoff.Case) error {
	if k.CauseID != nil {
		cause, err := s.Handoff.Cause(ctx, *k.CauseID)
		if err != nil {
			return err
		}
		view := showCause(cause)
		v.Cause = &view
	}
	blocked, err := s.Handoff.Blocked(ctx, conv)
	if blocked != nil {
		view := showBlock(*blocked)
		v.Blocked = &view
	}
	if err != nil || blocked != nil {
		return err
	}
	alike, err := s.Handoff.BlockedAlike(ctx, conv)
	v.BlockedAlike = utc(alike)
	return err
}
