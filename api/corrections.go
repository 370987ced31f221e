// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/bot/consequences"
	"candor/internal/markdown"
	"candor/prompts"
)

type reachView struct {
	Conversations int `json:"conversations"`
	Waiting       int `json:"waiting"`
	Posted        int `json:"posted"`
	Shown         int `json:"shown"`
	MailWaiting   int `json:"mail_waiting"`
	Mailed        int `json:"mailed"`
	MailFailed    int `json:"mail_failed"`
	Failed        int `json:"failed"`
	Erased        int `json:"erased"`
}

type correctionView struct {
	ID        string                    `json:"id"`
	ArticleID int64                     `json:"article_id"`
	Version   int                       `json:"version"`
	Title     string                    `json:"title"`
	Reason    string                    `json:"reason"`
	Texts     map[prompts.Locale]string `json:"texts"`
	Cites     *int                      `json:"cites,omitempty"`
	WasLive   bool                      `json:"was_live"`
	By        string                    `json:"by"`
	At        time.Time                 `json:"at"`
	Delivery  reachView                 `json:"delivery"`
}

func showCorrection(x consequences.Correction) correctionView {
	d := x.Delivery
	return correctionView{
		strconv.FormatInt(x.ID, 10), x.ArticleID, x.Version, x.Title, x.Reason, x.Texts, x.Cites, x.WasLive, x.By, x.At.UTC(),
		reachView{d.Conversations, d.Waiting(), d.Posted, d.Shown, d.MailWaiting, d.Mailed, d.MailFailed, d.Failed, d.Erased},
	}
}

func showCorrections(list []consequences.Correction) []correctionView {
	views := make([]correctionView, len(list))
	for i, x := range list {
		views[i] = showCorrection(x)
	}
	return views
}

type wrongLanguageView struct {
	Locale        prompts.Locale `json:"locale"`
	Conversations int            `json:"conversations"`
	Own           bool           `json:"own"`
	HTML          string         `json:"html"`
}

type wrongPreview struct {
	Conversations int                 `json:"conversations"`
	Open          int                 `json:"open"`
	Finished      int                 `json:"finished"`
	WithPerson    int                 `json:"with_person"`
	Reachable     int                 `json:"reachable"`
	Erased        int                 `json:"erased"`
	Languages     []wrongLanguageView `json:"languages"`
	Live          bool                `json:"live"`
	Cites         int                 `json:"cites,omitempty"`
}

// markWrong shows what marking a version wrong would do, and does it once it is
// confirmed.
func (s *Server) markWrong(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	version, err := number(c, "version")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Reason  string                    `json:"reason"`
		Texts   map[prompts.Locale]string `json:"texts"`
		Confirm bool                      `json:"confirm"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	m := consequences.Marking{ArticleID: id, Version: int(version), Reason: body.Reason, Texts: body.Texts}
	if body.Confirm {
		x, err := s.Consequences.Mark(c.Request.Context(), m, agent(c))
		if err != nil {
			return err
		}
		return ok(c, http.StatusAccepted, showCorrection(x))
	}
	p, err := s.Consequences.Preview(c.Request.Context(), m)
	if err != nil {
		return err
	}
	v := wrongPreview{
		p.Conversations, p.Open, p.Finished, p.WithPerson, p.Reachable, p.Erased, make([]wrongLanguageView, len(p.Languages)), p.Live, p.Cites,
	}
	for i, l := range p.Languages {
		v.Languages[i] = wrongLanguageView{l.Locale, l.Conversations, l.Own, markdown.HTML(l.Example)}
	}
	return ok(c, http.StatusOK, v)
}

func (s *Server) listCorrections(c *gin.Context) error {
	article, err := queryNumber(c, "article_id", 0, 1, 1<<53)
	if err != nil {
		return err
	}
	list, err := s.Consequences.Corrections(c.Request.Context(), int64(article), maxPage)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"corrections": showCorrections(list)})
}

func (s *Server) getCorrection(c *gin.Context) error {
	id, err := number(c, "correction_id")
	if err != nil {
		return err
	}
	x, err := s.Consequences.Correction(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showCorrection(x))
}

// retryCorrection takes up what was given up.
func (s *Server) retryCorrection(c *gin.Context) error {
	id, err := number(c, "correction_id")
	if err != nil {
		return err
	}
	x, err := s.Consequences.Retry(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return ok(c, http.StatusAccepted, showCorrection(x))
}
