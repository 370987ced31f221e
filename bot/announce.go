// SPDX-License-Identifier: MIT

package bot

import (
	"context"
	"strings"

	"candor/chat"
	"candor/knowledge"
	"candor/prompts"
)

// findNotices looks for the announcements in force that the question is about.
func (s *Service) findNotices(ctx context.Context, t *turn) (err error) {
	if t.lasting {
		return nil
	}
	q := knowledge.Query{Text: t.question.Query, Lang: string(t.question.Locale), For: t.reader}
	if t.notices, err = s.Knowledge.AnnouncedFor(ctx, q, &t.found, s.Answerable(t.found)); err != nil {
		s.Logger.Error("reading the announcements failed; a person is called", "turn", t.ID, "error", err)
	}
	return err
}

// respond says what there is to say: announcements first, word for word and with
// no model asked, then what else answers the question. Where nothing else does,
// the announcement is the answer.
func (s *Service) respond(ctx context.Context, t *turn) (decision, error) {
	d := s.judge(t)
	for _, n := range t.notices {
		if err := s.announce(ctx, t, n); err != nil {
			return d, err
		}
	}
	if d.outcome == chat.OutcomeAnswer {
		var err error
		if d, err = s.answer(ctx, t, d); err != nil {
			return d, err
		}
	}
	if len(t.notices) > 0 && t.answered() == 0 {
		d = decision{outcome: chat.OutcomeAnswer}
	}
	return d, nil
}

// announce shows an announcement. It is the company's own word, published by a
// person, so that nothing in it is held back; each paragraph cites its version.
func (s *Service) announce(ctx context.Context, t *turn, n knowledge.AnnouncementMatch) error {
	said := n.In(string(t.question.Locale))
	key := prompts.AnnouncementIntro
	if !strings.HasPrefix(strings.ToLower(said.Lang), string(t.question.Locale)) {
		key = prompts.AnnouncementForeign
	}
	intro, err := s.Chat.Wording().Render(t.question.Locale, key, nil)
	if err != nil {
		return err
	}
	if t.shown() > 0 {
		intro = "\n\n" + intro
	}
	if err := s.show(ctx, t, checked{Text: intro, notice: true}); err != nil {
		return err
	}
	for part := range strings.SplitSeq(said.Text, "\n\n") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		c := checked{Text: "\n\n" + part, Support: 1, notice: true, states: true, Citations: []chat.Citation{{
			ArticleID: n.ID, Version: n.Version, Title: said.Title, Quote: strings.TrimSpace(part),
		}}}
		if err := s.show(ctx, t, c); err != nil {
			return err
		}
	}
	return nil
}

// answered is how many sentences were shown that are not of an announcement.
func (t *turn) answered() int {
	n := 0
	for _, c := range t.sentences {
		if !c.Blocked() && !c.notice {
			n++
		}
	}
	return n
}
