// SPDX-License-Identifier: MIT

package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"candor/internal/fault"
	"candor/internal/markdown"
	"candor/knowledge"
	"candor/staff"
	"candor/web"
)

// libraryPage is for those who write articles; who is not signed in is sent to sign in.
func (s *Server) libraryPage(c *gin.Context) error {
	frame, err := s.editorsFrame(c, "Library", "/library")
	if err != nil || frame == nil {
		return err
	}
	return s.renderPage(c, http.StatusOK, "library", web.Library{Frame: *frame})
}

// sourcesPage is for the same people.
func (s *Server) sourcesPage(c *gin.Context) error {
	frame, err := s.editorsFrame(c, "Sources", "/library/sources")
	if err != nil || frame == nil {
		return err
	}
	return s.renderPage(c, http.StatusOK, "sources", web.Sources{Frame: *frame})
}

// announcementsPage is for the same people.
func (s *Server) announcementsPage(c *gin.Context) error {
	frame, err := s.editorsFrame(c, "Announcements", "/library/announcements")
	if err != nil || frame == nil {
		return err
	}
	return s.renderPage(c, http.StatusOK, "announcements", web.Announcements{Frame: *frame})
}

// editorsFrame is what stands around an editor's page; nil: the reader was sent to sign in.
func (s *Server) editorsFrame(c *gin.Context, title, path string) (*web.Frame, error) {
	a, err := s.authenticate(c)
	if f, is := fault.Of(err); is && f.Kind == fault.KindUnauthenticated {
		c.Redirect(http.StatusSeeOther, "/signin?next="+path)
		return nil, nil //nolint:nilnil // answered
	}
	if err != nil {
		return nil, err
	}
	if !a.Can(staff.RoleEditor) {
		return nil, fault.Denied("role_required", "The library is for editors and supervisors.")
	}
	frame := s.frame(c, title)
	frame.Locale, frame.Dir = "en", "ltr"
	frame.Staff = &web.Staff{Name: a.Name, Email: a.Email, Role: string(a.Role)}
	return &frame, nil
}

// previewArticle renders a text as the widget shows a source.
func (s *Server) previewArticle(c *gin.Context) error {
	body, err := decode[struct {
		Body string `json:"body"`
	}](c, maxArticleBody)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"html": markdown.HTML(knowledge.Version{Source: body.Body}.Visible())})
}
