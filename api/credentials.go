// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/internal/fault"
	"candor/staff"
)

type credentialView struct {
	ID        string     `json:"id"`
	Name      string     `json:"name,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"used_at,omitempty"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	Current   bool       `json:"current"`
}

// ownAccount is the account in the path, which is the caller's own unless the
// caller is a supervisor.
func ownAccount(c *gin.Context) (int64, error) {
	id, err := number(c, "account_id")
	if err != nil {
		return 0, err
	}
	if a := account(c); a.ID != id && !a.Can(staff.RoleSupervisor) {
		return 0, fault.Denied("role_required", "Only a supervisor may do this for somebody else.")
	}
	return id, nil
}

func (s *Server) listCredentials(c *gin.Context) error {
	id, err := ownAccount(c)
	if err != nil {
		return err
	}
	list, err := s.Staff.Credentials(c.Request.Context(), id, credential(c))
	if err != nil {
		return err
	}
	sessions, tokens := []credentialView{}, []credentialView{}
	for _, one := range list {
		v := credentialView{ID: strconv.FormatInt(one.ID, 10), Name: one.Name, CreatedAt: one.CreatedAt.UTC(), Current: one.Current}
		if one.UsedAt != nil {
			v.UsedAt = utc(one.UsedAt)
		}
		if one.ExpiresAt != nil {
			v.ExpiresAt = utc(one.ExpiresAt)
		}
		if one.Kind == "token" {
			tokens = append(tokens, v)
		} else {
			sessions = append(sessions, v)
		}
	}
	return ok(c, http.StatusOK, gin.H{"sessions": sessions, "tokens": tokens})
}

// credential is the secret by which the caller is known.
func credential(c *gin.Context) string {
	if token, ok := bearer(c); ok {
		return token
	}
	cookie, err := c.Cookie(cookieName)
	if err != nil {
		return ""
	}
	return cookie
}

func (s *Server) createToken(c *gin.Context) error {
	id, err := ownAccount(c)
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Name string `json:"name"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	token, err := s.Staff.CreateToken(c.Request.Context(), account(c).ID, id, body.Name)
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, gin.H{"token": token, "name": body.Name})
}

func (s *Server) revokeCredential(c *gin.Context) error {
	id, err := ownAccount(c)
	if err != nil {
		return err
	}
	which, err := number(c, "credential_id")
	if err != nil {
		return err
	}
	if err := s.Staff.Revoke(c.Request.Context(), account(c).ID, id, which); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// forgotPassword always answers the same, whoever asks for whom.
func (s *Server) forgotPassword(c *gin.Context) error {
	body, err := decode[struct {
		Email string `json:"email"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if s.StaffMail != nil {
		a, secret, err := s.Staff.Forgot(c.Request.Context(), body.Email)
		if err != nil {
			return err
		}
		if a.ID != 0 {
			s.passwordLink(c, a, secret, false)
		}
	}
	return ok(c, http.StatusAccepted, gin.H{"detail": s.forgotAnswer()})
}

func (s *Server) forgotAnswer() string {
	if s.StaffMail == nil {
		return "No mail is sent from here. Please ask a supervisor for a link by which you choose another password."
	}
	return "If there is an account for this address, a mail with a link is on its way. The link is good for a day, once."
}

// choosePassword sets a password by a link and signs in.
func (s *Server) choosePassword(c *gin.Context) error {
	body, err := decode[struct {
		LinkToken string `json:"link_token"`
		Password  string `json:"password"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	a, secret, err := s.Staff.ChoosePassword(c.Request.Context(), body.LinkToken, body.Password)
	if fault.Is(err, "weak_password") {
		return inField("password", err)
	}
	if err != nil {
		return err
	}
	s.setCookie(c, secret, int(staff.SessionLife.Seconds()))
	return ok(c, http.StatusOK, showSession(a))
}

// changePassword is for somebody who is signed in and knows the old one.
func (s *Server) changePassword(c *gin.Context) error {
	body, err := decode[struct {
		Current  string `json:"current"`
		Password string `json:"password"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	err = s.Staff.ChangePassword(c.Request.Context(), account(c).ID, body.Current, body.Password, credential(c))
	if fault.Is(err, "weak_password") {
		return inField("password", err)
	}
	if err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

type auditView struct {
	ID      string         `json:"id"`
	At      time.Time      `json:"at"`
	By      *staffRef      `json:"by,omitempty"` // none: the operator, at a terminal
	Action  string         `json:"action"`
	Subject string         `json:"subject"`
	Detail  map[string]any `json:"detail"`
}

func (s *Server) listAudit(c *gin.Context) error {
	limit, err := queryNumber(c, "limit", 100, 1, 500)
	if err != nil {
		return err
	}
	before, err := queryNumber(c, "before", 0, 0, 1<<40)
	if err != nil {
		return err
	}
	list, err := s.Staff.Audit(c.Request.Context(), staff.AuditFilter{Before: int64(before), Family: c.Query("family"), Limit: limit + 1})
	if err != nil {
		return err
	}
	view := gin.H{}
	if len(list) > limit {
		list = list[:limit]
		view["next"] = strconv.FormatInt(list[limit-1].ID, 10)
	}
	entries := make([]auditView, len(list))
	for i, e := range list {
		entries[i] = auditView{ID: strconv.FormatInt(e.ID, 10), At: e.At.UTC(), Action: e.Action, Subject: e.Subject, Detail: e.Detail}
		if e.ByID != nil && e.ByName != nil {
			entries[i].By = &staffRef{strconv.FormatInt(*e.ByID, 10), *e.ByName}
		}
	}
	view["entries"] = entries
	return ok(c, http.StatusOK, view)
}
