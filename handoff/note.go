// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/postgres"
)

// Note is what an agent wrote for colleagues, beside a step or by itself.
type Note struct {
	Entry    int    // of the conversation's record
	Action   string // noted, transferred, resolved, escalated
	Text     string // empty once erased or redacted
	Author   chat.Agent
	At       time.Time
	Mentions []chat.Agent
}

// Step is one step in a case's history, without what is private of it.
type Step struct {
	Entry  int
	At     time.Time
	Action string
	Detail json.RawMessage // the entry of the record
	Agent  *chat.Agent     // who took it
}

// NewNote is what an agent writes for colleagues.
type NewNote struct {
	Text     string
	Mentions []int64 // those named by id
	ClientID string  // the same note under the same id is written once; "": each time
}

// AddNote writes a note for colleagues to a case, whoever has it. Those named in
// it by @ and the part of their address before the @, or by id, find it in their
// mentions.
func (s *Service) AddNote(ctx context.Context, caseID int64, agent chat.Agent, note NewNote) (Note, error) {
	if err := chat.CheckText(note.Text); err != nil {
		return Note{}, err
	}
	var n Note
	written := 0 // the entry of the same note, written before
	k, err := s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		var err error
		if written, err = writtenTx(ctx, l, agent, note.ClientID); err != nil || written != 0 {
			return err
		}
		named, err := namedTx(ctx, l, note.Text, note.Mentions)
		if err != nil {
			return err
		}
		if n, err = s.noteTx(ctx, l, *k, workEntry{Action: "noted", AgentID: &agent.ID}, agent, note.Text, named); err != nil {
			return err
		}
		return rememberTx(ctx, l, agent, note.ClientID, n.Entry)
	})
	if err != nil || written == 0 {
		return n, err
	}
	return s.writtenNote(ctx, k, written, note)
}

func writtenTx(ctx context.Context, l *chat.Locked, agent chat.Agent, clientID string) (entry int, err error) {
	tx, err := l.Tx(ctx)
	if err != nil || clientID == "" {
		return 0, err
	}
	err = tx.QueryRow(ctx, "SELECT entry FROM note_ids WHERE conversation_id = $1 AND account_id = $2 AND client_note_id = $3", l.ID, agent.ID, clientID).Scan(&entry)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for a repeated note: %w", err)
	}
	return entry, nil
}

func rememberTx(ctx context.Context, l *chat.Locked, agent chat.Agent, clientID string, entry int) error {
	tx, err := l.Tx(ctx)
	if err != nil || clientID == "" {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO note_ids (conversation_id, account_id, client_note_id, entry) VALUES ($1, $2, $3, $4)", l.ID, agent.ID, clientID, entry)
	if err != nil {
		return fmt.Errorf("remember a note: %w", err)
	}
	return nil
}

// writtenNote reads the note that was written before under the id of one.
func (s *Service) writtenNote(ctx context.Context, k Case, entry int, note NewNote) (Note, error) {
	conv, err := s.chat.Get(ctx, k.ConversationID)
	if err != nil {
		return Note{}, err
	}
	_, notes, err := s.History(ctx, conv, k)
	if err != nil {
		return Note{}, err
	}
	i := slices.IndexFunc(notes, func(n Note) bool { return n.Entry == entry && n.Text == note.Text })
	if i < 0 {
		return Note{}, fault.Conflict("client_note_id_reused", "This client_note_id was used for another note. Please use a new one.")
	}
	return notes[i], nil
}

// noteTx records a step with its note and tells those who are named in it.
func (s *Service) noteTx(ctx context.Context, l *chat.Locked, k Case, e workEntry, by chat.Agent, text string, named []chat.Agent) (Note, error) {
	e.Reference = k.Reference
	for _, a := range named {
		e.Mentions = append(e.Mentions, a.ID)
	}
	if err := s.recordWork(l, e, text); err != nil {
		return Note{}, err
	}
	n := Note{Entry: l.LastEntry, Action: e.Action, Text: text, Author: by, At: l.Now, Mentions: named}
	tx, err := l.Tx(ctx)
	if err != nil {
		return n, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO mentions (account_id, by_id, case_id, conversation_id, entry, created_at)
		SELECT a, $2, $3, $4, $5, $6
		FROM unnest($1::bigint[]) a
		WHERE a <> $2`, e.Mentions, by.ID, k.ID, l.ID, n.Entry, l.Now)
	if err != nil {
		return n, fmt.Errorf("keep mentions: %w", err)
	}
	return n, nil
}

var handle = regexp.MustCompile(`(?:^|[\s(])@([\w.+-]+(?:@[\w.-]+\w)?)`)

// namedTx finds whom a note names.
func namedTx(ctx context.Context, l *chat.Locked, text string, ids []int64) ([]chat.Agent, error) {
	handles := []string{}
	for _, m := range handle.FindAllStringSubmatch(text, -1) {
		handles = append(handles, strings.TrimRight(strings.ToLower(m[1]), ".-"))
	}
	if len(handles) == 0 && len(ids) == 0 {
		return nil, nil
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		SELECT id, name
		FROM accounts
		WHERE disabled_at IS NULL AND role <> 'editor'
			AND (id = ANY($1) OR email = ANY($2) OR split_part(email, '@', 1) = ANY($2))
		ORDER BY id`, ids, handles)
	if err != nil {
		return nil, fmt.Errorf("find who is named: %w", err)
	}
	named, err := pgx.CollectRows(rows, pgx.RowToStructByPos[chat.Agent])
	if err != nil {
		return nil, fmt.Errorf("find who is named: %w", err)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(named, func(a chat.Agent) bool { return a.ID == id }) {
			return nil, fault.Invalid("unknown_colleague", "There is no such agent.")
		}
	}
	return named, nil
}

// History gives what was done with a case, and the notes written to it, oldest
// first. The notes of an erased customer are gone.
func (s *Service) History(ctx context.Context, c chat.Conversation, k Case) ([]Step, []Note, error) {
	entries, err := s.chat.Decisions(ctx, c, chat.EntryCase)
	if err != nil {
		return nil, nil, err
	}
	staff, err := s.names(ctx)
	if err != nil {
		return nil, nil, err
	}
	steps, notes := []Step{}, []Note{}
	for _, e := range entries {
		var body workEntry
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return nil, nil, fmt.Errorf("read the history of a case: %w", err)
		}
		if body.Reference != k.Reference {
			continue // another case of the conversation
		}
		step := Step{Entry: e.N, At: e.At, Action: body.Action, Detail: e.Body}
		var author chat.Agent
		if body.AgentID != nil {
			author = chat.Agent{ID: *body.AgentID, Name: staff[*body.AgentID]}
			step.Agent = &author
		}
		steps = append(steps, step)
		var private caseNote
		if e.Private != nil {
			if err := json.Unmarshal(e.Private, &private); err != nil {
				return nil, nil, fmt.Errorf("read a note: %w", err)
			}
		}
		if private.Note == "" && body.Action != "noted" {
			continue
		}
		n := Note{Entry: e.N, Action: body.Action, Text: private.Note, Author: author, At: e.At}
		for _, id := range body.Mentions {
			n.Mentions = append(n.Mentions, chat.Agent{ID: id, Name: staff[id]})
		}
		notes = append(notes, n)
	}
	return steps, notes, nil
}

// names are the names of all members of staff, those who left included.
func (s *Service) names(ctx context.Context) (map[int64]string, error) {
	rows, err := s.db.Query(ctx, "SELECT id, name FROM accounts")
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read names: %w", err))
	}
	names := map[int64]string{}
	var a chat.Agent
	_, err = pgx.ForEachRow(rows, []any{&a.ID, &a.Name}, func() error {
		names[a.ID] = a.Name
		return nil
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read names: %w", err))
	}
	return names, nil
}

// Mention is a note that names somebody, as they find it in their list.
type Mention struct {
	ID             int64
	CaseID         int64
	ConversationID int64
	Reference      string
	Entry          int
	ByName         string
	At             time.Time
	SeenAt         *time.Time
	Text           string `db:"-"` // empty once erased
}

const maxMentions = 100

// Mentions gives the notes that name an agent, the newest first.
func (s *Service) Mentions(ctx context.Context, accountID int64, unseen bool) ([]Mention, error) {
	rows, err := s.db.Query(ctx, `
		SELECT m.id, m.case_id, m.conversation_id, k.reference, m.entry, a.name, m.created_at, m.seen_at
		FROM mentions m
		JOIN cases k ON k.id = m.case_id
		JOIN accounts a ON a.id = m.by_id
		WHERE m.account_id = $1 AND (NOT $2 OR m.seen_at IS NULL)
		ORDER BY m.id DESC
		LIMIT $3`, accountID, unseen, maxMentions)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read mentions: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Mention])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read mentions: %w", err))
	}
	refs := make([]chat.EntryRef, len(list))
	for i, m := range list {
		refs[i] = chat.EntryRef{ConversationID: m.ConversationID, N: m.Entry}
	}
	private, err := s.chat.Private(ctx, refs)
	if err != nil {
		return nil, err
	}
	for i, raw := range private {
		var note caseNote
		if raw == nil {
			continue
		}
		if err := json.Unmarshal(raw, &note); err != nil {
			return nil, fmt.Errorf("read a note: %w", err)
		}
		list[i].Text = note.Note
	}
	return list, nil
}

// UnseenMentions counts what an agent has not looked at.
func (s *Service) UnseenMentions(ctx context.Context, accountID int64) (int, error) {
	var n int
	err := s.db.QueryRow(ctx, "SELECT count(*) FROM mentions WHERE account_id = $1 AND seen_at IS NULL", accountID).Scan(&n)
	if err != nil {
		return 0, postgres.Away(fmt.Errorf("count mentions: %w", err))
	}
	return n, nil
}

// SeeMention notes that its reader has seen a mention.
func (s *Service) SeeMention(ctx context.Context, accountID, id int64) error {
	var seen time.Time
	err := s.db.QueryRow(ctx, `
		UPDATE mentions
		SET seen_at = coalesce(seen_at, now())
		WHERE id = $1 AND account_id = $2
		RETURNING seen_at`, id, accountID).Scan(&seen)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.NotFound("mention_not_found", "There is no such mention.")
	}
	if err != nil {
		return postgres.Away(fmt.Errorf("see a mention: %w", err))
	}
	s.chat.Touch(chat.Desk)
	return nil
}
