// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/internal/fault"
	"candor/knowledge"
)

// getLibrary is what the page of the library shows beside the articles.
func (s *Server) getLibrary(c *gin.Context) error {
	counts, err := s.Knowledge.Counts(c.Request.Context(), account(c).ID)
	if err != nil {
		return err
	}
	editors, err := s.Knowledge.Editors(c.Request.Context())
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{
		"counts": counts, "editors": orEmpty(editors), "you": account(c).ID,
		"second_eyes": s.Chat.Company().SecondEyes, "due_days": int(knowledge.DueWithin / (24 * time.Hour)),
	})
}

// stepBody is what the steps of a draft take.
type stepBody struct {
	ExpectedRev int64     `json:"expected_rev"`
	ReviewerID  *int64    `json:"reviewer_id"`
	Note        string    `json:"note"`
	At          time.Time `json:"at"`
	Reason      string    `json:"reason"`
}

// stepDraft takes a draft one step on its way.
func (s *Server) stepDraft(step func(c *gin.Context, id int64, b stepBody) (knowledge.Article, error)) gin.HandlerFunc {
	return handle(func(c *gin.Context) error {
		id, err := number(c, "article_id")
		if err != nil {
			return err
		}
		body, err := decode[stepBody](c, maxBody)
		if err != nil {
			return err
		}
		a, err := step(c, id, body)
		if err != nil {
			return err
		}
		return ok(c, http.StatusOK, showArticle(a))
	})
}

func (s *Server) askReview(c *gin.Context, id int64, b stepBody) (knowledge.Article, error) {
	return s.Knowledge.AskReview(c.Request.Context(), id, b.ExpectedRev, account(c).ID, b.ReviewerID, b.Note)
}

func (s *Server) withdrawReview(c *gin.Context, id int64, b stepBody) (knowledge.Article, error) {
	return s.Knowledge.WithdrawReview(c.Request.Context(), id, b.ExpectedRev)
}

func (s *Server) approveDraft(c *gin.Context, id int64, b stepBody) (knowledge.Article, error) {
	return s.Knowledge.Approve(c.Request.Context(), id, b.ExpectedRev, account(c).ID, b.Note)
}

func (s *Server) sendBackDraft(c *gin.Context, id int64, b stepBody) (knowledge.Article, error) {
	return s.Knowledge.SendBack(c.Request.Context(), id, b.ExpectedRev, account(c).ID, b.Note)
}

func (s *Server) scheduleDraft(c *gin.Context, id int64, b stepBody) (knowledge.Article, error) {
	return s.gate().Schedule(c.Request.Context(), id, b.ExpectedRev, account(c).ID, b.At, b.Reason)
}

func (s *Server) unscheduleDraft(c *gin.Context, id int64, b stepBody) (knowledge.Article, error) {
	return s.Knowledge.Unschedule(c.Request.Context(), id, b.ExpectedRev)
}

// discardDraft deletes a draft; an article that was never published goes with it.
func (s *Server) discardDraft(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	rev, err := strconv.ParseInt(c.Query("expected_rev"), 10, 64)
	if err != nil || rev < 1 {
		return inField("expected_rev", fault.Invalid("invalid_revision", "Please say which revision of the draft you have read."))
	}
	if err := s.Knowledge.DiscardDraft(c.Request.Context(), id, rev); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// setDetails changes what is known of an article beside its text.
func (s *Server) setDetails(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		OwnerID   *int64             `json:"owner_id"`
		Audience  knowledge.Audience `json:"audience"`
		ReviewBy  *time.Time         `json:"review_by"`
		ExpiresAt *time.Time         `json:"expires_at"`
		Expected  *int64             `json:"expected_details_rev"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	a, err := s.Knowledge.SetDetails(c.Request.Context(), id, knowledge.Details{
		OwnerID: body.OwnerID, Audience: body.Audience, ReviewBy: body.ReviewBy, ExpiresAt: body.ExpiresAt, Expected: body.Expected,
	})
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showArticle(a))
}

// viewArticle notes that the caller has an article open, or has closed it, and
// tells who else has.
func (s *Server) viewArticle(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	body, err := decodeOptional[struct {
		Writing bool `json:"writing"`
		Left    bool `json:"left"`
	}](c)
	if err != nil {
		return err
	}
	viewers := []gin.H{}
	if body.Left {
		err = s.Knowledge.StopViewing(c.Request.Context(), id, account(c).ID)
	} else {
		var list []knowledge.Viewer
		list, err = s.Knowledge.View(c.Request.Context(), id, account(c).ID, body.Writing)
		for _, v := range list {
			viewers = append(viewers, gin.H{"id": v.ID, "name": v.Name, "writing": v.Writing})
		}
	}
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"viewers": viewers})
}
