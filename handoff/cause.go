// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/internal/redact"
	"candor/internal/text"
	"candor/postgres"
)

// Cause is a matter that several customers have at once, such as an outage.
type Cause struct {
	ID        int64
	Title     string
	CreatedAt time.Time
	Cases     int // all of them
	Open      int // that somebody still owes something
}

const (
	maxCauseTitle = 120
	maxLinked     = 1000 // cases that one reply goes to
)

const causeQuery = `
	SELECT c.id, c.title, c.created_at, n.linked, n.open
	FROM causes c
	CROSS JOIN LATERAL (
		SELECT count(*) AS linked, count(*) FILTER (WHERE k.state IN ('waiting', 'claimed')) AS open
		FROM cases k
		WHERE k.cause_id = c.id) n`

// NewCause names a matter. Its title is plain, so it may hold nothing of a customer.
func (s *Service) NewCause(ctx context.Context, by chat.Agent, title string) (Cause, error) {
	title = strings.TrimSpace(title)
	if title == "" || utf8.RuneCountInString(title) > maxCauseTitle || !text.CleanLine(title) {
		return Cause{}, fault.Invalid("invalid_title", "A title has 1 to %d characters on one line.", maxCauseTitle)
	}
	if _, found := redact.Text(title); len(found) > 0 {
		return Cause{}, fault.Invalid("personal_data", "The title names something personal (%v); it must hold nothing of a customer.", found)
	}
	c := Cause{Title: title}
	err := s.db.QueryRow(ctx, "INSERT INTO causes (title, created_by) VALUES ($1, $2) RETURNING id, created_at", title, by.ID).Scan(&c.ID, &c.CreatedAt)
	if err != nil {
		return Cause{}, postgres.Away(fmt.Errorf("name a cause: %w", err))
	}
	return c, nil
}

// Causes gives the causes, the newest first.
func (s *Service) Causes(ctx context.Context) ([]Cause, error) {
	return s.causes(ctx, " ORDER BY c.id DESC LIMIT 100")
}

// Cause gives one.
func (s *Service) Cause(ctx context.Context, id int64) (Cause, error) {
	list, err := s.causes(ctx, " WHERE c.id = $1", id)
	if err == nil && len(list) == 0 {
		err = fault.NotFound("cause_not_found", "There is no such cause.")
	}
	if err != nil {
		return Cause{}, err
	}
	return list[0], nil
}

func (s *Service) causes(ctx context.Context, tail string, args ...any) ([]Cause, error) {
	rows, err := s.db.Query(ctx, causeQuery+tail, args...)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read causes: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Cause])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read causes: %w", err))
	}
	return list, nil
}

// Link says that an open case is of a cause; 0 takes it off. Any agent may.
func (s *Service) Link(ctx context.Context, caseID int64, by chat.Agent, causeID int64) (Case, error) {
	var cause *int64
	if causeID != 0 {
		if _, err := s.Cause(ctx, causeID); err != nil {
			return Case{}, err
		}
		cause = &causeID
	}
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if k.State != StateWaiting && k.State != StateClaimed {
			return fault.Conflict("case_not_open", "Case %s is not open any more.", k.Reference)
		}
		if k.CauseID != nil && cause != nil && *k.CauseID == *cause || k.CauseID == nil && cause == nil {
			return nil // a second click
		}
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE cases SET cause_id = $2, updated_at = now() WHERE id = $1", k.ID, cause); err != nil {
			return fmt.Errorf("link a case: %w", err)
		}
		k.CauseID = cause
		action := "linked"
		if cause == nil {
			action = "unlinked"
		}
		return s.recordWork(l, workEntry{Reference: k.Reference, Action: action, AgentID: &by.ID, CauseID: causeID}, "")
	})
}

// Linked gives the cases of a cause, the open ones first.
func (s *Service) Linked(ctx context.Context, causeID int64) ([]Listed, error) {
	if _, err := s.Cause(ctx, causeID); err != nil {
		return nil, err
	}
	return s.list(ctx, `
		WHERE k.cause_id = $1
		ORDER BY k.state IN ('waiting', 'claimed') DESC, k.id DESC
		LIMIT $2`, causeID, maxLinked)
}

// Told is what became of a reply to all in one case.
type Told struct {
	CaseID    int64
	Reference string
	Result    string // sent, sent_before, with_colleague, failed
	Seq       int    // of the message
	Err       error
}

// errWithColleague says that a case is another agent's, who alone speaks in it.
var errWithColleague = errors.New("a colleague has the case")

// ReplyToAll writes to every open case of a cause: each by itself through the one
// door, once per clientMessageID, so that it can be repeated after a failure. What
// waits is taken up for it and put back, or resolved if outcome says how. Over
// colleagues nobody talks: they find the text in a note that names them.
// With only, it goes to those of them alone: to whom somebody has looked at.
func (s *Service) ReplyToAll(ctx context.Context, causeID int64, by chat.Agent, m Macro, only ...int64) ([]Told, error) {
	if m.ClientMessageID == "" {
		return nil, fault.Invalid("client_message_id_missing", "A reply to many needs a client_message_id, so that nobody gets it twice.")
	}
	if err := chat.CheckText(m.Text); err != nil {
		return nil, err
	}
	if err := errors.Join(m.Actions.check(), s.checkTarget(m.Actions)); err != nil {
		return nil, err
	}
	list, err := s.Linked(ctx, causeID)
	if err != nil {
		return nil, err
	}
	told := []Told{}
	for _, k := range list {
		if k.State != StateWaiting && k.State != StateClaimed && k.State != StateResolved || len(only) > 0 && !slices.Contains(only, k.ID) {
			continue
		}
		if t, concerned := s.tell(ctx, causeID, k.Case, by, m); concerned {
			told = append(told, t)
		}
	}
	return told, nil
}

// tell writes to one case of many, false when the case is over, or of the cause no
// more, and was not told.
func (s *Service) tell(ctx context.Context, causeID int64, k Case, by chat.Agent, m Macro) (Told, bool) {
	t := Told{CaseID: k.ID, Reference: k.Reference, Result: "sent"}
	concerned := true
	var colleague int64 // who has the case now, not when it was listed
	_, err := s.change(ctx, k.ID, func(l *chat.Locked, k *Case) error {
		values, err := s.values(ctx, l.Conversation, *k, by)
		if err != nil {
			return err
		}
		one := m
		one.Text, _ = fill(m.Text, values)
		known, err := l.FindPosted(ctx, chat.AuthorAgent, m.ClientMessageID, one.Text)
		switch {
		case err != nil:
			return err
		case known != nil:
			t.Seq, t.Result = known.Seq, "sent_before"
			return nil
		case k.State != StateWaiting && k.State != StateClaimed || k.CauseID == nil || *k.CauseID != causeID:
			concerned = false // over, or taken off the cause meanwhile
			return nil
		case k.State == StateClaimed && *k.AgentID != by.ID:
			colleague = *k.AgentID
			return errWithColleague
		}
		posted, err := s.tellTx(ctx, l, k, by, one)
		t.Seq = posted.Seq
		return err
	})
	if errors.Is(err, errWithColleague) {
		t.Result = "with_colleague"
		_, err = s.AddNote(ctx, k.ID, by, NewNote{
			Text: "For all cases of cause " + strconv.FormatInt(causeID, 10) + ":\n\n" + m.Text, Mentions: []int64{colleague}, ClientID: m.ClientMessageID,
		})
	}
	if err != nil {
		t.Result, t.Err = "failed", err
	}
	return t, concerned
}

func (s *Service) tellTx(ctx context.Context, l *chat.Locked, k *Case, by chat.Agent, m Macro) (chat.Message, error) {
	waited := k.State == StateWaiting
	if waited {
		if err := s.assignTx(ctx, l, k, by); err != nil {
			return chat.Message{}, err
		}
		if err := l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "claimed", AgentID: &by.ID}, nil); err != nil {
			return chat.Message{}, err
		}
	}
	posted, err := s.applyTx(ctx, l, k, by, m)
	if err != nil || !waited || m.Actions.ends() > 0 {
		return posted, err
	}
	return posted, s.releaseTx(ctx, l, k, by, causeTold)
}
