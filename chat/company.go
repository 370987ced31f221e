// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"candor/internal/fault"
)

// Company is what the company says of itself. It is data: versioned, and the
// newest version holds.
type Company struct {
	Name     string    `json:"name"`
	Locale   string    `json:"locale"`    // of its pages, one of the wording's
	TimeZone string    `json:"time_zone"` // IANA name; hours and dates are told in it
	Hours    []Opening `json:"hours"`
	Channels []Channel `json:"channels"` // other ways to reach people, two at least
	Targets  Targets   `json:"targets"`
	Scope    string    `json:"scope"` // what the assistant can help with, one sentence
}

// Opening is one span of a weekday in which people answer.
type Opening struct {
	Day  time.Weekday `json:"day"`  // 0 is Sunday
	From string       `json:"from"` // "09:00"
	To   string       `json:"to"`   // "18:00"; "24:00" is the end of the day
}

// Channel is a way to reach the company other than this chat.
type Channel struct {
	Kind    string `json:"kind"` // phone, email, post, shop
	Address string `json:"address"`
}

// Targets are the promised times.
type Targets struct {
	FirstResponseMinutes int `json:"first_response_minutes"` // of a person, in opening hours
	ComplaintDays        int `json:"complaint_days"`         // calendar days to a written answer
}

// Zone is the company's time zone, UTC when the name is unknown.
func (c Company) Zone() *time.Location {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// OpenAt reports whether people answer at that moment.
func (c Company) OpenAt(at time.Time) bool {
	local := at.In(c.Zone())
	clock := local.Format("15:04")
	for _, span := range c.Hours {
		if span.Day == local.Weekday() && span.From <= clock && clock < span.To {
			return true
		}
	}
	return false
}

// NextOpening is the next moment at which people answer: at itself when they
// do now, and false when no hours are set at all.
func (c Company) NextOpening(at time.Time) (time.Time, bool) {
	if c.OpenAt(at) {
		return at, true
	}
	local := at.In(c.Zone())
	for days := range 8 {
		day := local.AddDate(0, 0, days)
		if opening, ok := c.firstOpening(day, at); ok {
			return opening, true
		}
	}
	return time.Time{}, false
}

// firstOpening is the first span that begins on that day after at.
func (c Company) firstOpening(day, at time.Time) (first time.Time, found bool) {
	for _, span := range c.Hours {
		var hour, minute int
		if _, err := fmt.Sscanf(span.From, "%d:%d", &hour, &minute); err != nil || span.Day != day.Weekday() {
			continue
		}
		opening := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, c.Zone())
		if opening.After(at) && (!found || opening.Before(first)) {
			first, found = opening, true
		}
	}
	return first, found
}

// LoadCompany reads the version in force.
func LoadCompany(ctx context.Context, db *pgxpool.Pool) (Company, error) {
	var c Company
	err := db.QueryRow(ctx, "SELECT settings FROM company_versions ORDER BY version DESC LIMIT 1").Scan(&c)
	if errors.Is(err, pgx.ErrNoRows) {
		return Company{}, fault.Unavailable("company_not_set", "The company's name, hours and channels are not set yet.")
	}
	if err != nil {
		return Company{}, fmt.Errorf("load the company: %w", err)
	}
	return c, nil
}

// SaveCompany puts a new version in force; by is who did it, for the record.
func SaveCompany(ctx context.Context, db *pgxpool.Pool, c Company, by string) error {
	if c.Name == "" || len(c.Channels) < 2 {
		return fault.Invalid("company_incomplete", "A company needs a name and at least two ways to reach it other than this chat.")
	}
	if _, err := db.Exec(ctx, "INSERT INTO company_versions (settings, created_by) VALUES ($1, $2)", c, by); err != nil {
		return fmt.Errorf("save the company: %w", err)
	}
	return nil
}
