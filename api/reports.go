// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"candor/handoff"
	"candor/handoff/clock"
	"candor/internal/fault"
)

type clockView struct {
	Kind      clock.Kind  `json:"kind"`
	State     clock.State `json:"state"`
	StartedAt time.Time   `json:"started_at"`
	EndedAt   *time.Time  `json:"ended_at,omitempty"`
	DueAt     *time.Time  `json:"due_at,omitempty"`
	Target    int         `json:"target_s"`
	Remaining int         `json:"remaining_s"`
}

func showClocks(list []clock.Reading) []clockView {
	views := make([]clockView, len(list))
	for i, r := range list {
		views[i] = clockView{
			Kind: r.Kind, State: r.State, StartedAt: r.StartedAt.UTC(), EndedAt: utc(r.EndedAt), DueAt: utc(r.DueAt),
			Target: int(r.Target.Seconds()), Remaining: int(r.Remaining.Seconds()),
		}
	}
	return views
}

// nextClockView is the clock of a case in a list that is due next.
type nextClockView struct {
	Kind  clock.Kind  `json:"kind"`
	State clock.State `json:"state"`
	DueAt time.Time   `json:"due_at"`
}

func showNextClock(k handoff.Listed) *nextClockView {
	if k.NextClock == nil || k.ClockDue == nil {
		return nil
	}
	v := &nextClockView{Kind: clock.Kind(*k.NextClock), State: clock.Running, DueAt: k.ClockDue.UTC()}
	switch {
	case k.ClockOver:
		v.State = clock.Breached
	case k.ClockWarns:
		v.State = clock.Warned
	}
	return v
}

type clockReportView struct {
	Kind     clock.Kind `json:"kind"`
	Team     string     `json:"team"`
	Priority string     `json:"priority"`
	Ended    int        `json:"ended"`
	Met      int        `json:"met"`
	Breached int        `json:"breached"`
	MetShare float64    `json:"met_share"`
	P50      float64    `json:"p50_s"`
	P90      float64    `json:"p90_s"`
}

// reportDays is how far back a report looks when it is not told.
const reportDays = 30

// querySpan reads the span of time of a report.
func querySpan(c *gin.Context) (from, to time.Time, err error) {
	if to, err = queryTime(c, "to", time.Now()); err != nil {
		return from, to, err
	}
	from, err = queryTime(c, "from", to.AddDate(0, 0, -reportDays))
	return from, to, err
}

// reportClocks tells how clocks ended in a span of time.
func (s *Server) reportClocks(c *gin.Context) error {
	from, to, err := querySpan(c)
	if err != nil {
		return err
	}
	list, err := s.Handoff.ReportClocks(c.Request.Context(), from, to)
	if err != nil {
		return err
	}
	rows := make([]clockReportView, len(list))
	for i, r := range list {
		rows[i] = clockReportView{
			Kind: r.Kind, Team: r.Team, Priority: priorityName(r.Priority), Ended: r.Ended, Met: r.Met, Breached: r.Ended - r.Met,
			MetShare: float64(r.Met) / float64(r.Ended), P50: r.P50.Seconds(), P90: r.P90.Seconds(),
		}
	}
	return ok(c, http.StatusOK, gin.H{"from": from.UTC(), "to": to.UTC(), "clocks": rows})
}

type waitReportView struct {
	Week   string   `json:"week"`
	Team   string   `json:"team"`
	Told   int      `json:"told"`
	Inside int      `json:"inside"`
	Sooner int      `json:"sooner"`
	Longer int      `json:"longer"`
	Share  *float64 `json:"inside_share,omitempty"`
	Untold int      `json:"untold"`
	Left   int      `json:"left"`
}

// reportWaits tells how the waits that customers were told compare with those
// that they had.
func (s *Server) reportWaits(c *gin.Context) error {
	from, to, err := querySpan(c)
	if err != nil {
		return err
	}
	list, err := s.Handoff.ReportWaits(c.Request.Context(), from, to)
	if err != nil {
		return err
	}
	rows := make([]waitReportView, len(list))
	told, inside := 0, 0
	for i, r := range list {
		rows[i] = waitReportView{
			Week: r.Week.In(s.Chat.Company().Zone()).Format(time.DateOnly), Team: r.Team, Told: r.Told, Inside: r.Inside,
			Sooner: r.Sooner, Longer: r.Longer, Share: share(r.Inside, r.Told), Untold: r.Untold, Left: r.Left,
		}
		told, inside = told+r.Told, inside+r.Inside
	}
	report := gin.H{"from": from.UTC(), "to": to.UTC(), "told": told, "inside": inside, "waits": rows}
	if all := share(inside, told); all != nil {
		report["inside_share"] = *all
	}
	return ok(c, http.StatusOK, report)
}

// share is a part of a whole, nil where there is none.
func share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	f := float64(part) / float64(whole)
	return &f
}

// queryTime reads a moment from the address.
func queryTime(c *gin.Context, name string, otherwise time.Time) (time.Time, error) {
	text := c.Query(name)
	if text == "" {
		return otherwise, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, inField(name, fault.Invalid("invalid_time", "%s is a moment like 2026-12-24T09:00:00Z.", name))
	}
	return at, nil
}

type teamReportView struct {
	Team     string `json:"team"`
	Waiting  int    `json:"waiting"`
	Oldest   int    `json:"oldest_wait_s"`
	Present  int    `json:"present"`
	Capacity int    `json:"capacity"`
	Load     int    `json:"load"`
}

type kindReportView struct {
	Kind  clock.Kind `json:"kind"`
	Ended int        `json:"ended"`
	Met   int        `json:"met"`
	Share float64    `json:"met_share"`
}

// reportQueue tells how the desk stands at this moment.
func (s *Server) reportQueue(c *gin.Context) error {
	r, err := s.Handoff.ReportQueue(c.Request.Context())
	if err != nil {
		return err
	}
	waiting, oldest := 0, 0
	teams := make([]teamReportView, len(r.Teams))
	for i, t := range r.Teams {
		teams[i] = teamReportView{t.Team, t.Waiting, int(t.Oldest.Seconds()), t.Agents, t.Capacity, t.Load}
		waiting, oldest = waiting+t.Waiting, max(oldest, teams[i].Oldest)
	}
	agents := []presenceView{}
	for _, a := range r.Agents {
		if a.Online || a.Load > 0 {
			agents = append(agents, showPresence(a))
		}
	}
	return ok(c, http.StatusOK, gin.H{
		"at": r.At.UTC(), "waiting": waiting, "oldest_wait_s": oldest, "states": r.States, "teams": teams, "agents": agents,
		"today": showKinds(r.Today), "warned": r.Soon, "breached": r.Late,
	})
}

func showKinds(list []handoff.KindReport) []kindReportView {
	views := make([]kindReportView, len(list))
	for i, k := range list {
		views[i] = kindReportView{k.Kind, k.Ended, k.Met, float64(k.Met) / float64(k.Ended)}
	}
	return views
}
