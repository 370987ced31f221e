// SPDX-License-Identifier: MIT

package chat

import "time"

// Conversation is one conversation as it stands.
type Conversation struct {
	ID         int64
	PublicID   string // the id shown outside; says nothing and cannot be guessed
	CustomerID int64
	KeyID      string // name of the customer's key
	Locale     string // one of the wording's locales
	State      State
	Owner      Owner
	AgentID    *int64 // the agent who owns it
	Epoch      int    // raised by every change of owner
	LastSeq    int    // seq of the newest message
	SettledSeq int    // up to here no message waits for an answer of the bot
	LastEntry  int    // number of the newest entry of the record
	Head       []byte // hash of that entry
	CreatedAt  time.Time
	UpdatedAt  time.Time
	SignedIn   bool // the company's own site vouches for the customer
}

// conversationColumns go with pgx.RowToStructByPos[Conversation].
const conversationColumns = `
	c.id, c.public_id, c.customer_id, u.key_id, c.locale, c.state, c.owner, c.agent_id,
	c.epoch, c.last_seq, c.settled_seq, c.last_entry, c.head, c.created_at, c.updated_at, u.subject_index IS NOT NULL`

// Author is who wrote a message.
type Author string

// The authors of messages.
const (
	AuthorCustomer Author = "customer"
	AuthorBot      Author = "bot"
	AuthorAgent    Author = "agent"
	AuthorSystem   Author = "system" // a notice by code: queue, reference, who joined
)

// Message is one message as it was stored.
type Message struct {
	Seq             int
	Author          Author
	AgentID         *int64
	AgentName       string // shown with an agent's message
	Automated       bool
	DisclosureID    string
	Event           string // what a system message is about, for the pages
	Partial         bool   // an answer that was cut short by a take-over or a failure
	NeedsTurn       bool   // of the customer: a turn answers it, unless somebody else settles it
	TurnID          int64
	ClientMessageID string
	Text            string // Markdown; empty when Redacted
	Citations       []Citation
	Attachments     []Attachment
	Corrects        []int // of a correction: the messages that it takes back
	Redacted        bool
	CreatedAt       time.Time
}

// Citation says what a sentence of the bot rests on: the quote as it stands in
// that version of the article.
type Citation struct {
	ArticleID int64  `json:"article_id"`
	Version   int    `json:"version"`
	Title     string `json:"title"`
	Quote     string `json:"quote"`
	URL       string `json:"url,omitempty"`
}

// content is the sealed part of a message.
type content struct {
	Text        string       `json:"text"`
	Citations   []Citation   `json:"citations,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Corrects    []int        `json:"corrects,omitempty"`
}

// Agent is the person who acts: the account's id and the name customers see.
type Agent struct {
	ID   int64
	Name string
}
