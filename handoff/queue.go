// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/calendar"
	"candor/postgres"
	"candor/prompts"
)

// Queue gives the cases that wait and those that an agent has, in the order in
// which they are served, with the public id and state of their conversations.
func (s *Service) Queue(ctx context.Context, limit int) ([]Listed, error) {
	list, err := s.list(ctx, `
		WHERE k.state IN ('waiting', 'claimed')
		ORDER BY k.state = 'claimed', k.priority < 2, k.serve_by, k.enqueued_at, k.id
		LIMIT $1`, limit)
	position, company := map[string]int{}, s.chat.Company() // by team: each has its own queue
	for i := range list {
		if k := &list[i]; k.State == StateWaiting {
			team := teamID(company, k.Team)
			position[team]++
			k.Position = position[team]
		}
	}
	return list, err
}

// Listed is a case with what a list shows of it.
type Listed struct {
	Case
	PublicID    string
	ChatState   chat.State
	AgentName   *string
	Complaint   bool
	PreviewSeq  int // the message to preview
	KeyID       string
	CustomerSeq int        // the customer's last message; 0: none
	AgentSeq    int        // the last message of an agent; 0: none
	NextClock   *string    // the kind of the clock that is due next; nil: none runs
	ClockDue    *time.Time // when it is due
	ClockWarns  bool       // most of its time is gone
	ClockOver   bool       // all of it is
	CauseTitle  *string    // of its cause; nil for none
	Position    int        `db:"-"` // among those of the team that wait; 0 for the others
	Preview     string     `db:"-"`
}

// list reads the cases that which chooses and orders. They are chosen before
// anything is joined to them: of 5,000 open ones a page is read, not all.
func (s *Service) list(ctx context.Context, which string, args ...any) ([]Listed, error) {
	rows, err := s.db.Query(ctx, `
		WITH chosen AS MATERIALIZED (
			SELECT id, row_number() OVER () AS n
			FROM (SELECT k.id FROM cases k `+which+`) ordered)
		SELECT `+caseColumns+`, c.public_id, c.state, a.name, p.case_id IS NOT NULL,
			coalesce(CASE WHEN k.state = 'claimed' THEN said.customer END, (k.evidence->0->>'message_id')::int, p.message_seq, c.last_seq),
			u.key_id, coalesce(said.customer, 0), coalesce(said.agent, 0),
			next.kind, next.due_at, coalesce(next.warn_at <= now(), false), coalesce(next.due_at < now(), false),
			cause.title
		FROM chosen
		JOIN cases k ON k.id = chosen.id
		JOIN conversations c ON c.id = k.conversation_id
		JOIN customers u ON u.id = c.customer_id
		LEFT JOIN accounts a ON a.id = k.agent_id
		LEFT JOIN complaints p ON p.case_id = k.id
		LEFT JOIN causes cause ON cause.id = k.cause_id
		CROSS JOIN LATERAL (
			SELECT
				(SELECT max(m.seq) FROM messages m WHERE m.conversation_id = c.id AND m.author = 'customer') AS customer,
				(SELECT max(m.seq) FROM messages m WHERE m.conversation_id = c.id AND m.author = 'agent') AS agent) said
		LEFT JOIN LATERAL (
			SELECT kind, due_at, warn_at
			FROM clocks
			WHERE case_id = k.id AND ended_at IS NULL AND due_at IS NOT NULL
			ORDER BY due_at
			LIMIT 1) next ON true
		ORDER BY chosen.n`, args...)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read the queue: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Listed])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read the queue: %w", err))
	}
	return list, s.preview(ctx, list)
}

// previewLimit is how much of a message a list shows, in runes.
const previewLimit = 120

// preview opens the message that each case began with; of an erased customer
// there is none.
func (s *Service) preview(ctx context.Context, list []Listed) error {
	refs := make([]chat.TextRef, len(list))
	for i, k := range list {
		refs[i] = chat.TextRef{ConversationID: k.ConversationID, PublicID: k.PublicID, KeyID: k.KeyID, Seq: k.PreviewSeq}
	}
	texts, err := s.chat.Texts(ctx, refs)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Preview = shorten(texts[i], previewLimit)
	}
	return nil
}

// alternatives lists the other ways to reach the company, in words.
func alternatives(locale prompts.Locale, c chat.Company) string {
	items := make([]string, len(c.Channels))
	for i, channel := range c.Channels {
		items[i] = channel.Address
	}
	return prompts.List(locale, items)
}

// alternativesSentence is the same as a sentence of its own.
func alternativesSentence(locale prompts.Locale, c chat.Company) string {
	text, err := prompts.Render(locale, prompts.HandoffAlternatives, prompts.Args{"alternatives": alternatives(locale, c)})
	if err != nil {
		return ""
	}
	return text
}

// hours words opening hours, days alike as one run.
func hours(locale prompts.Locale, c calendar.Calendar) string {
	var spans []prompts.Span
	for i := range 7 {
		day := time.Weekday((i + 1) % 7) // Monday first
		for _, o := range c.Hours {
			if o.Day != day {
				continue
			}
			if n := len(spans) - 1; n >= 0 && (spans[n].To+1)%7 == day && spans[n].Open == o.From && spans[n].Close == o.To {
				spans[n].To = day
			} else {
				spans = append(spans, prompts.Span{From: day, To: day, Open: o.From, Close: o.To})
			}
		}
	}
	return prompts.Hours(locale, spans)
}

// Filter chooses cases; the newest come first.
type Filter struct {
	AgentID  int64 // 0: anybody's
	Open     bool  // waiting or claimed
	Resolved bool
	Before   int64 // only ids below; 0: from the newest on
	Limit    int

	ConversationID int64 // 0: of any conversation
}

// Cases pages through cases.
func (s *Service) Cases(ctx context.Context, f Filter) ([]Listed, error) {
	return s.list(ctx, `
		WHERE ($1 = 0 OR k.agent_id = $1)
			AND (NOT $2 OR k.state IN ('waiting', 'claimed'))
			AND (NOT $3 OR k.state = 'resolved')
			AND ($4 = 0 OR k.id < $4)
			AND ($6 = 0 OR k.conversation_id = $6)
		ORDER BY k.id DESC
		LIMIT $5`, f.AgentID, f.Open, f.Resolved, f.Before, f.Limit, f.ConversationID)
}
