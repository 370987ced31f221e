// SPDX-License-Identifier: MIT

package gate

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"candor/internal/markdown"
	"candor/internal/text"
	"candor/knowledge"
	"candor/knowledge/chunk"
)

// Alike is a place of the draft that another article says too, or says otherwise.
type Alike struct {
	ArticleID int64   `json:"article_id"`
	Version   int     `json:"version"`
	Title     string  `json:"title"`
	Draft     string  `json:"draft"` // what the draft says
	Other     string  `json:"other"` // what the other article says
	Score     float64 `json:"score"` // share of the words that both have, 0 to 1
}

const (
	// alikeChunks is how many pieces of a long draft are compared.
	alikeChunks = 40
	// similarShare is from which share of common words two pieces say the same.
	similarShare = 0.8
	// sameTopic is from which share two sentences are about the same matter, their
	// numbers aside.
	sameTopic = 0.6
	// leastTerms is under how many words a sentence says too little to compare.
	leastTerms = 4
	maxAlike   = 20
)

// alike compares the draft with the live articles of its language that some customers read.
func (s *Service) alike(ctx context.Context, a knowledge.Article) (similar, disagreeing []Alike, err error) {
	similar, disagreeing = []Alike{}, []Alike{}
	pieces := chunk.Split(a.Draft.Source)
	for _, piece := range pieces[:min(len(pieces), alikeChunks)] {
		ours := markdown.Plain(piece.Text)
		if len(text.Terms(ours, a.Draft.Lang)) < leastTerms {
			continue
		}
		found, err := s.Knowledge.Search(ctx, knowledge.Query{Text: ours, Lang: a.Draft.Lang, Limit: 10, PerArticle: 2, For: knowledge.ForSignedIn})
		if err != nil {
			return nil, nil, fmt.Errorf("look for articles alike: %w", err)
		}
		for _, p := range found.Passages {
			if p.ArticleID == a.ID || p.Lang != a.Draft.Lang {
				continue
			}
			theirs := markdown.Plain(p.Text)
			if share := shared(termsOf(ours, p.Lang), termsOf(theirs, p.Lang)); share >= similarShare {
				similar = append(similar, Alike{p.ArticleID, p.Version, p.Title, ours, theirs, share})
			}
			disagreeing = append(disagreeing, disagree(ours, theirs, p)...)
		}
	}
	return worst(similar), worst(disagreeing), nil
}

// worst keeps the strongest findings, one for each pair of places.
func worst(list []Alike) []Alike {
	slices.SortStableFunc(list, func(a, b Alike) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		default:
			return 0
		}
	})
	type places struct {
		article      int64
		draft, other string
	}
	seen := map[places]bool{}
	list = slices.DeleteFunc(list, func(a Alike) bool {
		p := places{a.ArticleID, a.Draft, a.Other}
		defer func() { seen[p] = true }()
		return seen[p]
	})
	return list[:min(len(list), maxAlike)]
}

// disagree finds sentences about the same matter with other numbers.
func disagree(ours, theirs string, p knowledge.Passage) (found []Alike) {
	for _, a := range text.Sentences(ours) {
		numbers := numbersOf(a)
		words := termsOf(numeral.ReplaceAllString(a, " "), p.Lang)
		if len(numbers) == 0 || len(words) < leastTerms {
			continue
		}
		for _, b := range text.Sentences(theirs) {
			others := numbersOf(b)
			if len(others) == 0 || slices.Equal(numbers, others) {
				continue
			}
			if share := shared(words, termsOf(numeral.ReplaceAllString(b, " "), p.Lang)); share >= sameTopic {
				found = append(found, Alike{p.ArticleID, p.Version, p.Title, strings.TrimSpace(a), strings.TrimSpace(b), share})
			}
		}
	}
	return found
}

// numeral is a number as people write it: 29, 29.90, 1,000, 24:00.
var numeral = regexp.MustCompile(`\d+(?:[.,:]\d+)*`)

func numbersOf(s string) []string {
	numbers := numeral.FindAllString(s, -1)
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

func termsOf(s, lang string) map[string]bool {
	set := map[string]bool{}
	for _, term := range text.Terms(s, lang) {
		set[term] = true
	}
	return set
}

// shared is the share of all words that both have (Jaccard).
func shared(a, b map[string]bool) float64 {
	both := 0
	for term := range a {
		if b[term] {
			both++
		}
	}
	if both == 0 {
		return 0
	}
	return float64(both) / float64(len(a)+len(b)-both)
}
