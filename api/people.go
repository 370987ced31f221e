// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
	"candor/staff"
)

// StaffMail tells members of staff by mail; nil where no mail is sent.
type StaffMail interface {
	// SendPasswordLink sends a link by which a password is chosen; invited says that
	// it is the first one.
	SendPasswordLink(ctx context.Context, to staff.Account, link string, invited bool) error
}

type memberView struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Email       string           `json:"email"`
	Role        staff.Role       `json:"role"`
	Disabled    bool             `json:"disabled"`
	HasPassword bool             `json:"has_password"`
	LastSeenAt  *time.Time       `json:"last_seen_at,omitempty"`
	Membership  staff.Membership `json:"membership"`
}

func showMember(m staff.Member) memberView {
	v := memberView{
		ID: strconv.FormatInt(m.ID, 10), Name: m.Name, Email: m.Email, Role: m.Role, Disabled: m.DisabledAt != nil,
		HasPassword: m.HasPassword, Membership: m.Membership,
	}
	if m.LastSeen != nil {
		v.LastSeenAt = utc(m.LastSeen)
	}
	return v
}

func (s *Server) listStaff(c *gin.Context) error {
	list, err := s.Staff.Members(c.Request.Context())
	if err != nil {
		return err
	}
	views := make([]memberView, len(list))
	for i, m := range list {
		views[i] = showMember(m)
	}
	return ok(c, http.StatusOK, gin.H{"staff": views})
}

func (s *Server) getMember(c *gin.Context) error {
	id, err := number(c, "account_id")
	if err != nil {
		return err
	}
	return s.okMember(c, id)
}

func (s *Server) okMember(c *gin.Context, id int64) error {
	m, err := s.Staff.Member(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showMember(m))
}

type invitation struct {
	Email string     `json:"email"`
	Name  string     `json:"name"`
	Role  staff.Role `json:"role"`
}

// inviteStaff makes an account. The link is shown this once, and mailed where
// mail is sent.
func (s *Server) inviteStaff(c *gin.Context) error {
	body, err := decode[invitation](c, maxBody)
	if err != nil {
		return err
	}
	a, secret, err := s.Staff.Invite(c.Request.Context(), account(c).ID, body.Email, body.Name, body.Role)
	if err != nil {
		return inField(map[bool]string{true: "name", false: "email"}[fault.Is(err, "name_missing") || fault.Is(err, "invalid_name")], err)
	}
	view := s.passwordLink(c, a, secret, true)
	m, err := s.Staff.Member(c.Request.Context(), a.ID)
	if err != nil {
		return err
	}
	view["staff"] = showMember(m)
	return ok(c, http.StatusCreated, view)
}

func (s *Server) resetStaff(c *gin.Context) error {
	id, err := number(c, "account_id")
	if err != nil {
		return err
	}
	m, err := s.Staff.Member(c.Request.Context(), id)
	if err != nil {
		return err
	}
	secret, err := s.Staff.ResetLink(c.Request.Context(), account(c).ID, id)
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, s.passwordLink(c, m.Account, secret, false))
}

// passwordLink gives a link and mails it. Behind the #, the secret is in no
// server's log. A mail that cannot be sent loses nothing: the link is shown.
func (s *Server) passwordLink(c *gin.Context, a staff.Account, secret string, invited bool) gin.H {
	link := s.PublicURL + "/password#" + secret
	mailed := false
	if s.StaffMail != nil {
		if err := s.StaffMail.SendPasswordLink(c.Request.Context(), a, link, invited); err != nil {
			s.Logger.Warn("a link was not mailed", "error", err, "request_id", requestID(c))
		} else {
			mailed = true
		}
	}
	return gin.H{"link": link, "expires_at": time.Now().Add(staff.LinkLife).UTC(), "mailed": mailed}
}

func (s *Server) setRole(c *gin.Context) error {
	id, err := number(c, "account_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Role staff.Role `json:"role"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if err := s.Staff.SetRole(c.Request.Context(), account(c).ID, id, body.Role); err != nil {
		return err
	}
	if !(staff.Account{Role: body.Role}).Can(staff.RoleAgent) {
		if err := s.returnCases(c, id); err != nil {
			return err
		}
	}
	return s.okMember(c, id)
}

func (s *Server) disableStaff(c *gin.Context) error {
	id, err := number(c, "account_id")
	if err != nil {
		return err
	}
	if err := s.Staff.Disable(c.Request.Context(), account(c).ID, id); err != nil {
		return err
	}
	if err := s.returnCases(c, id); err != nil {
		return err
	}
	return s.okMember(c, id)
}

// returnCases puts the cases of somebody who may not have them any more back
// into the queue, where they keep their places.
func (s *Server) returnCases(c *gin.Context, id int64) error {
	m, err := s.Staff.Member(c.Request.Context(), id)
	if err != nil {
		return err
	}
	list, err := s.Handoff.Cases(c.Request.Context(), handoff.Filter{AgentID: id, Open: true, Limit: 200})
	if err != nil {
		return err
	}
	for _, k := range list {
		_, err := s.Handoff.Release(c.Request.Context(), k.ID, chat.Agent{ID: m.ID, Name: m.Name})
		if f, is := fault.Of(err); err != nil && (!is || f.Kind != fault.KindConflict) {
			return err
		}
	}
	return nil
}

func (s *Server) enableStaff(c *gin.Context) error {
	id, err := number(c, "account_id")
	if err != nil {
		return err
	}
	if err := s.Staff.Enable(c.Request.Context(), account(c).ID, id); err != nil {
		return err
	}
	return s.okMember(c, id)
}

func (s *Server) setMembership(c *gin.Context) error {
	id, err := number(c, "account_id")
	if err != nil {
		return err
	}
	m, err := decode[staff.Membership](c, maxBody)
	if err != nil {
		return err
	}
	if _, known := s.Chat.Company().Team(m.Team); !known {
		return inField("team", fault.Invalid("unknown_team", "There is no team %q in the settings.", m.Team))
	}
	if err := s.Staff.SetMembership(c.Request.Context(), account(c).ID, id, m); err != nil {
		return err
	}
	return s.okMember(c, id)
}
