// SPDX-License-Identifier: MIT

package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"candor/internal/markdown"
)

// previewReply shows what an agent has written as the customer would see it. Nothing is kept.
func (s *Server) previewReply(c *gin.Context) error {
	body, err := decode[struct {
		Text string `json:"text"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"html": markdown.HTML(body.Text)})
}
