// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"net/mail"

	"github.com/gin-gonic/gin"

	"candor/handoff"
	"candor/internal/fault"
	"candor/prompts"
)

type newContact struct {
	Email     string `json:"email"`
	TextShown string `json:"text_shown"`
	Locale    string `json:"locale"`
}

func (n newContact) check() error {
	switch {
	case n.TextShown == "" || len([]rune(n.TextShown)) > maxComment:
		return inField("text_shown", fault.Invalid("consent_incomplete", "Please send the text that was shown, at most %d characters.", maxComment))
	case n.Locale == "":
		return inField("locale", fault.Invalid("consent_incomplete", "Please say in which language the text was shown."))
	}
	return nil
}

func checkEmail(field, email string) error {
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > maxEmail {
		return inField(field, fault.Invalid("invalid_email", "This is not an e-mail address."))
	}
	return nil
}

// leaveContact takes down where the customer wants the answer; the place is kept.
func (s *Server) leaveContact(c *gin.Context) error {
	body, err := decode[newContact](c, maxBody)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	if err := checkEmail("email", body.Email); err != nil {
		return err
	}
	before := conversation(c).LastSeq
	contact := handoff.Contact{Email: body.Email, TextShown: body.TextShown, Locale: string(prompts.Match(body.Locale))}
	if err := s.Handoff.LeaveContact(c.Request.Context(), conversation(c).ID, contact); err != nil {
		return err
	}
	return s.since(c, before)
}

// withdrawContact removes the address.
func (s *Server) withdrawContact(c *gin.Context) error {
	before := conversation(c).LastSeq
	locale := prompts.Locale(conversation(c).Locale)
	label := s.Chat.Wording().UI(locale)["email_withdraw"]
	if err := s.Handoff.WithdrawContact(c.Request.Context(), conversation(c).ID, label, string(locale)); err != nil {
		return err
	}
	return s.since(c, before)
}

// continueConversation opens a new conversation after a closed one.
func (s *Server) continueConversation(c *gin.Context) error {
	closed := conversation(c)
	created, err := s.Handoff.Continue(c.Request.Context(), closed, closed.Locale)
	if err != nil {
		return err
	}
	view, err := s.showConversation(c.Request.Context(), created.Conversation)
	if err != nil {
		return err
	}
	service, err := s.service(c.Request.Context())
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, conversationOpened{view, created.Token, showDisclosure(created.Disclosure), service})
}

// newReply is a message of an agent.
type newReply struct {
	newMessage

	Waiting bool `json:"waiting"` // it is the customer's turn then
}
