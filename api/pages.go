// SPDX-License-Identifier: MIT

package api

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/internal/fault"
	"candor/internal/markdown"
	"candor/prompts"
	"candor/staff"
	"candor/web"
)

// page renders a page whole before the first byte, so that an error is a status.
func (s *Server) renderPage(c *gin.Context, status int, name string, data any) error {
	var body bytes.Buffer
	if err := s.Site.Render(&body, name, data); err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Data(status, "text/html; charset=utf-8", body.Bytes())
	return nil
}

func (s *Server) frame(c *gin.Context, title string) web.Frame {
	locale := prompts.Match(firstOf(c.Query("locale"), c.GetHeader("Accept-Language")))
	return web.Frame{Title: title, Locale: string(locale), Dir: locale.Dir(), Org: s.Chat.Company().Name, Demo: s.Demo != nil}
}

// shown is handle for what people open in a browser: there an error is a page too.
func (s *Server) shown(fn func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := fn(c)
		if err == nil {
			return
		}
		if c.Request.Method != http.MethodGet || !strings.Contains(c.GetHeader("Accept"), "text/html") {
			fail(c, err)
			return
		}
		p := problemOf(c, err)
		frame := s.frame(c, p.Title)
		frame.Locale, frame.Dir = "en", "ltr"
		c.Abort()
		if err := s.renderPage(c, p.Status, "failure", web.Failure{Frame: frame, Status: p.Status, Detail: p.Detail, RequestID: p.RequestID}); err != nil {
			fail(c, err)
		}
	}
}

// shopPage is the demo company's own page; elsewhere the chat is the front.
func (s *Server) shopPage(c *gin.Context) error {
	if s.Demo == nil {
		c.Redirect(http.StatusSeeOther, "/chat")
		return nil
	}
	service, err := s.serviceData(c)
	if err != nil {
		return err
	}
	frame := s.frame(c, s.Chat.Company().Name)
	frame.Locale, frame.Dir = "en", "ltr" // the page itself is written in English
	return s.renderPage(c, http.StatusOK, "shop", web.Shop{Frame: frame, Plans: demoPlans, Topics: demoTopics, Service: service})
}

func (s *Server) chatPage(c *gin.Context) error {
	if c.Query("plain") != "" {
		return s.plainChat(c, "", nil)
	}
	frame := s.frame(c, s.Chat.Company().Name)
	data := web.Chat{Frame: frame, Plain: "/chat?plain=1", Words: s.Chat.Wording().UI(prompts.Locale(frame.Locale))}
	if s.Demo != nil {
		data.Suggestions = demoSuggestions()
	}
	return s.renderPage(c, http.StatusOK, "chat", data)
}

func (s *Server) servicePage(c *gin.Context) error {
	data, err := s.serviceData(c)
	if err != nil {
		return err
	}
	return s.renderPage(c, http.StatusOK, "service", data)
}

// serviceData words the service as it stands.
func (s *Server) serviceData(c *gin.Context) (web.Service, error) {
	v, err := s.service(c.Request.Context())
	if err != nil {
		return web.Service{}, err
	}
	company := s.Chat.Company()
	data := web.Service{Frame: s.frame(c, company.Name), Timezone: v.Timezone, OpenNow: v.OpenNow, Complaints: v.Complaints.Text}
	for _, day := range openingDays(company) {
		data.Hours = append(data.Hours, web.Hours{Days: day.days, Times: day.times})
	}
	if v.NextOpenAt != nil {
		data.NextOpen = prompts.DateTime(prompts.English, v.NextOpenAt.In(company.Zone()))
	}
	for _, channel := range v.Channels {
		data.Channels = append(data.Channels, web.Channel{Kind: channel.Kind, Value: channel.Value, Href: href(channel)})
	}
	data.Targets = []web.Fact{
		{Name: "A person replies within", Value: minutes(v.Targets.FirstReply)},
		{Name: "A complaint is acknowledged within", Value: minutes(v.Targets.ComplaintAck)},
		{Name: "A complaint is answered in writing within", Value: plural(v.Targets.ComplaintDecision, "day")},
	}
	if v.Measured != nil {
		data.Measured = []web.Fact{
			{Name: "Half of the first replies came within", Value: minutes(v.Measured.P50)},
			{Name: "Nineteen of twenty came within", Value: minutes(v.Measured.P95)},
		}
	}
	return data, nil
}

type dayHours struct{ days, times string }

// openingDays lists hours by day, Monday first, days alike as one run.
func openingDays(c chat.Company) []dayHours {
	var list []dayHours
	var last time.Weekday
	var first string
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		var spans []string
		for _, o := range c.Hours {
			if o.Day == day {
				spans = append(spans, o.From+" to "+o.To)
			}
		}
		times := firstOf(strings.Join(spans, ", "), "closed")
		if n := len(list); n > 0 && list[n-1].times == times && (last+1)%7 == day {
			list[n-1].days = first + " to " + day.String()
		} else {
			first = day.String()
			list = append(list, dayHours{first, times})
		}
		last = day
	}
	return list
}

func href(c channelView) string {
	switch c.Kind {
	case "phone":
		return "tel:" + strings.ReplaceAll(c.Value, " ", "")
	case "email":
		return "mailto:" + c.Value
	case "web":
		return c.Value
	default:
		return ""
	}
}

// signInPage shows the form; the secret of a link stays behind the # and is read
// by the page's script.
func (s *Server) signInPage(c *gin.Context) error {
	return s.renderPage(c, http.StatusOK, "signin", web.SignIn{Frame: s.frame(c, "Sign in"), Next: localPath(c.Query("next"))})
}

// postSignIn is the form without scripts.
func (s *Server) postSignIn(c *gin.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxBody)
	next := localPath(c.PostForm("next"))
	_, err := s.openSession(c, signIn{Email: c.PostForm("email"), Password: c.PostForm("password"), LinkToken: c.PostForm("link_token")})
	if err != nil {
		p := problemOf(c, err)
		return s.renderPage(c, p.Status, "signin", web.SignIn{Frame: s.frame(c, "Sign in"), Next: next, Problem: p.Detail})
	}
	c.Redirect(http.StatusSeeOther, next)
	return nil
}

// localPath keeps a redirect on this site.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/desk"
	}
	return next
}

// deskPage is for staff; who is not signed in is sent to sign in.
func (s *Server) deskPage(c *gin.Context) error {
	a, err := s.authenticate(c)
	if f, is := fault.Of(err); is && f.Kind == fault.KindUnauthenticated {
		c.Redirect(http.StatusSeeOther, "/signin?next=/desk")
		return nil
	}
	if err != nil {
		return err
	}
	if a.Role == staff.RoleEditor { // where an editor who has signed in belongs
		c.Redirect(http.StatusSeeOther, "/library")
		return nil
	}
	frame := s.frame(c, "Desk")
	frame.Locale, frame.Dir = "en", "ltr"
	frame.Staff = &web.Staff{Name: a.Name, Email: a.Email, Role: string(a.Role)}
	return s.renderPage(c, http.StatusOK, "desk", web.Desk{Frame: frame})
}

// getTranscript is the conversation to keep: JSON, or a page with every label.
func (s *Server) getTranscript(c *gin.Context) error {
	conv := conversation(c)
	var all pageView
	for after := 0; ; {
		page, err := s.page(c.Request.Context(), conv, after, maxPage)
		if err != nil {
			return err
		}
		all.Messages = append(all.Messages, page.Messages...)
		all.Disclosures, all.Conversation = page.Disclosures, page.Conversation
		if len(page.Messages) < maxPage {
			break
		}
		after = page.Messages[len(page.Messages)-1].Seq
	}
	if all.Messages == nil {
		all.Messages = []messageView{}
	}
	if !strings.Contains(c.GetHeader("Accept"), "text/html") {
		return ok(c, http.StatusOK, all)
	}
	frame := s.frame(c, "Transcript")
	locale := prompts.Locale(conv.Locale)
	frame.Locale, frame.Dir = conv.Locale, locale.Dir()
	return s.renderPage(c, http.StatusOK, "transcript", web.Transcript{
		Frame: frame, Reference: all.Conversation.Reference, Made: prompts.DateTime(locale, time.Now().In(s.Chat.Company().Zone())),
		Lines: s.lines(all, locale), Words: s.Chat.Wording().UI(locale),
	})
}

// lines puts messages and notices in the order in which they are read.
func (s *Server) lines(p pageView, locale prompts.Locale) []web.Line {
	words := s.Chat.Wording().UI(locale)
	var lines []web.Line
	shown := 0
	for _, m := range p.Messages {
		for shown < len(p.Disclosures) && *p.Disclosures[shown].BeforeSeq <= m.Seq {
			d := p.Disclosures[shown]
			lines = append(lines, web.Line{Notice: true, Label: d.Label, Text: d.Text, Language: d.Locale})
			shown++
		}
		lines = append(lines, s.line(m, words))
	}
	for ; shown < len(p.Disclosures); shown++ {
		d := p.Disclosures[shown]
		lines = append(lines, web.Line{Notice: true, Label: d.Label, Text: d.Text, Language: d.Locale})
	}
	return lines
}

func (s *Server) line(m messageView, words map[string]string) web.Line {
	l := web.Line{
		Seq: int64(m.Seq), Kind: string(m.Author.Type), Author: m.Author.Name, At: m.CreatedAt,
		AtWords: m.CreatedAt.In(s.Chat.Company().Zone()).Format("15:04"), Text: m.Text,
		HTML: template.HTML(m.HTML), //nolint:gosec // rendered and sanitised by internal/markdown
	}
	if m.Disclosure != nil {
		l.Label = m.Disclosure.Label
	}
	if m.Event == chat.EventCorrection {
		l.Label = words["correction"]
	}
	if m.Partial {
		l.Partial = words["partial"]
	}
	for _, citation := range m.Citations {
		l.Sources = append(l.Sources, web.Source{
			Title: citation.Title, Quote: markdown.Plain(citation.Quote), URL: citation.URL, Version: citation.Version,
		})
	}
	return l
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
