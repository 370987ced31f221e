// SPDX-License-Identifier: MIT

package handoff

import (
	"regexp"
	"strings"

	"candor/chat"
)

// Packet is what an agent needs to know before the first word. It is made from
// the transcript alone, without a model, and every line names the messages that
// it comes from.
type Packet struct {
	Language     string          `json:"language"`
	Customer     *PacketPerson   `json:"customer,omitempty"`
	Issue        *PacketLine     `json:"issue,omitempty"`
	OpenQuestion *PacketLine     `json:"open_question,omitempty"`
	Tried        []PacketLine    `json:"tried"`
	Facts        []PacketFact    `json:"facts"`
	Articles     []PacketArticle `json:"articles"`
}

// PacketPerson is who the customer says they are.
type PacketPerson struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// PacketLine is a line with the messages it comes from.
type PacketLine struct {
	Text string `json:"text"`
	Seqs []int  `json:"seqs"`
}

// PacketFact is something the customer has given already and need not be asked for.
type PacketFact struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
	Seq   int    `json:"seq"`
}

// PacketArticle is an article that the customer was answered from.
type PacketArticle struct {
	ArticleID int64  `json:"article_id"`
	Version   int    `json:"version"`
	Title     string `json:"title"`
	URL       string `json:"url,omitempty"`
	Seqs      []int  `json:"seqs"`
}

const (
	issueRunes = 400
	triedRunes = 200
	maxFacts   = 20
)

// NewPacket reads a packet out of a conversation.
func NewPacket(k Case, c chat.Conversation, p chat.Profile, messages []chat.Message) Packet {
	packet := Packet{Language: c.Locale, Tried: []PacketLine{}, Facts: []PacketFact{}, Articles: []PacketArticle{}}
	if p.Name != "" || p.Email != "" {
		packet.Customer = &PacketPerson{Name: p.Name, Email: p.Email}
	}
	cause := 0
	if len(k.Evidence) > 0 {
		cause = k.Evidence[0].MessageSeq
	}
	for _, m := range messages {
		switch m.Author {
		case chat.AuthorCustomer:
			packet.heard(m, cause)
		case chat.AuthorBot:
			packet.told(m)
		}
	}
	return packet
}

// heard takes in what the customer wrote: the first message that is more than a
// word is the issue, the one that brought in the person the open question.
func (p *Packet) heard(m chat.Message, cause int) {
	line := &PacketLine{Text: shorten(m.Text, issueRunes), Seqs: []int{m.Seq}}
	if m.Seq == cause {
		p.OpenQuestion = line
	}
	if p.Issue == nil || len(p.Issue.Text) < shortest && len(line.Text) > len(p.Issue.Text) {
		p.Issue = line
	}
	p.Facts = append(p.Facts, facts(m)...)
	p.Facts = p.Facts[:min(len(p.Facts), maxFacts)]
}

// shortest is the length in bytes under which a message hardly says what it is
// about ("hello", "agent").
const shortest = 20

func (p *Packet) told(m chat.Message) {
	if len(m.Citations) == 0 {
		return
	}
	p.Tried = append(p.Tried, PacketLine{Text: shorten(m.Text, triedRunes), Seqs: []int{m.Seq}})
	for _, c := range m.Citations {
		p.cite(c, m.Seq)
	}
}

func (p *Packet) cite(c chat.Citation, seq int) {
	for i, a := range p.Articles {
		if a.ArticleID == c.ArticleID && a.Version == c.Version {
			if a.Seqs[len(a.Seqs)-1] != seq {
				p.Articles[i].Seqs = append(p.Articles[i].Seqs, seq)
			}
			return
		}
	}
	p.Articles = append(p.Articles, PacketArticle{ArticleID: c.ArticleID, Version: c.Version, Title: c.Title, URL: c.URL, Seqs: []int{seq}})
}

// factPatterns find what customers give and hate to repeat.
var factPatterns = []struct {
	kind    string
	pattern *regexp.Regexp
}{
	{"e-mail", regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)},
	{"amount", regexp.MustCompile(`(?:[€$£¥]\s?\d+(?:[.,]\d+)*|\d+(?:[.,]\d+)*\s?(?:€|EUR|USD|GBP|CNY|元|欧元|euros?)(?:\b|$))`)},
	{"date", regexp.MustCompile(`\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})\b|\d{1,2}月\d{1,2}[日号]`)},
	{"number", regexp.MustCompile(`\+?\d[\d ()-]{5,}\d|\b[A-Z]{1,4}-?\d{4,}\b`)},
}

func facts(m chat.Message) []PacketFact {
	var found []PacketFact
	rest := m.Text
	for _, p := range factPatterns {
		for _, value := range p.pattern.FindAllString(rest, -1) {
			found = append(found, PacketFact{Kind: p.kind, Value: strings.TrimSpace(value), Seq: m.Seq})
		}
		rest = p.pattern.ReplaceAllString(rest, " ") // an amount is not also a number
	}
	return found
}
