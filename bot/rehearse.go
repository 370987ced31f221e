// SPDX-License-Identifier: MIT

package bot

import (
	"cmp"
	"context"

	"candor/bot/triage"
	"candor/chat"
	"candor/handoff"
	"candor/internal/redact"
	"candor/internal/text"
	"candor/knowledge"
	"candor/prompts"
)

// Rehearsal is a question that nobody asked: an editor tries what the bot would say.
type Rehearsal struct {
	Text  string
	Lang  string // of a page; "" to tell from the text
	Draft int64  // an article whose draft counts as published; 0: what is live
	// Drafts of many articles count as published; nil: of none.
	Drafts *knowledge.DraftSet
	// SignedIn: asked by a customer who is signed in at the company's own site.
	SignedIn bool
	// BuiltIn answers without the provider's model: the same question then has
	// the same answer every time, and costs nothing.
	BuiltIn bool
	// Lasting leaves announcements out: what the library says when they are over.
	Lasting bool
}

// Rehearsed is what the bot would do.
type Rehearsed struct {
	Outcome    chat.Outcome
	Reason     handoff.Reason // of a handoff
	Detector   string         // what decided for the handoff, or "fixed_reply"
	Confidence float64
	Threshold  float64
	Answerer   string
	Text       string // the answer, in Markdown
	Citations  []chat.Citation
	Blocked    []RehearsedSentence // written and held back
	Found      knowledge.Result
	Notices    []knowledge.AnnouncementMatch
}

// RehearsedSentence is a sentence that would not have been shown, and why.
type RehearsedSentence struct{ Text, Kind, Evidence string }

// Rehearse runs a turn as Post would, up to the answer, outside any conversation:
// nothing is written.
func (s *Service) Rehearse(ctx context.Context, r Rehearsal) (Rehearsed, error) {
	if err := chat.CheckText(r.Text); err != nil {
		return Rehearsed{}, err
	}
	verdict := triage.Detect(r.Text)
	for _, c := range calls(verdict) {
		if c.finding.Hit {
			return Rehearsed{Outcome: chat.OutcomeHandoff, Reason: c.reason, Detector: c.detector, Confidence: c.finding.Score, Threshold: triage.Threshold}, nil
		}
	}
	clean, _ := redact.Text(r.Text)
	locale := prompts.Match(cmp.Or(text.DetectLang(r.Text), r.Lang, s.Chat.Company().Locale))
	if key, args, fixed := s.fixedReply(verdict); fixed && !asksMore(r.Text, verdict) {
		words, err := s.Chat.Wording().Render(locale, key, args)
		return Rehearsed{Outcome: chat.OutcomeAnswer, Detector: "fixed_reply", Text: words}, err
	}
	t := &turn{model: s.Model, rehearsal: true, lasting: r.Lasting, draft: r.Draft, drafts: r.Drafts, question: question{Text: clean, Query: clean, Locale: locale}, timings: startTimings()}
	if r.BuiltIn {
		t.model = nil
	}
	t.reader = readerOf(chat.Conversation{SignedIn: r.SignedIn})
	return s.rehearse(ctx, t)
}

func (s *Service) rehearse(ctx context.Context, t *turn) (Rehearsed, error) {
	var err error
	if t.found, err = s.retrieve(ctx, t); err != nil {
		return Rehearsed{}, err
	}
	if err := s.findNotices(ctx, t); err != nil {
		return Rehearsed{}, err
	}
	d, err := s.respond(ctx, t)
	if err != nil {
		return Rehearsed{}, err
	}
	return t.rehearsed(d, s.Chat.Wording())
}

// rehearsed tells what the turn came to.
func (t *turn) rehearsed(d decision, words prompts.Wording) (Rehearsed, error) {
	r := Rehearsed{
		Outcome: d.outcome, Reason: d.reason, Detector: d.evidence.Detector, Confidence: t.confidence, Threshold: t.threshold,
		Answerer: t.answerer, Found: t.found, Notices: t.notices,
	}
	var shown []chat.Sentence
	for _, c := range t.sentences {
		if c.Blocked() {
			r.Blocked = append(r.Blocked, RehearsedSentence{c.Text, c.Kind, c.Evidence})
		} else {
			shown = append(shown, chat.Sentence{Text: c.Text, Citations: c.Citations})
		}
	}
	var err error
	switch d.outcome {
	case chat.OutcomeAnswer:
		r.Text, r.Citations = chat.Join(shown)
	case chat.OutcomeClarify:
		r.Text, err = words.Clarify(t.question.Locale, d.topics)
	}
	return r, err
}
