// SPDX-License-Identifier: MIT

package llmtest

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What Honest says when no passage has a word of the question: the word that the
// system message asks for, or a sentence when it asks for none.
const (
	Unknown  = "UNKNOWN"
	NoAnswer = "The articles I have do not answer that."
)

// Honest answers only from the passages of the prompt: the sentences that share
// most with the question, unchanged, each with its passage cited as [n] inside
// the sentence. Without such a sentence it says
// Unknown or NoAnswer.
func Honest() Behaviour {
	return func(r Request) Reply { return Say(honest(r)) }
}

// candidate is a sentence of a passage and how well it fits the question.
type candidate struct {
	text    string
	passage int
	order   int
	terms   map[string]bool
	score   float64
}

// honest composes the answer.
func honest(r Request) string {
	asked := terms(r.Question())
	list := candidates(r.Passages())
	rate(list, asked)
	trustOrder(list)
	sort.SliceStable(list, func(i, j int) bool { return list[i].score > list[j].score })
	if len(list) == 0 || list[0].score == 0 {
		if strings.Contains(r.System(), Unknown) {
			return Unknown
		}
		return NoAnswer
	}
	best := list[:1]
	for _, c := range list[1:min(3, len(list))] {
		if c.passage == list[0].passage && c.score >= 0.7*list[0].score {
			best = append(best, c)
		}
	}
	sort.Slice(best, func(i, j int) bool { return best[i].order < best[j].order })
	cited := make([]string, len(best))
	for i, c := range best {
		cited[i] = cite(c.text, c.passage)
	}
	return strings.Join(cited, " ")
}

// candidates cuts the passages into sentences.
func candidates(list []Passage) []candidate {
	var all []candidate
	for _, p := range list {
		title := terms(p.Title)
		for _, s := range sentences(p.Text) {
			t := terms(s)
			for w := range title {
				if _, ok := t[w]; !ok {
					t[w] = false // known from the title only
				}
			}
			all = append(all, candidate{text: s, passage: p.N, order: len(all), terms: t})
		}
	}
	return all
}

// rate scores each sentence by the question's words in it, rare ones more, those
// of the title alone half.
func rate(list []candidate, asked map[string]bool) {
	for word := range asked {
		holders := 0
		for _, c := range list {
			if c.terms[word] {
				holders++
			}
		}
		weight := math.Log(1 + float64(len(list)+1)/float64(holders+1))
		for i := range list {
			if inText, ok := list[i].terms[word]; inText {
				list[i].score += weight
			} else if ok {
				list[i].score += weight / 2
			}
		}
	}
}

// orderTrust is how much less a sentence counts for each passage before its own:
// whoever made the prompt put the best passage first.
const orderTrust = 0.12

func trustOrder(list []candidate) {
	for i := range list {
		list[i].score /= 1 + orderTrust*float64(list[i].passage-1)
	}
}

// stopWords say nothing about what a sentence is about.
var stopWords = func() map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(`a about an and any are as at be been but by can could did do does for from
		get had has have how i if in into is it its long many me much my no not of on or our please so that the
		their them then there these they this to was we were what when where which who why will with would you your`) {
		m[w] = true
	}
	return m
}()

// terms are the stems of the words of a text that say what it is about.
func terms(text string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range words(text) {
		if !stopWords[w] {
			set[stem(w)] = true
		}
	}
	return set
}

// sentences cuts Markdown into sentences: at line ends, and after a full stop, an
// exclamation or a question mark that ends a word.
func sentences(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		line = strings.TrimLeft(line, "-*> \t")
		start := 0
		for i, r := range line {
			end := i + utf8.RuneLen(r)
			next, _ := utf8.DecodeRuneInString(line[end:])
			if strings.ContainsRune("。！？", r) || strings.ContainsRune(".!?", r) && (end == len(line) || unicode.IsSpace(next)) {
				list = append(list, strings.TrimSpace(line[start:end]))
				start = end
			}
		}
		if rest := strings.TrimSpace(line[start:]); rest != "" {
			list = append(list, rest)
		}
	}
	return list
}

// cite puts the number of a passage before the mark that ends the sentence.
func cite(sentence string, n int) string {
	last, size := utf8.DecodeLastRuneInString(sentence)
	switch {
	case strings.ContainsRune("。！？", last):
		return fmt.Sprintf("%s[%d]%c", sentence[:len(sentence)-size], n, last)
	case strings.ContainsRune(".!?", last):
		return fmt.Sprintf("%s [%d]%c", sentence[:len(sentence)-size], n, last)
	default:
		return fmt.Sprintf("%s [%d].", sentence, n)
	}
}
