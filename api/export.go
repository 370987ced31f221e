// SPDX-License-Identifier: MIT

package api

import (
	"archive/zip"
	"net/http"

	"github.com/gin-gonic/gin"

	"candor/internal/fault"
	"candor/knowledge"
	"candor/staff"
)

// exportArticles sends all articles as an archive. Once it has begun, what goes
// wrong can only cut it short, and an archive that is cut short does not open.
func (s *Server) exportArticles(c *gin.Context) error {
	owners := c.Query("owners") == "true"
	if owners && account(c).Role != staff.RoleSupervisor {
		return fault.Denied("supervisors_only", "An export with the addresses of the owners is for supervisors.")
	}
	var archive *zip.Writer
	begin := func() {
		c.Header("Content-Type", "application/zip")
		c.Header("Content-Disposition", `attachment; filename="articles.zip"`)
		c.Status(http.StatusOK)
		archive = zip.NewWriter(c.Writer)
	}
	err := s.Knowledge.Export(c.Request.Context(), knowledge.ExportOptions{Drafts: c.Query("drafts") == "true", Owners: owners}, func(f knowledge.ExportedFile) error {
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
