// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"gopkg.in/yaml.v3"

	"candor/chat"
	"candor/prompts"
)

//go:embed openapi.yaml
var openAPI []byte

// openAPIJSON is the contract as JSON, made once.
var openAPIJSON = sync.OnceValues(func() ([]byte, error) {
	var document map[string]any
	if err := yaml.Unmarshal(openAPI, &document); err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	return json.Marshal(document)
})

func (s *Server) getOpenAPI(c *gin.Context) error {
	document, err := openAPIJSON()
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "public, max-age=300")
	c.Data(http.StatusOK, "application/json", document)
	return nil
}

func (s *Server) getHealth(c *gin.Context) error {
	return ok(c, http.StatusOK, gin.H{"status": "ok"})
}

// readyTimeout bounds the question whether the database answers.
const readyTimeout = 2 * time.Second

func (s *Server) getReadiness(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyTimeout)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		return ok(c, http.StatusServiceUnavailable, gin.H{"status": "unavailable", "checks": gin.H{"database": "unreachable"}})
	}
	return ok(c, http.StatusOK, gin.H{"status": "ok", "checks": gin.H{"database": "ok"}})
}

type serviceView struct {
	Organisation string        `json:"organisation"`
	Timezone     string        `json:"timezone"`
	Hours        []openingView `json:"hours"`
	OpenNow      bool          `json:"open_now"`
	NextOpenAt   *time.Time    `json:"next_open_at,omitempty"`
	ClosedToday  string        `json:"closed_today,omitempty"`
	Expected     *expectedView `json:"expected,omitempty"`
	Channels     []channelView `json:"channels"`
	Targets      targetsView   `json:"targets"`
	Measured     *measuredView `json:"measured,omitempty"`
	Complaints   complaintsBox `json:"complaints"`
}

// expectedView is what somebody who asks for a person now may expect.
type expectedView struct {
	Waiting int       `json:"waiting"`
	Wait    *waitView `json:"wait,omitempty"`
	Nobody  bool      `json:"nobody"`
}

type openingView struct {
	Day    int    `json:"day"` // 1 is Monday
	Opens  string `json:"opens"`
	Closes string `json:"closes"`
}

type channelView struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

type targetsView struct {
	FirstReply        int `json:"person_first_reply_s"`
	ComplaintAck      int `json:"complaint_ack_s"`
	ComplaintDecision int `json:"complaint_decision_days"`
}

type measuredView struct {
	Days  int `json:"days"`
	Cases int `json:"cases"`
	P50   int `json:"person_first_reply_p50_s"`
	P95   int `json:"person_first_reply_p95_s"`
}

type complaintsBox struct {
	Text string `json:"text"`
}

// complaintAckSeconds is the promise that a complaint is acknowledged in the
// same answer that takes it in, with room for a slow network.
const complaintAckSeconds = 60

// service is what the company promises, and what the last days really were.
func (s *Server) service(ctx context.Context) (serviceView, error) {
	company, now := s.Chat.Company(), time.Now()
	v := serviceView{
		Organisation: company.Name, Timezone: company.TimeZone, Hours: []openingView{}, OpenNow: company.Calendar().OpenAt(now), Channels: []channelView{},
		Targets: targetsView{company.Targets.FirstResponseMinutes * 60, complaintAckSeconds, company.Targets.ComplaintDays},
	}
	for _, o := range company.Hours {
		v.Hours = append(v.Hours, openingView{(int(o.Day)+6)%7 + 1, o.From, o.To})
	}
	for _, channel := range company.Channels {
		v.Channels = append(v.Channels, channelView{channel.Kind, channel.Address})
	}
	if next, ok := company.Calendar().NextOpening(now); ok && !v.OpenNow {
		v.NextOpenAt = utc(&next)
	}
	if day := company.Calendar().HolidayAt(now); day != nil && !v.OpenNow {
		v.ClosedToday = day.Name
	}
	if v.OpenNow {
		e, err := s.Handoff.Expect(ctx)
		if err != nil {
			return v, err
		}
		v.Expected = &expectedView{e.Waiting, showWait(e.Wait), e.Nobody}
	}
	v.Complaints.Text = fmt.Sprintf("Write your complaint in this chat or to any of the channels. It gets a reference at once and a written answer within %d days. It costs nothing and does not limit your rights.", company.Targets.ComplaintDays)
	measured, err := s.Handoff.Measured(ctx)
	if err != nil || measured == nil {
		return v, err
	}
	v.Measured = &measuredView{measured.Days, measured.Cases, int(measured.P50.Seconds()), int(measured.P95.Seconds())}
	return v, nil
}

func (s *Server) getService(c *gin.Context) error {
	if strings.Contains(c.GetHeader("Accept"), "text/html") {
		return s.servicePage(c)
	}
	v, err := s.service(c.Request.Context())
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, v)
}

// getWidgetStrings gives the words of the widget in the nearest language.
func (s *Server) getWidgetStrings(c *gin.Context) error {
	wanted := c.Query("locale")
	if wanted == "" {
		wanted = c.GetHeader("Accept-Language")
	}
	locale := prompts.Match(wanted)
	notice, err := s.notice(locale)
	if err != nil {
		return err
	}
	return okTagged(c, gin.H{
		"locale": locale, "dir": locale.Dir(), "org": s.Chat.Company().Name, "strings": s.Chat.Wording().UI(locale),
		"locales": prompts.Locales(), "disclosure": notice, "brand": showBrand(s.Chat.Company().Brand),
	})
}

// okTagged writes what anybody may keep, to be asked for anew each time: a
// browser that has it already is told so and gets nothing. A change of the
// settings is thus seen at once.
func okTagged(c *gin.Context, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := c.Writer.Header()
	h.Set("Cache-Control", "public, no-cache")
	h.Set("ETag", tag)
	h.Add("Vary", "Accept-Language")
	if strings.Contains(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return nil
	}
	c.Data(http.StatusOK, "application/json; charset=utf-8", body)
	return nil
}

// brandView is how the chat looks.
type brandView struct {
	Name       string    `json:"name,omitempty"`
	Accent     string    `json:"accent,omitempty"`
	AccentDark string    `json:"accent_dark,omitempty"`
	Corner     string    `json:"corner,omitempty"`
	Logo       *logoView `json:"logo,omitempty"`
}

func showBrand(b chat.Brand) brandView {
	return brandView{b.Name, b.Accent, b.DarkAccent(), b.Corner, showLogo(b.Logo)}
}

// notice is the long notice in a language, for pages that show it before there
// is a conversation.
func (s *Server) notice(locale prompts.Locale) (disclosureView, error) {
	text, err := s.Chat.Wording().Render(locale, prompts.DisclosureFirst, prompts.Args{"org": s.Chat.Company().Name})
	if err != nil {
		return disclosureView{}, err
	}
	label, err := prompts.Render(locale, prompts.DisclosureLabel, nil)
	return disclosureView{ID: "notice", Label: label, Text: text, Locale: string(locale)}, err
}
