// SPDX-License-Identifier: MIT

package chat

import (
	"cmp"
	"slices"
	"time"

	"candor/internal/calendar"
	"candor/prompts"
)

// Company is what the company says of itself. It is data: versioned, and the
// newest version holds.
type Company struct {
	Name     string             `json:"name"`
	Locale   string             `json:"locale"`    // of its pages, one of the wording's
	TimeZone string             `json:"time_zone"` // IANA name; hours and dates are told in it
	Hours    []calendar.Opening `json:"hours"`
	Holidays []calendar.Holiday `json:"holidays,omitempty"`
	Channels []Channel          `json:"channels"` // other ways to reach people, two at least
	Targets  Targets            `json:"targets"`
	Scope    string             `json:"scope"`             // what the assistant can help with, one sentence
	Teams    []Team             `json:"teams,omitempty"`   // none: all agents are one team, named ""
	Wording  prompts.Own        `json:"wording,omitempty"` // its own texts, by language
	// Assignment is how cases get to agents. "automatic", or none, gives each at once
	// to one who said that they are available and has least to do; "round_robin" to
	// who has waited longest for one; "manual" leaves it to claims.
	Assignment string `json:"assignment,omitempty"`
	// SilentMinutes is how long an agent may have a case and do nothing with it
	// before somebody else gets it; 0: five.
	SilentMinutes int `json:"silent_minutes,omitempty"`
	// SecondEyes is whether a second editor has to approve a draft before it goes live.
	SecondEyes bool  `json:"second_eyes,omitempty"`
	Brand      Brand `json:"brand,omitzero"`
}

// Assigns reports whether cases are given to agents.
func (c Company) Assigns() bool { return c.Assignment != "manual" }

// TakesTurns reports whether agents get cases in turn, whatever each has to do.
func (c Company) TakesTurns() bool { return c.Assignment == "round_robin" }

// silentMinutes is Company.SilentMinutes where the company does not say.
const silentMinutes = 5

// SilentAfter is how long an agent may have a case and do nothing with it.
func (c Company) SilentAfter() time.Duration {
	return time.Duration(cmp.Or(c.SilentMinutes, silentMinutes)) * time.Minute
}

// TeamFor is the team that takes a conversation in that language for that
// reason: of those that take it the one that names most of it, the first of
// equals; the first team when none does.
func (c Company) TeamFor(language, reason string) string {
	best, id := -1, ""
	for i, t := range c.Teams {
		if i == 0 {
			id = t.ID
		}
		named, takes := 0, true
		for _, q := range []struct {
			of   []string
			what string
		}{{t.Languages, language}, {t.Reasons, reason}} {
			if len(q.of) > 0 {
				named++
				takes = takes && slices.Contains(q.of, q.what)
			}
		}
		if takes && named > best {
			best, id = named, t.ID
		}
	}
	return id
}

// Team is a group of agents that cases are given to. What it leaves empty is as
// the company has it.
type Team struct {
	ID          string             `json:"id"` // stable, lower-case; cases and agents name it
	Name        string             `json:"name"`
	TimeZone    string             `json:"time_zone,omitempty"`
	Hours       []calendar.Opening `json:"hours,omitempty"`
	Holidays    []calendar.Holiday `json:"holidays,omitempty"`
	Languages   []string           `json:"languages,omitempty"` // of the conversations it takes; none: all
	Reasons     []string           `json:"reasons,omitempty"`   // of the handoffs it takes; none: all
	Skill       string             `json:"skill,omitempty"`     // what its cases ask of an agent
	Targets     *Targets           `json:"targets,omitempty"`
	EscalatesTo string             `json:"escalates_to,omitempty"` // the team next up the ladder
}

// Channel is a way to reach the company other than this chat.
type Channel struct {
	Kind    string `json:"kind"` // phone, email, post, shop
	Address string `json:"address"`
}

// Targets are the promised times. Minutes are of opening hours.
type Targets struct {
	FirstResponseMinutes int `json:"first_response_minutes"`          // of a person
	ComplaintDays        int `json:"complaint_days"`                  // calendar days to a written answer
	AckMinutes           int `json:"ack_minutes,omitempty"`           // 0: five
	NextResponseMinutes  int `json:"next_response_minutes,omitempty"` // 0: as the first
	ResolutionMinutes    int `json:"resolution_minutes,omitempty"`    // 0: sixteen hours
	// Priorities differ from that, by "low", "normal", "high" and "urgent".
	Priorities map[string]PriorityTargets `json:"priorities,omitempty"`
}

// PriorityTargets are the promised minutes for cases of one priority; 0 is as for
// all others.
type PriorityTargets struct {
	AckMinutes           int `json:"ack_minutes,omitempty"`
	FirstResponseMinutes int `json:"first_response_minutes,omitempty"`
	NextResponseMinutes  int `json:"next_response_minutes,omitempty"`
	ResolutionMinutes    int `json:"resolution_minutes,omitempty"`
}

// Where the company does not say.
const (
	ackMinutes        = 5
	resolutionMinutes = 16 * 60
)

// For is what is promised for cases of a priority, with nothing left open.
func (t Targets) For(priority string) PriorityTargets {
	p := t.Priorities[priority]
	first := cmp.Or(p.FirstResponseMinutes, t.FirstResponseMinutes)
	return PriorityTargets{
		AckMinutes: cmp.Or(p.AckMinutes, t.AckMinutes, ackMinutes), FirstResponseMinutes: first,
		NextResponseMinutes: cmp.Or(p.NextResponseMinutes, t.NextResponseMinutes, first),
		ResolutionMinutes:   cmp.Or(p.ResolutionMinutes, t.ResolutionMinutes, resolutionMinutes),
	}
}

// Zone is the company's time zone, UTC when the name is unknown.
func (c Company) Zone() *time.Location { return zone(c.TimeZone) }

// Calendar is when somebody answers for the company.
func (c Company) Calendar() calendar.Calendar {
	return calendar.Calendar{Zone: c.Zone(), Hours: c.Hours, Holidays: c.Holidays}
}

// Team gives a team by its id, false when there is none. The id "" is the first
// team, or all agents where the company has no teams.
func (c Company) Team(id string) (Team, bool) {
	if id == "" && len(c.Teams) > 0 {
		return c.Teams[0], true
	}
	for _, t := range c.Teams {
		if t.ID == id {
			return t, true
		}
	}
	return Team{}, id == ""
}

// CalendarOf is when a team works: its own hours and holidays where it has some.
func (c Company) CalendarOf(t Team) calendar.Calendar {
	hours := c.Calendar()
	if t.TimeZone != "" {
		hours.Zone = zone(t.TimeZone)
	}
	if len(t.Hours) > 0 {
		hours.Hours = t.Hours
	}
	if len(t.Holidays) > 0 {
		hours.Holidays = t.Holidays
	}
	return hours
}

// TargetsOf is what is promised for a team's cases.
func (c Company) TargetsOf(t Team) Targets {
	if t.Targets != nil {
		return *t.Targets
	}
	return c.Targets
}

func zone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}
