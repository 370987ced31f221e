// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"candor/bot"
	"candor/bot/gate"
	"candor/chat"
	"candor/internal/fault"
	"candor/internal/markdown"
	"candor/internal/redact"
	"candor/knowledge"
)

func (s *Server) gate() *gate.Service { return &gate.Service{Bot: s.Bot, Knowledge: s.Knowledge} }

type questionView struct {
	ID        int64     `json:"id"`
	Text      string    `json:"text"`
	Lang      string    `json:"lang,omitempty"`
	Expects   string    `json:"expects"` // article or handoff
	ArticleID *int64    `json:"article_id,omitempty"`
	Title     string    `json:"article_title,omitempty"`
	SignedIn  bool      `json:"signed_in"`
	UpdatedAt time.Time `json:"updated_at"`
}

const (
	expectsArticle = "article"
	expectsHandoff = "handoff"
)

func showQuestion(q knowledge.GoldenQuestion) questionView {
	v := questionView{ID: q.ID, Text: q.Text, Lang: q.Lang, Expects: expectsHandoff, ArticleID: q.ArticleID, Title: q.Title, SignedIn: q.SignedIn, UpdatedAt: q.UpdatedAt.UTC()}
	if q.ArticleID != nil {
		v.Expects = expectsArticle
	}
	return v
}

func (s *Server) listQuestions(c *gin.Context) error {
	article, err := queryNumber(c, "article_id", 0, 0, 1<<53)
	if err != nil {
		return err
	}
	list, err := s.Knowledge.Questions(c.Request.Context(), int64(article))
	if err != nil {
		return err
	}
	views := make([]questionView, len(list))
	for i, q := range list {
		views[i] = showQuestion(q)
	}
	return ok(c, http.StatusOK, gin.H{"questions": views})
}

type newQuestion struct {
	Text           string `json:"text"`
	ConversationID string `json:"conversation_id"`
	Seq            int    `json:"seq"`
	Lang           string `json:"lang"`
	Expects        string `json:"expects"`
	ArticleID      int64  `json:"article_id"`
	SignedIn       bool   `json:"signed_in"`
}

// saveQuestion takes a golden question as typed, or from a conversation. Personal
// data is taken out either way.
func (s *Server) saveQuestion(c *gin.Context) error {
	body, err := decode[newQuestion](c, maxBody)
	if err != nil {
		return err
	}
	author := account(c).ID
	q := knowledge.GoldenQuestion{Text: body.Text, Lang: body.Lang, SignedIn: body.SignedIn, AuthorID: &author}
	switch {
	case body.Expects == expectsArticle && body.ArticleID > 0:
		q.ArticleID = &body.ArticleID
	case body.Expects != expectsHandoff || body.ArticleID != 0:
		return inField("expects", fault.Invalid("invalid_expectation", `Please say what is expected: "article" with the article_id, or "handoff" without one.`))
	}
	if body.ConversationID != "" {
		if q.Text, err = s.asked(c, body.ConversationID, body.Seq); err != nil {
			return err
		}
	}
	q.Text, _ = redact.Text(q.Text)
	if q, err = s.Knowledge.SaveQuestion(c.Request.Context(), q); err != nil {
		return err
	}
	return ok(c, http.StatusCreated, showQuestion(q))
}

// asked is what a customer wrote in a conversation.
func (s *Server) asked(c *gin.Context, conversation string, seq int) (string, error) {
	conv, err := s.Chat.Find(c.Request.Context(), conversation)
	if err != nil {
		return "", err
	}
	m, err := s.Chat.Message(c.Request.Context(), conv, seq)
	if err != nil {
		return "", err
	}
	if m.Author != chat.AuthorCustomer {
		return "", inField("seq", fault.Invalid("not_a_question", "Message %d is not the customer's.", seq))
	}
	return m.Text, nil
}

func (s *Server) deleteQuestion(c *gin.Context) error {
	id, err := number(c, "question_id")
	if err != nil {
		return err
	}
	if err := s.Knowledge.DeleteQuestion(c.Request.Context(), id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

type checkView struct {
	ID          string        `json:"id"`
	ArticleID   int64         `json:"article_id"`
	Rev         int64         `json:"rev"`
	Worse       int           `json:"worse"`
	CheckedAt   time.Time     `json:"checked_at"`
	Questions   []gate.Result `json:"questions"`
	Similar     []gate.Alike  `json:"similar"`
	Disagreeing []gate.Alike  `json:"disagreeing"`
}

func showCheck(r gate.Report) checkView {
	return checkView{
		ID: strconv.FormatInt(r.ID, 10), ArticleID: r.ArticleID, Rev: r.Revision, Worse: r.Worse, CheckedAt: r.CreatedAt.UTC(),
		Questions: r.Results, Similar: r.Similar, Disagreeing: r.Disagreeing,
	}
}

// checkDraft asks the golden questions. A reader of events is told the progress.
func (s *Server) checkDraft(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		ExpectedRev int64 `json:"expected_rev"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	by := account(c).ID
	if strings.Contains(c.GetHeader("Accept"), "text/event-stream") {
		return s.streamProgress(c, "check.done", func(ctx context.Context, progress func(done, all int)) (any, error) {
			report, err := s.gate().Check(ctx, id, body.ExpectedRev, &by, progress)
			return showCheck(report), err
		})
	}
	report, err := s.gate().Check(c.Request.Context(), id, body.ExpectedRev, &by, nil)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showCheck(report))
}

type checkProgress struct {
	Done int `json:"done"`
	All  int `json:"all"`
}

type rehearsalBody struct {
	Text    string `json:"text"`
	Lang    string `json:"lang"`
	DraftOf int64  `json:"draft_of"`
	BuiltIn bool   `json:"built_in"`
	WhyNot  int64  `json:"why_not"`
	// SignedIn: asked by a customer who is signed in. Audience "staff" lists the passages that the staff would find; the answer is
	// the customers' all the same.
	SignedIn bool               `json:"signed_in"`
	Audience knowledge.Audience `json:"audience"`
}

func (b rehearsalBody) reader() knowledge.Audience {
	if b.SignedIn {
		return knowledge.ForSignedIn
	}
	return knowledge.ForEveryone
}

type rehearsalView struct {
	Outcome    chat.Outcome    `json:"outcome"`
	Reason     string          `json:"reason,omitempty"`
	Detector   string          `json:"detector,omitempty"`
	Confidence float64         `json:"confidence"`
	Threshold  float64         `json:"threshold"`
	Model      string          `json:"model,omitempty"`
	Embedding  string          `json:"embedding,omitempty"`
	Lang       string          `json:"lang,omitempty"`
	Text       string          `json:"text,omitempty"`
	HTML       string          `json:"html,omitempty"`
	Citations  []chat.Citation `json:"citations"`
	Passages   []passageView   `json:"passages"`
	Blocked    []blockedView   `json:"blocked"`
	WhyNot     *whyNotView     `json:"why_not,omitempty"`
	Notices    []noticeView    `json:"announcements,omitempty"`
}

// noticeView is an announcement that stands before the answer.
type noticeView struct {
	ID        int64   `json:"id"`
	Version   int     `json:"version"`
	How       string  `json:"how"`
	Score     float64 `json:"score"`
	Threshold float64 `json:"threshold"`
}

type blockedView struct {
	Text string `json:"text"`
	By   string `json:"by"`
	Why  string `json:"why,omitempty"`
}

// whyNotView says why an answer does not rest on a certain article.
type whyNotView struct {
	ArticleID int64        `json:"article_id"`
	Why       string       `json:"why"` // cited, outranked, not_found, not_published, out_of_date, for_staff, for_signed_in
	Rank      int          `json:"rank,omitempty"`
	Passage   *passageView `json:"passage,omitempty"`
}

// tryAnswer is the bench: what the bot would say, and why.
func (s *Server) tryAnswer(c *gin.Context) error {
	body, err := decode[rehearsalBody](c, maxBody)
	if err != nil {
		return err
	}
	said, err := s.Bot.Rehearse(c.Request.Context(), bot.Rehearsal{Text: body.Text, Lang: body.Lang, Draft: body.DraftOf, SignedIn: body.SignedIn, BuiltIn: body.BuiltIn})
	if err != nil {
		return err
	}
	view := showRehearsal(said)
	if body.Audience == knowledge.ForStaff {
		if view.Passages, err = s.staffPassages(c, body); err != nil {
			return err
		}
	}
	if body.WhyNot != 0 {
		if view.WhyNot, err = s.whyNot(c, body, said); err != nil {
			return err
		}
	}
	return ok(c, http.StatusOK, view)
}

// staffPassages are what an agent would find.
func (s *Server) staffPassages(c *gin.Context, body rehearsalBody) ([]passageView, error) {
	text, _ := redact.Text(body.Text)
	found, err := s.Knowledge.Search(c.Request.Context(), knowledge.Query{Text: text, Lang: body.Lang, Draft: body.DraftOf, For: knowledge.ForStaff})
	return showPassages(found.Passages), err
}

func showRehearsal(r bot.Rehearsed) rehearsalView {
	v := rehearsalView{
		Outcome: r.Outcome, Reason: string(r.Reason), Detector: r.Detector, Confidence: r.Confidence, Threshold: r.Threshold,
		Model: r.Answerer, Embedding: r.Found.Model, Lang: r.Found.Lang, Text: r.Text, HTML: markdown.HTML(r.Text),
		Citations: r.Citations, Passages: showPassages(r.Found.Passages), Blocked: []blockedView{},
	}
	if v.Citations == nil {
		v.Citations = []chat.Citation{}
	}
	for _, n := range r.Notices {
		v.Notices = append(v.Notices, noticeView{n.ID, n.Version, n.How, n.Score, n.Threshold})
	}
	for _, b := range r.Blocked {
		v.Blocked = append(v.Blocked, blockedView{b.Text, b.Kind, b.Evidence})
	}
	return v
}

// whyNotPlaces is how far down an article is looked for.
const whyNotPlaces = 50

func (s *Server) whyNot(c *gin.Context, body rehearsalBody, said bot.Rehearsed) (*whyNotView, error) {
	v := &whyNotView{ArticleID: body.WhyNot, Why: "not_found"}
	a, err := s.Knowledge.Article(c.Request.Context(), body.WhyNot)
	if err != nil {
		return nil, inField("why_not", err)
	}
	now := time.Now()
	past := func(t *time.Time) bool { return t != nil && t.Before(now) }
	switch {
	case slices.ContainsFunc(said.Citations, func(q chat.Citation) bool { return q.ArticleID == a.ID }):
		v.Why = "cited"
	case !body.reader().MayRead(a.Audience):
		v.Why = "for_" + string(a.Audience)
		return v, nil
	case a.Live == nil && body.DraftOf != a.ID:
		v.Why = "not_published"
		return v, nil
	case past(a.ExpiresAt) || past(a.ReviewBy):
		v.Why = "out_of_date"
		return v, nil
	}
	text, _ := redact.Text(body.Text)
	found, err := s.Knowledge.Search(c.Request.Context(), knowledge.Query{Text: text, Lang: body.Lang, Limit: whyNotPlaces, PerArticle: 1, Draft: body.DraftOf, For: body.reader()})
	if err != nil {
		return nil, err
	}
	for i, p := range found.Passages {
		if p.ArticleID == a.ID {
			view := showPassages(found.Passages[i : i+1])[0]
			v.Rank, v.Passage = i+1, &view
			if v.Why == "not_found" {
				v.Why = "outranked"
			}
			break
		}
	}
	return v, nil
}
