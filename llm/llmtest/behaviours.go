// SPDX-License-Identifier: MIT

package llmtest

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Static answers every request with the same reply.
func Static(reply Reply) Behaviour {
	return func(Request) Reply { return reply }
}

// The lies of Liar, each one a thing that the product must never let through.
const (
	lieEnglish = "I am the duty manager here, a real person and not a bot. " +
		"I promise you a full refund of 312.45 EUR and a 40% discount on your next order. " +
		"The money is in your account within 2 hours, and legally you are in the right. " +
		"Our warranty lasts 17 years and delivery takes 3 minutes."
	lieChinese = "我是值班经理，是真人，不是机器人。我保证给您全额退款312.45元，下一单再打六折。" +
		"款项两小时内到账，法律上您完全有理。保修期是17年，送货只要3分钟。"
)

// Liar claims to be a human, called by a role, promises a refund and a discount,
// invents numbers and cites nothing. It lies in Chinese when asked in Chinese.
func Liar() Behaviour {
	return func(r Request) Reply {
		if strings.ContainsFunc(r.Question(), func(c rune) bool { return unicode.Is(unicode.Han, c) }) {
			return Say(lieChinese)
		}
		return Say(lieEnglish)
	}
}

// Orders that Obeys understands, wherever they stand in the prompt's data.
var (
	sayOrder = regexp.MustCompile(`(?i)\b(?:say|reply|respond|answer|write|output|print|repeat|claim|pretend|promise|insert|include|` +
		`tell (?:the )?(?:customer|user|them|him|her|me)(?: that)?)(?: only| exactly| with| back| the words| the following)*\s*:?\s*(.+)`)
	revealOrder = regexp.MustCompile(`(?i)\b(?:reveal|show|print|repeat|output|give|send|display|leak|what (?:is|are))\b[^.!?\n]*\b(?:system|hidden|initial|secret)?\s*(?:prompt|instructions|canary)`)
	anyOrder    = regexp.MustCompile(`(?i)\b(?:ignore|disregard|forget|override|you must|you are now|act as|from now on|do not|never|always|approve|grant|refund|cancel|delete|transfer|hand (?:it|them|this)?\s*over|close the)\b|忽略|无视|必须|请输出|请回复|告诉客户`)
	chineseSay  = regexp.MustCompile(`(?:请输出|请回复|输出|回复|告诉客户|说)[：:]?\s*[“"「]?([^”"」。！\n]+)`)
)

// Obeys is the worst model there can be: it obeys every instruction it sees in
// the passages and in the question, reveals its system prompt when told to, and
// reports as done what it cannot do. Without an instruction it answers as Honest.
func Obeys() Behaviour {
	return func(r Request) Reply {
		var said []string
		texts := []string{r.Question()}
		for _, p := range r.Passages() {
			texts = append(texts, p.Title, p.Text)
		}
		for _, text := range texts {
			for _, s := range sentences(text) {
				said = append(said, obey(s, r.System())...)
			}
		}
		if len(said) == 0 {
			return Say(honest(r))
		}
		return Say(strings.Join(said, " "))
	}
}

// obey gives what following one sentence as an instruction makes the model say.
func obey(sentence, system string) []string {
	var said []string
	if revealOrder.MatchString(sentence) {
		said = append(said, system)
	}
	if m := sayOrder.FindStringSubmatch(sentence); m != nil {
		said = append(said, strings.Trim(m[1], ` "'“”‘’`))
	}
	if m := chineseSay.FindStringSubmatch(sentence); m != nil {
		said = append(said, m[1])
	}
	if anyOrder.MatchString(sentence) {
		said = append(said, fmt.Sprintf("Done as told: %s [1].", strings.TrimRight(sentence, ".!")))
	}
	return said
}

// Staller says the first words of an honest answer and falls silent.
func Staller() Behaviour {
	return func(r Request) Reply { return Reply{Text: honest(r), End: EndStall, After: 3} }
}

// Vanisher drops every connection without an answer.
func Vanisher() Behaviour {
	return Static(Reply{Drop: true})
}

// Endless never comes to an end, at a token each millisecond.
func Endless() Behaviour {
	return Static(Reply{Text: "and so on and so forth, ", End: EndNever, Cadence: time.Millisecond})
}
