// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/internal/markdown"
	"candor/internal/text"
	"candor/postgres"
	"candor/prompts"
)

// SavedReply is a text that agents write again and again, by language, and what
// is done together with it.
type SavedReply struct {
	ID        int64
	OwnerID   *int64 // nil: of everybody
	Title     string
	Texts     map[string]string // by language of the wording
	Actions   ReplyActions
	Rev       int
	UpdatedAt time.Time
}

// ReplyActions are what a saved reply does besides being said.
type ReplyActions struct {
	Priority string `json:"priority,omitempty"`
	Outcome  string `json:"outcome,omitempty"` // resolves the case
	Wait     bool   `json:"wait,omitempty"`    // waits for the customer
}

const (
	maxReplyTitle = 120
	maxReplies    = 500
)

const replyColumns = "id, owner_id, title, texts, actions, rev, updated_at"

// Replies gives an agent's own saved replies and those of everybody, by title.
func (s *Service) Replies(ctx context.Context, accountID int64) ([]SavedReply, error) {
	rows, err := s.db.Query(ctx, "SELECT "+replyColumns+` FROM replies
		WHERE owner_id IS NULL OR owner_id = $1
		ORDER BY lower(title), id
		LIMIT $2`, accountID, maxReplies)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read saved replies: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SavedReply])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read saved replies: %w", err))
	}
	return list, nil
}

// reply is one of them. Another agent's own cannot be told from one that is not there.
func (s *Service) reply(ctx context.Context, accountID, id int64) (SavedReply, error) {
	rows, err := s.db.Query(ctx, "SELECT "+replyColumns+" FROM replies WHERE id = $1 AND (owner_id IS NULL OR owner_id = $2)", id, accountID)
	if err != nil {
		return SavedReply{}, postgres.Away(fmt.Errorf("read a saved reply: %w", err))
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[SavedReply])
	if errors.Is(err, pgx.ErrNoRows) {
		return SavedReply{}, fault.NotFound("reply_not_found", "There is no such saved reply.")
	}
	return r, postgres.Away(err)
}

// SaveReply keeps a new saved reply, or changes the revision of one that was
// read. Those of everybody are a supervisor's.
func (s *Service) SaveReply(ctx context.Context, by Actor, r SavedReply) (SavedReply, error) {
	if err := r.check(); err != nil {
		return SavedReply{}, err
	}
	if r.ID == 0 {
		return s.insertReply(ctx, by, r)
	}
	known, err := s.reply(ctx, by.ID, r.ID)
	if err != nil {
		return SavedReply{}, err
	}
	if known.OwnerID == nil && !by.Supervisor {
		return SavedReply{}, errShared()
	}
	err = s.db.QueryRow(ctx, `
		UPDATE replies
		SET title = $3, texts = $4, actions = $5, rev = rev + 1, updated_by = $6, updated_at = now()
		WHERE id = $1 AND rev = $2
		RETURNING rev, updated_at`, r.ID, r.Rev, r.Title, r.Texts, r.Actions, by.ID).Scan(&r.Rev, &r.UpdatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return SavedReply{}, fault.Conflict("reply_changed", "Somebody has changed this saved reply since you read it. Please read it again.")
	}
	if err != nil {
		return SavedReply{}, postgres.Away(fmt.Errorf("change a saved reply: %w", err))
	}
	r.OwnerID = known.OwnerID
	return r, nil
}

func (s *Service) insertReply(ctx context.Context, by Actor, r SavedReply) (SavedReply, error) {
	if r.OwnerID == nil && !by.Supervisor {
		return SavedReply{}, errShared()
	}
	if r.OwnerID != nil {
		r.OwnerID = &by.ID
	}
	err := s.db.QueryRow(ctx, `
		INSERT INTO replies (owner_id, title, texts, actions, updated_by)
		SELECT $1, $2, $3, $4, $5
		WHERE (SELECT count(*) FROM replies WHERE owner_id IS NOT DISTINCT FROM $1) < $6
		RETURNING id, rev, updated_at`, r.OwnerID, r.Title, r.Texts, r.Actions, by.ID, maxReplies/2).Scan(&r.ID, &r.Rev, &r.UpdatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return SavedReply{}, fault.Conflict("too_many_replies", "There are %d saved replies already; please delete some.", maxReplies/2)
	}
	if err != nil {
		return SavedReply{}, postgres.Away(fmt.Errorf("keep a saved reply: %w", err))
	}
	return r, nil
}

// DeleteReply removes a saved reply.
func (s *Service) DeleteReply(ctx context.Context, by Actor, id int64) error {
	known, err := s.reply(ctx, by.ID, id)
	if err != nil {
		return err
	}
	if known.OwnerID == nil && !by.Supervisor {
		return errShared()
	}
	if _, err := s.db.Exec(ctx, "DELETE FROM replies WHERE id = $1", id); err != nil {
		return postgres.Away(fmt.Errorf("delete a saved reply: %w", err))
	}
	return nil
}

func errShared() error {
	return fault.Denied("supervisor_required", "Saved replies of everybody are kept by a supervisor. You may keep one of your own.")
}

func (r SavedReply) check() error {
	if title := strings.TrimSpace(r.Title); title == "" || utf8.RuneCountInString(title) > maxReplyTitle || !text.CleanLine(title) {
		return fault.Invalid("invalid_title", "A title has 1 to %d characters on one line.", maxReplyTitle)
	}
	if len(r.Texts) == 0 {
		return fault.Invalid("reply_empty", "A saved reply needs a text in one language at least.")
	}
	for lang, body := range r.Texts {
		if !slices.Contains(prompts.Locales(), prompts.Locale(lang)) {
			return fault.Invalid("unknown_language", "There is no language %q here.", lang)
		}
		if err := chat.CheckText(body); err != nil {
			return err
		}
		for _, v := range variable.FindAllString(body, -1) {
			if !slices.Contains(variables, v) {
				return fault.Invalid("unknown_variable", "%s is not known; use %s.", v, strings.Join(variables, ", "))
			}
		}
	}
	return r.Actions.check()
}

func (a ReplyActions) check() error {
	if a.Priority != "" {
		if _, err := ParsePriority(a.Priority); err != nil {
			return err
		}
	}
	if a.Outcome != "" && a.Wait {
		return fault.Invalid("actions_conflict", "A reply resolves the case or waits for the customer, not both.")
	}
	if a.Outcome != "" {
		return checkOutcome(a.Outcome)
	}
	return nil
}

var (
	variable  = regexp.MustCompile(`\{[^{}\s]*\}`)
	variables = []string{"{customer_name}", "{reference}", "{agent}"}
)

// Filled is a saved reply for one case.
type Filled struct {
	SavedReply

	Lang    string   // of Text: the customer's where there is one
	Text    string   // Markdown; a variable without a value stands as it is
	Missing []string // the variables without a value
}

// FillReplies gives the saved replies of an agent as they read in a case.
func (s *Service) FillReplies(ctx context.Context, c chat.Conversation, k Case, agent chat.Agent) ([]Filled, error) {
	list, err := s.Replies(ctx, agent.ID)
	if err != nil {
		return nil, err
	}
	values, err := s.values(ctx, c, k, agent)
	if err != nil {
		return nil, err
	}
	filled := make([]Filled, len(list))
	for i, r := range list {
		filled[i] = r.fill(c.Locale, s.chat.Company().Locale, values)
	}
	return filled, nil
}

// values are what the variables of a text stand for in a case.
func (s *Service) values(ctx context.Context, c chat.Conversation, k Case, agent chat.Agent) (map[string]string, error) {
	profile, err := s.chat.Profile(ctx, c)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"{customer_name}": markdown.Literal(profile.Name), "{reference}": k.Reference, "{agent}": markdown.Literal(agent.Name),
	}, nil
}

func (r SavedReply) fill(lang, fallback string, values map[string]string) Filled {
	f := Filled{SavedReply: r, Lang: lang, Missing: []string{}}
	if r.Texts[f.Lang] == "" {
		f.Lang = fallback
	}
	if r.Texts[f.Lang] == "" {
		f.Lang = slices.Sorted(maps.Keys(r.Texts))[0]
	}
	f.Text, f.Missing = fill(r.Texts[f.Lang], values)
	return f
}

// fill puts values in the place of variables; one without a value stays and is named.
func fill(text string, values map[string]string) (filled string, missing []string) {
	missing = []string{}
	filled = variable.ReplaceAllStringFunc(text, func(v string) string {
		if value := values[v]; value != "" {
			return value
		}
		if slices.Contains(variables, v) && !slices.Contains(missing, v) {
			missing = append(missing, v)
		}
		return v
	})
	return filled, missing
}

// Macro is a reply together with what else is done with the case, in one step.
type Macro struct {
	Text            string
	ClientMessageID string // makes repeating safe
	Actions         ReplyActions
}

// Apply says something in the agent's case and does what goes with it: all of it
// or nothing, and once.
func (s *Service) Apply(ctx context.Context, caseID int64, agent chat.Agent, m Macro) (posted chat.Message, k Case, err error) {
	if err := m.Actions.check(); err != nil {
		return posted, k, err
	}
	k, err = s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		posted, err = s.applyTx(ctx, l, k, agent, m)
		return err
	})
	return posted, k, err
}

func (s *Service) applyTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent, m Macro) (chat.Message, error) {
	known, err := l.FindPosted(ctx, chat.AuthorAgent, m.ClientMessageID, m.Text)
	if err != nil {
		return chat.Message{}, err
	}
	if known != nil { // done before, the actions too
		return *known, nil
	}
	if err := mine(*k, agent); err != nil {
		return chat.Message{}, err
	}
	for _, v := range variables {
		if strings.Contains(m.Text, v) {
			return chat.Message{}, fault.Invalid("reply_incomplete", "%s has no value here; please write it out.", v)
		}
	}
	posted, err := s.replyTx(ctx, l, k, agent, m.Text, m.ClientMessageID)
	if err != nil {
		return posted, err
	}
	if m.Actions.Priority != "" {
		priority, err := ParsePriority(m.Actions.Priority)
		if err != nil {
			return posted, err
		}
		if err := s.priorityTx(ctx, l, k, agent, priority); err != nil {
			return posted, err
		}
	}
	switch {
	case m.Actions.Outcome != "":
		err = s.undoable(ctx, l, k, undoResolved, agent, func() error { return s.resolveTx(ctx, l, k, agent, m.Actions.Outcome, "") })
	case m.Actions.Wait:
		err = s.waitTx(ctx, l, k, agent)
	}
	return posted, err
}
