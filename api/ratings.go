// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/handoff"
)

// ratingView is whom the customer may rate now.
type ratingView struct {
	Person    bool `json:"person"`
	Assistant bool `json:"assistant"`
}

func (s *Server) ratingOf(ctx context.Context, c chat.Conversation) (*ratingView, error) {
	r, err := s.Handoff.Ratable(ctx, c)
	if err != nil || r == (handoff.Ratable{}) {
		return nil, err
	}
	return &ratingView{r.Person, r.Assistant}, nil
}

// rate keeps what the customer thought, once, or that they would rather not say.
func (s *Server) rate(c *gin.Context) error {
	body, err := decode[struct {
		Person    *int   `json:"person"`
		Assistant *int   `json:"assistant"`
		Comment   string `json:"comment"`
		Declined  bool   `json:"declined"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	rating := handoff.Rating{Person: body.Person, Assistant: body.Assistant, Comment: body.Comment, Declined: body.Declined}
	if err := s.Handoff.Rate(c.Request.Context(), conversation(c).ID, rating); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

const (
	maxReportDays = 366
	// fewest is how many ratings a mean needs, so that it says nothing of one person.
	fewest = 5
)

// getRatings is what customers thought, of people and of the assistant apart.
func (s *Server) getRatings(c *gin.Context) error {
	days, err := queryNumber(c, "days", 30, 1, maxReportDays)
	if err != nil {
		return err
	}
	report, err := s.Handoff.Ratings(c.Request.Context(), time.Now().AddDate(0, 0, -days))
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{
		"days": days, "declined": report.Declined, "person": showScores(report.Person), "assistant": showScores(report.Assistant),
	})
}

func showScores(s handoff.Scores) gin.H {
	count, sum := 0, 0
	for i, n := range s {
		count, sum = count+n, sum+n*(i+1)
	}
	view := gin.H{"count": count, "scores": s}
	if count >= fewest {
		view["mean"] = float64(sum) / float64(count)
	}
	return view
}
