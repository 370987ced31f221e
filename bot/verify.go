// SPDX-License-Identifier: MIT

package bot

import (
	"strings"

	"candor/bot/guard"
	"candor/chat"
	"candor/internal/text"
	"candor/knowledge"
)

// verify holds a sentence against the passages it rests on and against what may
// not be said, and finds the words to quote.
func (s *Service) verify(t *turn, sentence string, cited []knowledge.Passage) checked {
	c := checked{Text: sentence}
	passages := make([]guard.Passage, len(cited))
	for i, p := range cited {
		passages[i] = guard.Passage{ID: p.ChunkID, Text: p.Title + "\n" + p.Heading + "\n" + p.Text}
		c.Chunks = append(c.Chunks, p.ChunkID)
	}
	v := guard.Check(sentence, passages, guard.Options{
		Locale: string(t.question.Locale), Canary: s.canary, Names: []string{s.Chat.Company().Name},
	})
	c.Support, c.states = v.Support, len(cited) > 0
	if !v.OK {
		c.Kind, c.Evidence = v.Kind, v.Evidence
		return c
	}
	lang := string(t.question.Locale)
	for _, p := range cited {
		c.Citations = append(c.Citations, chat.Citation{
			ArticleID: p.ArticleID, Version: p.Version, Title: p.Title, URL: p.URL, Quote: quote(sentence, p.Text, lang),
		})
	}
	return c
}

// quote is the sentence of the passage that says most of what the answer says,
// word for word as it stands there.
func quote(sentence, passage, lang string) string {
	wanted := map[string]bool{}
	for _, term := range text.Terms(sentence, lang) {
		wanted[term] = true
	}
	best, bestScore := "", -1.0
	for _, line := range strings.Split(passage, "\n") {
		for _, candidate := range text.Sentences(line) {
			if score := overlap(wanted, text.Terms(candidate, lang)); score > bestScore && strings.TrimSpace(candidate) != "" {
				best, bestScore = strings.TrimSpace(candidate), score
			}
		}
	}
	return best
}

// overlap is the share of the wanted terms among these, a little less for long
// texts that hold everything.
func overlap(wanted map[string]bool, terms []string) float64 {
	hit := map[string]bool{}
	for _, term := range terms {
		if wanted[term] {
			hit[term] = true
		}
	}
	if len(wanted) == 0 {
		return 0
	}
	return float64(len(hit))/float64(len(wanted)) - 0.001*float64(len(terms))
}
