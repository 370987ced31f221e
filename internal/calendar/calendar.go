// SPDX-License-Identifier: MIT

// Package calendar tells when people work: opening hours by weekday, holidays
// that replace them, in the time zone they are meant in. All reckoning is by
// spans of real time, so an hour is an hour also across a daylight-saving change.
package calendar

import (
	"errors"
	"fmt"
	"time"
)

// Opening is one span of a weekday in which people work.
type Opening struct {
	Day  time.Weekday `json:"day"`  // 0 is Sunday
	From string       `json:"from"` // "09:00"
	To   string       `json:"to"`   // "18:00"; "24:00" is the end of the day
}

// Holiday replaces the hours of its date.
type Holiday struct {
	Date string `json:"date"` // "2026-12-25", in the calendar's zone
	Name string `json:"name"`
	From string `json:"from,omitempty"` // both empty: closed all day
	To   string `json:"to,omitempty"`
}

// Calendar is when people work. The zero Calendar is never open.
type Calendar struct {
	Zone     *time.Location // nil: UTC
	Hours    []Opening
	Holidays []Holiday
}

// horizon is how many days ahead an opening is looked for: a year and a leap day.
const horizon = 367

// span is real time: from Start on, before End.
type span struct{ start, end time.Time }

// OpenAt reports whether people work at that moment.
func (c Calendar) OpenAt(at time.Time) bool {
	for _, s := range c.day(at, 0) {
		if !at.Before(s.start) && at.Before(s.end) {
			return true
		}
	}
	return false
}

// NextOpening is the next moment at which people work: at itself when they do
// now, and false when there is none within a year.
func (c Calendar) NextOpening(at time.Time) (time.Time, bool) {
	for s := range c.spans(at) {
		return later(s.start, at), true
	}
	return time.Time{}, false
}

// NextClosing is when people stop working the next time, counted through spans
// that meet; false when they do not work within a year, or never stop.
func (c Calendar) NextClosing(at time.Time) (time.Time, bool) {
	var end time.Time
	for s := range c.spans(at) {
		if !end.IsZero() && s.start.After(end) {
			return end, true
		}
		end = later(end, s.end)
	}
	return time.Time{}, false
}

// Add is the moment at which d of working time has passed since from; false when
// there is not so much of it within a year.
func (c Calendar) Add(from time.Time, d time.Duration) (time.Time, bool) {
	at := from
	for s := range c.spans(from) {
		at = later(at, s.start)
		if left := s.end.Sub(at); left >= d {
			return at.Add(d), true
		} else if left > 0 {
			d -= left
			at = s.end
		}
	}
	return time.Time{}, false
}

// Between is how much working time lies between two moments, of the first year;
// 0 when to is not after from.
func (c Calendar) Between(from, to time.Time) time.Duration {
	var sum time.Duration
	at := from
	for s := range c.spans(from) {
		if !s.start.Before(to) {
			break
		}
		at = later(at, s.start)
		end := s.end
		if to.Before(end) {
			end = to
		}
		if end.After(at) {
			sum += end.Sub(at)
			at = end
		}
	}
	return sum
}

// HolidayAt gives the holiday of the date at lies on, nil when it is none.
func (c Calendar) HolidayAt(at time.Time) *Holiday {
	return c.holiday(at.In(c.zone()).Format(time.DateOnly))
}

// Check says what is wrong with the hours and holidays, for the one who typed them.
func (c Calendar) Check() error {
	for _, o := range c.Hours {
		if o.Day < time.Sunday || o.Day > time.Saturday {
			return fmt.Errorf("there is no weekday %d", o.Day)
		}
		if err := checkSpan(o.From, o.To); err != nil {
			return fmt.Errorf("%s: %w", o.Day, err)
		}
	}
	for _, h := range c.Holidays {
		if _, err := time.Parse(time.DateOnly, h.Date); err != nil {
			return fmt.Errorf("%q is not a date like 2026-12-25", h.Date)
		}
		if h.From == "" && h.To == "" {
			continue
		}
		if err := checkSpan(h.From, h.To); err != nil {
			return fmt.Errorf("%s: %w", h.Date, err)
		}
	}
	return nil
}

func checkSpan(from, to string) error {
	start, okStart := minutes(from)
	end, okEnd := minutes(to)
	if !okStart || !okEnd {
		return errors.New("a time is written like 09:00")
	}
	if start >= end {
		return fmt.Errorf("%s is not before %s", from, to)
	}
	return nil
}

// spans yields the working time that ends after at, in order, for a year. Spans
// of one day may overlap.
func (c Calendar) spans(at time.Time) func(func(span) bool) {
	return func(yield func(span) bool) {
		for ahead := range horizon {
			for _, s := range c.day(at, ahead) {
				if s.end.After(at) && !yield(s) {
					return
				}
			}
		}
	}
}

// day gives the spans of the date that lies so many days after at's, by start.
func (c Calendar) day(at time.Time, ahead int) []span {
	year, month, date := at.In(c.zone()).Date()
	// Noon exists on every date in every zone; midnight does not.
	noon := time.Date(year, month, date+ahead, 12, 0, 0, 0, c.zone())
	var found []span
	add := func(from, to string) {
		start, okStart := c.clock(noon, from)
		end, okEnd := c.clock(noon, to)
		if !okStart || !okEnd || !end.After(start) {
			return
		}
		i := len(found)
		for i > 0 && start.Before(found[i-1].start) {
			i--
		}
		found = append(found[:i], append([]span{{start, end}}, found[i:]...)...)
	}
	if h := c.holiday(noon.Format(time.DateOnly)); h != nil {
		for _, h := range c.Holidays {
			if h.Date == noon.Format(time.DateOnly) {
				add(h.From, h.To)
			}
		}
		return found
	}
	for _, o := range c.Hours {
		if o.Day == noon.Weekday() {
			add(o.From, o.To)
		}
	}
	return found
}

func (c Calendar) holiday(date string) *Holiday {
	for i, h := range c.Holidays {
		if h.Date == date {
			return &c.Holidays[i]
		}
	}
	return nil
}

// clock is the moment at which the clocks of the zone show text on the date of noon.
func (c Calendar) clock(noon time.Time, text string) (time.Time, bool) {
	m, ok := minutes(text)
	if !ok {
		return time.Time{}, false
	}
	year, month, date := noon.Date()
	return time.Date(year, month, date, 0, m, 0, 0, c.zone()), true
}

// minutes reads "09:30" as minutes since midnight; "24:00" is the most.
func minutes(text string) (int, bool) {
	if text == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, false
	}
	return t.Hour()*60 + t.Minute(), true
}

func (c Calendar) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
