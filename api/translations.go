// SPDX-License-Identifier: MIT

package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"candor/knowledge"
)

type translationView struct {
	ID         int64           `json:"id"`
	Source     bool            `json:"source"`
	Status     knowledge.State `json:"status"`
	Title      string          `json:"title"`
	Lang       string          `json:"lang"`
	HasDraft   bool            `json:"has_draft"`
	Live       int             `json:"live_version,omitempty"`
	Translated *int            `json:"translated_version,omitempty"`
	Outdated   bool            `json:"outdated"`
}

func (s *Server) listTranslations(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	a, err := s.Knowledge.Article(c.Request.Context(), id)
	if err != nil {
		return err
	}
	list, err := s.Knowledge.Translations(c.Request.Context(), a.Root())
	if err != nil {
		return err
	}
	views := make([]translationView, len(list))
	for i, t := range list {
		views[i] = translationView{t.ID, t.Source, t.State, t.Title, t.Lang, t.HasDraft, t.Live, t.Translated, t.Outdated}
	}
	return ok(c, http.StatusOK, gin.H{"translations": views})
}

// createTranslation makes a draft in another language.
func (s *Server) createTranslation(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Lang      string `json:"lang"`
		ClientKey string `json:"client_key"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	by := account(c).ID
	a, err := s.Knowledge.Translate(c.Request.Context(), id, body.Lang, &by, body.ClientKey)
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, showArticle(a))
}

// setTranslation says what an article is a translation of, and of which version.
func (s *Server) setTranslation(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Of      *int64 `json:"of"`
		Version *int   `json:"version"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	a, err := s.Knowledge.SetTranslation(c.Request.Context(), id, body.Of, body.Version)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showArticle(a))
}
