// SPDX-License-Identifier: MIT

package api

import (
	"cmp"
	"net/http"
	"net/mail"
	"strings"

	"github.com/gin-gonic/gin"

	"candor/bot"
	"candor/chat"
	"candor/internal/fault"
)

const (
	maxName  = 200
	maxEmail = 254
	pageSize = 100
	maxPage  = 200
)

type newConversation struct {
	Locale   string `json:"locale"`
	Customer struct {
		Name          string `json:"name"`
		Email         string `json:"email"`
		IdentityToken string `json:"identity_token"`
	} `json:"customer"`
}

type conversationOpened struct {
	Conversation conversationView `json:"conversation"`
	Token        string           `json:"token"`
	Disclosure   disclosureView   `json:"disclosure"`
	Service      serviceView      `json:"service"`
}

// createConversation opens a conversation and gives its token, this once.
func (s *Server) createConversation(c *gin.Context) error {
	body, err := decodeOptional[newConversation](c)
	if err != nil {
		return err
	}
	profile, err := s.profileOf(body)
	if err != nil {
		return err
	}
	locale := body.Locale
	if locale == "" {
		locale = c.GetHeader("Accept-Language")
	}
	created, err := s.Chat.Create(c.Request.Context(), locale, profile)
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

// profileOf is who the customer says they are; where the company's shop says it,
// its word counts.
func (s *Server) profileOf(body newConversation) (chat.Profile, error) {
	profile := chat.Profile{Name: strings.TrimSpace(body.Customer.Name), Email: strings.TrimSpace(body.Customer.Email)}
	if err := checkProfile(profile); err != nil || body.Customer.IdentityToken == "" {
		return profile, err
	}
	if s.Identity == nil {
		return profile, inField("customer.identity_token", fault.Invalid("identity_not_set_up", "No key is set here that identity tokens are signed with."))
	}
	p, err := s.Identity.Verify(body.Customer.IdentityToken)
	if err != nil {
		return profile, inField("customer.identity_token", err)
	}
	profile.Subject, profile.Name = p.Subject, cmp.Or(p.Name, profile.Name)
	if p.Email != "" {
		profile.Email, profile.EmailProved = p.Email, p.EmailProved
	}
	return profile, nil
}

func checkProfile(p chat.Profile) error {
	if len(p.Name) > maxName {
		return inField("customer.name", fault.Invalid("invalid_name", "The name is longer than %d bytes.", maxName))
	}
	if strings.ContainsFunc(p.Name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return inField("customer.name", fault.Invalid("invalid_name", "The name has control characters in it."))
	}
	if p.Email == "" {
		return nil
	}
	if a, err := mail.ParseAddress(p.Email); err != nil || a.Address != p.Email || len(p.Email) > maxEmail {
		return inField("customer.email", fault.Invalid("invalid_email", "This is not an e-mail address."))
	}
	return nil
}

func (s *Server) getConversation(c *gin.Context) error {
	view, err := s.showConversation(c.Request.Context(), conversation(c))
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, view)
}

func (s *Server) listMessages(c *gin.Context) error {
	after, err := queryNumber(c, "after", 0, 0, 1<<31-1)
	if err != nil {
		return err
	}
	limit, err := queryNumber(c, "limit", pageSize, 1, maxPage)
	if err != nil {
		return err
	}
	page, err := s.page(c.Request.Context(), conversation(c), after, limit)
	if err != nil {
		return err
	}
	for _, m := range page.Messages {
		if err := s.showed(c.Request.Context(), conversation(c).ID, m.Seq, m.Event); err != nil {
			return err
		}
	}
	return ok(c, http.StatusOK, page)
}

type newMessage struct {
	Text            string `json:"text"`
	ClientMessageID string `json:"client_message_id"`
}

// maxClientID is the longest id that a client gives what it writes.
const maxClientID = 64

func (m newMessage) check() error { return checkClientID("client_message_id", m.ClientMessageID) }

func checkClientID(field, id string) error {
	valid := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.:-", r)
	}
	if len(id) > maxClientID || strings.ContainsFunc(id, func(r rune) bool { return !valid(r) }) {
		return inField(field, fault.Invalid("invalid_"+field, "A %s has at most %d letters, digits or _ . : -", field, maxClientID))
	}
	return nil
}

type messageAccepted struct {
	Message      messageView      `json:"message"`
	Conversation conversationView `json:"conversation"`
}

type turnResult struct {
	Messages     []messageView    `json:"messages"`
	Conversation conversationView `json:"conversation"`
}

// postMessage takes what the customer wrote, and waits for the turn, streams it,
// or does neither, as the client asks.
func (s *Server) postMessage(c *gin.Context) error {
	body, err := decode[newMessage](c, maxBody)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	watch := s.watch(conversation(c).ID)
	defer watch.Close()
	posted, err := s.Bot.Post(c.Request.Context(), conversation(c).ID, bot.Message{Text: body.Text, ClientMessageID: body.ClientMessageID})
	if err != nil {
		return inField("text", err)
	}
	switch {
	case strings.Contains(c.GetHeader("Prefer"), "respond-async"):
		view, err := s.conversationNow(c.Request.Context(), conversation(c).ID)
		if err != nil {
			return err
		}
		return ok(c, http.StatusAccepted, messageAccepted{showMessage(posted.Message, nil), view})
	case strings.Contains(c.GetHeader("Accept"), "text/event-stream"):
		return s.streamTurn(c, watch, posted.Message.Seq)
	default:
		return s.awaitTurn(c, watch, posted.Message.Seq, http.StatusOK)
	}
}

// awaitTurn answers with everything from a message on, once no turn is open.
func (s *Server) awaitTurn(c *gin.Context, watch *chat.Subscription, fromSeq, status int) error {
	ctx := c.Request.Context()
	feed, err := s.Chat.FeedFrom(ctx, conversation(c).ID, fromSeq)
	if err != nil {
		return err
	}
	var messages []chat.Message
	for {
		events, err := feed.Next(ctx)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Message != nil {
				messages = append(messages, *e.Message)
			}
		}
		if feed.More() {
			continue
		}
		if !feed.Busy() {
			break
		}
		if err := s.wait(ctx, watch); err != nil {
			return err
		}
	}
	labels, err := s.labels(ctx, conversation(c))
	if err != nil {
		return err
	}
	view, err := s.conversationNow(ctx, conversation(c).ID)
	if err != nil {
		return err
	}
	return ok(c, status, turnResult{showMessages(messages, labels), view})
}
