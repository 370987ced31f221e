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
)

// queueLimit is how many cases the desk's live list shows.
const queueLimit = 200

type staffRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type caseSummary struct {
	ID             string         `json:"id"`
	Reference      string         `json:"reference"`
	ConversationID string         `json:"conversation_id"`
	Reason         handoff.Reason `json:"reason"`
	Priority       string         `json:"priority"`
	Language       string         `json:"language"`
	WaitingSince   time.Time      `json:"waiting_since"`
	DueAt          *time.Time     `json:"due_at,omitempty"`
	LastSeq        int            `json:"last_customer_seq"`
	Unanswered     bool           `json:"unanswered"`
	Position       int            `json:"position,omitempty"`
	Complaint      bool           `json:"complaint"`
	Preview        string         `json:"preview"`
	State          chat.State     `json:"state"`
	Assignee       *staffRef      `json:"assignee,omitempty"`
	ReplyByEmail   bool           `json:"reply_by_email,omitempty"`
	SnoozedUntil   *time.Time     `json:"snoozed_until,omitempty"`
	Escalated      bool           `json:"escalated,omitempty"`
	Clock          *nextClockView `json:"clock,omitempty"`
	Cause          *causeRef      `json:"cause,omitempty"`
}

type queueView struct {
	Cases []caseSummary `json:"cases"`
}

func priorityName(p int) string {
	name, _ := handoff.PriorityName(p)
	return name
}

func (s *Server) queue(ctx context.Context) (queueView, error) {
	list, err := s.Handoff.Queue(ctx, queueLimit)
	return queueView{summaries(list)}, err
}

func summaries(list []handoff.Listed) []caseSummary {
	views := make([]caseSummary, len(list))
	for i, k := range list {
		views[i] = caseSummary{
			ID: strconv.FormatInt(k.ID, 10), Reference: k.Reference, ConversationID: k.PublicID, Reason: k.Reason,
			Priority: priorityName(k.Priority), Language: k.Language, WaitingSince: k.EnqueuedAt.UTC(), Position: k.Position,
			Complaint: k.Complaint, Preview: k.Preview, State: k.ChatState,
			SnoozedUntil: utc(k.SnoozedUntil), Escalated: k.EscalatedAt != nil,
			LastSeq: k.CustomerSeq, Unanswered: k.CustomerSeq > k.AgentSeq, ReplyByEmail: k.ReplyByEmailAt != nil,
		}
		views[i].Clock = showNextClock(k)
		if k.CauseID != nil && k.CauseTitle != nil {
			views[i].Cause = &causeRef{idText(k.CauseID), *k.CauseTitle}
		}
		if k.State == handoff.StateWaiting {
			views[i].DueAt = utc(k.DueAt)
		}
		if k.AgentID != nil && k.AgentName != nil {
			views[i].Assignee = &staffRef{strconv.FormatInt(*k.AgentID, 10), *k.AgentName}
		}
	}
	return views
}

func (s *Server) getQueue(c *gin.Context) error {
	view, err := s.queue(c.Request.Context())
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, view)
}

// listCases pages through cases, the newest first.
func (s *Server) listCases(c *gin.Context) error {
	limit, err := queryNumber(c, "limit", pageSize, 1, maxPage)
	if err != nil {
		return err
	}
	filter := handoff.Filter{Open: c.Query("status") == "open", Resolved: c.Query("status") == "resolved", Limit: limit + 1}
	if c.Query("assignee") == "me" {
		filter.AgentID = account(c).ID
	}
	if cursor := c.Query("cursor"); cursor != "" {
		if filter.Before, err = strconv.ParseInt(cursor, 10, 64); err != nil {
			return inField("cursor", fault.Invalid("invalid_cursor", "Use the value of next from the page before."))
		}
	}
	list, err := s.Handoff.Cases(c.Request.Context(), filter)
	if err != nil {
		return err
	}
	page := gin.H{}
	if len(list) > limit {
		list = list[:limit]
		page["next"] = strconv.FormatInt(list[limit-1].ID, 10)
	}
	page["cases"] = summaries(list)
	return ok(c, http.StatusOK, page)
}

type caseResult struct {
	Case         caseView         `json:"case"`
	Conversation conversationView `json:"conversation"`
}

// result shows a case with its conversation after a change.
func (s *Server) result(c *gin.Context, k handoff.Case) error {
	return s.resultStatus(c, http.StatusOK, k)
}

func (s *Server) resultStatus(c *gin.Context, status int, k handoff.Case) error {
	conv, err := s.Chat.Get(c.Request.Context(), k.ConversationID)
	if err != nil {
		return err
	}
	file, err := s.showCase(c.Request.Context(), conv, k)
	if err != nil {
		return err
	}
	view, err := s.showConversation(c.Request.Context(), conv)
	if err != nil {
		return err
	}
	return ok(c, status, caseResult{file, view})
}

// step is an agent's step with a case that needs nothing but to be taken: claim,
// release, wait and the like.
func (s *Server) step(take func(ctx context.Context, caseID int64, by chat.Agent) (handoff.Case, error)) gin.HandlerFunc {
	return handle(func(c *gin.Context) error {
		id, err := number(c, "case_id")
		if err != nil {
			return err
		}
		k, err := take(c.Request.Context(), id, agent(c))
		if err != nil {
			return err
		}
		return s.result(c, k)
	})
}

// maxNote is the longest note on a resolution, in characters.
const maxNote = 2000

func (s *Server) resolveCase(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Outcome string `json:"outcome"`
		Note    string `json:"note"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if len([]rune(body.Note)) > maxNote {
		return inField("note", fault.Invalid("note_too_long", "The note is longer than %d characters.", maxNote))
	}
	k, err := s.Handoff.Resolve(c.Request.Context(), id, agent(c), body.Outcome, body.Note)
	if err != nil {
		return err
	}
	return s.result(c, k)
}

func (s *Server) replyToCase(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	body, err := decode[newReply](c, maxBody)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	reply := s.Handoff.Reply
	if body.Waiting {
		reply = s.Handoff.ReplyAndWait
	}
	m, err := reply(c.Request.Context(), id, agent(c), body.Text, body.ClientMessageID)
	if err != nil {
		return err
	}
	k, err := s.Handoff.Case(c.Request.Context(), id)
	if err != nil {
		return err
	}
	view, err := s.conversationNow(c.Request.Context(), k.ConversationID)
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, messageAccepted{showMessage(m, nil), view})
}

func (s *Server) signalTyping(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	if err := s.Handoff.Typing(c.Request.Context(), id, agent(c)); err != nil {
		return err
	}
	if err := s.Handoff.View(c.Request.Context(), id, agent(c), true); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (s *Server) takeOver(c *gin.Context) error {
	conv, err := s.Chat.Find(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	k, err := s.Handoff.TakeOver(c.Request.Context(), conv.ID, agent(c))
	if err != nil {
		return err
	}
	return s.result(c, k)
}

// streamDesk tells the queue and, when asked for, one conversation.
func (s *Server) streamDesk(c *gin.Context) error {
	ctx := c.Request.Context()
	target, err := s.deskTarget(c)
	if err != nil {
		return err
	}
	talk := s.Hub.Subscribe() // to nothing, where no conversation is told
	if target != 0 {
		talk = s.Hub.Subscribe(target)
	}
	defer talk.Close()
	out := startSSE(c)
	var r *reader
	if target != 0 {
		if r, err = s.newReader(ctx, out, target, lastEventID(c)); err != nil {
			return s.endStream(c, out, err)
		}
		r.desk = true
	}
	return s.endStream(c, out, s.followDesk(c, out, r, talk))
}

// deskTarget is the conversation that the stream should tell, 0 for none.
func (s *Server) deskTarget(c *gin.Context) (int64, error) {
	if id := c.Query("conversation"); id != "" {
		conv, err := s.Chat.Find(c.Request.Context(), id)
		return conv.ID, err
	}
	text := c.Query("case")
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fault.NotFound("case_not_found", "There is no such case.")
	}
	k, err := s.Handoff.Case(c.Request.Context(), id)
	return k.ConversationID, err
}
