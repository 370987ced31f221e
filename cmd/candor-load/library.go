// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

const (
	sectionsPerArticle = 3
	vocabulary         = 20_000 // words, the first ones common as in a language
	zipfExponent       = 1.1
	sentencesEach      = 8 // of a section, its first one aside
	wordsEach          = 11
)

// library is a made-up company's articles, the same ones in every run: words of
// syllables whose frequencies fall as a language's do, and one fact in each
// section that a question asks for.
type library struct {
	jsonl     []byte
	questions []string // each answered by one section; in turn about the first, the second and the third of an article
	words     []string // by falling frequency
	chunks    int
}

// sections are the facts of an article, and ways to ask for each. %s is the thing
// it is about.
var sections = [sectionsPerArticle]struct {
	heading, fact string
	questions     []string
}{
	{
		"Before you start", "The box of the %s holds a cable, a plug and a card with the first password.",
		[]string{"What is in the box of the %s?", "Is there a plug with the %s?", "Where do I find the first password of the %s?", "Does a cable come with the %s?"},
	},
	{
		"What it costs", "Renting the %s is billed every month together with the line.",
		[]string{"How is renting the %s billed?", "Do I rent the %s by the month?", "Is the %s on one bill with the line?", "When do I pay for the rented %s?"},
	},
	{
		"When it does not work", "A red lamp on the %s means that the signal is too weak for a picture.",
		[]string{"Why is there a red lamp on the %s?", "The %s shows no picture, is the signal weak?", "What does the red light of the %s mean?", "Is the signal of the %s too weak?"},
	},
}

// joints make sentences of made-up words look like English.
var joints = strings.Fields("the of and to in is for with on that this are when from your or it as by has")

// makeLibrary writes articles with about so many chunks.
func makeLibrary(chunks int) library {
	random := rand.New(rand.NewPCG(20, 26)) //nolint:gosec // the same library in every run
	l := library{words: makeWords(random, vocabulary), chunks: chunks}
	zipf := rand.NewZipf(random, zipfExponent, 2, vocabulary-1)
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	for n := range chunks / sectionsPerArticle {
		thing := l.thing(n)
		var body strings.Builder
		for _, s := range sections {
			fmt.Fprintf(&body, "## %s\n\n%s", s.heading, fmt.Sprintf(s.fact, thing))
			for range sentencesEach {
				body.WriteString(" " + l.sentence(random, zipf))
			}
			body.WriteString("\n\n")
			l.questions = append(l.questions, fmt.Sprintf(s.questions[n%len(s.questions)], thing))
		}
		_ = encoder.Encode(map[string]string{ // a buffer takes everything
			"id": fmt.Sprintf("article-%d", n), "title": "The " + thing, "body": body.String(), "lang": "en",
		})
	}
	l.jsonl = out.Bytes()
	return l
}

// thing names what an article is about: two rare words that no other has together.
func (l library) thing(n int) string {
	const rare = vocabulary / 2
	return l.words[rare+n%(rare/2)] + " " + l.words[rare+rare/2+(n*7)%(rare/2)]
}

func (l library) sentence(random *rand.Rand, zipf *rand.Zipf) string {
	words := make([]string, 0, wordsEach)
	for i := range wordsEach {
		if i%2 == 0 {
			words = append(words, joints[random.IntN(len(joints))])
		} else {
			words = append(words, l.words[zipf.Uint64()])
		}
	}
	s := strings.Join(words, " ")
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// question is the nth: about another article than the ones before, and about the
// section after theirs, so that who asks several does not seem to go in circles.
func (l library) question(n int) string {
	articles := len(l.questions) / sectionsPerArticle
	return l.questions[n*stride%articles*sectionsPerArticle+n%sectionsPerArticle]
}

// stride is how far apart the articles of two questions are.
const stride = 7

// common is a question of words that stand in very many chunks.
func (l library) common(n int) string {
	words := make([]string, 6)
	for i := range words {
		words[i] = l.words[(n*5+i*3)%40]
	}
	return strings.Join(words, " ")
}

// makeWords makes words of two to four syllables, all different.
func makeWords(random *rand.Rand, count int) []string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	seen := map[string]bool{}
	words := make([]string, 0, count)
	for len(words) < count {
		var word strings.Builder
		for range 2 + random.IntN(3) {
			word.WriteByte(consonants[random.IntN(len(consonants))])
			word.WriteByte(vowels[random.IntN(len(vowels))])
		}
		word.WriteByte(consonants[random.IntN(len(consonants))])
		if w := word.String(); !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	return words
}
