// SPDX-License-Identifier: MIT

package bot

import (
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"candor/bot/guard"
	"candor/chat"
	"candor/handoff"
	"candor/internal/text"
	"candor/knowledge"
	"candor/llm"
	"candor/prompts"
)

// answer lets the provider's model write, or the built-in answerer where there
// is none or it is away before it said anything. Each sentence is verified and
// kept before it is shown. What could not be finished ends in a handoff; what
// was shown until then stays.
func (s *Service) answer(ctx context.Context, t *turn, d decision) (decision, error) {
	if t.model != nil {
		err := s.write(ctx, t)
		switch {
		case err == nil:
			return s.judgeAnswer(t, d), nil
		case errors.Is(err, errLost) || ctx.Err() != nil && s.stopping.Err() != nil:
			return decision{}, err
		case errors.Is(err, errForbidden):
			return callFor(handoff.ReasonGuardrail, t.lastBlocked(), 0, 0), nil
		case t.answered() > 0 || !providerFailed(err):
			s.Logger.Warn("an answer was not finished", "turn", t.ID, "error", err)
			return callFor(handoff.ReasonProviderError, "provider", 0, 0), nil
		}
		s.Logger.Warn("the provider is away; answering without it", "turn", t.ID, "error", err)
		t.degraded = true
	}
	if t.confidence < s.builtinFrom() {
		return callFor(handoff.ReasonLowConfidence, "confidence", t.confidence, s.builtinFrom()), nil
	}
	if err := s.compose(ctx, t); err != nil {
		return decision{}, err
	}
	return s.judgeAnswer(t, d), nil
}

// providerFailed reports whether err is the provider's, not ours.
func providerFailed(err error) bool {
	var e *llm.Error
	return errors.As(err, &e) || errors.Is(err, errFiltered)
}

// errForbidden says that the model wrote what must never be said here.
var errForbidden = errors.New("the model wrote what must not be said")

// write streams the model's answer, sentence by sentence.
func (s *Service) write(ctx context.Context, t *turn) error {
	request, err := s.prompt(t)
	if err != nil {
		return err
	}
	t.answerer = t.model.ChatModel()
	stream, err := t.model.Stream(ctx, request)
	if err != nil {
		return err
	}
	defer func() {
		stream.Close()
		t.usage = usageOf(stream.Usage())
	}()
	var splitter text.Splitter
	for {
		delta, err := stream.Next()
		if errors.Is(err, io.EOF) {
			return s.offerRest(ctx, t, stream.FinishReason(), splitter.Rest())
		}
		if err != nil {
			return err
		}
		for _, sentence := range splitter.Push(delta) {
			if err := s.offer(ctx, t, sentence); err != nil {
				return err
			}
		}
		if len(t.sentences) >= maxWritten {
			return nil // it stands on what was shown until here
		}
	}
}

// errFiltered says that the provider held back the rest of an answer.
var errFiltered = errors.New("the provider filtered the answer")

// offerRest takes what stands behind the last full stop, unless the answer ended
// for another reason than that it was over: half a sentence is no sentence.
func (s *Service) offerRest(ctx context.Context, t *turn, finish, rest string) error {
	switch finish {
	case "length":
		return nil
	case "content_filter":
		return errFiltered
	default:
		return s.offer(ctx, t, rest)
	}
}

// maxWritten is how many sentences of a model are looked at: nobody reads more,
// and a model that goes on and on is stopped.
const maxWritten = 40

// prompt is what the model is asked. Passages and question are data in it.
func (s *Service) prompt(t *turn) (llm.Request, error) {
	system, err := prompts.System(prompts.SystemData{Org: s.Chat.Company().Name, Locale: t.question.Locale, Canary: s.canary})
	if err != nil {
		return llm.Request{}, err
	}
	passages := make([]prompts.Passage, len(t.found.Passages))
	for i, p := range t.found.Passages {
		passages[i] = prompts.Passage{Title: p.Title, Text: p.Text}
	}
	user, err := prompts.User(t.question.Query, passages)
	if err != nil {
		return llm.Request{}, err
	}
	return llm.Request{Messages: []llm.Message{{Role: llm.RoleSystem, Content: system}, {Role: llm.RoleUser, Content: user}}}, nil
}

// marker is how the model names the passages a sentence rests on: [1] or [1, 2].
var marker = regexp.MustCompile(`\s*\[(\d{1,2}(?:\s*,\s*\d{1,2})*)\]`)

// offer takes one sentence of the model with its markers: verified, kept, and
// only then shown. A sentence that may never be said ends the answer; one that
// the passages do not support is left out.
func (s *Service) offer(ctx context.Context, t *turn, raw string) error {
	if strings.TrimSpace(raw) == "" || t.unknown(raw) {
		return nil
	}
	cited := citedBy(raw, t.found.Passages)
	c := s.verify(t, marker.ReplaceAllString(raw, ""), cited)
	return s.show(ctx, t, c)
}

// unknown takes note of the model's word for "the passages do not say".
func (t *turn) unknown(raw string) bool {
	if strings.Trim(raw, " .\n\t*") != prompts.UnknownWord {
		return false
	}
	t.sentences = append(t.sentences, checked{Kind: "unknown"})
	return true
}

// citedBy gives the passages that the markers of a sentence name. A number that
// was never given names nothing.
func citedBy(raw string, passages []knowledge.Passage) []knowledge.Passage {
	var cited []knowledge.Passage
	seen := map[int]bool{}
	for _, match := range marker.FindAllStringSubmatch(raw, -1) {
		for number := range strings.SplitSeq(match[1], ",") {
			n, err := strconv.Atoi(strings.TrimSpace(number))
			if err != nil || n < 1 || n > len(passages) || seen[n] {
				continue
			}
			seen[n] = true
			cited = append(cited, passages[n-1])
		}
	}
	return cited
}

// show keeps a verified sentence in the turn's row, from where readers get it.
func (s *Service) show(ctx context.Context, t *turn, c checked) error {
	if c.Blocked() {
		t.sentences = append(t.sentences, c)
		if c.forbidden() {
			return errForbidden
		}
		return nil
	}
	if strings.TrimSpace(c.Text) == "" {
		return nil // nothing but a marker
	}
	if !c.notice && len(t.notices) > 0 && t.answered() == 0 {
		c.Text = "\n\n" + strings.TrimLeft(c.Text, "\n") // set off from the announcement
	}
	if !t.rehearsal {
		ours, err := s.Chat.AppendSentence(ctx, t.conversation, t.Turn, t.shown(), chat.Sentence{Text: c.Text, Citations: c.Citations})
		if err != nil {
			return err
		}
		if !ours {
			return errLost
		}
	}
	t.timings.sentence()
	t.sentences = append(t.sentences, c)
	return nil
}

// checked is a sentence with what its verification said.
type checked struct {
	Text      string
	Citations []chat.Citation
	Kind      string // why it was held back; empty: it was shown
	Evidence  string
	Support   float64
	Chunks    []int64
	notice    bool // of an announcement
	states    bool // it states something, so it is worth an answer
}

// Blocked reports whether the sentence was held back.
func (c checked) Blocked() bool { return c.Kind != "" }

// forbidden reports whether it may be said in no answer; a sentence that is only
// unsupported is left out and the others stand.
func (c checked) forbidden() bool {
	return c.Kind != "unknown" && !guard.Droppable(c.Kind)
}

func (t *turn) shown() int {
	n := 0
	for _, c := range t.sentences {
		if !c.Blocked() {
			n++
		}
	}
	return n
}

func (t *turn) lastBlocked() string {
	for _, c := range slices.Backward(t.sentences) {
		if c.Blocked() {
			return c.Kind
		}
	}
	return ""
}
