// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"candor/internal/fault"
	"candor/knowledge"
)

// maxArticleBody is the largest body with an article in it.
const maxArticleBody = 3 << 20

type articleBody struct {
	Title       string   `json:"title"`
	Body        string   `json:"body"`
	Lang        string   `json:"lang"`
	URL         string   `json:"url"`
	ExternalID  string   `json:"external_id"`
	ClientKey   string   `json:"client_key"`
	AskedAs     []string `json:"asked_as"`
	ExpectedRev int64    `json:"expected_rev"`
}

func (b articleBody) content() knowledge.Content {
	return knowledge.Content{Title: b.Title, Lang: b.Lang, URL: b.URL, Source: b.Body, Asked: b.AskedAs}
}

func (s *Server) createArticle(c *gin.Context) error {
	body, err := decode[articleBody](c, maxArticleBody)
	if err != nil {
		return err
	}
	author := account(c).ID
	a, err := s.Knowledge.Create(c.Request.Context(), knowledge.NewArticle{
		Content: body.content(), ExternalID: body.ExternalID, Author: &author, Key: body.ClientKey,
	})
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, showArticle(a))
}

func (s *Server) getArticle(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	a, err := s.Knowledge.Article(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showArticle(a))
}

func (s *Server) saveDraft(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	body, err := decode[articleBody](c, maxArticleBody)
	if err != nil {
		return err
	}
	author := account(c).ID
	a, err := s.Knowledge.SaveDraft(c.Request.Context(), id, body.ExpectedRev, body.content(), &author)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showArticle(a))
}

func (s *Server) publishDraft(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		ExpectedRev int64  `json:"expected_rev"`
		Reason      string `json:"reason"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	a, err := s.gate().Publish(c.Request.Context(), id, body.ExpectedRev, account(c).ID, body.Reason)
	if err != nil {
		return err
	}
	if err := s.Gaps.CloseAnswered(c.Request.Context(), id); err != nil {
		s.Logger.Warn("gaps were not closed; the next sweep does it", "error", err)
	}
	return ok(c, http.StatusOK, showArticle(a))
}

func (s *Server) archiveArticle(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	a, err := s.Knowledge.Archive(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showArticle(a))
}

// restoreVersion writes an older version into the draft.
func (s *Server) restoreVersion(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	version, err := number(c, "version")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		ExpectedRev int64 `json:"expected_rev"`
		Wrong       bool  `json:"wrong"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	author := account(c).ID
	a, err := s.Knowledge.Restore(c.Request.Context(), id, int(version), body.ExpectedRev, &author, body.Wrong)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showArticle(a))
}

func (s *Server) listVersions(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	list, err := s.Knowledge.Versions(c.Request.Context(), id)
	if err != nil {
		return err
	}
	names, err := s.Knowledge.Names(c.Request.Context(), knowledge.Publishers(list))
	if err != nil {
		return err
	}
	views := []versionView{}
	for _, v := range list {
		if v.State != knowledge.StateDraft {
			views = append(views, showVersion(v, names))
		}
	}
	return ok(c, http.StatusOK, gin.H{"versions": views})
}

func (s *Server) getVersion(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	version, err := number(c, "version")
	if err != nil {
		return err
	}
	v, err := s.Knowledge.Version(c.Request.Context(), id, int(version))
	if err != nil {
		return err
	}
	if v.State == knowledge.StateDraft {
		return fault.NotFound("version_not_found", "Version %d of article %d is not published.", version, id)
	}
	names, err := s.Knowledge.Names(c.Request.Context(), knowledge.Publishers([]knowledge.Version{v}))
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showVersion(v, names))
}

// listFilter reads which articles are to be listed.
func listFilter(c *gin.Context) (knowledge.ListFilter, error) {
	owner, err := queryNumber(c, "owner", 0, 0, 1<<53)
	if err != nil {
		return knowledge.ListFilter{}, err
	}
	f := knowledge.ListFilter{
		State: knowledge.State(c.Query("status")), Stage: knowledge.Stage(c.Query("stage")), Lang: c.Query("lang"), Title: c.Query("q"),
		Owner: int64(owner), Audience: knowledge.Audience(c.Query("audience")), Due: c.Query("due") == "true", Outdated: c.Query("outdated") == "true",
	}
	if source := c.Query("source"); source != "" {
		f.Imported = new(source == "imported")
	}
	return f, nil
}

// listArticles pages by title.
func (s *Server) listArticles(c *gin.Context) error {
	limit, err := queryNumber(c, "limit", pageSize, 1, maxPage)
	if err != nil {
		return err
	}
	filter, err := listFilter(c)
	if err != nil {
		return err
	}
	filter.Limit = limit
	if cursor := c.Query("cursor"); cursor != "" {
		id, title, _ := strings.Cut(cursor, ".")
		if filter.After.ID, err = strconv.ParseInt(id, 10, 64); err != nil {
			return inField("cursor", fault.Invalid("invalid_cursor", "Use the value of next from the page before."))
		}
		filter.After.Title = title
	}
	list, err := s.Knowledge.Articles(c.Request.Context(), filter)
	if err != nil {
		return err
	}
	views := make([]listedView, len(list))
	for i, a := range list {
		views[i] = showListed(a)
	}
	page := gin.H{"articles": views}
	if len(list) == limit {
		last := list[limit-1]
		page["next"] = strconv.FormatInt(last.ID, 10) + "." + last.Title
	}
	return ok(c, http.StatusOK, page)
}

type passageView struct {
	ChunkID     int64              `json:"chunk_id"`
	ArticleID   int64              `json:"article_id"`
	Version     int                `json:"version"`
	ExternalID  string             `json:"external_id,omitempty"`
	Title       string             `json:"title"`
	Heading     string             `json:"heading,omitempty"`
	URL         string             `json:"url,omitempty"`
	Lang        string             `json:"lang,omitempty"`
	Text        string             `json:"text"`
	VectorScore float64            `json:"vector_score"`
	TextScore   float64            `json:"text_score"`
	TextNorm    float64            `json:"text_norm"`
	Coverage    float64            `json:"coverage"`
	Fused       float64            `json:"fused"`
	VectorRank  int                `json:"vector_rank"`
	TextRank    int                `json:"text_rank"`
	Cited       bool               `json:"cited,omitempty"`
	Audience    knowledge.Audience `json:"audience,omitempty"`
}

// maxQuery is the longest search, in characters.
const maxQuery = 4000

func (s *Server) searchKnowledge(c *gin.Context) error {
	query := c.Query("q")
	if strings.TrimSpace(query) == "" || len([]rune(query)) > maxQuery {
		return inField("q", fault.Invalid("invalid_query", "Please search for 1 to %d characters.", maxQuery))
	}
	limit, err := queryNumber(c, "limit", 10, 1, 50)
	if err != nil {
		return err
	}
	found, err := s.Knowledge.Search(c.Request.Context(), knowledge.Query{Text: query, Lang: c.Query("lang"), Limit: limit, For: knowledge.ForStaff})
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"model": found.Model, "passages": showPassages(found.Passages)})
}

func showPassages(list []knowledge.Passage) []passageView {
	views := make([]passageView, len(list))
	for i, p := range list {
		views[i] = passageView{
			ChunkID: p.ChunkID, ArticleID: p.ArticleID, Version: p.Version, ExternalID: p.ExternalID, Title: p.Title, Heading: p.Heading,
			URL: p.URL, Lang: p.Lang, Text: p.Text, VectorScore: p.VectorScore, TextScore: p.TextScore, TextNorm: p.TextNorm,
			Coverage: p.Coverage, Fused: p.Fused, VectorRank: p.VectorRank, TextRank: p.TextRank, Audience: p.Audience,
		}
	}
	return views
}
