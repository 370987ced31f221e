// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/postgres"
	"candor/prompts"
)

// Place is a customer's place in the queue, and how long such waits took.
type Place struct {
	Position int   // from 1; 0 when the case is not waiting
	Wait     *Wait // nil while too little was measured to be honest
}

// Wait is a range: one of ten recent waits was shorter than P10, one longer than P90.
type Wait struct{ P10, P90 time.Duration }

// minWaits is how many recent waits it takes to say anything about the next.
const minWaits = 10

// waitQuery measures the waits of the last cases that were claimed, fifty at most.
const waitQuery = `
	SELECT count(*),
		coalesce(percentile_cont(0.1) WITHIN GROUP (ORDER BY wait), 0),
		coalesce(percentile_cont(0.9) WITHIN GROUP (ORDER BY wait), 0)
	FROM (
		SELECT extract(epoch FROM claimed_at - enqueued_at)::float8 AS wait
		FROM cases
		WHERE claimed_at IS NOT NULL AND due_at IS NULL AND reason <> 'agent_takeover'
		ORDER BY claimed_at DESC
		LIMIT 50) recent`

// positionQuery counts along the index cases_queue; see place_case in the
// migration 0006 for the order.
const positionQuery = `
	SELECT count(*)
	FROM cases
	WHERE state = 'waiting' AND team = $1 AND (priority < 2, serve_by, enqueued_at, id) <= ($2, $3, $4, $5)`

// rower is a pool or a transaction.
type rower interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func placeTx(ctx context.Context, l *chat.Locked, k Case) (Place, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return Place{}, err
	}
	return place(ctx, tx, k)
}

func place(ctx context.Context, db rower, k Case) (Place, error) {
	if k.State != StateWaiting {
		return Place{}, nil
	}
	var p Place
	if err := db.QueryRow(ctx, positionQuery, k.Team, k.Priority < PriorityUrgent, k.ServeBy, k.EnqueuedAt, k.ID).Scan(&p.Position); err != nil {
		return Place{}, postgres.Away(fmt.Errorf("count the queue: %w", err))
	}
	wait, err := recentWait(ctx, db)
	p.Wait = wait
	return p, err
}

func recentWait(ctx context.Context, db rower) (*Wait, error) {
	var n int
	var p10, p90 float64
	if err := db.QueryRow(ctx, waitQuery).Scan(&n, &p10, &p90); err != nil {
		return nil, postgres.Away(fmt.Errorf("measure recent waits: %w", err))
	}
	if n < minWaits {
		return nil, nil //nolint:nilnil // nothing honest can be said yet
	}
	return &Wait{P10: seconds(p10), P90: seconds(p90)}, nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Place gives the place of a conversation's open case.
func (s *Service) Place(ctx context.Context, k Case) (Place, error) { return place(ctx, s.db, k) }

// Waits gives the range of recent waits, nil while too little was measured.
func (s *Service) Waits(ctx context.Context) (*Wait, error) { return recentWait(ctx, s.db) }

// Queue gives the cases that wait and those that an agent has, in the order in
// which they are served, with the public id and state of their conversations.
func (s *Service) Queue(ctx context.Context, limit int) ([]Listed, error) {
	list, err := s.list(ctx, `
		WHERE k.state IN ('waiting', 'claimed')
		ORDER BY k.state = 'claimed', k.priority < 2, k.serve_by, k.enqueued_at, k.id
		LIMIT $1`, limit)
	position := map[string]int{} // by team: each has its own queue
	for i := range list {
		if k := &list[i]; k.State == StateWaiting {
			position[k.Team]++
			k.Position = position[k.Team]
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
	CustomerSeq int    // the customer's last message; 0: none
	AgentSeq    int    // the last message of an agent; 0: none
	Position    int    `db:"-"` // among those of the team that wait; 0 for the others
	Preview     string `db:"-"`
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
			u.key_id, coalesce(said.customer, 0), coalesce(said.agent, 0)
		FROM chosen
		JOIN cases k ON k.id = chosen.id
		JOIN conversations c ON c.id = k.conversation_id
		JOIN customers u ON u.id = c.customer_id
		LEFT JOIN accounts a ON a.id = k.agent_id
		LEFT JOIN complaints p ON p.case_id = k.id
		CROSS JOIN LATERAL (
			SELECT
				(SELECT max(m.seq) FROM messages m WHERE m.conversation_id = c.id AND m.author = 'customer') AS customer,
				(SELECT max(m.seq) FROM messages m WHERE m.conversation_id = c.id AND m.author = 'agent') AS agent) said
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

// hours words the company's opening hours, days alike as one run.
func hours(locale prompts.Locale, c chat.Company) string {
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
}

// Cases pages through cases.
func (s *Service) Cases(ctx context.Context, f Filter) ([]Listed, error) {
	return s.list(ctx, `
		WHERE ($1 = 0 OR k.agent_id = $1)
			AND (NOT $2 OR k.state IN ('waiting', 'claimed'))
			AND (NOT $3 OR k.state = 'resolved')
			AND ($4 = 0 OR k.id < $4)
		ORDER BY k.id DESC
		LIMIT $5`, f.AgentID, f.Open, f.Resolved, f.Before, f.Limit)
}
