// SPDX-License-Identifier: MIT

// Package gate stands between a draft and the customers: it asks the golden
// questions of the live library and of the draft, and says which answers change,
// get better or get worse. What gets worse is published only with a reason.
package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"candor/bot"
	"candor/chat"
	"candor/internal/fault"
	"candor/knowledge"
)

// Service checks and publishes drafts. Safe for concurrent use.
type Service struct {
	Bot       *bot.Service
	Knowledge *knowledge.Service
	// Tell tells the owner of an article that its scheduled draft was kept back. May be nil.
	Tell func(ctx context.Context, owner, article int64, why string) error
}

// secondEyes tells whether the company wants each draft seen by a second editor.
func (s *Service) secondEyes() bool { return s.Bot.Chat.Company().SecondEyes }

// Change is what a draft does to the answer to a question.
type Change string

// The changes.
const (
	Same    Change = "same"
	Changed Change = "changed" // other words, as right or wrong as before
	Better  Change = "better"
	Worse   Change = "worse"
)

// Answer is what the bot says to a golden question.
type Answer struct {
	Outcome    chat.Outcome `json:"outcome"`
	Right      bool         `json:"right"` // as the question expects
	Confidence float64      `json:"confidence"`
	Articles   []int64      `json:"articles"` // cited
	Text       string       `json:"text,omitempty"`
}

// Result is a golden question with what is said to it now and with the draft.
type Result struct {
	QuestionID int64  `json:"question_id"`
	Text       string `json:"text"`
	ArticleID  *int64 `json:"article_id,omitempty"` // expected; nil: a person
	SignedIn   bool   `json:"signed_in,omitempty"`  // asked by a customer who is
	Change     Change `json:"change"`
	Live       Answer `json:"live"`
	Draft      Answer `json:"draft"`
}

// Report is a check of a draft.
type Report struct {
	knowledge.Check
	Results     []Result // the changes first: worse, better, changed, same
	Similar     []Alike  // what other articles say too
	Disagreeing []Alike  // what other articles say with other numbers
}

// parallel is how many questions are asked at once: a check must leave room for customers.
const parallel = 2

// Check asks all golden questions, in the library as it is and with the draft of
// that revision in the place of its article, and records what came of it.
// progress may be nil. The built-in answerer answers, so that two checks of the
// same texts come to the same result.
func (s *Service) Check(ctx context.Context, articleID, revision int64, by *int64, progress func(done, all int)) (Report, error) {
	report, a, err := s.askAll(ctx, articleID, revision, by, progress)
	if err != nil {
		return Report{}, err
	}
	report.Similar, report.Disagreeing, err = s.alike(ctx, a)
	return report, err
}

// askAll is a check without what other articles say: that is for an editor to look at, and costs a search
// for each section of the draft.
func (s *Service) askAll(ctx context.Context, articleID, revision int64, by *int64, progress func(done, all int)) (Report, knowledge.Article, error) {
	a, err := s.atRevision(ctx, articleID, revision)
	if err != nil {
		return Report{}, a, err
	}
	start, err := s.Knowledge.Now(ctx)
	if err != nil {
		return Report{}, a, err
	}
	questions, err := s.Knowledge.Questions(ctx, 0)
	if err != nil {
		return Report{}, a, err
	}
	results, err := s.ask(ctx, bot.Rehearsal{Draft: articleID}, questions, progress)
	if err != nil {
		return Report{}, a, err
	}
	if _, err := s.atRevision(ctx, articleID, revision); err != nil {
		return Report{}, a, err // somebody saved while the questions were asked
	}
	report, err := s.record(ctx, knowledge.Check{ArticleID: articleID, Revision: revision, AuthorID: by, CreatedAt: start}, results)
	return report, a, err
}

// atRevision reads the article, and refuses when its draft is another by now.
func (s *Service) atRevision(ctx context.Context, articleID, revision int64) (knowledge.Article, error) {
	a, err := s.Knowledge.Article(ctx, articleID)
	if err != nil {
		return a, err
	}
	if a.Draft == nil {
		return a, fault.Conflict("no_draft", "The article has no draft to check.")
	}
	if a.Draft.Revision != revision {
		return a, fault.Conflict("draft_changed", "The draft has been changed by somebody else meanwhile. Load it again before you publish.")
	}
	return a, nil
}

func (s *Service) ask(ctx context.Context, draft bot.Rehearsal, questions []knowledge.GoldenQuestion, progress func(done, all int)) ([]Result, error) {
	results := make([]Result, len(questions))
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, q := range questions {
		group.Go(func() error {
			var err error
			results[i], err = s.compare(ctx, draft, q)
			if n := done.Add(1); err == nil && progress != nil {
				progress(int(n), len(questions))
			}
			return err
		})
	}
	return results, group.Wait()
}

func (s *Service) compare(ctx context.Context, draft bot.Rehearsal, q knowledge.GoldenQuestion) (Result, error) {
	r := Result{QuestionID: q.ID, Text: q.Text, ArticleID: q.ArticleID, SignedIn: q.SignedIn}
	var err error
	if r.Live, err = s.answer(ctx, q, bot.Rehearsal{}); err != nil {
		return r, err
	}
	if r.Draft, err = s.answer(ctx, q, draft); err != nil {
		return r, err
	}
	r.Change = changeOf(r.Live, r.Draft)
	return r, nil
}

func changeOf(live, draft Answer) Change {
	switch {
	case live.Right && !draft.Right:
		return Worse
	case !live.Right && draft.Right:
		return Better
	case live.Outcome != draft.Outcome || live.Text != draft.Text || !slices.Equal(live.Articles, draft.Articles):
		return Changed
	default:
		return Same
	}
}

func (s *Service) answer(ctx context.Context, q knowledge.GoldenQuestion, r bot.Rehearsal) (Answer, error) {
	r.Text, r.Lang, r.SignedIn, r.BuiltIn, r.Lasting = q.Text, q.Lang, q.SignedIn, true, true
	said, err := s.Bot.Rehearse(ctx, r)
	if err != nil {
		return Answer{}, fmt.Errorf("ask question %d: %w", q.ID, err)
	}
	a := Answer{Outcome: said.Outcome, Confidence: said.Confidence, Articles: []int64{}, Text: said.Text}
	for _, c := range said.Citations {
		if !slices.Contains(a.Articles, c.ArticleID) {
			a.Articles = append(a.Articles, c.ArticleID)
		}
	}
	if q.ArticleID == nil {
		a.Right = said.Outcome == chat.OutcomeHandoff
	} else {
		a.Right = said.Outcome == chat.OutcomeAnswer && slices.Contains(a.Articles, *q.ArticleID)
	}
	return a, nil
}

// order puts first what an editor has to look at.
var order = []Change{Worse, Better, Changed, Same}

func (s *Service) record(ctx context.Context, c knowledge.Check, results []Result) (Report, error) {
	slices.SortStableFunc(results, func(a, b Result) int { return slices.Index(order, a.Change) - slices.Index(order, b.Change) })
	for _, r := range results {
		if r.Change == Worse {
			c.Worse++
		}
	}
	var err error
	if c.Results, err = json.Marshal(results); err != nil {
		return Report{}, fmt.Errorf("record a check: %w", err)
	}
	c, err = s.Knowledge.SaveCheck(ctx, c)
	return Report{Check: c, Results: results}, err
}

// Publish makes the draft of that revision live. Unless a check of it still
// holds it is checked first; where answers get worse, it goes live with a reason
// and not without one.
func (s *Service) Publish(ctx context.Context, articleID, revision, by int64, reason string) (knowledge.Article, error) {
	check, err := s.checked(ctx, articleID, revision, by)
	if err != nil {
		return knowledge.Article{}, err
	}
	if check.Worse > 0 && check.AcknowledgedAt == nil {
		if reason == "" {
			return knowledge.Article{}, getsWorse(check)
		}
		if err := s.Knowledge.AcknowledgeCheck(ctx, check.ID, by, reason); err != nil {
			return knowledge.Article{}, err
		}
	}
	return s.Knowledge.Publish(ctx, articleID, revision, knowledge.Publication{By: &by, SecondEyes: s.secondEyes()})
}

// checked is the last check of that revision if it still holds, or else a new one.
func (s *Service) checked(ctx context.Context, articleID, revision, by int64) (knowledge.Check, error) {
	last, err := s.Knowledge.LastCheck(ctx, articleID, revision)
	if err != nil {
		return knowledge.Check{}, err
	}
	if last != nil {
		return *last, nil
	}
	report, _, err := s.askAll(ctx, articleID, revision, &by, nil)
	return report.Check, err
}

func getsWorse(c knowledge.Check) error {
	return fault.Conflict("answers_get_worse",
		"With this draft %d of the golden questions would be answered worse. Look at the check, and publish again with the reason why that is acceptable.", c.Worse)
}
