// SPDX-License-Identifier: MIT

package clock_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"candor/handoff/clock"
	"candor/internal/calendar"
)

// office is open from Monday to Friday, nine to five, in Madrid.
func office() calendar.Calendar {
	zone, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		panic(err)
	}
	c := calendar.Calendar{Zone: zone, Holidays: []calendar.Holiday{{Date: "2026-10-12", Name: "National day"}}}
	for day := time.Monday; day <= time.Friday; day++ {
		c.Hours = append(c.Hours, calendar.Opening{Day: day, From: "09:00", To: "17:00"})
	}
	return c
}

// at is a moment in Madrid.
func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, office().Zone)
	if err != nil {
		panic(err)
	}
	return t
}

func entry(when time.Time, kind string, body map[string]any) clock.Entry {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return clock.Entry{At: when, Kind: kind, Body: raw}
}

func opened(when time.Time) []clock.Entry {
	return []clock.Entry{
		entry(when, "state", map[string]any{"from": "bot", "to": "queued"}),
		entry(when, "handoff", map[string]any{"reference": "R", "priority": 0, "team": "front"}),
		said(when, "system", "handoff_queued"),
	}
}

func said(when time.Time, author, event string) clock.Entry {
	return entry(when, "message", map[string]any{"author": author, "event": event})
}

func step(when time.Time, action string, more ...any) clock.Entry {
	body := map[string]any{"reference": "R", "action": action}
	for i := 0; i+1 < len(more); i += 2 {
		body[fmt.Sprint(more[i])] = more[i+1]
	}
	return entry(when, "case", body)
}

func moved(when time.Time, from, to string) clock.Entry {
	return entry(when, "state", map[string]any{"from": from, "to": to})
}

func terms(minutes int) clock.Terms {
	return clock.Terms{Calendar: office(), Target: time.Duration(minutes) * time.Minute, Days: 14}
}

// read gives the last clock of a kind.
func read(t require.TestingT, entries []clock.Entry, kind clock.Kind) *clock.Clock {
	cases, err := clock.Read(entries)
	require.NoError(t, err)
	var found *clock.Clock
	for _, k := range cases {
		for i := range k.Clocks {
			if k.Clocks[i].Kind == kind {
				found = &k.Clocks[i]
			}
		}
	}
	return found
}

func TestClock(t *testing.T) {
	t.Parallel()
	monday := at("2026-03-02 10:00")

	t.Run("an acknowledgement in the same step is met", func(t *testing.T) {
		t.Parallel()
		r := read(t, opened(monday), clock.Acknowledgement).At(monday.Add(time.Hour), terms(5))
		require.Equal(t, clock.Met, r.State)
		require.Equal(t, 5*time.Minute, r.Remaining)
	})

	t.Run("warns at four fifths and breaches after its time", func(t *testing.T) {
		t.Parallel()
		c := read(t, opened(monday), clock.FirstResponse)
		for minute, want := range map[int]clock.State{0: clock.Running, 7: clock.Running, 8: clock.Warned, 10: clock.Warned, 11: clock.Breached} {
			r := c.At(monday.Add(time.Duration(minute)*time.Minute), terms(10))
			require.Equal(t, want, r.State, minute)
			require.Equal(t, monday.Add(10*time.Minute), r.DueAt.In(monday.Location()))
			require.Equal(t, monday.Add(8*time.Minute), r.WarnAt.In(monday.Location()))
		}
	})

	t.Run("stands still out of hours, on a holiday and across the change of clocks", func(t *testing.T) {
		t.Parallel()
		c := read(t, opened(at("2026-10-09 16:50")), clock.FirstResponse) // a Friday before a holiday
		r := c.At(at("2026-10-12 12:00"), terms(30))
		require.Equal(t, clock.Running, r.State)
		require.Equal(t, at("2026-10-13 09:20"), r.DueAt.In(office().Zone))
		require.Equal(t, 20*time.Minute, r.Remaining)
		c = read(t, opened(at("2026-03-27 16:30")), clock.FirstResponse) // a Friday before the change
		require.Equal(t, at("2026-03-30 09:30"), c.At(at("2026-03-28 12:00"), terms(60)).DueAt.In(office().Zone))
	})

	t.Run("a person's first word ends it, later ones answer what the customer wrote since", func(t *testing.T) {
		t.Parallel()
		entries := append(opened(monday),
			step(monday.Add(2*time.Minute), "assigned"), said(monday.Add(3*time.Minute), "agent", ""),
			said(monday.Add(10*time.Minute), "customer", ""), said(monday.Add(12*time.Minute), "customer", ""))
		require.Equal(t, monday.Add(3*time.Minute), *read(t, entries, clock.FirstResponse).EndedAt)
		next := read(t, entries, clock.NextResponse)
		require.Equal(t, monday.Add(10*time.Minute), next.StartedAt, "from the first word that waits")
		require.Nil(t, next.EndedAt)
		entries = append(entries, said(monday.Add(15*time.Minute), "agent", ""), said(monday.Add(20*time.Minute), "customer", ""))
		next = read(t, entries, clock.NextResponse)
		require.Equal(t, 2, next.N)
		require.Nil(t, next.EndedAt)
	})

	t.Run("pauses while the customer is waited for, and goes on at their word", func(t *testing.T) {
		t.Parallel()
		entries := append(opened(monday), said(monday.Add(time.Minute), "agent", ""), moved(monday.Add(time.Minute), "human", "waiting_customer"))
		r := read(t, entries, clock.Resolution).At(monday.Add(time.Hour), terms(10))
		require.Equal(t, clock.Paused, r.State)
		require.Nil(t, r.DueAt)
		require.Equal(t, 9*time.Minute, r.Remaining)
		back := monday.Add(2 * time.Hour)
		entries = append(entries, said(back, "customer", ""), moved(back, "waiting_customer", "human"))
		r = read(t, entries, clock.Resolution).At(back.Add(time.Minute), terms(10))
		require.Equal(t, clock.Running, r.State)
		require.Equal(t, back.Add(9*time.Minute), r.DueAt.In(back.Location()))
		require.Nil(t, read(t, entries, clock.NextResponse).EndedAt)
	})

	t.Run("pauses until the day it was put off to", func(t *testing.T) {
		t.Parallel()
		until := monday.Add(24 * time.Hour)
		entries := append(opened(monday), step(monday, "snoozed", "until", until))
		cases, err := clock.Read(entries)
		require.NoError(t, err)
		require.Equal(t, clock.Paused, cases[0].Clocks[2].At(monday.Add(time.Hour), terms(10)).State)
		require.Equal(t, clock.Breached, cases[0].Clocks[1].At(monday.Add(time.Hour), terms(10)).State, "who was promised a word waits on")
		cases[0].Stand(until.Add(9 * time.Minute))
		require.Equal(t, clock.Warned, cases[0].Clocks[2].At(until.Add(9*time.Minute), terms(10)).State)
		entries = append(entries, said(monday.Add(time.Hour), "customer", "")) // a word wakes it at once
		require.Equal(t, clock.Breached, read(t, entries, clock.Resolution).At(monday.Add(2*time.Hour), terms(10)).State)
	})

	t.Run("goes on when what was put off gets another hand", func(t *testing.T) {
		t.Parallel()
		for _, action := range []string{"released", "taken_back", "transferred", "claimed", "assigned", "taken_over"} {
			entries := append(opened(monday), step(monday, "snoozed", "until", monday.Add(24*time.Hour)), step(monday.Add(5*time.Minute), action))
			cases, err := clock.Read(entries)
			require.NoError(t, err)
			cases[0].Stand(monday.Add(6 * time.Minute))
			r := cases[0].Clocks[2].At(monday.Add(6*time.Minute), terms(10))
			require.Equal(t, clock.Running, r.State, action)
			require.Equal(t, 9*time.Minute, r.Remaining, action)
		}
	})

	t.Run("resolving ends all, reopening begins a round, and a step taken back counts nobody's time", func(t *testing.T) {
		t.Parallel()
		entries := append(opened(monday), said(monday.Add(time.Minute), "agent", ""), step(monday.Add(5*time.Minute), "resolved"))
		require.Equal(t, clock.Met, read(t, entries, clock.Resolution).At(monday.Add(time.Hour), terms(10)).State)
		undone := slices.Concat(entries, []clock.Entry{step(monday.Add(6*time.Minute), "undone", "undid", "resolved")})
		r := read(t, undone, clock.Resolution).At(monday.Add(7*time.Minute), terms(10))
		require.Equal(t, clock.Running, r.State)
		require.Equal(t, 4*time.Minute, r.Remaining)
		require.NotNil(t, read(t, undone, clock.FirstResponse).EndedAt)
		again := monday.Add(3 * time.Hour)
		entries = append(entries, said(again, "customer", ""), moved(again, "resolved", "queued"), step(again, "reopened"))
		c := read(t, entries, clock.FirstResponse)
		require.Equal(t, 2, c.N)
		require.Equal(t, again, c.StartedAt)
	})

	t.Run("a complaint's days are those of the calendar, and nothing stops them", func(t *testing.T) {
		t.Parallel()
		entries := append(opened(monday), entry(monday.Add(time.Hour), "handoff", map[string]any{"reference": "R", "priority": 1, "complaint": true}),
			moved(monday.Add(2*time.Hour), "human", "waiting_customer"))
		r := read(t, entries, clock.Resolution).At(monday.Add(3*time.Hour), terms(10))
		require.Equal(t, clock.Running, r.State)
		require.Equal(t, at("2026-03-16 11:00"), *r.DueAt)
		require.Equal(t, 1, r.Priority)
		require.Equal(t, clock.Breached, read(t, entries, clock.Resolution).At(at("2026-03-16 11:01"), terms(10)).State)
	})

	t.Run("what a case is measured by is its team and priority at the end", func(t *testing.T) {
		t.Parallel()
		entries := append(opened(monday), said(monday, "agent", ""), step(monday.Add(time.Minute), "moved_up", "team", "second"),
			step(monday.Add(time.Minute), "priority", "priority", "urgent"))
		require.Equal(t, "front", read(t, entries, clock.FirstResponse).Team)
		c := read(t, entries, clock.Resolution)
		require.Equal(t, "second", c.Team)
		require.Equal(t, 2, c.Priority)
	})

	t.Run("who leaves the queue is owed nothing", func(t *testing.T) {
		t.Parallel()
		require.Nil(t, read(t, append(opened(monday), step(monday, "withdrawn")), clock.FirstResponse))
	})
}

// history draws a record: a case, and then anything in any order.
func history(t *rapid.T) ([]clock.Entry, time.Time) {
	now := at("2026-03-02 10:00").Add(time.Duration(rapid.IntRange(0, 20000).Draw(t, "start")) * time.Minute)
	entries := opened(now)
	for range rapid.IntRange(0, 25).Draw(t, "steps") {
		now = now.Add(time.Duration(rapid.IntRange(0, 900).Draw(t, "pause")) * time.Minute)
		switch rapid.IntRange(0, 9).Draw(t, "what") {
		case 0, 1:
			entries = append(entries, said(now, "customer", ""))
		case 2, 3:
			entries = append(entries, said(now, "agent", ""))
		case 4:
			entries = append(entries, moved(now, "human", "waiting_customer"))
		case 5:
			entries = append(entries, moved(now, "waiting_customer", "human"))
		case 6:
			entries = append(entries, step(now, "snoozed", "until", now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "until"))*time.Minute)))
		case 7:
			entries = append(entries, step(now, "resolved"))
		case 8:
			entries = append(entries, step(now, "reopened"))
		case 9:
			entries = append(entries, step(now, "assigned"), step(now, "noted"))
		}
	}
	return entries, now
}

func TestClock_properties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		entries, last := history(t)
		cut := rapid.IntRange(3, len(entries)).Draw(t, "cut")
		promised := terms(rapid.IntRange(1, 2000).Draw(t, "minutes"))
		now := last.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "later")) * time.Minute)
		all, err := clock.Read(entries)
		require.NoError(t, err)
		before, err := clock.Read(entries[:cut])
		require.NoError(t, err)

		for i, c := range all[0].Clocks {
			r := c.At(now, promised)
			later := c.At(now.Add(time.Hour), promised)
			require.LessOrEqual(t, later.Remaining, r.Remaining, "time does not come back")
			require.GreaterOrEqual(t, r.Target-r.Remaining, time.Duration(0))
			if r.State == clock.Breached {
				require.Equal(t, clock.Breached, later.State, "and what is broken stays broken")
			}
			if r.State == clock.Running || r.State == clock.Warned {
				require.NotNil(t, r.DueAt)
				require.Zero(t, c.At(*r.DueAt, promised).Remaining, "it is due when its time is over, and not a moment before")
				over, open := office().Add(*r.DueAt, time.Minute)
				require.True(t, open)
				require.Equal(t, clock.Breached, c.At(over, promised).State)
			}
			if r.EndedAt != nil {
				require.Equal(t, r.Remaining, c.At(now.Add(1000*time.Hour), promised).Remaining, "an ended clock shows the same for ever")
				require.Contains(t, []clock.State{clock.Met, clock.Breached}, r.State)
			}
			if i < len(before[0].Clocks) && before[0].Clocks[i].EndedAt != nil {
				require.Equal(t, before[0].Clocks[i], c, "what comes later does not change it")
			}
		}
	})
}

// A pause takes exactly its working time off a clock, wherever it lies.
func TestClock_pause_property(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minutes := func(name string) time.Duration {
			return time.Duration(rapid.IntRange(0, 8000).Draw(t, name)) * time.Minute
		}
		start := at("2026-03-02 10:00").Add(minutes("start"))
		from := start.Add(minutes("from"))
		to := from.Add(minutes("to"))
		now := to.Add(minutes("now"))
		promised := terms(3000)
		plain := read(t, opened(start), clock.Resolution).At(now, promised)
		paused := read(t, append(opened(start), moved(from, "human", "waiting_customer"), moved(to, "waiting_customer", "human")), clock.Resolution).At(now, promised)
		require.Equal(t, office().Between(from, to), paused.Remaining-plain.Remaining)
	})
}
