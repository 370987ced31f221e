// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/handoff"
)

type presenceView struct {
	ID       string               `json:"id"`
	Name     string               `json:"name"`
	Status   handoff.Availability `json:"status"`
	Online   bool                 `json:"online"`
	Since    *time.Time           `json:"since,omitempty"`
	LastSeen *time.Time           `json:"last_seen,omitempty"`
	Team     string               `json:"team"`
	Capacity int                  `json:"capacity"`
	Load     int                  `json:"load"`
}

func showPresence(p handoff.Colleague) presenceView {
	return presenceView{
		ID: strconv.FormatInt(p.AccountID, 10), Name: p.Name, Status: p.Status, Online: p.Online, Since: utc(p.Since),
		LastSeen: utc(p.LastSeen), Team: p.Team, Capacity: p.Capacity, Load: p.Load,
	}
}

// listPresence tells who is at the desk.
func (s *Server) listPresence(c *gin.Context) error {
	list, err := s.Handoff.Colleagues(c.Request.Context())
	if err != nil {
		return err
	}
	agents := make([]presenceView, len(list))
	for i, p := range list {
		agents[i] = showPresence(p)
	}
	return ok(c, http.StatusOK, gin.H{"agents": agents})
}

// setPresence takes what the caller says of themselves.
func (s *Server) setPresence(c *gin.Context) error {
	body, err := decode[struct {
		Status handoff.Availability `json:"status"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	p, err := s.Handoff.SetPresence(c.Request.Context(), account(c).ID, body.Status)
	if err != nil {
		return inField("status", err)
	}
	return ok(c, http.StatusOK, showPresence(p))
}
