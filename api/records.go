// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
)

// recordView is everything that is kept of a conversation.
type recordView struct {
	Conversation conversationView   `json:"conversation"`
	Customer     *chat.Profile      `json:"customer,omitempty"` // left out when erased
	Erased       bool               `json:"erased"`
	Hold         *holdView          `json:"hold,omitempty"`
	Messages     []messageView      `json:"messages"`
	Disclosures  []disclosureView   `json:"disclosures"`
	Cases        []caseSummary      `json:"cases"`
	Record       []chat.RecordEntry `json:"record"`
	ExportedAt   time.Time          `json:"exported_at"`
}

type holdView struct {
	Reason   string    `json:"reason"`
	PlacedAt time.Time `json:"placed_at"`
}

// exportRecord gives the whole record of a conversation, which is written to the
// audit.
func (s *Server) exportRecord(c *gin.Context) error {
	ctx := c.Request.Context()
	conv, err := s.Chat.Find(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	v := recordView{ExportedAt: time.Now().UTC(), Messages: []messageView{}, Disclosures: []disclosureView{}}
	if v.Record, err = s.Chat.Export(ctx, conv, agent(c)); err != nil {
		return err
	}
	if v.Conversation, err = s.showConversation(ctx, conv); err != nil {
		return err
	}
	if v.Hold, err = s.hold(c, conv); err != nil {
		return err
	}
	list, err := s.Handoff.Cases(ctx, handoff.Filter{ConversationID: conv.ID, Limit: maxPage})
	if err != nil {
		return err
	}
	v.Cases = summaries(list)
	profile, err := s.Chat.Profile(ctx, conv)
	if fault.Is(err, "conversation_erased") {
		v.Erased = true
		return okRecord(c, conv, v)
	}
	if err != nil {
		return err
	}
	v.Customer = &profile
	for after := 0; ; {
		page, err := s.page(ctx, conv, after, maxPage)
		if err != nil {
			return err
		}
		v.Messages, v.Disclosures = append(v.Messages, page.Messages...), page.Disclosures
		if len(page.Messages) < maxPage {
			break
		}
		after = page.Messages[len(page.Messages)-1].Seq
	}
	return okRecord(c, conv, v)
}

func okRecord(c *gin.Context, conv chat.Conversation, v recordView) error {
	c.Header("Content-Disposition", `attachment; filename="record-`+conv.PublicID+`.json"`)
	return ok(c, http.StatusOK, v)
}

func (s *Server) hold(c *gin.Context, conv chat.Conversation) (*holdView, error) {
	h, err := s.Chat.HoldOn(c.Request.Context(), conv.ID)
	if err != nil || h == nil {
		return nil, err
	}
	return &holdView{h.Reason, h.PlacedAt.UTC()}, nil
}

// placeHold holds the deletion of a conversation.
func (s *Server) placeHold(c *gin.Context) error {
	conv, err := s.Chat.Find(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Reason string `json:"reason"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if err := s.Chat.PlaceHold(c.Request.Context(), conv.ID, body.Reason, agent(c)); err != nil {
		return err
	}
	h, err := s.hold(c, conv)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, h)
}

func (s *Server) releaseHold(c *gin.Context) error {
	conv, err := s.Chat.Find(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Chat.ReleaseHold(c.Request.Context(), conv.ID, agent(c)); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}
