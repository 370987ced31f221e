// SPDX-License-Identifier: MIT

package api

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"candor/bot"
	"candor/chat"
	"candor/internal/fault"
	"candor/prompts"
	"candor/web"
)

// The chat for browsers without scripts: forms, and a page for each answer. The
// conversation's token lives in a cookie that only these pages get.

const (
	plainCookie = "candor_chat"
	plainPath   = "/chat"
	plainLife   = 7 * 24 * time.Hour
)

// plainChat shows the conversation so far. problem says why something could not
// be done, and draft is what was written then.
func (s *Server) plainChat(c *gin.Context, draft string, problem error) error {
	locale := prompts.Match(firstOf(c.Query("locale"), c.GetHeader("Accept-Language")))
	service, err := s.serviceData(c)
	if err != nil {
		return err
	}
	data := web.PlainChat{
		Frame: s.frame(c, s.Chat.Company().Name), Action: "/chat?plain=1", ClientMessageID: rand.Text(),
		State: string(chat.StateBot), Draft: draft, Service: service,
	}
	status := http.StatusOK
	if problem != nil {
		p := problemOf(c, problem)
		status, data.Problem = p.Status, p.Detail
	}
	conv, found, err := s.plainConversation(c)
	if err != nil {
		return err
	}
	if found {
		if locale, err = s.fillPlain(c, conv, &data); err != nil {
			return err
		}
	} else {
		notice, err := s.notice(locale)
		if err != nil {
			return err
		}
		data.Lines = []web.Line{{Notice: true, Label: notice.Label, Text: notice.Text, Language: notice.Locale}}
	}
	data.Locale, data.Dir, data.Words = string(locale), locale.Dir(), s.Chat.Wording().UI(locale)
	return s.renderPage(c, status, "plain", data)
}

// fillPlain shows a conversation in the plain chat, in its own language.
func (s *Server) fillPlain(c *gin.Context, conv chat.Conversation, data *web.PlainChat) (prompts.Locale, error) {
	page, err := s.page(c.Request.Context(), conv, max(0, conv.LastSeq-maxPage), maxPage)
	if err != nil {
		return "", err
	}
	locale, now := prompts.Locale(conv.Locale), page.Conversation
	data.Lines = s.lines(page, locale)
	data.State, data.Reference, data.Assistant = string(now.State), now.Reference, now.AssistantWhileWaiting
	if now.Agent != nil {
		data.Agent = now.Agent.Name
	}
	if now.Queue != nil {
		data.Place = fmt.Sprint(now.Queue.Position)
		if w := now.Queue.Wait; w != nil {
			data.Wait = prompts.Wait(locale, time.Duration(w.P10)*time.Second, time.Duration(w.P90)*time.Second)
		}
	}
	return locale, nil
}

// plainConversation is the one that the cookie opens.
func (s *Server) plainConversation(c *gin.Context) (conv chat.Conversation, found bool, err error) {
	cookie, err := c.Cookie(plainCookie)
	if err != nil {
		return conv, false, nil //nolint:nilerr // no cookie, no conversation yet
	}
	id, token, _ := strings.Cut(cookie, ".")
	conv, err = s.Chat.Authorize(c.Request.Context(), id, token)
	if fault.Is(err, "conversation_not_found") || err == nil && conv.State == chat.StateClosed {
		return conv, false, nil
	}
	return conv, err == nil, err
}

// postPlainChat does what a button of the plain chat says, and shows the result.
func (s *Server) postPlainChat(c *gin.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxBody)
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.KindMalformed, "unreadable_body", "The form did not arrive whole, or is too long.")
	}
	if c.PostForm("do") == "new" {
		s.setPlainCookie(c, "", -1)
		c.Redirect(http.StatusSeeOther, "/chat?plain=1")
		return nil
	}
	conv, found, err := s.plainConversation(c)
	if err != nil {
		return err
	}
	if !found {
		if conv, err = s.openPlain(c); err != nil {
			return err
		}
	}
	c.Set(keyConversation, conv)
	if err := s.doPlain(c, conv); err != nil {
		if _, is := fault.Of(err); is {
			return s.plainChat(c, c.PostForm("text"), err)
		}
		return err
	}
	c.Redirect(http.StatusSeeOther, "/chat?plain=1#end")
	return nil
}

func (s *Server) openPlain(c *gin.Context) (chat.Conversation, error) {
	created, err := s.Chat.Create(c.Request.Context(), firstOf(c.Query("locale"), c.GetHeader("Accept-Language")), chat.Profile{})
	if err != nil {
		return chat.Conversation{}, err
	}
	s.setPlainCookie(c, created.Conversation.PublicID+"."+created.Token, int(plainLife.Seconds()))
	return created.Conversation, nil
}

func (s *Server) setPlainCookie(c *gin.Context, value string, maxAge int) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure is set where the public address is https
		Name: plainCookie, Value: value, Path: plainPath, MaxAge: maxAge,
		HttpOnly: true, Secure: s.SecureCookies, SameSite: http.SameSiteLaxMode,
	})
}

func (s *Server) doPlain(c *gin.Context, conv chat.Conversation) error {
	ctx := c.Request.Context()
	switch c.PostForm("do") {
	case "person":
		return s.Bot.AskForPerson(ctx, conv.ID, "")
	case "leave":
		return s.Bot.Leave(ctx, conv.ID)
	case "assistant_on", "assistant_off":
		shown, err := prompts.Render(prompts.Locale(conv.Locale), prompts.ConsentAssistant, nil)
		if err != nil {
			return err
		}
		return s.Handoff.Consent(ctx, conv.ID, chat.Consent{
			Purpose: chat.PurposeAssistWhileWaiting, Given: c.PostForm("do") == "assistant_on", TextShown: shown, Locale: conv.Locale,
		})
	default:
		m := newMessage{Text: strings.ReplaceAll(c.PostForm("text"), "\r\n", "\n"), ClientMessageID: c.PostForm("client_message_id")}
		if err := m.check(); err != nil {
			return err
		}
		watch := s.watch(conv.ID)
		defer watch.Close()
		if _, err := s.Bot.Post(ctx, conv.ID, bot.Message{Text: m.Text, ClientMessageID: m.ClientMessageID}); err != nil {
			return err
		}
		return s.untilQuiet(c, conv.ID, watch)
	}
}

// untilQuiet waits until no turn is open.
func (s *Server) untilQuiet(c *gin.Context, id int64, watch *chat.Subscription) error {
	feed, err := s.Chat.NewFeed(c.Request.Context(), id, 0)
	if err != nil {
		return err
	}
	for {
		if _, err := feed.Next(c.Request.Context()); err != nil || !feed.Busy() {
			return err
		}
		if err := s.wait(c.Request.Context(), watch); err != nil {
			return err
		}
	}
}
