// SPDX-License-Identifier: MIT

package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"candor/internal/fault"
	"candor/staff"
	"candor/web"
)

// settingsPage is one page of the settings.
type settingsPage struct {
	path, name, lead, script string
	anybody                  bool // not only supervisors and compliance
}

var settingsPages = []settingsPage{
	{"/settings", "Company", "Who you are, when people answer, and how else customers reach you. A change is in force within seconds; every version is kept.", "settings/company.js", false},
	{"/settings/staff", "Staff", "Who works here, what each may do, and what assignment gives them.", "settings/staff.js", false},
	{"/settings/wording", "Wording", "What customers read in their language. Put the texts in your own words; that a machine answers is always said.", "settings/wording.js", false},
	{"/settings/webhooks", "Webhooks", "Other systems that are told what happens to cases: by reference and reason, never who the customer is or what was said.", "settings/webhooks.js", false},
	{"/settings/blocks", "Blocks", "Customers who harassed staff and may not write for a time. Complaints and danger are received from them all the same.", "settings/blocks.js", false},
	{"/settings/records", "Records", "The record of a conversation: whether it stands as it was written, a copy to hand out, and holds against deletion. Reading one is written to the audit.", "settings/records.js", false},
	{"/settings/audit", "Audit", "Who changed what. Nothing here can be changed or deleted.", "settings/audit.js", false},
	{"/settings/account", "My account", "Your password, the places you are signed in, and the tokens of your programs.", "settings/account.js", true},
}

// settingsRoute shows a page to those who may see it; who is not signed in is
// sent to sign in.
func (s *Server) settingsRoute(p settingsPage) gin.HandlerFunc {
	return s.shown(func(c *gin.Context) error {
		a, err := s.authenticate(c)
		if f, is := fault.Of(err); is && f.Kind == fault.KindUnauthenticated {
			c.Redirect(http.StatusSeeOther, "/signin?next="+p.path)
			return nil
		}
		if err != nil {
			return err
		}
		allowed := a.Can(staff.RoleCompliance)
		if !allowed && p.path == "/settings" {
			c.Redirect(http.StatusSeeOther, "/settings/account") // the only page for others
			return nil
		}
		if !allowed && !p.anybody {
			return fault.Denied("role_required", "Only supervisors and compliance see this page.")
		}
		return s.renderPage(c, http.StatusOK, "settings", s.settingsData(c, p, a))
	})
}

func (s *Server) settingsData(c *gin.Context, p settingsPage, a staff.Account) web.Settings {
	frame := s.frame(c, p.name+" · Settings")
	frame.Locale, frame.Dir = "en", "ltr"
	frame.Staff = &web.Staff{Name: a.Name, Email: a.Email, Role: string(a.Role)}
	data := web.Settings{Frame: frame, Heading: p.name, Lead: p.lead, Script: p.script, MayChange: a.Can(staff.RoleSupervisor) || p.anybody}
	if p.path == "/settings/audit" || p.path == "/settings/records" {
		data.MayChange = true // nobody changes anything there, and compliance holds
	}
	for _, other := range settingsPages {
		if other.anybody || a.Can(staff.RoleCompliance) {
			data.Links = append(data.Links, web.Link{Name: other.name, Href: other.path, Here: other.path == p.path})
		}
	}
	return data
}

// passwordPage is where a password is chosen by a link, or such a link asked for.
func (s *Server) passwordPage(c *gin.Context) error {
	frame := s.frame(c, "Password")
	frame.Locale, frame.Dir = "en", "ltr"
	return s.renderPage(c, http.StatusOK, "password", web.Password{Frame: frame})
}
