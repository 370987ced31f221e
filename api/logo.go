// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/internal/fault"
	"candor/internal/upload"
)

// logoView is a logo with where it is.
type logoView struct {
	Image  string `json:"image"`
	URL    string `json:"url"` // from the gateway's root
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func showLogo(l *chat.Logo) *logoView {
	if l == nil {
		return nil
	}
	return &logoView{l.Image, "/brand/" + l.Image + ".png", l.Width, l.Height}
}

// uploadLogo draws a logo anew and keeps it. It is shown once it is saved with
// the settings.
func (s *Server) uploadLogo(c *gin.Context) error {
	data, _, err := readFile(c)
	if err != nil {
		return err
	}
	if err := s.unpacking.Acquire(c.Request.Context(), 1); err != nil {
		return err
	}
	defer s.unpacking.Release(1)
	drawn, size, err := upload.Logo(data)
	if err != nil {
		return inField("brand.logo", err)
	}
	logo, err := s.Chat.KeepLogo(c.Request.Context(), account(c).ID, drawn, size)
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, gin.H{"logo": showLogo(&logo)})
}

// getLogo is the same for ever: another picture has another name. Any page that
// carries the widget may show it.
func (s *Server) getLogo(c *gin.Context) error {
	hash, is := strings.CutSuffix(c.Param("file"), ".png")
	if !is {
		return fault.NotFound("logo_not_found", "There is no such picture.")
	}
	body, err := s.Chat.LogoImage(c.Request.Context(), hash)
	if err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	c.Data(http.StatusOK, "image/png", body)
	return nil
}
