// SPDX-License-Identifier: MIT

// Package clock reads from the record of a conversation how long people have
// taken: to acknowledge a case, to say the first word, to answer the next ones,
// to resolve it. It is one pure function from entries to clocks and another from
// clocks to what they show at some moment; nothing is stored that cannot be
// derived again. All of it is safe for concurrent use.
package clock

import (
	"time"

	"candor/internal/calendar"
)

// Kind is what a clock measures.
type Kind string

// The kinds of clocks.
const (
	Acknowledgement Kind = "acknowledgement"
	FirstResponse   Kind = "first_response" // of a person
	NextResponse    Kind = "next_response"  // from the customer's word to the next one of a person
	Resolution      Kind = "resolution"
)

// State is how a clock stands.
type State string

// The states of a clock.
const (
	Running  State = "running"
	Paused   State = "paused" // the customer is waited for; of a resolution also a day to come
	Met      State = "met"
	Warned   State = "warned" // it runs, and most of its time is gone
	Breached State = "breached"
)

// warnPercent is the part of the time after which a clock warns.
const warnPercent = 80

// Clock is one clock of a case, as the record has it.
type Clock struct {
	Kind      Kind
	N         int // of its kind in the case, from 1
	StartedAt time.Time
	EndedAt   *time.Time // nil: it runs or is paused
	Team      string     // when it ended, or now
	Priority  int

	done  bool // ended by what it waits for, and not with the case
	days  bool // a complaint's: calendar days that nothing stops
	spans []span
}

// span is a stretch in which a clock runs; the last one may be open.
type span struct {
	from time.Time
	to   *time.Time
}

// Terms are what is promised of a clock.
type Terms struct {
	Calendar calendar.Calendar
	Target   time.Duration // working time
	Days     int           // calendar days, of a complaint's resolution
}

// Reading is what a clock shows at some moment.
type Reading struct {
	Clock

	State     State
	Target    time.Duration
	DueAt     *time.Time    // nil while it is paused, or when the calendar has not so much time
	WarnAt    *time.Time    // when most of the time is gone
	Remaining time.Duration // working time; below 0 once it is over
}

// At reads a clock at a moment by what is promised of it.
func (c Clock) At(now time.Time, t Terms) Reading {
	r := Reading{Clock: c, Target: t.Target}
	var gone time.Duration
	if c.days && t.Days > 0 {
		gone = r.calendarDays(now, t)
	} else {
		gone = c.elapsed(now, t.Calendar)
		r.DueAt = c.reaches(r.Target, t.Calendar)
		r.WarnAt = c.reaches(r.Target*warnPercent/100, t.Calendar)
	}
	r.Remaining = r.Target - gone
	switch {
	case r.Remaining < 0:
		r.State = Breached
	case c.EndedAt != nil:
		r.State = Met
	case !c.days && !c.runs():
		r.State = Paused
	case gone >= r.Target*warnPercent/100:
		r.State = Warned
	default:
		r.State = Running
	}
	return r
}

// calendarDays sets a due time by the date: days of any length, of which none is free.
func (r *Reading) calendarDays(now time.Time, t Terms) (gone time.Duration) {
	zone := t.Calendar.Zone
	if zone == nil {
		zone = time.UTC
	}
	due := r.StartedAt.In(zone).AddDate(0, 0, t.Days)
	r.Target = due.Sub(r.StartedAt)
	warn := r.StartedAt.Add(r.Target * warnPercent / 100)
	r.DueAt, r.WarnAt = &due, &warn
	end := now
	if r.EndedAt != nil {
		end = *r.EndedAt
	}
	return end.Sub(r.StartedAt)
}

// elapsed is the working time in which the clock ran.
func (c Clock) elapsed(now time.Time, hours calendar.Calendar) (sum time.Duration) {
	for _, s := range c.spans {
		end := now
		if s.to != nil {
			end = *s.to
		}
		sum += hours.Between(s.from, end)
	}
	return sum
}

// reaches is when so much working time has gone by on the clock, as it stands:
// nil when it is paused before that.
func (c Clock) reaches(d time.Duration, hours calendar.Calendar) *time.Time {
	for i, s := range c.spans {
		last := i == len(c.spans)-1 && (s.to == nil || c.EndedAt != nil)
		if !last {
			if here := hours.Between(s.from, *s.to); here < d {
				d -= here
				continue
			}
		}
		if at, ok := hours.Add(s.from, d); ok {
			return &at
		}
		return nil
	}
	return nil
}

func (c Clock) runs() bool { return len(c.spans) > 0 && c.spans[len(c.spans)-1].to == nil }

func (c *Clock) pause(at time.Time) {
	if c.runs() {
		c.spans[len(c.spans)-1].to = &at
	}
}

func (c *Clock) resume(at time.Time) {
	if c.EndedAt == nil && !c.runs() {
		c.spans = append(c.spans, span{from: at})
	}
}

func (c *Clock) end(at time.Time) {
	c.pause(at)
	c.EndedAt = &at
}
