// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"candor/internal/markdown"
	"candor/internal/redact"
	"candor/knowledge"
	"candor/prompts"
)

type announcementView struct {
	ID          int64                       `json:"id"`
	Version     int                         `json:"version"`
	State       knowledge.AnnouncementState `json:"state"`
	Texts       []announcedView             `json:"texts"`
	About       []string                    `json:"about"`
	Articles    []int64                     `json:"articles"`
	Overrides   []int64                     `json:"overrides"`
	Everybody   bool                        `json:"everybody"`
	StartsAt    time.Time                   `json:"starts_at"`
	ExpiresAt   time.Time                   `json:"expires_at"`
	PublishedAt time.Time                   `json:"published_at"`
}

type announcedView struct {
	Lang  string `json:"lang"`
	Title string `json:"title"`
	Text  string `json:"text"`
	HTML  string `json:"html"`
}

func showAnnounced(t knowledge.AnnouncementText) announcedView {
	return announcedView{t.Lang, t.Title, t.Text, markdown.HTML(t.Text)}
}

func showAnnouncement(a knowledge.Announcement) announcementView {
	v := announcementView{
		ID: a.ID, Version: a.Version, State: a.State, Texts: []announcedView{}, About: orEmpty(a.About), Articles: orEmpty(a.Articles), Overrides: orEmpty(a.Overrides),
		Everybody: a.Everybody, StartsAt: a.StartsAt.UTC(), ExpiresAt: a.ExpiresAt.UTC(), PublishedAt: a.Published.UTC(),
	}
	for _, t := range a.Texts {
		v.Texts = append(v.Texts, showAnnounced(t))
	}
	return v
}

func showAnnouncements(list []knowledge.Announcement) []announcementView {
	views := make([]announcementView, len(list))
	for i, a := range list {
		views[i] = showAnnouncement(a)
	}
	return views
}

type announcementBody struct {
	Texts           []knowledge.AnnouncementText `json:"texts"`
	About           []string                     `json:"about"`
	Articles        []int64                      `json:"articles"` // none named: the one that the text is about
	Overrides       []int64                      `json:"overrides"`
	Everybody       bool                         `json:"everybody"`
	StartsAt        *time.Time                   `json:"starts_at"`
	ExpiresAt       *time.Time                   `json:"expires_at"`
	ExpectedVersion int                          `json:"expected_version"`
	Question        string                       `json:"question"` // of a preview
}

// announcement is what the body asks for. Without an end it ends with the
// company's day.
func (s *Server) announcement(c *gin.Context, b announcementBody) knowledge.Announcement {
	by := account(c).ID
	a := knowledge.Announcement{Texts: b.Texts, About: b.About, Articles: b.Articles, Overrides: b.Overrides, Everybody: b.Everybody, AuthorID: &by}
	if b.StartsAt != nil {
		a.StartsAt = *b.StartsAt
	}
	if b.ExpiresAt != nil {
		a.ExpiresAt = *b.ExpiresAt
		return a
	}
	from := time.Now()
	if a.StartsAt.After(from) {
		from = a.StartsAt
	}
	from = from.In(s.Chat.Company().Calendar().Zone)
	a.ExpiresAt = time.Date(from.Year(), from.Month(), from.Day()+1, 0, 0, 0, 0, from.Location())
	return a
}

func (s *Server) listAnnouncements(c *gin.Context) error {
	list, err := s.Knowledge.Announcements(c.Request.Context())
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"announcements": showAnnouncements(list)})
}

// getAnnouncement gives an announcement with all its versions.
func (s *Server) getAnnouncement(c *gin.Context) error {
	id, err := number(c, "announcement_id")
	if err != nil {
		return err
	}
	list, err := s.Knowledge.AnnouncementVersions(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"announcement": showAnnouncement(list[0]), "versions": showAnnouncements(list)})
}

func (s *Server) publishAnnouncement(c *gin.Context) error {
	body, err := decode[announcementBody](c, maxBody)
	if err != nil {
		return err
	}
	a := s.announcement(c, body)
	if body.Articles == nil && len(body.Overrides) == 0 {
		near, sure, err := s.nearTo(c, a)
		if err != nil {
			return err
		}
		if sure {
			a.Articles = []int64{near[0].ID}
		}
	}
	if a, err = s.Knowledge.Announce(c.Request.Context(), a); err != nil {
		return err
	}
	return ok(c, http.StatusCreated, showAnnouncement(a))
}

func (s *Server) changeAnnouncement(c *gin.Context) error {
	id, err := number(c, "announcement_id")
	if err != nil {
		return err
	}
	body, err := decode[announcementBody](c, maxBody)
	if err != nil {
		return err
	}
	a := s.announcement(c, body)
	a.ID, a.Version = id, body.ExpectedVersion
	if a, err = s.Knowledge.ChangeAnnouncement(c.Request.Context(), a); err != nil {
		return err
	}
	return ok(c, http.StatusOK, showAnnouncement(a))
}

func (s *Server) endAnnouncement(c *gin.Context) error {
	id, err := number(c, "announcement_id")
	if err != nil {
		return err
	}
	a, err := s.Knowledge.EndAnnouncement(c.Request.Context(), id, account(c).ID)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showAnnouncement(a))
}

type announcementTry struct {
	Matches   bool    `json:"matches"`
	Score     float64 `json:"score"`
	Threshold float64 `json:"threshold"`
}

// nearArticle is an article that an announcement may be about.
type nearArticle struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
}

const maxNear = 3

// nearTo are the articles about the same thing as an announcement; sure tells
// that questions which the first one answers are about it.
func (s *Server) nearTo(c *gin.Context, a knowledge.Announcement) (near []nearArticle, sure bool, err error) {
	near = []nearArticle{}
	if len(a.Texts) == 0 || strings.TrimSpace(a.Texts[0].Text) == "" {
		return near, false, nil
	}
	found, err := s.Knowledge.Search(c.Request.Context(), knowledge.Query{Text: markdown.Plain(a.Texts[0].Text), Lang: a.Texts[0].Lang, Limit: maxNear, PerArticle: 1, For: knowledge.ForSignedIn})
	if err != nil {
		return near, false, err
	}
	for _, p := range found.Passages {
		near = append(near, nearArticle{p.ArticleID, p.Title})
	}
	return near, len(near) > 0 && s.Bot.Answerable(found), nil
}

// announcedPreview is a text with what the bot says before it.
type announcedPreview struct {
	announcedView
	Said string `json:"said_html"`
}

// previewAnnouncement shows an announcement as customers will see it, and tells
// whether a question would get it.
func (s *Server) previewAnnouncement(c *gin.Context) error {
	body, err := decode[announcementBody](c, maxBody)
	if err != nil {
		return err
	}
	a := s.announcement(c, body)
	view := gin.H{"expires_at": a.ExpiresAt.UTC()}
	if question, _ := redact.Text(body.Question); question != "" {
		found, err := s.Knowledge.Search(c.Request.Context(), knowledge.Query{Text: question})
		if err != nil {
			return err
		}
		m, err := s.Knowledge.MatchAnnouncement(c.Request.Context(), a, question, found, s.Bot.Answerable(found))
		if err != nil {
			return err
		}
		view["try"] = announcementTry{m.How != "", m.Score, m.Threshold}
	}
	texts := make([]announcedPreview, len(a.Texts))
	for i, t := range a.Texts {
		intro, err := s.Chat.Wording().Render(prompts.Match(t.Lang), prompts.AnnouncementIntro, nil)
		if err != nil {
			return err
		}
		texts[i] = announcedPreview{showAnnounced(t), markdown.HTML(intro + "\n\n" + t.Text)}
	}
	view["texts"] = texts
	near, sure, err := s.nearTo(c, a)
	if err != nil {
		return err
	}
	view["near"], view["sure"] = near, sure
	return ok(c, http.StatusOK, view)
}

// currentView is an announcement for everybody, in the reader's language where there is one.
type currentView struct {
	ID        int64     `json:"id"`
	Version   int       `json:"version"`
	ExpiresAt time.Time `json:"expires_at"`
	announcedView
}

// listCurrent gives what everybody who opens the chat is to see now.
func (s *Server) listCurrent(c *gin.Context) error {
	wanted := c.Query("locale")
	if wanted == "" {
		wanted = c.GetHeader("Accept-Language")
	}
	list, err := s.Knowledge.Announced(c.Request.Context())
	if err != nil {
		return err
	}
	views := []currentView{}
	for _, a := range list {
		if a.Everybody {
			views = append(views, currentView{a.ID, a.Version, a.ExpiresAt.UTC(), showAnnounced(a.In(string(prompts.Match(wanted))))})
		}
	}
	c.Header("Cache-Control", "no-store")
	return ok(c, http.StatusOK, gin.H{"announcements": views, "now": time.Now().UTC()})
}
