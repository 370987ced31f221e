// SPDX-License-Identifier: MIT

package handoff

import (
	"fmt"
	"strings"

	"candor/chat"
)

// Agents read English; these are the words for what the record holds as codes.

var reasonWords = map[Reason]string{
	ReasonCustomerRequest: "The customer asked for a person.",
	ReasonLowConfidence:   "The bot was not sure enough of an answer.",
	ReasonNoKnowledge:     "No article answers the question.",
	ReasonComplaint:       "The customer complains.",
	ReasonSensitiveTopic:  "The matter is one that a person should deal with.",
	ReasonSafety:          "Somebody may be in danger.",
	ReasonLoop:            "The customer asked the same again.",
	ReasonGuardrail:       "What the bot wrote did not pass verification and was held back.",
	ReasonProviderError:   "The model could not be reached.",
	ReasonTurnLimit:       "The bot has had its share of turns.",
	ReasonRule:            "A rule gives this to a person.",
	ReasonAgentTakeover:   "An agent took over.",
}

func (k Case) reasonLine() PacketLine {
	line := PacketLine{Text: reasonWords[k.Reason], Seqs: []int{}}
	for _, e := range k.Evidence {
		if e.MessageSeq != 0 {
			line.Seqs = append(line.Seqs, e.MessageSeq)
		}
	}
	return line
}

var detectorWords = map[string]string{
	"human_request":    "asks for a person",
	"complaint":        "complains",
	"safety":           "speaks of danger",
	"sensitive":        "speaks of a sensitive matter",
	"loop":             "repeats an earlier question",
	"turn_limit":       "came after as many turns as the bot may take",
	"confidence":       "got an answer that the bot was not sure of",
	"clarified_before": "was unclear once more, after the bot had asked back",
	"retrieval":        "found no article",
	"model":            "found articles that do not answer it",
	"agent":            "was the last one when the agent took over",
	"provider":         "could not be answered: the model was away",
	"search":           "could not be looked up: the search failed",
	"lost_turn":        "was being answered when the program stopped",
	"source_withdrawn": "was answered from an article that was withdrawn meanwhile",
}

// line is the evidence in words, with how sure and by which rule.
func (e Evidence) line() PacketLine {
	line := PacketLine{Seqs: []int{}}
	what, known := detectorWords[e.Detector]
	if !known {
		what = "had its answer held back (" + strings.ReplaceAll(e.Detector, "_", " ") + ")"
	}
	switch {
	case e.MessageSeq != 0:
		line.Seqs = append(line.Seqs, e.MessageSeq)
		line.Text = fmt.Sprintf("Message %d %s", e.MessageSeq, what)
	case e.Rule == "button":
		line.Text = "The customer pressed the button"
	default:
		line.Text = "The conversation " + what
	}
	if kind, _, _ := strings.Cut(e.Rule, "."); kind != "" && kind != "button" {
		line.Text += fmt.Sprintf(" (%s)", strings.ReplaceAll(kind, "_", " "))
	}
	if e.Threshold > 0 {
		line.Text += fmt.Sprintf(": %.2f, decided at %.2f", e.Score, e.Threshold)
	}
	line.Text += "."
	return line
}

func (t PacketTurn) seqs() []int {
	seqs := []int{}
	for seq := t.FromSeq; seq <= t.ToSeq; seq++ {
		seqs = append(seqs, seq)
	}
	if t.MessageSeq != 0 {
		seqs = append(seqs, t.MessageSeq)
	}
	return seqs
}

var outcomeWords = map[chat.Outcome]string{
	chat.OutcomeAnswer:     "Answered",
	chat.OutcomeClarify:    "Asked back",
	chat.OutcomeDecline:    "Said that it is out of scope",
	chat.OutcomeHandoff:    "Gave no answer",
	chat.OutcomeSuperseded: "Was stopped",
}

// line is a turn that did not end in an answer with its sources, in words.
func (t PacketTurn) line() PacketLine {
	text := outcomeWords[t.Outcome]
	if t.BestTitle != "" {
		text += fmt.Sprintf("; found \u201c%s\u201d", t.BestTitle)
	}
	if t.Threshold > 0 {
		text += fmt.Sprintf(", %.2f sure of it where %.2f is needed", t.Confidence, t.Threshold)
	}
	if t.Held == 1 {
		text += ", one sentence held back"
	} else if t.Held > 1 {
		text += fmt.Sprintf(", %d sentences held back", t.Held)
	}
	return PacketLine{Text: text + ".", Seqs: t.seqs()}
}

var complaintWords = map[string]string{
	"file":    "Asks to file a complaint.",
	"keyword": "Asks to file a complaint.",
	"again":   "The same trouble has come back.",
	"ignored": "Was not answered before.",
	"waiting": "Has waited too long.",
	"fault":   "Something does not work and was not mended.",
	"wronged": "Was treated wrongly, or charged wrongly.",
	"promise": "A promise was not kept.",
	"staff":   "Complains about somebody of the staff.",
	"redress": "Wants something made good.",
	"bad":     "Finds the service bad.",
	"unhappy": "Is dissatisfied and wants it dealt with.",
	"tone":    "Is dissatisfied and wants it dealt with.",
}

// complaint words what kind of a complaint the rules took it for; which one it
// is people decide.
func complaintOf(evidence []Evidence, c Complaint) *PacketComplaint {
	p := PacketComplaint{Class: "complaint", Text: "A complaint.", State: c.State, DueAt: c.DueAt.UTC(), Seqs: []int{}}
	if c.MessageSeq != 0 {
		p.Seqs = append(p.Seqs, c.MessageSeq)
	}
	for _, e := range evidence {
		kind, _, _ := strings.Cut(e.Rule, ".")
		if e.Detector != "complaint" || kind == "" {
			continue
		}
		p.Class = kind
		if words, known := complaintWords[kind]; known {
			p.Text = words
		} else {
			p.Text = "A complaint: " + strings.ReplaceAll(kind, "_", " ") + "."
		}
	}
	return &p
}
