// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/internal/fault"
)

// keepRoutes are for those who answer for the records.
func (s *Server) keepRoutes(r *gin.RouterGroup) {
	r.GET("/records", handle(s.findRecord))
	r.GET("/records/:id", handle(s.exportRecord))
	r.GET("/records/:id/check", handle(s.checkRecord))
	r.POST("/records/:id/hold", handle(s.placeHold))
	r.DELETE("/records/:id/hold", handle(s.releaseHold))
	r.GET("/holds", handle(s.listHolds))
}

// recordRef tells which record it is, and nothing of what is in it.
type recordRef struct {
	ConversationID string     `json:"conversation_id"`
	References     []string   `json:"references"`
	State          chat.State `json:"state"`
	CreatedAt      time.Time  `json:"created_at"`
	Hold           *holdView  `json:"hold,omitempty"`
	Erased         bool       `json:"erased"`
}

// findRecord finds a conversation by the reference of one of its cases, or by its
// id. What was said is not shown: who reads it exports it, and that is audited.
func (s *Server) findRecord(c *gin.Context) error {
	ctx := c.Request.Context()
	text := c.Query("reference")
	list, err := s.Handoff.FindReference(ctx, text)
	if err != nil {
		return err
	}
	id := text
	if len(list) == 1 {
		id = list[0].PublicID
	}
	conv, err := s.Chat.Find(ctx, id)
	if fault.Is(err, "conversation_not_found") {
		return fault.NotFound("record_not_found", "No conversation has this reference or id.")
	}
	if err != nil {
		return err
	}
	references, err := s.Handoff.References(ctx, conv.ID)
	if err != nil {
		return err
	}
	v := recordRef{ConversationID: conv.PublicID, References: references, State: conv.State, CreatedAt: conv.CreatedAt.UTC()}
	if v.Hold, err = s.hold(c, conv); err != nil {
		return err
	}
	if _, err = s.Chat.Profile(ctx, conv); fault.Is(err, "conversation_erased") {
		v.Erased, err = true, nil
	}
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, v)
}

// checkRecord derives a conversation's promises from its record.
func (s *Server) checkRecord(c *gin.Context) error {
	conv, err := s.Chat.Find(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	done, found, err := s.Chat.CheckOne(c.Request.Context(), conv.ID)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{
		"intact": len(found) == 0, "entries": done.Entries, "opened": done.Opened, "seals": done.Seals, "violations": found,
		"checked_at": time.Now().UTC(),
	})
}

type holdInForceView struct {
	ConversationID string    `json:"conversation_id"`
	Reference      string    `json:"reference,omitempty"`
	Reason         string    `json:"reason"`
	PlacedAt       time.Time `json:"placed_at"`
	PlacedBy       string    `json:"placed_by,omitempty"`
}

func (s *Server) listHolds(c *gin.Context) error {
	list, err := s.Chat.Holds(c.Request.Context())
	if err != nil {
		return err
	}
	views := make([]holdInForceView, len(list))
	for i, h := range list {
		views[i] = holdInForceView{ConversationID: h.PublicID, Reason: h.Reason, PlacedAt: h.PlacedAt.UTC()}
		if h.Reference != nil {
			views[i].Reference = *h.Reference
		}
		if h.PlacedBy != nil {
			views[i].PlacedBy = *h.PlacedBy
		}
	}
	return ok(c, http.StatusOK, gin.H{"holds": views})
}
