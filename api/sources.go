// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/internal/fault"
	"candor/internal/markdown"
	"candor/knowledge"
)

// sourceRoutes are for editors: pages and sites that the library follows, and what imports brought.
func (s *Server) sourceRoutes(e *gin.RouterGroup) {
	e.GET("/sources", handle(s.listSources))
	e.POST("/sources", handle(s.addSource))
	e.POST("/sources/preview", handle(s.previewSource))
	e.GET("/sources/:source_id", handle(s.readSource))
	e.PUT("/sources/:source_id", handle(s.changeSource))
	e.DELETE("/sources/:source_id", handle(s.deleteSource))
	e.POST("/sources/:source_id/sync", handle(s.syncSource))
	e.GET("/sources/:source_id/pages", handle(s.listPages))
	e.GET("/sources/:source_id/pages/:page_id", handle(s.getPage))
	e.POST("/sources/:source_id/pages/:page_id/resolve", handle(s.resolvePage))
	e.GET("/imports", handle(s.listImports))
	e.POST("/imports", handle(s.beginImport))
	e.GET("/imports/:import_id", handle(s.getImport))
	e.POST("/imports/:import_id/files", handle(s.importFiles))
	e.POST("/imports/:import_id/publish", handle(s.publishImport))
	e.POST("/imports/:import_id/cancel", handle(s.cancelImport))
	e.GET("/imports/:import_id/report", handle(s.getImportReport))
}

type followedView struct {
	ID        string               `json:"id"`
	URL       string               `json:"url"`
	Kind      string               `json:"kind"`
	Lang      string               `json:"lang,omitempty"`
	Schedule  string               `json:"schedule"`
	Mode      string               `json:"mode"`
	MaxPages  int                  `json:"max_pages"`
	OwnerID   string               `json:"owner_id,omitempty"`
	Owner     string               `json:"owner,omitempty"`
	NextAt    *time.Time           `json:"next_at,omitempty"`
	CreatedAt time.Time            `json:"created_at"`
	Pages     knowledge.PageCounts `json:"pages"`
	Last      *importView          `json:"last,omitempty"`
}

func showSource(c knowledge.ListedSource) followedView {
	v := followedView{
		ID: strconv.FormatInt(c.ID, 10), URL: c.URL, Kind: c.Kind, Lang: c.Lang, Schedule: c.Schedule, Mode: c.Mode, MaxPages: c.MaxPages,
		Owner: c.Owner, NextAt: utc(c.NextAt), CreatedAt: c.CreatedAt.UTC(), Pages: c.Pages,
	}
	if c.OwnerID != nil {
		v.OwnerID = strconv.FormatInt(*c.OwnerID, 10)
	}
	if c.Last != nil {
		last := showImportRow(*c.Last)
		v.Last = &last
	}
	if v.Pages == nil {
		v.Pages = knowledge.PageCounts{}
	}
	return v
}

func (s *Server) listSources(c *gin.Context) error {
	list, err := s.Knowledge.Sources(c.Request.Context(), 0)
	if err != nil {
		return err
	}
	views := make([]followedView, len(list))
	for i, x := range list {
		views[i] = showSource(x)
	}
	return ok(c, http.StatusOK, gin.H{"sources": views})
}

type sourceBody struct {
	URL      string `json:"url"`
	Kind     string `json:"kind"`
	Lang     string `json:"lang"`
	Schedule string `json:"schedule"`
	Mode     string `json:"mode"`
	MaxPages int    `json:"max_pages"`
	OwnerID  string `json:"owner_id"`
}

// source is what a body asks for; owner is whose it is where nobody is named.
func (b sourceBody) source(owner *int64) (knowledge.Source, error) {
	c := knowledge.Source{URL: b.URL, Kind: b.Kind, Lang: b.Lang, Schedule: b.Schedule, Mode: b.Mode, MaxPages: b.MaxPages, OwnerID: owner}
	if b.OwnerID != "" {
		id, err := strconv.ParseInt(b.OwnerID, 10, 64)
		if err != nil {
			return c, inField("owner_id", fault.Invalid("owner_not_found", "There is no such member of staff."))
		}
		c.OwnerID = &id
	}
	return c, nil
}

func (s *Server) addSource(c *gin.Context) error {
	body, err := decode[sourceBody](c, maxBody)
	if err != nil {
		return err
	}
	by := account(c).ID
	asked, err := body.source(&by)
	if err != nil {
		return err
	}
	added, err := s.Knowledge.AddSource(c.Request.Context(), asked)
	if err != nil {
		return err
	}
	return s.answerSource(c, http.StatusCreated, added.ID)
}

func (s *Server) answerSource(c *gin.Context, status int, id int64) error {
	list, err := s.Knowledge.Sources(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fault.NotFound("source_not_found", "There is no such source.")
	}
	return ok(c, status, showSource(list[0]))
}

func (s *Server) readSource(c *gin.Context) error {
	id, err := number(c, "source_id")
	if err != nil {
		return err
	}
	return s.answerSource(c, http.StatusOK, id)
}

func (s *Server) changeSource(c *gin.Context) error {
	id, err := number(c, "source_id")
	if err != nil {
		return err
	}
	body, err := decode[sourceBody](c, maxBody)
	if err != nil {
		return err
	}
	asked, err := body.source(nil)
	if err != nil {
		return err
	}
	asked.ID = id
	if _, err := s.Knowledge.ChangeSource(c.Request.Context(), asked); err != nil {
		return err
	}
	return s.answerSource(c, http.StatusOK, id)
}

func (s *Server) deleteSource(c *gin.Context) error {
	id, err := number(c, "source_id")
	if err != nil {
		return err
	}
	if err := s.Knowledge.DeleteSource(c.Request.Context(), id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// previewSource shows what a source would bring before it is one.
func (s *Server) previewSource(c *gin.Context) error {
	body, err := decode[sourceBody](c, maxBody)
	if err != nil {
		return err
	}
	p, err := s.Knowledge.PreviewSource(c.Request.Context(), knowledge.Source{
		URL: body.URL, Kind: body.Kind, Lang: body.Lang, Schedule: knowledge.ScheduleNever, Mode: knowledge.ModeDrafts, MaxPages: body.MaxPages,
	})
	if err != nil {
		return err
	}
	pages := make([]gin.H, len(p.Pages))
	for i, x := range p.Pages {
		pages[i] = gin.H{"url": x.URL}
		for name, value := range map[string]string{"title": x.Title, "lang": x.Lang, "excerpt": x.Excerpt, "code": x.Code, "error": x.Message} {
			if value != "" {
				pages[i][name] = value
			}
		}
	}
	return ok(c, http.StatusOK, gin.H{"url": p.URL, "found": p.Found, "pages": pages})
}

func (s *Server) syncSource(c *gin.Context) error {
	id, err := number(c, "source_id")
	if err != nil {
		return err
	}
	by := account(c).ID
	im, err := s.Knowledge.StartSync(c.Request.Context(), id, &by)
	if err != nil {
		return err
	}
	return ok(c, http.StatusAccepted, showImportRow(im))
}

type sourcePageView struct {
	ID        string     `json:"id"`
	URL       string     `json:"url"`
	State     string     `json:"state"`
	Code      string     `json:"code,omitempty"`
	Error     string     `json:"error,omitempty"`
	Title     string     `json:"title,omitempty"`
	ArticleID *int64     `json:"article_id,omitempty"`
	FetchedAt time.Time  `json:"fetched_at"`
	ChangedAt *time.Time `json:"changed_at,omitempty"`
	Incoming  *textView  `json:"incoming,omitempty"`
	Article   *textView  `json:"article,omitempty"`
}

// textView is a text as it stands on one of two sides.
type textView struct {
	Title string `json:"title"`
	Lang  string `json:"lang"`
	Body  string `json:"body"`
	HTML  string `json:"html"`
	Rev   int64  `json:"rev"` // of the draft; 0: there is none
}

func showPage(p knowledge.Page) sourcePageView {
	return sourcePageView{
		ID: strconv.FormatInt(p.ID, 10), URL: p.URL, State: p.State, Code: p.Code, Error: p.Message, Title: p.Title,
		ArticleID: p.ArticleID, FetchedAt: p.FetchedAt.UTC(), ChangedAt: utc(p.ChangedAt),
	}
}

func (s *Server) listPages(c *gin.Context) error {
	id, err := number(c, "source_id")
	if err != nil {
		return err
	}
	after, err := queryNumber(c, "after", 0, 0, 1<<53)
	if err != nil {
		return err
	}
	list, err := s.Knowledge.Pages(c.Request.Context(), id, c.Query("state"), int64(after))
	if err != nil {
		return err
	}
	views := make([]sourcePageView, len(list))
	for i, p := range list {
		views[i] = showPage(p)
	}
	return ok(c, http.StatusOK, gin.H{"pages": views})
}

// pageOf reads the two numbers of a page's address.
func pageOf(c *gin.Context) (source, page int64, err error) {
	if source, err = number(c, "source_id"); err != nil {
		return 0, 0, err
	}
	page, err = number(c, "page_id")
	return source, page, err
}

// getPage shows a page; where an editor has to choose, both texts.
func (s *Server) getPage(c *gin.Context) error {
	source, id, err := pageOf(c)
	if err != nil {
		return err
	}
	p, err := s.Knowledge.Page(c.Request.Context(), source, id)
	if err != nil {
		return err
	}
	view := showPage(p)
	if p.Incoming != nil {
		view.Incoming = showText(knowledge.Version{Title: p.Incoming.Title, Lang: p.Incoming.Lang, Source: p.Incoming.Source})
	}
	if p.Incoming != nil && p.ArticleID != nil {
		a, err := s.Knowledge.Article(c.Request.Context(), *p.ArticleID)
		if err != nil {
			return err
		}
		if newest := newestOf(a); newest != nil {
			view.Article = showText(*newest)
		}
	}
	return ok(c, http.StatusOK, view)
}

func newestOf(a knowledge.Article) *knowledge.Version {
	if a.Draft != nil {
		return a.Draft
	}
	return a.Live
}

func showText(v knowledge.Version) *textView {
	t := &textView{Title: v.Title, Lang: v.Lang, Body: v.Source, HTML: markdown.HTML(v.Visible())}
	if v.State == knowledge.StateDraft {
		t.Rev = v.Revision
	}
	return t
}

func (s *Server) resolvePage(c *gin.Context) error {
	source, id, err := pageOf(c)
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Keep        string `json:"keep"`
		ExpectedRev int64  `json:"expected_rev"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if body.Keep != "article" && body.Keep != "page" {
		return inField("keep", fault.Invalid("invalid_choice", `Please choose: "article" keeps what is written here, "page" takes over what the page says.`))
	}
	p, err := s.Knowledge.ResolvePage(c.Request.Context(), source, id, body.Keep == "page", body.ExpectedRev, account(c).ID)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showPage(p))
}
