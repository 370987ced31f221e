// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/staff"
)

type signIn struct {
	Email     string `json:"email"`
	Password  string `json:"password"`
	LinkToken string `json:"link_token"`
}

// signIn opens a session with a password or a one-time link.
func (s *Server) signIn(c *gin.Context) error {
	body, err := decode[signIn](c, maxBody)
	if err != nil {
		return err
	}
	a, err := s.openSession(c, body)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showSession(a))
}

// openSession signs in and sets the cookie.
func (s *Server) openSession(c *gin.Context, in signIn) (staff.Account, error) {
	var a staff.Account
	var secret string
	var err error
	if in.LinkToken != "" {
		a, secret, err = s.Staff.SignInByLink(c.Request.Context(), in.LinkToken)
	} else {
		a, secret, err = s.Staff.SignIn(c.Request.Context(), in.Email, in.Password, c.ClientIP())
	}
	if err == nil {
		s.setCookie(c, secret, int(staff.SessionLife.Seconds()))
	}
	return a, err
}

func (s *Server) getSession(c *gin.Context) error {
	return ok(c, http.StatusOK, showSession(account(c)))
}

// signOut ends the session on the server and in the browser.
func (s *Server) signOut(c *gin.Context) error {
	if cookie, err := c.Cookie(cookieName); err == nil {
		if err := s.Staff.SignOut(c.Request.Context(), cookie); err != nil {
			return err
		}
	}
	if err := s.Handoff.SignedOut(c.Request.Context(), account(c).ID); err != nil {
		return err
	}
	s.setCookie(c, "", -1)
	c.Status(http.StatusNoContent)
	return nil
}

func (s *Server) setCookie(c *gin.Context, value string, maxAge int) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure is set where the public address is https
		Name: cookieName, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: s.SecureCookies, SameSite: http.SameSiteLaxMode,
	})
}

func showSession(a staff.Account) gin.H {
	return gin.H{
		"staff":      gin.H{"id": strconv.FormatInt(a.ID, 10), "name": a.Name, "email": a.Email, "role": a.Role},
		"expires_at": time.Now().Add(staff.SessionLife).UTC(),
	}
}
