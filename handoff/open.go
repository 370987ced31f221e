// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/markdown"
	"candor/postgres"
	"candor/prompts"
)

// Request asks for a person.
type Request struct {
	Reason   Reason
	Evidence []Evidence
	// Complaint is the message that complains; its words are the issue. Nil
	// when this is not a complaint.
	Complaint *chat.Message
}

type handoffEntry struct {
	Reference string     `json:"reference"`
	Reason    Reason     `json:"reason"`
	Evidence  []Evidence `json:"evidence"`
	Priority  int        `json:"priority"`
	Position  int        `json:"position,omitempty"`
	DueAt     *time.Time `json:"due_at,omitempty"`
	Complaint bool       `json:"complaint,omitempty"`
	Team      string     `json:"team,omitempty"`
}

// OpenTx puts the conversation in the queue, or promises a person by a date when
// nobody is there, and tells the customer: reference, place, what happens next.
// A case that is open already is kept, with its reference and its place; what
// is new about it raises its priority and is acknowledged too.
func (s *Service) OpenTx(ctx context.Context, l *chat.Locked, r Request) (Case, error) {
	existing, err := openCase(ctx, l)
	if err != nil {
		return Case{}, err
	}
	if existing != nil {
		return *existing, s.addTx(ctx, l, existing, r)
	}
	k, err := s.insertTx(ctx, l, r, StateWaiting, nil)
	if err != nil {
		return Case{}, err
	}
	to := chat.StateQueued
	if k.DueAt != nil {
		to = chat.StateAwaitingHours
	}
	if err := l.Move(ctx, to, nil); err != nil {
		return Case{}, err
	}
	return k, s.acknowledgeTx(ctx, l, k, r)
}

// insertTx writes a new case under a fresh reference.
func (s *Service) insertTx(ctx context.Context, l *chat.Locked, r Request, state State, agent *chat.Agent) (Case, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return Case{}, err
	}
	if r.Evidence == nil {
		r.Evidence = []Evidence{}
	}
	evidence, err := json.Marshal(r.Evidence)
	if err != nil {
		return Case{}, fmt.Errorf("write the evidence: %w", err)
	}
	k := Case{
		ConversationID: l.ID, Reference: newReference(), State: state, Reason: r.Reason, Evidence: r.Evidence,
		Priority: r.Reason.priority(), Language: l.Locale, EnqueuedAt: s.at(l),
		Team: s.chat.Company().TeamFor(l.Locale, string(r.Reason)),
	}
	var ready *time.Time
	if agent != nil {
		k.AgentID, k.ClaimedAt = &agent.ID, &l.Now
	} else {
		if ready, k.DueAt, err = s.foreseeTx(ctx, l, k); err != nil {
			return Case{}, err
		}
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO cases (reference, conversation_id, state, reason, evidence, priority, language, enqueued_at,
			agent_id, claimed_at, due_at, ready_at, team, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $8)
		RETURNING id, serve_by`,
		k.Reference, k.ConversationID, k.State, k.Reason, evidence, k.Priority, k.Language, k.EnqueuedAt,
		k.AgentID, k.ClaimedAt, k.DueAt, ready, k.Team).Scan(&k.ID, &k.ServeBy)
	if err != nil {
		return Case{}, fmt.Errorf("open a case: %w", err)
	}
	return k, nil
}

// acknowledgeTx records the handoff and tells the customer of it.
func (s *Service) acknowledgeTx(ctx context.Context, l *chat.Locked, k Case, r Request) error {
	place, err := s.placeTx(ctx, l, k)
	if err != nil {
		return err
	}
	entry := handoffEntry{
		Reference: k.Reference, Reason: r.Reason, Evidence: r.Evidence, Priority: k.Priority,
		Position: place.Position, DueAt: k.DueAt, Complaint: r.Complaint != nil, Team: k.Team,
	}
	if err := l.Record(chat.EntryHandoff, entry, nil); err != nil {
		return err
	}
	if err := tellTx(ctx, l, k, place); err != nil {
		return err
	}
	if r.Complaint != nil {
		if err := s.acknowledgeComplaintTx(ctx, l, k, *r.Complaint, place); err != nil {
			return err
		}
		return s.promiseTx(ctx, l, k)
	}
	text, err := s.notice(l, k, r.Reason, place)
	if err != nil {
		return err
	}
	event := "handoff_queued"
	if l.State == chat.StateAwaitingHours {
		event = "handoff_after_hours"
	}
	if _, err := l.PostSystem(event, text); err != nil {
		return err
	}
	return s.promiseTx(ctx, l, k)
}

// notice words the acknowledgement of a handoff in the conversation's language.
func (s *Service) notice(l *chat.Locked, k Case, reason Reason, place Place) (string, error) {
	locale, company := prompts.Locale(l.Locale), s.chat.Company()
	n := prompts.Notice{
		Reason: string(reason), Reference: k.Reference, Position: place.Position, Nobody: place.Nobody,
	}
	if reason != ReasonComplaint { // whose acknowledgement names them already
		n.Alternatives = alternatives(locale, company)
	}
	if place.Wait != nil {
		n.Wait = prompts.Wait(locale, place.Wait.P10, place.Wait.P90)
	}
	if l.State == chat.StateAwaitingHours && k.DueAt != nil {
		n.Closed, n.Hours, n.Due = true, s.hoursArg(l, k), s.dueArg(l, k)
		calendar, _ := teamHours(company, k.Team)
		if day := calendar.HolidayAt(s.at(l)); day != nil && !calendar.OpenAt(s.at(l)) {
			n.Holiday = day.Name
		}
	}
	return s.chat.Wording().Handoff(locale, n)
}

// hoursArg words when the case's team works.
func (s *Service) hoursArg(l *chat.Locked, k Case) string {
	calendar, _ := teamHours(s.chat.Company(), k.Team)
	return hours(prompts.Locale(l.Locale), calendar)
}

// dueArg words by when a person was promised, in the team's time.
func (s *Service) dueArg(l *chat.Locked, k Case) string {
	calendar, _ := teamHours(s.chat.Company(), k.Team)
	return prompts.DateTime(prompts.Locale(l.Locale), k.DueAt.In(calendar.Zone))
}

// issueLimit keeps the acknowledgement of a long complaint readable; the whole
// text stands verbatim in its message.
const issueLimit = 280

func (s *Service) acknowledgeComplaintTx(ctx context.Context, l *chat.Locked, k Case, m chat.Message, place Place) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	company, locale := s.chat.Company(), prompts.Locale(l.Locale)
	due := l.Now.In(company.Zone()).AddDate(0, 0, company.Targets.ComplaintDays)
	tag, err := tx.Exec(ctx, `
		INSERT INTO complaints (case_id, state, message_seq, received_at, acknowledged_at, due_at, updated_at)
		VALUES ($1, 'acknowledged', $2, $3, $4, $5, $4)
		ON CONFLICT (case_id) DO NOTHING`, k.ID, m.Seq, m.CreatedAt, l.Now, due)
	if err != nil {
		return fmt.Errorf("register a complaint: %w", err)
	}
	queue := ""
	if k.State == StateWaiting { // with an agent there is no queue to tell of
		if queue, err = s.notice(l, k, ReasonComplaint, place); err != nil {
			return err
		}
	}
	if tag.RowsAffected() == 0 { // registered and acknowledged before
		if queue != "" {
			_, err = l.PostSystem("handoff_queued", queue)
		}
		return err
	}
	text, err := prompts.Render(locale, prompts.ComplaintAck, prompts.Args{
		"received": prompts.Date(locale, m.CreatedAt.In(company.Zone())), "due": prompts.Date(locale, due),
		"issue": markdown.Literal(shorten(m.Text, issueLimit)), "ref": k.Reference, "owner": company.Name,
		"adr": alternativesSentence(locale, company),
	})
	if err != nil {
		return err
	}
	_, err = l.PostSystem("complaint_received", strings.TrimSpace(text+"\n\n"+queue))
	return err
}

// addTx adds to a case that is open: a complaint is registered, a graver reason
// raises the priority, and a customer who asks again is told the place again.
func (s *Service) addTx(ctx context.Context, l *chat.Locked, k *Case, r Request) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	if p := r.Reason.priority(); p > k.Priority {
		k.Priority = p
		if k.State == StateWaiting { // who takes graver matters takes this one
			k.Team = s.chat.Company().TeamFor(k.Language, string(r.Reason))
		}
		err := tx.QueryRow(ctx, "UPDATE cases SET priority = $2, team = $3, updated_at = now() WHERE id = $1 RETURNING serve_by",
			k.ID, p, k.Team).Scan(&k.ServeBy)
		if err != nil {
			return fmt.Errorf("raise the priority: %w", err)
		}
	}
	l.TouchDesk()
	if l.Owner == chat.OwnerAgent && r.Complaint == nil {
		return nil // a person is here and reads it
	}
	return s.acknowledgeTx(ctx, l, *k, r)
}

// openCase is the conversation's case that somebody still owes something, or nil.
func openCase(ctx context.Context, l *chat.Locked) (*Case, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, "SELECT "+caseColumns+" FROM cases k WHERE k.conversation_id = $1 AND k.state IN ('waiting', 'claimed')", l.ID)
	if err != nil {
		return nil, fmt.Errorf("find the open case: %w", err)
	}
	k, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Case])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // no case is open: not an error
	}
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("find the open case: %w", err))
	}
	return &k, nil
}

// shorten cuts at a word, by runes, and says so with an ellipsis.
func shorten(s string, limit int) string {
	s = strings.Join(strings.Fields(s), " ")
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	cut := string(runes[:limit])
	if i := strings.LastIndexByte(cut, ' '); i > limit/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,.;:") + "…"
}
