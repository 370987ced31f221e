// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"candor/handoff"
	"candor/internal/fault"
	"candor/web"
)

type wallTeamView struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Waiting     int        `json:"waiting"`
	Oldest      *time.Time `json:"oldest_waiting_since,omitempty"`
	Promised    int        `json:"promised"`
	Late        int        `json:"late"`
	Claimed     int        `json:"claimed"`
	ForCustomer int        `json:"waiting_for_customer"`
}

type wallHourView struct {
	At       time.Time `json:"at"`
	Opened   int       `json:"opened"`
	Answered int       `json:"answered"`
	Resolved int       `json:"resolved"`
}

type wallFirstView struct {
	Target   int `json:"target_s"`
	Answered int `json:"answered"`
	Within   int `json:"within_target"`
	P50      int `json:"p50_s"`
	P90      int `json:"p90_s"`
}

type wallWaitsView struct {
	Told   int `json:"told"`
	Inside int `json:"inside"`
}

type wallView struct {
	Now    time.Time      `json:"now"`
	Teams  []wallTeamView `json:"teams"`
	Hours  []wallHourView `json:"hours"`
	First  wallFirstView  `json:"first_response"`
	Waits  wallWaitsView  `json:"waits"`
	Agents []presenceView `json:"agents"`
}

// getWall gives what a wallboard shows. All who look at one at the same time share one reading.
func (s *Server) getWall(c *gin.Context) error {
	w, err := s.walls.do(c.Request.Context(), s.Handoff.Wall)
	if err != nil {
		return err
	}
	agents, err := s.Handoff.Colleagues(c.Request.Context())
	if err != nil {
		return err
	}
	company := s.Chat.Company()
	v := wallView{
		Now: w.Now.UTC(), Teams: []wallTeamView{}, Hours: []wallHourView{}, Agents: []presenceView{},
		First: wallFirstView{
			Target: company.Targets.FirstResponseMinutes * 60, Answered: w.First.Answered, Within: w.First.Within,
			P50: int(w.First.P50.Seconds()), P90: int(w.First.P90.Seconds()),
		},
		Waits: wallWaitsView{w.Waits.Told, w.Waits.Inside},
	}
	for _, t := range w.Teams {
		v.Teams = append(v.Teams, s.showWallTeam(t))
	}
	for _, h := range w.Hours {
		v.Hours = append(v.Hours, wallHourView{h.At.UTC(), h.Opened, h.Answered, h.Closed})
	}
	for _, a := range agents {
		v.Agents = append(v.Agents, showPresence(a))
	}
	return ok(c, http.StatusOK, v)
}

func (s *Server) showWallTeam(t handoff.WallTeam) wallTeamView {
	v := wallTeamView{
		ID: t.Team, Waiting: t.Waiting, Oldest: utc(t.Oldest), Promised: t.Promised, Late: t.Late, Claimed: t.Claimed, ForCustomer: t.ForCustomer,
	}
	if team, found := s.Chat.Company().Team(t.Team); found {
		v.Name = team.Name
	}
	return v
}

// wallPage is the wallboard, for whoever may see the desk.
func (s *Server) wallPage(c *gin.Context) error {
	a, err := s.authenticate(c)
	if f, is := fault.Of(err); is && f.Kind == fault.KindUnauthenticated {
		c.Redirect(http.StatusSeeOther, "/signin?next=/desk/wall")
		return nil
	}
	if err != nil {
		return err
	}
	frame := s.frame(c, "Wallboard")
	frame.Locale, frame.Dir = "en", "ltr"
	frame.Staff = &web.Staff{Name: a.Name, Email: a.Email, Role: string(a.Role)}
	return s.renderPage(c, http.StatusOK, "wall", web.Desk{Frame: frame})
}
