// SPDX-License-Identifier: MIT

package bot

import (
	"context"

	"candor/chat"
	"candor/handoff"
	"candor/knowledge"
	"candor/prompts"
)

// finish ends the turn in one transaction: if it is still ours, its result, its
// decision record and, where needed, the handoff are written together, and the
// next turn is opened when the customer wrote more meanwhile. Otherwise nothing
// is written and errLost returned.
func (s *Service) finish(ctx context.Context, t *turn, d decision) error {
	var next *chat.Turn
	lost := false
	err := s.Chat.Lock(ctx, t.ConversationID, func(l *chat.Locked) error {
		var err error
		if d, err = s.recheck(ctx, l, t, d); err != nil {
			return err
		}
		d.evidence.MessageSeq = t.ToSeq
		ours, err := l.EndTurn(ctx, t.ID, t.Holder, d.outcome, func() error {
			if err := s.speak(ctx, l, t, d); err != nil {
				return err
			}
			return l.Record(chat.EntryDecision, t.record(d), t.private())
		})
		if lost = err == nil && !ours; err != nil || lost {
			return err
		}
		if d.outcome == chat.OutcomeHandoff {
			if _, err = s.Handoff.OpenTx(ctx, l, handoff.Request{Reason: d.reason, Evidence: []handoff.Evidence{d.evidence}}); err != nil {
				return err
			}
		}
		next, err = s.next(ctx, l)
		return err
	})
	if err != nil {
		return err
	}
	if lost {
		return errLost
	}
	countTurn(d)
	if next != nil {
		s.start(*next)
	}
	return nil
}

// recheck turns an answer into a handoff when the text it rests on was taken
// back while it was being written, and a second clarifying question likewise.
func (s *Service) recheck(ctx context.Context, l *chat.Locked, t *turn, d decision) (decision, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return d, err
	}
	switch d.outcome {
	case chat.OutcomeAnswer:
		live, err := s.Knowledge.Live(ctx, tx, t.versions(), t.reader)
		if err == nil && !live {
			d = callFor(handoff.ReasonRule, "source_withdrawn", 0, 0)
		}
		return d, err
	case chat.OutcomeClarify:
		asked, err := s.Chat.CountOutcomes(ctx, l, chat.OutcomeClarify)
		if err == nil && asked >= maxClarify {
			d = callFor(handoff.ReasonLowConfidence, "clarified_before", t.confidence, t.threshold)
		}
		return d, err
	}
	return d, nil
}

// speak writes what the bot says at the end of a turn. Before a handoff that is
// what had already been shown, marked partial.
func (s *Service) speak(ctx context.Context, l *chat.Locked, t *turn, d decision) error {
	switch d.outcome {
	case chat.OutcomeHandoff:
		return l.PostPartial(ctx, t.ID)
	case chat.OutcomeClarify:
		words, err := s.Chat.Wording().Clarify(t.question.Locale, d.topics)
		if err != nil {
			return err
		}
		return l.PostTurn(ctx, chat.BotMessage{Text: words, TurnID: t.ID})
	case chat.OutcomeDecline:
		words, err := s.Chat.Wording().Render(t.question.Locale, prompts.DeclineScope, prompts.Args{"org": s.Chat.Company().Name})
		if err != nil {
			return err
		}
		return l.PostTurn(ctx, chat.BotMessage{Text: words, TurnID: t.ID})
	}
	var shown []chat.Sentence
	for _, c := range t.sentences {
		if !c.Blocked() {
			shown = append(shown, chat.Sentence{Text: c.Text, Citations: c.Citations})
		}
	}
	words, citations := chat.Join(shown)
	err := l.PostTurn(ctx, chat.BotMessage{Text: words, Citations: citations, TurnID: t.ID})
	if err == nil {
		err = s.Handoff.TellTx(ctx, l)
	}
	if err != nil || !t.question.Upset {
		return err
	}
	return s.say(ctx, l, prompts.UpsetOffer, nil)
}

// next opens a turn for what the customer wrote while this one ran.
func (s *Service) next(ctx context.Context, l *chat.Locked) (*chat.Turn, error) {
	may, err := l.BotMayAnswer(ctx)
	if err != nil || !may {
		return nil, err
	}
	return l.OpenTurn(ctx, s.holder(), s.Lease)
}

// versions are the article versions that the answer rests on.
func (t *turn) versions() []knowledge.VersionRef {
	var refs []knowledge.VersionRef
	seen := map[knowledge.VersionRef]bool{}
	for _, c := range t.sentences {
		if c.Blocked() {
			continue
		}
		for _, citation := range c.Citations {
			ref := knowledge.VersionRef{ArticleID: citation.ArticleID, Version: citation.Version}
			if !seen[ref] {
				seen[ref] = true
				refs = append(refs, ref)
			}
		}
	}
	return refs
}
