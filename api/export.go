// SPDX-License-Identifier: MIT

package api

import (
	"archive/zip"
	"net/http"

	"github.com/gin-gonic/gin"

	"candor/knowledge"
)

// exportArticles sends all articles as an archive. Once it has begun, what goes
// wrong can only cut it short, and an archive that is cut short does not open.
func (s *Server) exportArticles(c *gin.Context) error {
	var archive *zip.Writer
	begin := func() {
		c.Header("Content-Type", "application/zip")
		c.Header("Content-Disposition", `attachment; filename="articles.zip"`)
		c.Status(http.StatusOK)
		archive = zip.NewWriter(c.Writer)
	}
	err := s.Knowledge.Export(c.Request.Context(), c.Query("drafts") == "true", func(f knowledge.ExportedFile) error {
		if archive == nil {
			begin()
		}
		w, err := archive.Create(f.Name)
		if err != nil {
			return err
		}
		_, err = w.Write(f.Data)
		return err
	})
	if err != nil && archive == nil {
		return err
	}
	if archive == nil {
		begin()
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the reader must not take half an archive for a whole one
	}
	return archive.Close()
}
