// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/internal/calendar"
	"candor/prompts"
	"candor/staff"
)

type companyReply struct {
	Version   string
	ChangedBy string `json:"changed_by"`
	Company   chat.Company
}

func (m member) put(t *testing.T, path, version string, body any) reply {
	t.Helper()
	return m.w.call(t, http.MethodPut, path, body, bearer(m.token), header{"If-Match", version})
}

func TestCompany(t *testing.T) {
	t.Parallel()
	w := setup(t)
	boss := w.member(t, "Supervisor One", staff.RoleSupervisor)
	r := boss.call(t, http.MethodGet, "/v1/company", nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	require.Equal(t, `"0"`, r.header.Get("ETag"))
	var now companyReply
	r.into(t, &now)
	company := now.Company

	t.Run("a change is in force at once and has a history", func(t *testing.T) { //nolint:paralleltest // one after the other
		company.Name = "Larkwire"
		company.Teams = []chat.Team{{ID: "billing", Name: "Billing", Hours: []calendar.Opening{{Day: time.Monday, From: "09:00", To: "18:00"}}}}
		r := boss.put(t, "/v1/company", `"0"`, company)
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		var saved companyReply
		r.into(t, &saved)
		require.Equal(t, "Supervisor One", saved.ChangedBy)
		require.Equal(t, `"`+saved.Version+`"`, r.header.Get("ETag"))
		require.Contains(t, string(w.call(t, http.MethodGet, "/service", nil).body), `"organisation":"Larkwire"`)

		company.Name = "Second"
		stale := boss.put(t, "/v1/company", `"0"`, company)
		require.Equal(t, http.StatusConflict, stale.status)
		require.Equal(t, "settings_changed", stale.code(t))
		require.Equal(t, http.StatusOK, boss.put(t, "/v1/company", saved.Version, company).status)

		var list struct{ Versions []companyReply }
		boss.call(t, http.MethodGet, "/v1/company/versions", nil).into(t, &list)
		require.Equal(t, "Second", list.Versions[0].Company.Name)
		back := w.call(t, http.MethodPost, "/v1/company/versions/"+saved.Version+"/restore", nil, bearer(boss.token), header{"If-Match", list.Versions[0].Version})
		require.Equal(t, http.StatusOK, back.status, string(back.body))
		require.Contains(t, string(w.call(t, http.MethodGet, "/service", nil).body), `"organisation":"Larkwire"`)
		one := boss.call(t, http.MethodGet, "/v1/company/versions/"+list.Versions[0].Version, nil)
		require.Contains(t, string(one.body), "Second")
		require.Equal(t, http.StatusNotFound, boss.call(t, http.MethodGet, "/v1/company/versions/99999", nil).status)
	})

	t.Run("each field that is wrong is named", func(t *testing.T) {
		t.Parallel()
		bad := chattest.Company()
		bad.Name, bad.TimeZone, bad.Channels = "", "Nowhere/At-All", []chat.Channel{}
		r := boss.put(t, "/v1/company", `"0"`, bad)
		require.Contains(t, []int{http.StatusUnprocessableEntity, http.StatusConflict}, r.status)
		var problems struct {
			Problems []struct{ Field, Message string }
		}
		preview := boss.call(t, http.MethodPost, "/v1/company/preview", map[string]any{"company": bad})
		require.Equal(t, http.StatusOK, preview.status, string(preview.body))
		preview.into(t, &problems)
		require.Len(t, problems.Problems, 3)
	})

	t.Run("a change says which version it is of", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, "version_missing", boss.call(t, http.MethodPut, "/v1/company", chattest.Company()).code(t))
	})
}

func TestCompany_a_fault_names_the_fields(t *testing.T) {
	t.Parallel()
	w := setup(t)
	boss := w.member(t, "Supervisor One", staff.RoleSupervisor)
	bad := chattest.Company()
	bad.Name, bad.Channels = "", []chat.Channel{}
	r := boss.put(t, "/v1/company", `"0"`, bad)
	require.Equal(t, http.StatusUnprocessableEntity, r.status, string(r.body))
	var p struct {
		Errors []struct{ Field, Message string }
	}
	r.into(t, &p)
	require.Len(t, p.Errors, 2)
	require.Equal(t, "name", p.Errors[0].Field)
}

func TestCompany_preview_says_when_people_are_there(t *testing.T) {
	t.Parallel()
	w := setup(t)
	boss := w.member(t, "Supervisor One", staff.RoleSupervisor)
	c := chattest.Company()
	c.Hours = nil
	for day := time.Monday; day <= time.Friday; day++ {
		c.Hours = append(c.Hours, calendar.Opening{Day: day, From: "09:00", To: "18:00"})
	}
	c.Holidays = []calendar.Holiday{{Date: "2026-12-25", Name: "Christmas Day"}}
	for at, want := range map[string]string{
		"2026-11-23T09:00:00Z": "Open until 18:00.", // ten o'clock in Madrid
		"2026-11-23T18:00:00Z": "Closed. Opens Tuesday 09:00.",
		"2026-11-23T06:00:00Z": "Closed. Opens 09:00.",
		"2026-12-25T10:00:00Z": "Today is Christmas Day. Closed. Opens Monday 09:00.",
	} {
		var v struct{ Summary string }
		r := boss.call(t, http.MethodPost, "/v1/company/preview", map[string]any{"company": c, "at": at})
		require.Equal(t, http.StatusOK, r.status, string(r.body))
		r.into(t, &v)
		require.Equal(t, want, v.Summary, at)
	}
	var always struct{ Summary string }
	boss.call(t, http.MethodPost, "/v1/company/preview", map[string]any{"company": chattest.Company()}).into(t, &always)
	require.Equal(t, "Open at all hours.", always.Summary)
}

func TestWording_of_the_company_reaches_customers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	boss := w.member(t, "Supervisor One", staff.RoleSupervisor)
	r := boss.call(t, http.MethodGet, "/v1/wording", nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	c := chattest.Company()
	c.Wording = prompts.Own{"en": {"small.greeting": "Hello"}}
	c.Brand = chat.Brand{Name: "Ask Example", Accent: "#7a1fa2", Corner: "left"}
	bad := boss.put(t, "/v1/company", "0", c)
	require.Equal(t, http.StatusUnprocessableEntity, bad.status)
	require.Contains(t, string(bad.body), `"field":"wording.en.small.greeting"`)
	c.Wording = prompts.Own{"en": {"small.greeting": "Ahoy from {org}!", "disclosure.first": "We speak eight languages.", "ui.title": "Ask us"}}
	saved := boss.put(t, "/v1/company", "0", c)
	require.Equal(t, http.StatusOK, saved.status, string(saved.body))
	words := string(w.call(t, http.MethodGet, "/v1/widget/strings?locale=en", nil).body)
	require.Contains(t, words, `"title":"Ask us"`)
	require.Contains(t, words, `"brand":{"name":"Ask Example","accent":"#7a1fa2","accent_dark":"`)
	talk := w.customer(t)
	said := talk.says(t, "Hello!")
	require.Contains(t, said.Messages[1].Text, "Ahoy from Example Telecom!")
	page := w.call(t, http.MethodGet, talk.path("/messages"), nil, bearer(talk.token))
	require.Contains(t, string(page.body), "We speak eight languages.")
	require.Contains(t, string(page.body), "automated", "what the company adds takes nothing away")
	require.Empty(t, w.Violations(t))
}
