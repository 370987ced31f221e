// SPDX-License-Identifier: MIT

package prompts

import (
	"fmt"
	"strings"
	"time"
)

// Notice is what the acknowledgement of a handoff tells the customer.
type Notice struct {
	Reason       string // of the handoff: customer_request, no_knowledge, ...
	Reference    string
	Position     int    // place in the queue, from 1; used while the team is available
	Wait         string // phrase made by Wait; empty: said to be unknown
	Nobody       bool   // the team's hours are on, and nobody of it is at work
	Closed       bool   // the team is not available now: Hours and Due are used instead of Position and Wait
	Holiday      string // that closes the team today; empty: none does
	Hours        string // phrase made by Hours
	Due          string // phrase made by DateTime: by when a person replies
	Alternatives string // other ways to reach the company; empty: not mentioned
}

// Handoff words the acknowledgement of a handoff: why a person, the reference, the place in the queue or the date, what happens
// next, and that something may be added meanwhile. It never asks a question back.
func Handoff(l Locale, n Notice) (string, error) { return Wording{}.Handoff(l, n) }

// Handoff is [Handoff] with the company's own texts.
func (w Wording) Handoff(l Locale, n Notice) (string, error) {
	keys := []Key{handoffWhy + Key(n.Reason)}
	switch {
	case n.Closed && n.Holiday != "":
		keys = append(keys, handoffClosedToday, handoffClosed)
	case n.Closed:
		keys = append(keys, handoffClosed)
	case n.Nobody:
		keys = append(keys, handoffOpen, handoffNobody)
	case n.Wait == "":
		keys = append(keys, handoffOpen, handoffWaitUnknown)
	default:
		keys = append(keys, handoffOpen, handoffWait)
	}
	if n.Alternatives != "" {
		keys = append(keys, HandoffAlternatives)
	}
	keys = append(keys, handoffSilence, handoffAdd)
	return w.join(l, keys, Args{
		"ref": n.Reference, "position": position(n.Position), "wait": n.Wait,
		"hours": n.Hours, "due": n.Due, "alternatives": n.Alternatives, "holiday": n.Holiday,
	})
}

// Opened words that the team is there now: the place in the queue, and the wait.
func Opened(l Locale, n Notice) (string, error) { return Wording{}.Opened(l, n) }

// Opened is [Opened] with the company's own texts.
func (w Wording) Opened(l Locale, n Notice) (string, error) {
	keys := []Key{QueueOpened, handoffWait}
	switch {
	case n.Nobody:
		keys[1] = handoffNobody
	case n.Wait == "":
		keys[1] = handoffWaitUnknown
	}
	return w.join(l, keys, Args{"ref": n.Reference, "position": position(n.Position), "wait": n.Wait})
}

func position(n int) string {
	if n < 1 {
		return "" // Render names the hole
	}
	return fmt.Sprint(n)
}

// Safety words the advice for an emergency of a kind that triage names ("fire", "gas", "self_harm", "violence", "medical",
// "electric") and says that a person was alerted. The acknowledgement of the handoff follows it as a message of its own.
func Safety(l Locale, kind string) (string, error) {
	return Wording{}.join(l, []Key{safetyPrefix + Key(kind), safetyAlerted}, nil)
}

// Clarify words one question back to the customer, offering up to three topics; without any it asks for a few more words.
func Clarify(l Locale, titles []string) (string, error) { return Wording{}.Clarify(l, titles) }

// Clarify is [Clarify] with the company's own texts.
func (w Wording) Clarify(l Locale, titles []string) (string, error) {
	var options []string
	for _, title := range titles[:min(3, len(titles))] {
		if title = plainLine(title); title != "" {
			options = append(options, "- "+title)
		}
	}
	if len(options) == 0 {
		return w.Render(l, clarifyOpen, nil)
	}
	return w.Render(l, clarifySome, Args{"options": strings.Join(options, "\n")})
}

// Correction words that what was said on a day about an article was wrong, and what is right, in Markdown.
func (w Wording) Correction(l Locale, day time.Time, title, right string) (string, error) {
	return w.Render(l, correction, Args{"date": Date(l, day), "title": plainLine(title), "right": right})
}

// plainLine makes one line of an article's title and takes the Markdown out of its effect.
func plainLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return markdownSpecials.Replace(s)
}

var markdownSpecials = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "!", `\!`)

// join renders several texts as sentences of one paragraph.
func (w Wording) join(l Locale, keys []Key, args Args) (string, error) {
	gap := " "
	if l == Chinese || l == Japanese {
		gap = ""
	}
	parts := make([]string, len(keys))
	for i, k := range keys {
		part, err := w.Render(l, k, args)
		if err != nil {
			return "", err
		}
		parts[i] = part
	}
	return strings.Join(parts, gap), nil
}
