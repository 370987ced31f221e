// SPDX-License-Identifier: MIT

package handoff

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"candor/chat"
)

// Packet is what an agent needs to know before the first word. It is made from
// the transcript alone, without a model, and every line names the messages that
// it comes from.
type Packet struct {
	Language     string           `json:"language"`
	Customer     *PacketPerson    `json:"customer,omitempty"`
	Reason       PacketLine       `json:"reason"`
	Evidence     []PacketLine     `json:"evidence"`
	Issue        *PacketLine      `json:"issue,omitempty"`
	OpenQuestion *PacketLine      `json:"open_question,omitempty"`
	Confidence   *PacketScore     `json:"confidence,omitempty"`
	Complaint    *PacketComplaint `json:"complaint,omitempty"`
	Tried        []PacketLine     `json:"tried"`
	Facts        []PacketFact     `json:"facts"`
	Articles     []PacketArticle  `json:"articles"`
	Earlier      []PacketCase     `json:"earlier_cases"`
}

// PacketScore is how sure the bot was in its last turn, and how sure it had to be.
type PacketScore struct {
	Confidence float64      `json:"confidence"`
	Threshold  float64      `json:"threshold"`
	Outcome    chat.Outcome `json:"outcome"`
	Seqs       []int        `json:"seqs"`
}

// PacketComplaint is what kind of a complaint it is.
type PacketComplaint struct {
	Class string    `json:"class"` // file: asks to file one; unhappy, repeated, ...: the rule's kind
	Text  string    `json:"text"`
	State string    `json:"state"`
	DueAt time.Time `json:"due_at"`
	Seqs  []int     `json:"seqs"`
}

// PacketCase is an earlier case of the same customer.
type PacketCase struct {
	CaseID         string     `json:"case_id"`
	ConversationID string     `json:"conversation_id"`
	Reference      string     `json:"reference"`
	Reason         Reason     `json:"reason"`
	State          State      `json:"state"`
	Outcome        string     `json:"outcome,omitempty"`
	Agent          string     `json:"agent,omitempty"`
	Preview        string     `json:"preview"`
	OpenedAt       time.Time  `json:"opened_at"`
	ResolvedAt     *time.Time `json:"resolved_at,omitempty"`
	SameCustomer   string     `json:"same_customer"` // conversation, customer, email: how it is known
	Merged         bool       `json:"merged,omitempty"`
}

// PacketTurn is what a turn of the bot came to.
type PacketTurn struct {
	FromSeq, ToSeq int
	MessageSeq     int // what the bot said; 0: nothing
	Outcome        chat.Outcome
	Confidence     float64
	Threshold      float64
	BestTitle      string // of what was found
	Held           int    // sentences that were not shown
}

// PacketSources are what a packet is read out of.
type PacketSources struct {
	Case         Case
	Later        []Evidence // what came up after the case was opened
	Conversation chat.Conversation
	Profile      chat.Profile
	Messages     []chat.Message
	Turns        []PacketTurn
	Complaint    *Complaint
	Earlier      []PacketCase
}

// PacketPerson is who the customer says they are.
type PacketPerson struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	// Vouched: the company's own shop says so, where they are signed in.
	Vouched bool `json:"vouched,omitempty"`
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
func NewPacket(from PacketSources) Packet {
	p := Packet{
		Language: from.Conversation.Locale, Reason: from.Case.reasonLine(), Evidence: []PacketLine{},
		Tried: []PacketLine{}, Facts: []PacketFact{}, Articles: []PacketArticle{}, Earlier: from.Earlier,
	}
	if p.Earlier == nil {
		p.Earlier = []PacketCase{}
	}
	if from.Profile != (chat.Profile{}) {
		p.Customer = &PacketPerson{Name: from.Profile.Name, Email: from.Profile.Email, Vouched: from.Profile.Subject != ""}
	}
	evidence := slices.Concat(from.Case.Evidence, from.Later)
	for _, e := range evidence {
		p.Evidence = append(p.Evidence, e.line())
	}
	cause := 0
	if len(from.Case.Evidence) > 0 {
		cause = from.Case.Evidence[0].MessageSeq
	}
	said := map[int]bool{}
	for _, m := range from.Messages {
		switch m.Author {
		case chat.AuthorCustomer:
			p.heard(m, cause)
		case chat.AuthorBot:
			said[m.Seq] = p.told(m)
		}
	}
	for _, t := range from.Turns {
		if !said[t.MessageSeq] {
			p.Tried = append(p.Tried, t.line())
		}
		p.Confidence = &PacketScore{Confidence: t.Confidence, Threshold: t.Threshold, Outcome: t.Outcome, Seqs: t.seqs()}
	}
	slices.SortStableFunc(p.Tried, func(a, b PacketLine) int { return a.Seqs[0] - b.Seqs[0] })
	if from.Complaint != nil {
		p.Complaint = complaintOf(evidence, *from.Complaint)
	}
	return p
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

// told takes in what the bot answered from articles, and reports whether it did.
func (p *Packet) told(m chat.Message) bool {
	if len(m.Citations) == 0 {
		return false
	}
	p.Tried = append(p.Tried, PacketLine{Text: shorten(m.Text, triedRunes), Seqs: []int{m.Seq}})
	for _, c := range m.Citations {
		p.cite(c, m.Seq)
	}
	return true
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
