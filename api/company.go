// SPDX-License-Identifier: MIT

package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/internal/fault"
	"candor/prompts"
)

// maxCompany is the largest body of the settings: wording in eight languages.
const maxCompany = 512 << 10

type companyView struct {
	Version   string       `json:"version"` // "0": nothing was saved yet
	ChangedAt *time.Time   `json:"changed_at,omitempty"`
	ChangedBy string       `json:"changed_by,omitempty"`
	Company   chat.Company `json:"company"`
}

func showCompany(v chat.CompanyVersion) companyView {
	view := companyView{Version: strconv.FormatInt(v.Version, 10), ChangedBy: v.By, Company: v.Company}
	if v.Version > 0 {
		view.ChangedAt = utc(&v.At)
	}
	view.Company.Hours, view.Company.Channels = orEmpty(v.Company.Hours), orEmpty(v.Company.Channels)
	return view
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func okCompany(c *gin.Context, v chat.CompanyVersion) error {
	c.Header("ETag", `"`+strconv.FormatInt(v.Version, 10)+`"`)
	return ok(c, http.StatusOK, showCompany(v))
}

func (s *Server) getCompany(c *gin.Context) error {
	v, err := s.Chat.CompanyInForce(c.Request.Context())
	if err != nil {
		return err
	}
	return okCompany(c, v)
}

// putCompany puts new settings in force, if nobody else did meanwhile.
func (s *Server) putCompany(c *gin.Context) error {
	base, err := ifMatch(c)
	if err != nil {
		return err
	}
	company, err := decode[chat.Company](c, maxCompany)
	if err != nil {
		return err
	}
	v, err := s.Chat.ChangeCompany(c.Request.Context(), company, chat.Change{By: agent(c), Base: base})
	if err != nil {
		return err
	}
	return okCompany(c, v)
}

// ifMatch reads which version the caller has seen. Without it one could write
// over what somebody else has just changed.
func ifMatch(c *gin.Context) (int64, error) {
	tag := strings.TrimPrefix(strings.TrimSpace(c.GetHeader("If-Match")), "W/")
	n, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64)
	if err != nil || n < 0 {
		return 0, inField("If-Match", fault.Invalid("version_missing", `Please say which version you have changed: the header If-Match: "7".`))
	}
	return n, nil
}

func (s *Server) listCompanyVersions(c *gin.Context) error {
	limit, err := queryNumber(c, "limit", 50, 1, 200)
	if err != nil {
		return err
	}
	before, err := queryNumber(c, "before", 0, 0, 1<<31)
	if err != nil {
		return err
	}
	list, err := s.Chat.CompanyVersions(c.Request.Context(), int64(before), limit+1)
	if err != nil {
		return err
	}
	view := gin.H{}
	if len(list) > limit {
		list = list[:limit]
		view["next"] = strconv.FormatInt(list[limit-1].Version, 10)
	}
	versions := make([]companyView, len(list))
	for i, v := range list {
		versions[i] = showCompany(v)
	}
	view["versions"] = versions
	return ok(c, http.StatusOK, view)
}

func (s *Server) getCompanyVersion(c *gin.Context) error {
	n, err := number(c, "version")
	if err != nil {
		return err
	}
	v, err := s.Chat.CompanyAt(c.Request.Context(), n)
	if err != nil {
		return err
	}
	return okCompany(c, v)
}

func (s *Server) restoreCompany(c *gin.Context) error {
	n, err := number(c, "version")
	if err != nil {
		return err
	}
	base, err := ifMatch(c)
	if err != nil {
		return err
	}
	v, err := s.Chat.RestoreCompany(c.Request.Context(), n, chat.Change{By: agent(c), Base: base})
	if err != nil {
		return err
	}
	return okCompany(c, v)
}

type previewRequest struct {
	Company chat.Company `json:"company"`
	At      *time.Time   `json:"at"` // none: now
}

// previewView is what customers would see with settings that are not saved.
type previewView struct {
	Problems []fault.Field `json:"problems"`
	OpenNow  bool          `json:"open_now"`
	Summary  string        `json:"summary"` // "Open until 18:00."
	Teams    []teamNow     `json:"teams"`
}

type teamNow struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	OpenNow bool   `json:"open_now"`
	Summary string `json:"summary"`
}

// previewCompany says what is wrong with settings and what customers would see.
func (s *Server) previewCompany(c *gin.Context) error {
	body, err := decode[previewRequest](c, maxCompany)
	if err != nil {
		return err
	}
	at := time.Now()
	if body.At != nil {
		at = *body.At
	}
	view := previewView{Problems: []fault.Field{}, Teams: []teamNow{}}
	if f, is := fault.Of(body.Company.Check()); is {
		view.Problems = f.Fields
	}
	everybody := teamAt(body.Company, chat.Team{}, at)
	view.OpenNow, view.Summary = everybody.OpenNow, everybody.Summary
	for _, t := range body.Company.Teams {
		view.Teams = append(view.Teams, teamAt(body.Company, t, at))
	}
	return ok(c, http.StatusOK, view)
}

func teamAt(company chat.Company, t chat.Team, at time.Time) teamNow {
	hours := company.CalendarOf(t)
	now := teamNow{ID: t.ID, Name: t.Name, OpenNow: hours.OpenAt(at)}
	local := at.In(hours.Zone)
	if now.OpenNow {
		now.Summary = "Open at all hours."
		if end, ok := hours.NextClosing(at); ok {
			now.Summary = "Open until " + moment(end.In(hours.Zone), local) + "."
		}
		return now
	}
	now.Summary = "Closed. No opening within a year."
	if next, ok := hours.NextOpening(at); ok {
		now.Summary = "Closed. Opens " + moment(next.In(hours.Zone), local) + "."
	}
	if holiday := hours.HolidayAt(at); holiday != nil {
		now.Summary = fmt.Sprintf("Today is %s. ", holiday.Name) + now.Summary
	}
	return now
}

// moment words a time near another: the clock today, else with the day.
func moment(t, now time.Time) string {
	switch days := t.YearDay() - now.YearDay() + 366*(t.Year()-now.Year()); {
	case days == 0:
		return t.Format("15:04")
	case days > 0 && days < 7:
		return t.Format("Monday 15:04")
	default:
		return prompts.DateTime(prompts.English, t)
	}
}
