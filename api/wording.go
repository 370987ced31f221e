// SPDX-License-Identifier: MIT

package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"candor/prompts"
)

type wordingView struct {
	Locales []localeView      `json:"locales"`
	Texts   []editableView    `json:"texts"`
	Samples map[string]string `json:"samples"` // values of placeholders, for a preview
}

type localeView struct {
	Locale prompts.Locale `json:"locale"`
	Name   string         `json:"name"`
	Dir    string         `json:"dir"`
}

type editableView struct {
	Key     prompts.Key               `json:"key"`
	Extends bool                      `json:"extends"` // the company's text stands behind the built-in one
	BuiltIn map[prompts.Locale]string `json:"built_in"`
}

// getWording lists the texts that a company may word itself. What it words is in
// the settings.
func (s *Server) getWording(c *gin.Context) error {
	v := wordingView{Samples: map[string]string{"org": s.Chat.Company().Name, "ref": "K7QX-2M9D", "agent": account(c).Name, "position": "2"}}
	for _, l := range prompts.Locales() {
		v.Locales = append(v.Locales, localeView{l, l.Name(), l.Dir()})
	}
	for _, e := range prompts.EditableTexts() {
		text := editableView{Key: e.Key, Extends: e.Extends, BuiltIn: map[prompts.Locale]string{}}
		for _, l := range prompts.Locales() {
			text.BuiltIn[l] = prompts.BuiltIn(l, e.Key)
		}
		v.Texts = append(v.Texts, text)
	}
	return ok(c, http.StatusOK, v)
}
