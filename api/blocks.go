// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"candor/handoff"
	"candor/staff"
)

// blockRoutes are against those who harass.
func (s *Server) blockRoutes(r *gin.Engine, d *gin.RouterGroup) {
	d.GET("/conversations/:id/block", handle(s.previewBlock))
	d.POST("/conversations/:id/block", handle(s.blockCustomer))
	d.DELETE("/conversations/:id/block", handle(s.unblockCustomer))
	r.GET("/v1/blocks", s.staff(staff.RoleSupervisor), handle(s.listBlocks))
}

type blockView struct {
	Category string    `json:"category"`
	Until    time.Time `json:"until"`
	By       staffRef  `json:"by"`
}

func showBlock(b handoff.Block) blockView {
	return blockView{b.Category, b.Until.UTC(), showAgent(b.By)}
}

// longestBlock is in hours.
const longestBlock = 720

// previewBlock is what the customer would be told.
func (s *Server) previewBlock(c *gin.Context) error {
	conv, err := s.Chat.Find(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	hours, err := queryNumber(c, "hours", 24, 1, longestBlock)
	if err != nil {
		return err
	}
	notice := s.Handoff.BlockNotice(conv, time.Duration(hours)*time.Hour)
	return ok(c, http.StatusOK, gin.H{"notice": notice, "locale": conv.Locale})
}

type blockInForceView struct {
	blockView

	ConversationID string    `json:"conversation_id"`
	CreatedAt      time.Time `json:"created_at"`
	CaseID         string    `json:"case_id,omitempty"`
	Reference      string    `json:"reference,omitempty"`
}

// listBlocks is for supervisors, who lift any of them.
func (s *Server) listBlocks(c *gin.Context) error {
	list, err := s.Handoff.Blocks(c.Request.Context())
	if err != nil {
		return err
	}
	views := make([]blockInForceView, len(list))
	for i, b := range list {
		views[i] = blockInForceView{
			blockView:      blockView{b.Category, b.Until.UTC(), staffRef{idText(&b.AgentID), b.AgentName}},
			ConversationID: b.PublicID, CreatedAt: b.CreatedAt.UTC(), CaseID: idText(b.CaseID),
		}
		if b.Reference != nil {
			views[i].Reference = *b.Reference
		}
	}
	return ok(c, http.StatusOK, gin.H{"blocks": views})
}

func (s *Server) blockCustomer(c *gin.Context) error {
	conv, err := s.Chat.Find(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Category string `json:"category"`
		Note     string `json:"note"`
		Hours    int    `json:"hours"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if err := checkNote(body.Note); err != nil {
		return err
	}
	// What no block may last is as many hours as it takes to be refused.
	lasts := time.Duration(min(max(body.Hours, 0), 10_000)) * time.Hour
	b, err := s.Handoff.Block(c.Request.Context(), conv.ID, actor(c), body.Category, body.Note, lasts)
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, showBlock(b))
}

func (s *Server) unblockCustomer(c *gin.Context) error {
	conv, err := s.Chat.Find(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Handoff.Unblock(c.Request.Context(), conv.ID, actor(c)); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}
