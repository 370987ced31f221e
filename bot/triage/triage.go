// SPDX-License-Identifier: MIT

package triage

import "strings"

// Threshold is the score from which a finding counts.
const Threshold = 0.5

// Finding is what one detector says of a message.
type Finding struct {
	Hit   bool    // the score reaches Threshold
	Score float64 // 0 to 1
	Rule  string  // the strongest rule: kind and language, "fire.en"
	Match string  // the words it matched, normalised
}

// Kind is the first part of the rule: which emergency ("fire"), which sensitive matter ("legal"), which way of asking ("talk").
func (f Finding) Kind() string {
	kind, _, _ := strings.Cut(f.Rule, ".")
	return kind
}

// Verdict is everything found in one message.
type Verdict struct {
	HumanRequest Finding // a person is wanted
	Complaint    Finding // dissatisfaction that wants to be dealt with, or a complaint to be filed
	Safety       Finding // danger to life or limb; kinds: self_harm fire gas electric violence medical
	Sensitive    Finding // kinds: legal data bereavement health fraud hardship misconduct
	AskedIfHuman Finding // "are you a bot?"
	Upset        Finding // tone only
	Greeting     Finding // nothing but a greeting, thanks or a farewell
	Thanks       Finding
	Bye          Finding
}

// detector numbers, in the order of Verdict; the names are those used in the rules.
const (
	human = iota
	complaint
	safety
	sensitive
	asked
	upset
	greeting
	thanks
	bye
	again // the customer says that it was asked before; only Loop listens to it
	detectors
)

var detectorNames = [detectors]string{"human", "complaint", "safety", "sensitive", "asked", "upset", "greeting", "thanks", "bye", "again"}

// Detect reads one message.
func Detect(text string) Verdict {
	m := newMessage(text)
	found := m.run()
	shouting(text, &found[upset])
	smallTalk := m.onlySmallTalk(found)
	for i := range found {
		if i >= greeting && i <= bye && !smallTalk {
			found[i] = Finding{}
		}
		found[i].Hit = found[i].Score >= Threshold
	}
	return Verdict{
		found[human], found[complaint], found[safety], found[sensitive], found[asked], found[upset], found[greeting], found[thanks], found[bye],
	}
}
