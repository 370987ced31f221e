// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
)

type messageEntry struct {
	Seq        int    `json:"seq"`
	Author     Author `json:"author"`
	AgentID    *int64 `json:"agent_id,omitempty"`
	AgentName  string `json:"agent_name,omitempty"` // of the staff, and shown to the customer: not sealed
	Automated  bool   `json:"automated"`
	Disclosure string `json:"disclosure,omitempty"`
	Event      string `json:"event,omitempty"`
	Partial    bool   `json:"partial,omitempty"`
	NeedsTurn  bool   `json:"needs_turn,omitempty"` // of the customer: code has not answered it
	Turn       int64  `json:"turn,omitempty"`
	Epoch      int    `json:"epoch"`
	Versions   []ref  `json:"versions,omitempty"` // what an answer rests on
}

type ref struct {
	Article int64 `json:"article"`
	Version int   `json:"version"`
}

// BotMessage is what the bot says in one message.
type BotMessage struct {
	Text      string
	Citations []Citation
	Partial   bool
	TurnID    int64 // 0 when no turn of the model was needed
}

// CustomerMessage is what a customer writes.
type CustomerMessage struct {
	Text            string
	ClientMessageID string // makes repeating safe; may be empty
	NoTurn          bool   // code answers it: the next turn leaves it out
	Event           string // what is special about it, for the pages
}

// PostCustomer adds what the customer wrote. A repeated client_message_id gives
// the message that is already there; with another text it is refused.
func (l *Locked) PostCustomer(ctx context.Context, m CustomerMessage) (Message, error) {
	if l.State == StateClosed {
		return Message{}, refuseMove(StateClosed, StateQueued)
	}
	if err := CheckText(m.Text); err != nil {
		return Message{}, err
	}
	known, err := l.FindPosted(ctx, AuthorCustomer, m.ClientMessageID, m.Text)
	if err != nil || known != nil {
		return deref(known), err
	}
	return l.post(Message{Author: AuthorCustomer, ClientMessageID: m.ClientMessageID, Text: m.Text, NeedsTurn: !m.NoTurn, Event: m.Event})
}

// PostBot adds a message of the bot under the disclosure that stands above it.
// Without one there is nothing to call: only [Locked.Disclosure] makes them. It
// is refused while a person has the word.
func (l *Locked) PostBot(ctx context.Context, d Disclosure, m BotMessage) (Message, error) {
	if d.conversation != l.ID || d.ID == "" {
		return Message{}, errors.New("a message of the bot needs the disclosure of its conversation")
	}
	may, err := l.BotMayAnswer(ctx)
	if err != nil {
		return Message{}, err
	}
	if !may {
		return Message{}, fault.Conflict("bot_is_silent", "The assistant is silent while a person is promised or present.")
	}
	return l.post(Message{
		Author: AuthorBot, Automated: true, DisclosureID: d.ID,
		Text: m.Text, Citations: m.Citations, Partial: m.Partial, TurnID: m.TurnID,
	})
}

// PostSystem adds a notice by code: the queue, a reference, who joined.
func (l *Locked) PostSystem(event, text string) (Message, error) {
	return l.post(Message{Author: AuthorSystem, Automated: true, Event: event, Text: text})
}

// PostAgent adds what an agent wrote, under the agent's name.
func (l *Locked) PostAgent(ctx context.Context, agent Agent, text, clientMessageID string) (Message, error) {
	if l.State == StateClosed {
		return Message{}, refuseMove(StateClosed, StateHuman)
	}
	if l.Owner != OwnerAgent || l.AgentID == nil || *l.AgentID != agent.ID {
		return Message{}, fault.Conflict("not_your_conversation", "You can write here after you have claimed the case or taken the conversation over.")
	}
	if err := CheckText(text); err != nil {
		return Message{}, err
	}
	known, err := l.FindPosted(ctx, AuthorAgent, clientMessageID, text)
	if err != nil || known != nil {
		return deref(known), err
	}
	l.settleRecorded(l.LastSeq + 1) // a person answers
	return l.post(Message{Author: AuthorAgent, AgentID: &agent.ID, AgentName: agent.Name, ClientMessageID: clientMessageID, Text: text})
}

// FindPosted gives the message that was posted under the id before, or nil.
func (l *Locked) FindPosted(ctx context.Context, author Author, clientMessageID, text string) (*Message, error) {
	if clientMessageID == "" {
		return nil, nil //nolint:nilnil // no id, so nothing to find: not an error
	}
	if err := checkClean("client_message_id", clientMessageID); err != nil {
		return nil, err
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, "SELECT "+messageColumns+" FROM messages WHERE conversation_id = $1 AND client_message_id = $2", l.ID, clientMessageID)
	if err != nil {
		return nil, fmt.Errorf("look for a repeated message: %w", err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[messageRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // not posted before: the usual case
	}
	if err != nil {
		return nil, fmt.Errorf("look for a repeated message: %w", err)
	}
	if l.erased != nil {
		return nil, l.erased
	}
	m, err := row.open(l.PublicID, l.key)
	if err != nil {
		return nil, err
	}
	if m.Author != author || m.Text != text && !m.Redacted {
		return nil, fault.Conflict("client_message_id_reused", "This client_message_id was used for another message. Please use a new one.")
	}
	return &m, nil
}

// post seals a message, gives it the next seq and queues its rows.
func (l *Locked) post(m Message) (Message, error) {
	m.Seq, m.CreatedAt = l.LastSeq+1, l.Now
	plain, err := json.Marshal(content{Text: m.Text, Citations: m.Citations, Attachments: m.Attachments, Corrects: m.Corrects})
	if err != nil {
		return Message{}, fmt.Errorf("write a message: %w", err)
	}
	sealed, commitment, err := l.seal(messagePlace(l.PublicID, m.Seq), plain)
	if err != nil {
		return Message{}, err
	}
	l.LastSeq = m.Seq
	l.batch.Queue(`
		INSERT INTO messages (conversation_id, seq, author, agent_id, agent_name, automated, disclosure_id,
			event, partial, needs_turn, turn_id, client_message_id, sealed, commitment, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		l.ID, m.Seq, m.Author, m.AgentID, orNull(m.AgentName), m.Automated, orNull(m.DisclosureID),
		orNull(m.Event), m.Partial, m.NeedsTurn, orNullID(m.TurnID), orNull(m.ClientMessageID), sealed, commitment, m.CreatedAt)
	body := messageEntry{
		Seq: m.Seq, Author: m.Author, AgentID: m.AgentID, AgentName: m.AgentName, Automated: m.Automated, Disclosure: m.DisclosureID,
		Event: m.Event, Partial: m.Partial, NeedsTurn: m.NeedsTurn, Turn: m.TurnID, Epoch: l.Epoch,
	}
	body.Versions = l.cite(m)
	// The record holds the commitment of the message; its text is sealed once.
	return m, l.append(EntryMessage, body, nil, commitment)
}

// cite queues what a message rests on, in one statement: its figures are counted with it.
func (l *Locked) cite(m Message) []ref {
	var to []ref
	var articles []int64
	var versions []int
	var first []bool
	for _, c := range m.Citations {
		r := ref{Article: c.ArticleID, Version: c.Version}
		articles, versions, first = append(articles, r.Article), append(versions, r.Version), append(first, !slices.Contains(to, r))
		to = append(to, r)
	}
	if len(to) > 0 {
		l.batch.Queue(`
			INSERT INTO citations (conversation_id, seq, ordinal, article_id, version, created_at, answer, first)
			SELECT $1, $2, c.n - 1, c.article, c.version, $3, $4, c.first
			FROM unnest($5::bigint[], $6::int[], $7::boolean[]) WITH ORDINALITY AS c (article, version, first, n)`,
			l.ID, m.Seq, m.CreatedAt, m.Author == AuthorBot, articles, versions, first)
	}
	return to
}

func deref(m *Message) Message {
	if m == nil {
		return Message{}
	}
	return *m
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orNullID(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}
