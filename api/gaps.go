// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/bot/gap"
	"candor/internal/fault"
	"candor/staff"
)

// gapRoutes are for editors. They see no personal data: which conversation a
// question is from, only those see who may read it.
func (s *Server) gapRoutes(e *gin.RouterGroup) {
	e.GET("/knowledge/gaps", handle(s.listGaps))
	e.POST("/knowledge/gaps/sweep", handle(s.sweepGaps))
	e.GET("/knowledge/gaps/:gap_id", handle(s.getGap))
	e.POST("/knowledge/gaps/:gap_id/draft", handle(s.draftGap))
	e.POST("/knowledge/gaps/:gap_id/questions", handle(s.makeGolden))
	e.POST("/knowledge/gaps/:gap_id/dismiss", handle(s.dismissGap))
	e.POST("/knowledge/gaps/:gap_id/reopen", handle(s.reopenGap))
	e.POST("/questions/preview", handle(s.previewQuestion))
}

type gapView struct {
	ID           int64       `json:"id"`
	State        gap.State   `json:"state"`
	Label        string      `json:"label"`
	Lang         string      `json:"lang"`
	Volume       int         `json:"volume"`
	Week         int         `json:"week"`
	WeekBefore   int         `json:"week_before"`
	Trend        string      `json:"trend"` // up, down, steady
	Days         []int       `json:"days"`
	AgentMinutes float64     `json:"agent_minutes"`
	Impact       float64     `json:"impact"`
	Languages    []countView `json:"languages"`
	Reasons      []countView `json:"reasons"`
	Examples     []asked     `json:"examples"`
	Golden       int         `json:"golden"`
	Article      *gapArticle `json:"article,omitempty"`
	Dismissed    string      `json:"dismissed,omitempty"`
	CreatedAt    time.Time   `json:"created_at"`
	LastAskedAt  time.Time   `json:"last_asked_at"`
	ClosedAt     *time.Time  `json:"closed_at,omitempty"`
	CameBackAt   *time.Time  `json:"came_back_at,omitempty"`
}

type countView struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

type asked struct {
	Text string `json:"text"`
	Lang string `json:"lang"`
}

type gapArticle struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
}

func showGap(g gap.Gap) gapView {
	v := gapView{
		ID: g.ID, State: g.State, Label: g.Label.Text, Lang: g.Label.Lang, Volume: g.Volume, Week: g.Week, WeekBefore: g.WeekBefore,
		Trend: trend(g.Week, g.WeekBefore), Days: g.Daily, AgentMinutes: inMinutes(g.AgentSeconds), Impact: g.Impact, Golden: g.Golden,
		Languages: showTally(g.Langs), Reasons: showTally(g.Reasons), Examples: []asked{},
		CreatedAt: g.CreatedAt.UTC(), LastAskedAt: g.LastAskedAt.UTC(), ClosedAt: utc(g.ClosedAt), CameBackAt: utc(g.CameBackAt),
	}
	for _, e := range g.Examples {
		v.Examples = append(v.Examples, asked{e.Text, e.Lang})
	}
	if g.ArticleID != nil {
		v.Article = &gapArticle{*g.ArticleID, g.Title}
	}
	if g.Reason != nil {
		v.Dismissed = *g.Reason
	}
	return v
}

func showTally(list []gap.Count) []countView {
	views := make([]countView, len(list))
	for i, c := range list {
		views[i] = countView{c.Name, c.N}
	}
	return views
}

// inMinutes has two decimals; what took any time at all took more than none.
func inMinutes(seconds float64) float64 { return math.Ceil(seconds/0.6) / 100 }

func trend(week, before int) string {
	switch {
	case week > before:
		return "up"
	case week < before:
		return "down"
	default:
		return "steady"
	}
}

func (s *Server) listGaps(c *gin.Context) error {
	filter, err := gapFilter(c)
	if err != nil {
		return err
	}
	list, more, err := s.Gaps.List(c.Request.Context(), filter)
	if err != nil {
		return err
	}
	totals, err := s.Gaps.Totals(c.Request.Context())
	if err != nil {
		return err
	}
	views := make([]gapView, len(list))
	for i, g := range list {
		views[i] = showGap(g)
	}
	page := gin.H{"gaps": views, "totals": totals}
	if more {
		page["next"] = strconv.Itoa(filter.Offset + filter.Limit)
	}
	return ok(c, http.StatusOK, page)
}

// maxGaps is how far a list of gaps reaches.
const maxGaps = 100_000

func gapFilter(c *gin.Context) (f gap.Filter, err error) {
	f.State, f.Reason, f.Lang = gap.State(c.Query("state")), gap.Reason(c.Query("reason")), c.Query("lang")
	if f.State != "" && !slices.Contains(gap.States(), f.State) {
		return f, inField("state", fault.Invalid("invalid_parameter", "There is no such state of a gap."))
	}
	if f.Reason != "" && !slices.Contains(gap.Reasons(), f.Reason) {
		return f, inField("reason", fault.Invalid("invalid_parameter", "There is no such reason."))
	}
	if len(f.Lang) > 35 {
		return f, inField("lang", fault.Invalid("invalid_parameter", "There is no such language."))
	}
	if f.Least, err = queryNumber(c, "least", 0, 0, maxGaps); err != nil {
		return f, err
	}
	if f.Limit, err = queryNumber(c, "limit", pageSize, 1, maxPage); err != nil {
		return f, err
	}
	if f.Offset, err = queryNumber(c, "cursor", 0, 0, maxGaps); err != nil {
		return f, err
	}
	article, err := queryNumber(c, "article_id", 0, 0, 1<<53)
	f.ArticleID = int64(article)
	return f, err
}

type gapQuestionView struct {
	ID             string     `json:"id"`
	Text           string     `json:"text"`
	Lang           string     `json:"lang"`
	Reason         gap.Reason `json:"reason"`
	Confidence     float64    `json:"confidence"`
	AskedAt        time.Time  `json:"asked_at"`
	AgentMinutes   float64    `json:"agent_minutes"`
	Outcome        string     `json:"outcome,omitempty"`
	CaseID         string     `json:"case_id,omitempty"`
	Reference      string     `json:"reference,omitempty"`
	ConversationID string     `json:"conversation_id,omitempty"`
	Answers        []string   `json:"answers"`
}

func (s *Server) getGap(c *gin.Context) error {
	id, err := number(c, "gap_id")
	if err != nil {
		return err
	}
	return s.replyGap(c, http.StatusOK, id)
}

// replyGap shows a gap with its questions. Who may read conversations sees where
// each is from.
func (s *Server) replyGap(c *gin.Context, status int, id int64) error {
	g, err := s.Gaps.Get(c.Request.Context(), id)
	if err != nil {
		return err
	}
	list, err := s.Gaps.Questions(c.Request.Context(), id)
	if err != nil {
		return err
	}
	reads := account(c).Can(staff.RoleAgent)
	views := make([]gapQuestionView, len(list))
	for i, q := range list {
		v := gapQuestionView{
			ID: strconv.FormatInt(q.Turn, 10), Text: q.Text, Lang: q.Lang, Reason: q.Reason, Confidence: q.Confidence, AskedAt: q.AskedAt.UTC(),
			AgentMinutes: inMinutes(q.AgentSeconds), Answers: []string{},
		}
		if q.Outcome != nil {
			v.Outcome = *q.Outcome
		}
		if reads {
			v.CaseID, v.ConversationID = idText(q.CaseID), q.PublicID
			if q.Reference != nil {
				v.Reference = *q.Reference
			}
		}
		for _, a := range q.Answers {
			v.Answers = append(v.Answers, a.Text)
		}
		views[i] = v
	}
	return ok(c, status, gin.H{"gap": showGap(g), "questions": views})
}

func (s *Server) sweepGaps(c *gin.Context) error {
	if err := s.Gaps.Sweep(c.Request.Context()); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// draftGap makes the draft, or gives the one there is.
func (s *Server) draftGap(c *gin.Context) error {
	return s.changeGap(c, func(ctx context.Context, id, by int64) error {
		_, err := s.Gaps.Draft(ctx, id, by)
		return err
	})
}

func (s *Server) makeGolden(c *gin.Context) error {
	id, err := number(c, "gap_id")
	if err != nil {
		return err
	}
	list, err := s.Gaps.Golden(c.Request.Context(), id, account(c).ID)
	if err != nil {
		return err
	}
	views := make([]questionView, len(list))
	for i, q := range list {
		views[i] = showQuestion(q)
	}
	return ok(c, http.StatusCreated, gin.H{"questions": views})
}

func (s *Server) dismissGap(c *gin.Context) error {
	body, err := decode[struct {
		Reason string `json:"reason"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	return s.changeGap(c, func(ctx context.Context, id, by int64) error { return s.Gaps.Dismiss(ctx, id, by, body.Reason) })
}

func (s *Server) reopenGap(c *gin.Context) error { return s.changeGap(c, s.Gaps.Reopen) }

func (s *Server) changeGap(c *gin.Context, change func(ctx context.Context, id, by int64) error) error {
	id, err := number(c, "gap_id")
	if err != nil {
		return err
	}
	if err := change(c.Request.Context(), id, account(c).ID); err != nil {
		return err
	}
	return s.replyGap(c, http.StatusOK, id)
}

// previewQuestion shows what of a customer's message would become a golden
// question, and what it was answered from.
func (s *Server) previewQuestion(c *gin.Context) error {
	body, err := decode[struct {
		ConversationID string `json:"conversation_id"`
		Seq            int    `json:"seq"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	conv, err := s.Chat.Find(c.Request.Context(), body.ConversationID)
	if err != nil {
		return err
	}
	p, err := s.Gaps.Preview(c.Request.Context(), conv, body.Seq)
	if err != nil {
		return err
	}
	articles := []gapArticle{}
	for _, cited := range p.Articles {
		articles = append(articles, gapArticle{cited.ArticleID, cited.Title})
	}
	return ok(c, http.StatusOK, gin.H{"text": p.Text, "lang": p.Lang, "articles": articles})
}
