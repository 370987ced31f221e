// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
	"candor/internal/markdown"
	"candor/knowledge"
)

// replyRoutes are saved replies, macros and suggestions.
func (s *Server) replyRoutes(d *gin.RouterGroup) {
	d.GET("/replies", handle(s.listReplies))
	d.POST("/replies", handle(s.createReply))
	d.PUT("/replies/:reply_id", handle(s.changeReply))
	d.DELETE("/replies/:reply_id", handle(s.deleteReply))
	d.POST("/cases/:case_id/macro", handle(s.applyMacro))
	d.GET("/cases/:case_id/suggestions", handle(s.listSuggestions))
}

type replyView struct {
	ID        string               `json:"id"`
	Shared    bool                 `json:"shared"`
	Title     string               `json:"title"`
	Texts     map[string]string    `json:"texts"`
	Actions   handoff.ReplyActions `json:"actions"`
	Rev       int                  `json:"rev"`
	UpdatedAt time.Time            `json:"updated_at"`
	Filled    *filledView          `json:"filled,omitempty"`
}

type filledView struct {
	Lang    string   `json:"lang"`
	Text    string   `json:"text"`
	Missing []string `json:"missing"`
}

func showReply(r handoff.SavedReply) replyView {
	return replyView{
		ID: strconv.FormatInt(r.ID, 10), Shared: r.OwnerID == nil, Title: r.Title, Texts: r.Texts, Actions: r.Actions,
		Rev: r.Rev, UpdatedAt: r.UpdatedAt.UTC(),
	}
}

// listReplies gives the caller's saved replies; with a case, filled for it.
func (s *Server) listReplies(c *gin.Context) error {
	views := []replyView{}
	if c.Query("case") == "" {
		list, err := s.Handoff.Replies(c.Request.Context(), account(c).ID)
		if err != nil {
			return err
		}
		for _, r := range list {
			views = append(views, showReply(r))
		}
		return ok(c, http.StatusOK, gin.H{"replies": views})
	}
	k, conv, err := s.caseNamed(c, c.Query("case"))
	if err != nil {
		return err
	}
	list, err := s.Handoff.FillReplies(c.Request.Context(), conv, k, agent(c))
	if err != nil {
		return err
	}
	for _, f := range list {
		view := showReply(f.SavedReply)
		view.Filled = &filledView{f.Lang, f.Text, f.Missing}
		views = append(views, view)
	}
	return ok(c, http.StatusOK, gin.H{"replies": views})
}

// caseNamed is a case and its conversation by the case's id in a request.
func (s *Server) caseNamed(c *gin.Context, text string) (handoff.Case, chat.Conversation, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return handoff.Case{}, chat.Conversation{}, fault.NotFound("case_not_found", "There is no such case.")
	}
	k, err := s.Handoff.Case(c.Request.Context(), id)
	if err != nil {
		return k, chat.Conversation{}, err
	}
	conv, err := s.Chat.Get(c.Request.Context(), k.ConversationID)
	return k, conv, err
}

type replyBody struct {
	Title   string               `json:"title"`
	Shared  bool                 `json:"shared"`
	Texts   map[string]string    `json:"texts"`
	Actions handoff.ReplyActions `json:"actions"`
	Rev     int                  `json:"expected_rev"`
}

func (s *Server) createReply(c *gin.Context) error {
	body, err := decode[replyBody](c, maxBody)
	if err != nil {
		return err
	}
	r := handoff.SavedReply{Title: body.Title, Texts: body.Texts, Actions: body.Actions}
	if !body.Shared {
		own := account(c).ID
		r.OwnerID = &own
	}
	if r, err = s.Handoff.SaveReply(c.Request.Context(), actor(c), r); err != nil {
		return err
	}
	return ok(c, http.StatusCreated, gin.H{"reply": showReply(r)})
}

func (s *Server) changeReply(c *gin.Context) error {
	id, err := number(c, "reply_id")
	if err != nil {
		return err
	}
	body, err := decode[replyBody](c, maxBody)
	if err != nil {
		return err
	}
	r := handoff.SavedReply{ID: id, Title: body.Title, Texts: body.Texts, Actions: body.Actions, Rev: body.Rev}
	if r, err = s.Handoff.SaveReply(c.Request.Context(), actor(c), r); err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"reply": showReply(r)})
}

func (s *Server) deleteReply(c *gin.Context) error {
	id, err := number(c, "reply_id")
	if err != nil {
		return err
	}
	if err := s.Handoff.DeleteReply(c.Request.Context(), actor(c), id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// applyMacro says something and does what goes with it, in one step.
func (s *Server) applyMacro(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		newMessage

		Actions handoff.ReplyActions `json:"actions"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	macro := handoff.Macro{Text: body.Text, ClientMessageID: body.ClientMessageID, Actions: body.Actions}
	m, k, err := s.Handoff.Apply(c.Request.Context(), id, agent(c), macro)
	if err != nil {
		return err
	}
	view, err := s.conversationNow(c.Request.Context(), k.ConversationID)
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, messageAccepted{showMessage(m, nil), view})
}

type suggestionView struct {
	Text    string        `json:"text"`
	HTML    string        `json:"html"`
	Heading string        `json:"heading,omitempty"`
	Source  chat.Citation `json:"source"`
	Score   float64       `json:"score"`
	// Barred: the article is not for this customer.
	Audience knowledge.Audience `json:"audience"`
	Barred   bool               `json:"barred,omitempty"`
}

// listSuggestions is what the library has for what the customer asked last.
func (s *Server) listSuggestions(c *gin.Context) error {
	_, conv, err := s.caseNamed(c, c.Param("case_id"))
	if err != nil {
		return err
	}
	found, err := s.Bot.Suggest(c.Request.Context(), conv)
	if err != nil {
		return err
	}
	views := make([]suggestionView, len(found.List))
	for i, sug := range found.List {
		views[i] = suggestionView{sug.Text, markdown.HTML(sug.Text), sug.Heading, sug.Source, sug.Score, sug.Audience, sug.Barred}
	}
	return ok(c, http.StatusOK, gin.H{"suggestions": views, "seqs": found.Seqs, "confidence": found.Confidence})
}
