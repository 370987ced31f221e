// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/postgres"
)

// Rating is what a customer thought of it: of the person and of the assistant
// apart, each from 1 to 5, or that they would rather not say.
type Rating struct {
	Person, Assistant *int
	Comment           string
	Declined          bool
}

// Ratable is who a customer may be asked about: those who spoke to them. Nobody,
// once they have answered or refused, and while a complaint of theirs is open.
type Ratable struct{ Person, Assistant bool }

const (
	entryRating      = "rating"
	maxRating        = 5
	maxRatingComment = 1000
)

type ratingEntry struct {
	Person    *int `json:"person,omitempty"`
	Assistant *int `json:"assistant,omitempty"`
	Declined  bool `json:"declined,omitempty"`
}

type ratingComment struct {
	Comment string `json:"comment"`
}

const ratableQuery = `
	SELECT
		EXISTS (SELECT FROM messages WHERE conversation_id = $1 AND author = 'agent'),
		EXISTS (SELECT FROM messages WHERE conversation_id = $1 AND author = 'bot'),
		EXISTS (SELECT FROM ratings WHERE conversation_id = $1),
		EXISTS (
			SELECT FROM complaints p
			JOIN cases k ON k.id = p.case_id
			WHERE k.conversation_id = $1 AND p.state NOT IN ('accepted', 'closed')),
		-- What goes on in another case is asked about there.
		coalesce((SELECT merged_into IS NOT NULL FROM cases WHERE conversation_id = $1 ORDER BY id DESC LIMIT 1), false)`

// Ratable says what the customer of a conversation may be asked now.
func (s *Service) Ratable(ctx context.Context, c chat.Conversation) (Ratable, error) {
	if c.State != chat.StateResolved && c.State != chat.StateClosed {
		return Ratable{}, nil
	}
	r, not, err := ratable(ctx, s.db, c.ID)
	if err != nil || not != (unratable{}) {
		return Ratable{}, postgres.Away(err)
	}
	return r, nil
}

func ratable(ctx context.Context, db interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, conversationID int64,
) (r Ratable, not unratable, err error) {
	if err = db.QueryRow(ctx, ratableQuery, conversationID).Scan(&r.Person, &r.Assistant, &not.rated, &not.complaint, &not.goesOn); err != nil {
		err = fmt.Errorf("look for a rating: %w", err)
	}
	return r, not, err
}

// unratable is why nothing is asked.
type unratable struct{ rated, complaint, goesOn bool }

// Rate keeps a customer's rating, or that they gave none. There is one.
func (s *Service) Rate(ctx context.Context, conversationID int64, r Rating) error {
	if err := r.check(); err != nil {
		return err
	}
	return s.chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		if l.State != chat.StateResolved && l.State != chat.StateClosed {
			return fault.Conflict("not_finished", "A conversation can be rated once it is finished.")
		}
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		may, not, err := ratable(ctx, tx, l.ID)
		switch {
		case err != nil:
			return err
		case not.rated:
			return fault.Conflict("already_rated", "You have answered this already. Thank you.")
		case not.goesOn:
			return fault.Conflict("not_finished", "This goes on in another conversation, which can be rated once it is finished.")
		case not.complaint:
			return fault.Conflict("complaint_is_open", "Your complaint is still open. We ask for no rating before it is settled.")
		case r.Person != nil && !may.Person || r.Assistant != nil && !may.Assistant:
			return fault.Invalid("not_met", "Only who has spoken in this conversation can be rated.")
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO ratings (conversation_id, person, assistant, declined, created_at)
			VALUES ($1, $2, $3, $4, $5)`, l.ID, r.Person, r.Assistant, r.Declined, l.Now)
		if err != nil {
			return fmt.Errorf("keep a rating: %w", err)
		}
		var private any
		if r.Comment != "" {
			private = ratingComment{r.Comment}
		}
		return l.Record(entryRating, ratingEntry{r.Person, r.Assistant, r.Declined}, private)
	})
}

func (r Rating) check() error {
	if r.Declined != (r.Person == nil && r.Assistant == nil) || r.Declined && r.Comment != "" {
		return fault.Invalid("rating_incomplete", "Please give a rating from 1 to %d, or decline.", maxRating)
	}
	for _, value := range []*int{r.Person, r.Assistant} {
		if value != nil && (*value < 1 || *value > maxRating) {
			return fault.Invalid("rating_out_of_range", "A rating is a number from 1 to %d.", maxRating)
		}
	}
	if len([]rune(r.Comment)) > maxRatingComment {
		return fault.Invalid("comment_too_long", "The comment is longer than %d characters.", maxRatingComment)
	}
	if r.Comment != "" {
		return chat.CheckText(r.Comment)
	}
	return nil
}

// Scores are the ratings of one side: how many gave 1, 2, … 5.
type Scores [maxRating]int

// RatingReport is what customers thought in some days.
type RatingReport struct {
	Person, Assistant Scores
	Declined          int
}

// Ratings counts the ratings since a time.
func (s *Service) Ratings(ctx context.Context, since time.Time) (RatingReport, error) {
	var report RatingReport
	rows, err := s.db.Query(ctx, "SELECT person, assistant FROM ratings WHERE created_at >= $1", since)
	if err != nil {
		return report, postgres.Away(fmt.Errorf("count ratings: %w", err))
	}
	var person, assistant *int
	_, err = pgx.ForEachRow(rows, []any{&person, &assistant}, func() error {
		if person == nil && assistant == nil {
			report.Declined++
		}
		if person != nil {
			report.Person[*person-1]++
		}
		if assistant != nil {
			report.Assistant[*assistant-1]++
		}
		return nil
	})
	return report, postgres.Away(err)
}
