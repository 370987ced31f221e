// SPDX-License-Identifier: MIT

package bot

import (
	"cmp"
	"context"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"

	"candor/internal/text"
	"candor/knowledge"
	"candor/prompts"
)

// builtin names the built-in answerer in records.
const builtin = "built-in"

const (
	maxBlocks    = 2   // pieces of articles in one built-in answer
	maxSentences = 4   // of a paragraph
	maxItems     = 8   // of a list
	secondBlock  = 0.6 // how good the second piece must be beside the first
)

// compose answers without a model, in the articles' own words: it looks for the
// paragraph or list that says most of what was asked and gives its sentences,
// each with its source. They pass the same verification as a model's.
func (s *Service) compose(ctx context.Context, t *turn) error {
	t.answerer = builtin
	list := []checked{}
	supported := false
	for _, b := range pick(t.question.Query, string(t.question.Locale), t.found.Passages) {
		for i, sentence := range b.sentences {
			c := s.verify(t, sentence, []knowledge.Passage{b.passage})
			c.Text = b.lead(i) + c.Text
			supported = supported || !c.Blocked()
			list = append(list, c)
		}
	}
	if supported { // an introduction to nothing is never said
		intro, err := s.Chat.Wording().Render(t.question.Locale, prompts.AnswerIntro, nil)
		if err != nil {
			return err
		}
		list = append([]checked{s.verify(t, intro, nil)}, list...)
	}
	for _, c := range list {
		if err := s.show(ctx, t, c); err != nil && !errors.Is(err, errForbidden) {
			return err
		}
	}
	return nil
}

// block is a paragraph or a list of a passage.
type block struct {
	passage   knowledge.Passage
	sentences []string // a list's items keep their markers
	list      bool
	terms     map[string]bool
	score     float64
}

// lead is the white space that sets sentence i off from what stands before.
func (b block) lead(i int) string {
	switch {
	case i == 0:
		return "\n\n"
	case b.list:
		return "\n"
	default:
		return ""
	}
}

// pick chooses the blocks that answer the query, the best first.
func pick(query, lang string, passages []knowledge.Passage) []block {
	var all []block
	for _, p := range passages {
		all = append(all, blocks(p)...)
	}
	weights := weigh(text.Terms(query, lang), all)
	for i := range all {
		all[i].score = all[i].worth(weights, passages[0].Fused)
	}
	slices.SortStableFunc(all, func(a, b block) int { return cmp.Compare(b.score, a.score) })
	var picked []block
	covered := map[string]bool{}
	for _, b := range all {
		if len(picked) == maxBlocks || b.score <= 0 || len(picked) > 0 && (b.score < secondBlock*picked[0].score || !b.adds(weights, covered)) {
			break
		}
		for term := range b.terms {
			covered[term] = true
		}
		b.sentences = b.best(weights, lang)
		picked = append(picked, b)
	}
	return picked
}

// weigh gives each term of the query its weight: rare among the blocks found, so
// telling them apart. The form is that of BM25's idf.
func weigh(terms []string, all []block) map[string]float64 {
	weights := map[string]float64{}
	for _, term := range terms {
		n := 0.0
		for _, b := range all {
			if b.terms[term] {
				n++
			}
		}
		weights[term] = math.Log(1 + (float64(len(all))-n+0.5)/(n+0.5))
	}
	return weights
}

// worth is the weighted share of the query that the block says, times how well
// its passage was found. The title and heading it stands under count a little.
func (b block) worth(weights map[string]float64, bestFused float64) float64 {
	said, total := 0.0, 0.0
	above := map[string]bool{}
	for _, term := range text.Terms(b.passage.Title+" "+b.passage.Heading, b.passage.Lang) {
		above[term] = true
	}
	for term, weight := range weights {
		total += weight
		switch {
		case b.terms[term]:
			said += weight
		case above[term]:
			said += 0.6 * weight
		}
	}
	if total == 0 || bestFused == 0 {
		return 0
	}
	return said / total * b.passage.Fused / bestFused
}

// adds reports whether the block says something of the query not said before.
func (b block) adds(weights map[string]float64, covered map[string]bool) bool {
	for term := range weights {
		if b.terms[term] && !covered[term] {
			return true
		}
	}
	return false
}

// best cuts a long block to what matters: the run of sentences around the one
// that says most. A list is given from its start.
func (b block) best(weights map[string]float64, lang string) []string {
	if b.list {
		return b.sentences[:min(len(b.sentences), maxItems)]
	}
	if len(b.sentences) <= maxSentences {
		return b.sentences
	}
	top, topScore := 0, -1.0
	for i, sentence := range b.sentences {
		score := 0.0
		for _, term := range text.Terms(sentence, lang) {
			score += weights[term]
		}
		if score > topScore {
			top, topScore = i, score
		}
	}
	from := max(0, min(top, len(b.sentences)-maxSentences))
	return b.sentences[from : from+maxSentences]
}

var (
	listItem = regexp.MustCompile(`^\s*(?:[-*+]|\d+[.)])\s+`)
	skipped  = regexp.MustCompile("^(?:#{1,6}\\s|```|~~~|\\||>|!\\[|<|---)") // headings, code, tables, quotes, pictures, markup
)

// blocks cuts a passage's Markdown into paragraphs and lists. A paragraph that
// leads into a list ("You need:") goes with it.
func blocks(p knowledge.Passage) []block {
	var list []block
	var lead []string
	for _, part := range strings.Split(p.Text, "\n\n") {
		b := parse(part)
		b.passage = p
		if len(b.sentences) == 0 {
			lead = nil
			continue
		}
		last := b.sentences[len(b.sentences)-1]
		if !b.list && strings.HasSuffix(strings.TrimRight(last, "*_ "), ":") || strings.HasSuffix(last, "：") {
			lead = append(lead, b.sentences...)
			continue
		}
		if b.list {
			b.sentences = append(slices.Clone(lead), b.sentences...)
		}
		lead = nil
		b.terms = map[string]bool{}
		for _, term := range text.Terms(strings.Join(b.sentences, " "), p.Lang) {
			b.terms[term] = true
		}
		list = append(list, b)
	}
	return list
}

// parse reads one part between blank lines; a lead line may stand right above
// its list.
func parse(part string) block {
	var b block
	var paragraph []string
	flush := func() {
		b.sentences = append(b.sentences, text.Sentences(strings.Join(paragraph, " "))...)
		paragraph = nil
	}
	for line := range strings.SplitSeq(part, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || skipped.MatchString(trimmed):
		case listItem.MatchString(line):
			flush()
			b.list = true
			b.sentences = append(b.sentences, trimmed)
		case b.list:
			b.sentences[len(b.sentences)-1] += " " + trimmed
		default:
			paragraph = append(paragraph, trimmed)
		}
	}
	flush()
	return b
}
