// SPDX-License-Identifier: MIT

package guard

import (
	"embed"
	"regexp"
	"strings"
	"sync"

	"candor/internal/phrase"
)

// Kinds of refusal.
const (
	KindUnsupported = "unsupported" // the cited passages do not say it: a number, a name, a negation or too many words differ
	KindNoCitation  = "no_citation" // it states something and cites nothing
	KindPromise     = "promise"     // refund, discount, compensation, waiver, guarantee or a legal position for this customer
	KindAction      = "action"      // claims to have done something, or to be about to
	KindHuman       = "human_claim" // claims to be a person, denies being automated, gives itself a name
	KindFeeling     = "feeling"     // claims feelings
	KindHandoff     = "handoff"     // speaks of handing over, or denies it: the program does that
	KindDisclaimer  = "disclaimer"  // limits or refuses responsibility, or waives rights
	KindThreat      = "threat"      // legal steps, collection, reporting
	KindTone        = "tone"        // slang, insult, profanity, emoji, emoticon
	KindAdvertising = "advertising" // pressure to buy, a superlative without evidence
	KindLink        = "link"        // an address on a domain that the passages do not name
	KindMarkup      = "markup"      // images, HTML, script
	KindLeak        = "leak"        // the canary or the wording of the prompt
	KindPlaceholder = "placeholder" // a hole that was not filled
)

// Passage is a piece of a published article that a sentence cites.
type Passage struct {
	ID   int64
	Text string // title, heading and body as published, in Markdown
}

// Options are what a check needs besides sentence and passages.
type Options struct {
	Locale string   // language of the sentence
	Canary string   // secret word of the prompt; empty: not looked for
	Names  []string // proper names that need no passage, such as the company's
}

// Verdict is what a check says.
type Verdict struct {
	OK         bool
	Kind       string  // why not; one of the kinds
	Evidence   string  // the words it is about
	Support    float64 // share of what the sentence says that the passages say, 0 to 1
	Translated bool    // the passages are in another language: only numbers, names and links could be compared
}

// Droppable tells whether it is enough to leave the sentence out; the other kinds say that the answer is not to be trusted.
func Droppable(kind string) bool {
	switch kind {
	case KindUnsupported, KindNoCitation, KindFeeling, KindAdvertising:
		return true
	}
	return false
}

// detector numbers with their names in the rules.
const (
	promise     = iota // never, unless it is a published general rule, word for word
	entitlement        // only as a published rule, nearly word for word
	action
	human
	feeling
	handoff
	disclaimer
	threat
	tone
	pressure
	superlative // only where a passage says so
	leak
	general // signs of a general rule rather than of this customer's case: "if", "customers"
	nothing // states nothing: "Here is what I found:"
)

//go:embed rules/*.txt
var ruleFiles embed.FS

var rules = sync.OnceValue(func() *phrase.Book {
	b, err := phrase.Load(ruleFiles, "rules", "promise", "entitlement", "action", "human", "feeling", "handoff", "disclaimer", "threat",
		"tone", "pressure", "superlative", "leak", "general", "nothing")
	if err != nil {
		panic(err) // an embedded file is broken; no test passes
	}
	return b
})

// threshold is the score from which a rule counts.
const threshold = 0.5

// verbatim is the support a published rule needs that would be a promise if it were not published.
const verbatim = 0.8

// Check decides of one sentence; it may still hold its citation marks.
func Check(sentence string, cited []Passage, o Options) Verdict {
	plain := strings.TrimSpace(citation.ReplaceAllString(sentence, ""))
	source := newSource(cited, o)
	if kind, evidence := looks(plain, source, o); kind != "" {
		return Verdict{Kind: kind, Evidence: evidence}
	}
	reading := rules().Read(plain)
	found := reading.Find()
	if kind, evidence := forbidden(found); kind != "" {
		return Verdict{Kind: kind, Evidence: evidence}
	}
	quoted := quotable(found, source)
	if len(cited) == 0 {
		return uncited(plain, reading, quoted)
	}
	v := supported(plain, source, o)
	if quoted.Kind != "" && (!v.OK || v.Translated || v.Support < verbatim) {
		quoted.Support = v.Support
		return quoted
	}
	return v
}

var citation = regexp.MustCompile(`[ \t]?\[\^?\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\]`)

// forbidden finds what no source can excuse.
func forbidden(found []phrase.Finding) (kind, evidence string) {
	never := []struct {
		detector int
		kind     string
	}{
		{leak, KindLeak}, {human, KindHuman}, {disclaimer, KindDisclaimer}, {threat, KindThreat}, {tone, KindTone}, {feeling, KindFeeling}, {pressure, KindAdvertising},
	}
	for _, n := range never {
		if f := found[n.detector]; f.Score >= threshold {
			return n.kind, f.Match
		}
	}
	if found[general].Score > 0 {
		return "", ""
	}
	for _, n := range perhaps {
		if f := found[n.detector]; f.Score >= threshold && !n.quotable {
			return n.kind, f.Match
		}
	}
	return "", ""
}

// perhaps are what a general rule may say: those marked quotable also where nothing else shows that it is one.
var perhaps = []struct {
	detector int
	kind     string
	quotable bool
}{
	{promise, KindPromise, false}, {handoff, KindHandoff, false}, {action, KindAction, false}, {entitlement, KindPromise, true},
}

// quotable names the refusal that only a passage saying the same can lift.
func quotable(found []phrase.Finding, s source) Verdict {
	for _, n := range perhaps {
		if f := found[n.detector]; f.Score >= threshold {
			return Verdict{Kind: n.kind, Evidence: f.Match}
		}
	}
	if f := found[superlative]; f.Score >= threshold && !s.says(f.Match) {
		return Verdict{Kind: KindAdvertising, Evidence: f.Match}
	}
	return Verdict{}
}

// uncited lets pass what states nothing.
func uncited(plain string, r *phrase.Reading, quoted Verdict) Verdict {
	if quoted.Kind != "" {
		return quoted
	}
	if len(facts(plain)) == 0 && (plain == "" || r.Covered(nothing)) {
		return Verdict{OK: true}
	}
	return Verdict{Kind: KindNoCitation, Evidence: plain}
}
