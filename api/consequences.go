// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"candor/bot/consequences"
	"candor/chat"
	"candor/internal/fault"
	"candor/internal/redact"
	"candor/staff"
)

type figuresView struct {
	Answers    int         `json:"answers"`
	Helped     int         `json:"helped"`
	NotHelpful int         `json:"not_helpful"`
	HandedOff  int         `json:"handed_off"`
	Rating     *ratingMean `json:"rating,omitempty"`
}

// ratingMean is what customers gave the assistant, from 1 to 5.
type ratingMean struct {
	Count   int     `json:"count"`
	Average float64 `json:"average"`
}

type versionFiguresView struct {
	Version int `json:"version"`
	figuresView
}

type weekView struct {
	Start time.Time `json:"start"`
	figuresView
}

type wordsView struct {
	ConversationID string    `json:"conversation_id"`
	Seq            int       `json:"seq"`
	Version        int       `json:"version"`
	At             time.Time `json:"at"`
	Text           string    `json:"text"`
}

type tellingView struct {
	ConversationID string     `json:"conversation_id"`
	Seq            int        `json:"seq"`
	Version        int        `json:"version"`
	At             time.Time  `json:"at"`
	Reference      string     `json:"reference,omitempty"`
	Locale         string     `json:"locale"`
	State          chat.State `json:"state"`
	Reachable      bool       `json:"reachable"`
	Erased         bool       `json:"erased,omitempty"`
	Helpful        *bool      `json:"helpful,omitempty"`
	HandedOff      bool       `json:"handed_off"`
	CorrectedAt    *time.Time `json:"corrected_at,omitempty"`
	ShownAt        *time.Time `json:"shown_at,omitempty"`
	Mail           string     `json:"mail,omitempty"`
}

// consequencesView is what became of an article's answers. The figures are on the
// first page alone.
type consequencesView struct {
	Since       *time.Time           `json:"since,omitempty"`
	Total       *figuresView         `json:"total,omitempty"`
	Versions    []versionFiguresView `json:"versions,omitempty"`
	Weeks       []weekView           `json:"weeks,omitempty"`
	Words       []wordsView          `json:"words,omitempty"`
	Corrections []correctionView     `json:"corrections,omitempty"`
	Told        []tellingView        `json:"told"`
	Next        string               `json:"next,omitempty"`
	Redacted    bool                 `json:"redacted"` // personal data was taken out for this reader
}

// readsAll reports whether the account may read what customers wrote as they
// wrote it. Editors get it without personal data.
func readsAll(c *gin.Context) bool {
	role := account(c).Role
	return role == staff.RoleSupervisor || role == staff.RoleCompliance
}

func mean(r consequences.Ratings) *ratingMean {
	if r.Count == 0 {
		return nil
	}
	return &ratingMean{r.Count, math.Round(float64(r.Sum)/float64(r.Count)*100) / 100}
}

func showFigures(f consequences.Figures, r consequences.Ratings) figuresView {
	return figuresView{f.Answers, f.Helped, f.NotHelpful, f.HandedOff, mean(r)}
}

// maxTranscript is how much of a conversation is shown around an answer.
const maxTranscript = 1000

// defaultWeeks is half a year.
const defaultWeeks = 26

// getConsequences tells what became of the answers that rest on an article.
func (s *Server) getConsequences(c *gin.Context) error {
	article, err := s.knownArticle(c)
	if err != nil {
		return err
	}
	version, err := queryNumber(c, "version", 0, 1, math.MaxInt32)
	if err != nil {
		return err
	}
	limit, err := queryNumber(c, "limit", pageSize, 1, maxPage)
	if err != nil {
		return err
	}
	after, err := place(c.Query("cursor"))
	if err != nil {
		return err
	}
	list, err := s.Consequences.Told(c.Request.Context(), article, version, after, limit)
	if err != nil {
		return err
	}
	v := consequencesView{Told: make([]tellingView, len(list)), Redacted: !readsAll(c)}
	for i, t := range list {
		v.Told[i] = showTold(t)
	}
	if len(list) == limit {
		last := list[limit-1]
		v.Next = strings.Join([]string{
			strconv.FormatInt(last.At.UnixMicro(), 10), strconv.FormatInt(last.ConversationID, 10), strconv.Itoa(last.Seq),
		}, ".")
	}
	if after == (consequences.Place{}) {
		err = s.addFigures(c, &v, article, version)
	}
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, v)
}

// knownArticle is the article of the path, which must be there.
func (s *Server) knownArticle(c *gin.Context) (int64, error) {
	id, err := number(c, "article_id")
	if err != nil {
		return 0, err
	}
	_, err = s.Knowledge.Article(c.Request.Context(), id)
	return id, err
}

func place(cursor string) (consequences.Place, error) {
	if cursor == "" {
		return consequences.Place{}, nil
	}
	parts := strings.Split(cursor, ".")
	numbers := make([]int64, len(parts))
	for i, part := range parts {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil || len(parts) != 3 || n < 0 || i == 2 && n > math.MaxInt32 {
			return consequences.Place{}, inField("cursor", fault.Invalid("invalid_cursor", "Use the value of next from the page before."))
		}
		numbers[i] = n
	}
	return consequences.Place{At: time.UnixMicro(numbers[0]), ConversationID: numbers[1], Seq: int(numbers[2])}, nil
}

func showTold(t consequences.Told) tellingView {
	return tellingView{
		ConversationID: t.PublicID, Seq: t.Seq, Version: t.Version, At: t.At.UTC(), Reference: t.Reference, Locale: t.Locale, State: t.State,
		Reachable: t.Reachable, Erased: t.Erased, Helpful: t.Helpful, HandedOff: t.HandedOff, CorrectedAt: utc(t.Corrected), ShownAt: utc(t.Shown), Mail: t.Mail,
	}
}

func (s *Server) addFigures(c *gin.Context, v *consequencesView, article int64, version int) error {
	ctx := c.Request.Context()
	weeks, err := queryNumber(c, "weeks", defaultWeeks, 1, consequences.MaxWeeks)
	if err != nil {
		return err
	}
	report, err := s.Consequences.Report(ctx, article, version, weeks, time.Now())
	if err != nil {
		return err
	}
	since := report.Since.UTC()
	v.Since, v.Total = &since, &figuresView{}
	var all consequences.Ratings
	for _, f := range report.Versions {
		shown := showFigures(f.Figures, f.Ratings)
		v.Versions = append(v.Versions, versionFiguresView{f.Version, shown})
		v.Total.Answers, v.Total.Helped = v.Total.Answers+f.Answers, v.Total.Helped+f.Helped
		v.Total.NotHelpful, v.Total.HandedOff = v.Total.NotHelpful+f.NotHelpful, v.Total.HandedOff+f.HandedOff
		all.Count, all.Sum = all.Count+f.Ratings.Count, all.Sum+f.Ratings.Sum
	}
	v.Total.Rating = mean(all)
	for _, w := range report.Weeks {
		v.Weeks = append(v.Weeks, weekView{w.Start.UTC(), showFigures(w.Figures, consequences.Ratings{})})
	}
	words, err := s.Consequences.Words(ctx, article, version)
	if err != nil {
		return err
	}
	for _, w := range words {
		v.Words = append(v.Words, wordsView{w.PublicID, w.Seq, w.Version, w.At.UTC(), shownText(c, w.Text)})
	}
	corrections, err := s.Consequences.Corrections(ctx, article, maxPage)
	v.Corrections = showCorrections(corrections)
	return err
}

// shownText is what a customer wrote, as the reader may see it.
func shownText(c *gin.Context, text string) string {
	if readsAll(c) {
		return text
	}
	clean, _ := redact.Text(text)
	return clean
}

type answerView struct {
	ConversationID string        `json:"conversation_id"`
	Locale         string        `json:"locale"`
	State          chat.State    `json:"state"`
	Question       []messageView `json:"question"`
	Answer         messageView   `json:"answer"`
	Corrections    []messageView `json:"corrections"`
	Transcript     []messageView `json:"transcript,omitempty"`
	Redacted       bool          `json:"redacted"`
}

// getToldAnswer opens an answer with what it rests on. Supervisors and compliance
// see the whole conversation, editors the answer without personal data.
func (s *Server) getToldAnswer(c *gin.Context) error {
	article, err := number(c, "article_id")
	if err != nil {
		return err
	}
	seq, err := number(c, "seq")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	a, err := s.Consequences.Answer(ctx, article, c.Param("conversation_id"), int(min(seq, math.MaxInt32)))
	if err != nil {
		return err
	}
	labels, err := s.labels(ctx, a.Conversation)
	if err != nil {
		return err
	}
	show := func(list ...chat.Message) []messageView {
		for i := range list {
			list[i].Text = shownText(c, list[i].Text)
			if !readsAll(c) {
				list[i].Attachments = nil // their names are the customer's words
			}
		}
		return showMessages(list, labels)
	}
	v := answerView{
		ConversationID: a.Conversation.PublicID, Locale: a.Conversation.Locale, State: a.Conversation.State, Redacted: !readsAll(c),
		Question: show(a.Question...), Answer: show(a.Message)[0], Corrections: show(a.Corrections...),
	}
	if readsAll(c) {
		list, err := s.Chat.Messages(ctx, a.Conversation, 0, maxTranscript)
		if err != nil {
			return err
		}
		v.Transcript = showMessages(list, labels)
	}
	return ok(c, http.StatusOK, v)
}

// showed notes that a page of the customer has what takes an answer back.
func (s *Server) showed(ctx context.Context, conversation int64, seq int, event string) error {
	if event != chat.EventCorrection {
		return nil
	}
	return s.Consequences.Shown(ctx, conversation, seq)
}
