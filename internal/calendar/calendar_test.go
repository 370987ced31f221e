// SPDX-License-Identifier: MIT

package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"candor/internal/calendar"
)

func madrid(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Madrid")
	require.NoError(t, err)
	return zone
}

func weekdays(from, to string) (hours []calendar.Opening) {
	for day := time.Monday; day <= time.Friday; day++ {
		hours = append(hours, calendar.Opening{Day: day, From: from, To: to})
	}
	return hours
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", text, madrid(t))
	require.NoError(t, err)
	return moment
}

func TestCalendar_hours_of_a_weekday(t *testing.T) {
	t.Parallel()
	c := calendar.Calendar{Zone: madrid(t), Hours: weekdays("09:00", "18:00")}
	for text, open := range map[string]bool{
		"2026-11-23 08:59": false, "2026-11-23 09:00": true, "2026-11-23 17:59": true, "2026-11-23 18:00": false, "2026-11-22 12:00": false,
	} {
		require.Equal(t, open, c.OpenAt(at(t, text)), text)
	}
	next, ok := c.NextOpening(at(t, "2026-11-20 18:00")) // a Friday
	require.True(t, ok)
	require.Equal(t, at(t, "2026-11-23 09:00"), next)
	closing, ok := c.NextClosing(at(t, "2026-11-23 10:00"))
	require.True(t, ok)
	require.Equal(t, at(t, "2026-11-23 18:00"), closing)
}

func TestCalendar_a_holiday_replaces_the_hours(t *testing.T) {
	t.Parallel()
	c := calendar.Calendar{Zone: madrid(t), Hours: weekdays("09:00", "18:00"), Holidays: []calendar.Holiday{
		{Date: "2026-12-24", Name: "Christmas Eve", From: "09:00", To: "13:00"},
		{Date: "2026-12-25", Name: "Christmas Day"},
	}}
	require.True(t, c.OpenAt(at(t, "2026-12-24 12:59")))
	require.False(t, c.OpenAt(at(t, "2026-12-24 13:00")))
	require.False(t, c.OpenAt(at(t, "2026-12-25 12:00")))
	require.Equal(t, "Christmas Day", c.HolidayAt(at(t, "2026-12-25 12:00")).Name)
	next, _ := c.NextOpening(at(t, "2026-12-24 13:00"))
	require.Equal(t, at(t, "2026-12-28 09:00"), next)
	due, ok := c.Add(at(t, "2026-12-24 12:00"), 3*time.Hour)
	require.True(t, ok)
	require.Equal(t, at(t, "2026-12-28 11:00"), due)
}

// On 2026-03-29 clocks in Madrid go from 02:00 to 03:00, on 2026-10-25 from
// 03:00 back to 02:00.
func TestCalendar_an_hour_is_an_hour_when_the_clocks_change(t *testing.T) {
	t.Parallel()
	night := calendar.Calendar{Zone: madrid(t), Hours: []calendar.Opening{{Day: time.Sunday, From: "00:00", To: "06:00"}}}
	require.Equal(t, 5*time.Hour, night.Between(at(t, "2026-03-28 12:00"), at(t, "2026-03-30 12:00")))
	require.Equal(t, 7*time.Hour, night.Between(at(t, "2026-10-24 12:00"), at(t, "2026-10-26 12:00")))
	due, ok := night.Add(at(t, "2026-03-29 01:30"), time.Hour)
	require.True(t, ok)
	require.Equal(t, at(t, "2026-03-29 03:30"), due)

	days := calendar.Calendar{Zone: madrid(t), Hours: weekdays("09:00", "18:00")}
	next, _ := days.NextOpening(at(t, "2026-03-27 20:00"))
	require.Equal(t, "2026-03-30T09:00:00+02:00", next.Format(time.RFC3339))
}

func TestCalendar_open_round_the_clock_never_closes(t *testing.T) {
	t.Parallel()
	c := calendar.Calendar{Zone: madrid(t)}
	for day := time.Sunday; day <= time.Saturday; day++ {
		c.Hours = append(c.Hours, calendar.Opening{Day: day, From: "00:00", To: "24:00"})
	}
	require.True(t, c.OpenAt(at(t, "2026-11-21 23:59")))
	_, closes := c.NextClosing(at(t, "2026-11-21 23:59"))
	require.False(t, closes)
}

func TestCalendar_without_hours_is_never_open(t *testing.T) {
	t.Parallel()
	_, opens := calendar.Calendar{}.NextOpening(time.Now())
	require.False(t, opens)
	_, passes := calendar.Calendar{}.Add(time.Now(), time.Second)
	require.False(t, passes)
}

func TestCalendar_Check(t *testing.T) {
	t.Parallel()
	require.NoError(t, calendar.Calendar{Hours: weekdays("00:00", "24:00"), Holidays: []calendar.Holiday{{Date: "2026-12-25"}}}.Check())
	for name, bad := range map[string]calendar.Calendar{
		"no such weekday": {Hours: []calendar.Opening{{Day: 7, From: "09:00", To: "10:00"}}},
		"written like":    {Hours: weekdays("9", "10:00")},
		"is not before":   {Hours: weekdays("10:00", "09:00")},
		"not a date":      {Holidays: []calendar.Holiday{{Date: "25.12."}}},
		"time is written": {Holidays: []calendar.Holiday{{Date: "2026-12-25", From: "09:00"}}},
	} {
		require.Error(t, bad.Check(), name)
	}
}

// What Add gives is where Between counts as much.
func TestCalendar_Add_and_Between_agree(t *testing.T) {
	t.Parallel()
	zone := madrid(t)
	rapid.Check(t, func(r *rapid.T) {
		open := rapid.IntRange(0, 22).Draw(r, "open")
		shut := rapid.IntRange(open+1, 23).Draw(r, "shut")
		clock := func(h int) string { return time.Date(2026, 1, 1, h, 0, 0, 0, zone).Format("15:04") }
		c := calendar.Calendar{Zone: zone, Hours: weekdays(clock(open), clock(shut))}
		from := time.Date(2026, 1, 1, 0, rapid.IntRange(0, 365*24*60).Draw(r, "from"), 0, 0, zone)
		d := time.Duration(rapid.IntRange(1, 6000).Draw(r, "minutes")) * time.Minute
		to, ok := c.Add(from, d)
		require.True(r, ok)
		require.Equal(r, d, c.Between(from, to))
	})
}
