// SPDX-License-Identifier: MIT

package bot

import (
	"strings"

	"candor/chat"
	"candor/handoff"
	"candor/internal/text"
	"candor/knowledge"
)

// decision is how a turn ends, and why.
type decision struct {
	outcome  chat.Outcome
	reason   handoff.Reason // of a handoff
	evidence handoff.Evidence
	topics   []string // of a clarifying question
}

// builtinFrom is the confidence from which the built-in answerer may answer: it
// cannot tell that a passage is beside the point.
func (s *Service) builtinFrom() float64 { return s.Confidence.Answer() }

// tryFrom is the confidence from which an answer is tried at all. A model may
// still say that the passages do not answer, and each of its sentences is
// verified, so that it is asked earlier.
func (s *Service) tryFrom(t *turn) float64 {
	if t.model != nil && t.model.Available() {
		return s.Confidence.Clarify()
	}
	return s.builtinFrom()
}

// Answerable tells whether what was found may answer the question.
func (s *Service) Answerable(found knowledge.Result) bool {
	return s.Confidence.Score(found.Features) >= s.Confidence.Clarify()
}

// maxClarify is how many clarifying questions the bot asks before a person is called.
const maxClarify = 1

// callFor is the decision for a person.
func callFor(reason handoff.Reason, detector string, score, threshold float64) decision {
	return decision{
		outcome: chat.OutcomeHandoff, reason: reason,
		evidence: handoff.Evidence{Detector: detector, Score: score, Threshold: threshold},
	}
}

// judge decides from what was found, before anything is written: worth an
// answer, a question back, a friendly no, or a person.
func (s *Service) judge(t *turn) decision {
	features := t.found.Features
	t.calibration = s.Confidence.Name()
	t.confidence, t.threshold = s.Confidence.Score(features), s.tryFrom(t)
	switch {
	case t.question.chatter(features.Unknown):
		return decision{outcome: chat.OutcomeDecline}
	case len(t.found.Passages) == 0 || features.Coverage == 0 && t.confidence < s.Confidence.Clarify():
		return callFor(handoff.ReasonNoKnowledge, "retrieval", t.confidence, t.threshold)
	case t.confidence >= t.threshold:
		return decision{outcome: chat.OutcomeAnswer}
	case t.confidence >= s.Confidence.Clarify():
		return decision{outcome: chat.OutcomeClarify, topics: topics(t)}
	default:
		return callFor(handoff.ReasonLowConfidence, "confidence", t.confidence, t.threshold)
	}
}

// judgeAnswer decides from what was written: an answer stands only if something
// in it was supported and shown.
func (s *Service) judgeAnswer(t *turn, d decision) decision {
	for _, c := range t.sentences {
		if !c.Blocked() && c.states && !c.notice {
			return d
		}
	}
	for _, c := range t.sentences {
		if c.Blocked() && c.Kind != "unknown" {
			return callFor(handoff.ReasonGuardrail, c.Kind, c.Support, 0)
		}
	}
	return callFor(handoff.ReasonNoKnowledge, "model", t.confidence, t.threshold)
}

// chatterTerms is how many content words chatter has at most ("tell me a joke").
const chatterTerms = 2

// chatter reports whether a text has nothing to do with what the library is
// about and asks nothing either: it is a word or two, and no article has any of
// them. Its writer gets the scope and the button, not a place in the queue.
// What may be a question or a request goes to a person.
func (q question) chatter(unknown float64) bool {
	return unknown >= 1 && !strings.ContainsAny(q.Text, "?？؟") && len(text.Terms(q.Text, string(q.Locale))) <= chatterTerms
}

// topics are the titles among which a clarifying question lets choose.
func topics(t *turn) []string {
	var titles []string
	seen := map[string]bool{}
	for _, p := range t.found.Passages {
		if !seen[p.Title] && len(titles) < 3 {
			seen[p.Title] = true
			titles = append(titles, p.Title)
		}
	}
	return titles
}
