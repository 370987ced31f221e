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
	if err := errors.Join(r.check(), s.checkTarget(r.Actions)); err != nil {
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
	return valuesOf(profile, k, agent), nil
}

func valuesOf(profile chat.Profile, k Case, agent chat.Agent) map[string]string {
	return map[string]string{
		"{customer_name}": markdown.Literal(profile.Name), "{reference}": k.Reference, "{agent}": markdown.Literal(agent.Name),
	}
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
