// SPDX-License-Identifier: MIT

package chat_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/internal/calendar"
	"candor/internal/fault"
	"candor/postgres/pgtest"
)

func TestCompany_Check(t *testing.T) {
	t.Parallel()
	require.NoError(t, chattest.Company().Check())
	for field, spoil := range map[string]func(*chat.Company){
		"name":                           func(c *chat.Company) { c.Name = " " },
		"locale":                         func(c *chat.Company) { c.Locale = "xx" },
		"time_zone":                      func(c *chat.Company) { c.TimeZone = "Mars/Base" },
		"hours":                          func(c *chat.Company) { c.Hours = nil },
		"hours.0":                        func(c *chat.Company) { c.Hours[0].From = "9:00" },
		"hours.7":                        func(c *chat.Company) { c.Hours = append(c.Hours, calendar.Opening{Day: 2, From: "08:00", To: "09:00"}) },
		"holidays.0":                     func(c *chat.Company) { c.Holidays = []calendar.Holiday{{Date: "2026-02-30", Name: "No day"}} },
		"holidays.0.name":                func(c *chat.Company) { c.Holidays = []calendar.Holiday{{Date: "2026-12-25"}} },
		"channels":                       func(c *chat.Company) { c.Channels = c.Channels[:1] },
		"channels.0.kind":                func(c *chat.Company) { c.Channels[0].Kind = "pigeon" },
		"channels.1.address":             func(c *chat.Company) { c.Channels[1].Address = "help" },
		"targets.first_response_minutes": func(c *chat.Company) { c.Targets.FirstResponseMinutes = 0 },
		"targets.complaint_days":         func(c *chat.Company) { c.Targets.ComplaintDays = 4000 },
		"scope":                          func(c *chat.Company) { c.Scope = strings.Repeat("x", 301) },
		"teams.0.id":                     func(c *chat.Company) { c.Teams = []chat.Team{{ID: "Billing", Name: "B"}} },
		"teams.1.id":                     func(c *chat.Company) { c.Teams = []chat.Team{{ID: "a", Name: "A"}, {ID: "a", Name: "B"}} },
		"teams.0.hours.0": func(c *chat.Company) {
			c.Teams = []chat.Team{{ID: "a", Name: "A", Hours: []calendar.Opening{{From: "12:00", To: "09:00"}}}}
		},
		"teams.0.languages": func(c *chat.Company) { c.Teams = []chat.Team{{ID: "a", Name: "A", Languages: []string{"English"}}} },
		"teams.0.reasons":   func(c *chat.Company) { c.Teams = []chat.Team{{ID: "a", Name: "A", Reasons: []string{"mood"}}} },
		"teams.0.escalates_to": func(c *chat.Company) {
			c.Teams = []chat.Team{{ID: "a", Name: "A", EscalatesTo: "b"}, {ID: "b", Name: "B", EscalatesTo: "a"}}
		},
		"teams.1.escalates_to": func(c *chat.Company) {
			c.Teams = []chat.Team{{ID: "a", Name: "A"}, {ID: "b", Name: "B", EscalatesTo: "c"}}
		},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			c := chattest.Company()
			spoil(&c)
			f, is := fault.Of(c.Check())
			require.True(t, is)
			require.Equal(t, "company_invalid", f.Code)
			require.True(t, slices.ContainsFunc(f.Fields, func(found fault.Field) bool { return found.Name == field && found.Message != "" }), "%v", f.Fields)
		})
	}
}

func TestService_ChangeCompany(t *testing.T) {
	t.Parallel()
	url, master := pgtest.URL(t), chattest.MasterKey(t)
	one, other := chattest.On(t, url, master), chattest.On(t, url, master)
	watch(t, other.Chat)
	by := one.Account(t, "s@example.com", "Supervisor One", "supervisor")
	company := chattest.Company()
	company.Name = "First"

	first, err := one.Chat.ChangeCompany(t.Context(), company, chat.Change{By: by})
	require.NoError(t, err)
	require.Equal(t, "First", one.Chat.Company().Name, "at once where it was saved")
	require.Eventually(t, func() bool { return other.Chat.Company().Name == "First" }, time.Minute, 10*time.Millisecond, "and on every other gateway")

	company.Name = "Second"
	_, err = other.Chat.ChangeCompany(t.Context(), company, chat.Change{By: by, Base: first.Version - 1})
	require.True(t, fault.Is(err, "settings_changed"), "%v", err)
	second, err := other.Chat.ChangeCompany(t.Context(), company, chat.Change{By: by, Base: first.Version})
	require.NoError(t, err)
	third, err := other.Chat.RestoreCompany(t.Context(), first.Version, chat.Change{By: by, Base: second.Version})
	require.NoError(t, err)
	require.Equal(t, "First", third.Company.Name)
	_, err = other.Chat.RestoreCompany(t.Context(), 9999, chat.Change{By: by, Base: third.Version})
	require.True(t, fault.Is(err, "version_not_found"))

	list, err := one.Chat.CompanyVersions(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Equal(t, []string{"First", "Second", "First"}, []string{list[0].Company.Name, list[1].Company.Name, list[2].Company.Name})
	require.Equal(t, "Supervisor One", list[0].By)
	var audited []string
	require.NoError(t, one.DB.QueryRow(t.Context(), "SELECT array_agg(action ORDER BY id) FROM audit WHERE account_id = $1", by.ID).Scan(&audited))
	require.Equal(t, []string{"company.saved", "company.saved", "company.restored"}, audited, "what was refused is not there")
	_, err = one.DB.Exec(t.Context(), "DELETE FROM audit")
	require.ErrorContains(t, err, "neither changed nor deleted")
}

// Two who change the same version: one of them wins, and the other is told.
func TestService_ChangeCompany_at_once(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	const rivals = 8
	errs := make(chan error, rivals)
	for range rivals {
		go func() {
			_, err := w.Chat.ChangeCompany(t.Context(), chattest.Company(), chat.Change{})
			errs <- err
		}()
	}
	won := 0
	for range rivals {
		if err := <-errs; err == nil {
			won++
		} else {
			require.True(t, fault.Is(err, "settings_changed"), "%v", err)
		}
	}
	require.Equal(t, 1, won)
}

// watch takes new versions over until the end of the test.
func watch(t *testing.T, s *chat.Service) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.WatchCompany(ctx) // ends with ctx
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
}
