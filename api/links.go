// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
	"candor/prompts"
	"candor/web"
)

type newLink struct {
	Reference string `json:"reference"`
	Email     string `json:"email"`
}

// referenceShape is what references look like; without the hyphen they are read too.
var referenceShape = regexp.MustCompile(`^[0-9A-Z]{4}-?[0-9A-Z]{4}$`)

// check puts the reference into its form and says what is none.
func (n *newLink) check() error {
	n.Reference = strings.ToUpper(strings.TrimSpace(n.Reference))
	if !referenceShape.MatchString(n.Reference) {
		return inField("reference", fault.Invalid("invalid_reference", "A reference looks like K7QX-2M9D."))
	}
	if len(n.Reference) == 8 {
		n.Reference = n.Reference[:4] + "-" + n.Reference[4:]
	}
	n.Email = strings.TrimSpace(n.Email)
	if n.Email == "" {
		return inField("email", fault.Invalid("invalid_email", "This is not an e-mail address."))
	}
	return checkProfile(chat.Profile{Email: n.Email})
}

// requestLink sends a link back into a conversation. Nobody learns here whether
// reference and address belong together.
func (s *Server) requestLink(c *gin.Context) error {
	body, err := decode[newLink](c, maxBody)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	if err := s.Handoff.RequestLink(c.Request.Context(), body.Reference, body.Email); err != nil {
		return err
	}
	return ok(c, http.StatusAccepted, gin.H{"status": "accepted"})
}

// openLink exchanges the secret of a link for the conversation's token, once.
func (s *Server) openLink(c *gin.Context) error {
	body, err := decode[struct {
		LinkToken string `json:"link_token"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	conv, token, err := s.Chat.OpenLink(c.Request.Context(), body.LinkToken)
	if err != nil {
		return err
	}
	view, err := s.showConversation(c.Request.Context(), conv)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"conversation": view, "token": token})
}

// returnPage opens a link or asks for one. The secret stays behind the #.
func (s *Server) returnPage(c *gin.Context) error { return s.showReturn(c, http.StatusOK, "", false) }

func (s *Server) showReturn(c *gin.Context, status int, problem string, sent bool) error {
	frame := s.frame(c, s.Chat.Company().Name)
	words := prompts.UI(prompts.Locale(frame.Locale))
	frame.Title = words["return_title"]
	return s.renderPage(c, status, "return", web.Return{Frame: frame, Words: words, Problem: problem, Sent: sent})
}

// postReturn is the page without scripts: a link leads into the plain chat.
func (s *Server) postReturn(c *gin.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxBody)
	if secret := c.PostForm("link_token"); secret != "" {
		conv, token, err := s.Chat.OpenLink(c.Request.Context(), secret)
		if err != nil {
			p := problemOf(c, err)
			return s.showReturn(c, p.Status, p.Detail, false)
		}
		s.setPlainCookie(c, conv.PublicID+"."+token, int(plainLife.Seconds()))
		c.Redirect(http.StatusSeeOther, "/chat?plain=1#end")
		return nil
	}
	asked := newLink{Reference: c.PostForm("reference"), Email: c.PostForm("email")}
	err := asked.check()
	if err == nil {
		err = s.Handoff.RequestLink(c.Request.Context(), asked.Reference, asked.Email)
	}
	if err != nil {
		p := problemOf(c, err)
		return s.showReturn(c, p.Status, p.Detail, false)
	}
	return s.showReturn(c, http.StatusOK, "", true)
}

type summaryView struct {
	Reference   string               `json:"reference"`
	State       chat.State           `json:"state"`
	OpenedAt    time.Time            `json:"opened_at"`
	PromisedBy  *time.Time           `json:"promised_by,omitempty"`
	Issue       *handoff.PacketLine  `json:"issue,omitempty"`
	Facts       []handoff.PacketFact `json:"facts"`
	Corrections []handoff.PacketLine `json:"corrections"`
}

// getSummary is what was understood of the customer's request.
func (s *Server) getSummary(c *gin.Context) error {
	conv := conversation(c)
	summary, err := s.Handoff.Summary(c.Request.Context(), conv)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, summaryView{
		Reference: summary.Case.Reference, State: conv.State, OpenedAt: summary.Case.EnqueuedAt.UTC(), PromisedBy: utc(summary.Case.DueAt),
		Issue: summary.Issue, Facts: summary.Facts, Corrections: summary.Corrections,
	})
}

// correctSummary adds the customer's correction to the case.
func (s *Server) correctSummary(c *gin.Context) error {
	body, err := decode[struct {
		Text string `json:"text"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	before := conversation(c).LastSeq
	if _, err := s.Handoff.Correct(c.Request.Context(), conversation(c).ID, body.Text); err != nil {
		return inField("text", err)
	}
	return s.since(c, before)
}
