// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
	"candor/staff"
)

// workRoutes are what agents do with a case beside answering it.
func (s *Server) workRoutes(d *gin.RouterGroup) {
	d.POST("/cases/:case_id/transfer", handle(s.transferCase))
	d.POST("/cases/:case_id/priority", handle(s.setPriority))
	d.POST("/cases/:case_id/undo", s.step(s.Handoff.Undo))
	d.POST("/cases/:case_id/return-to-bot", s.step(s.Handoff.ProposeReturn))
	d.POST("/cases/:case_id/snooze", handle(s.snoozeCase))
	d.DELETE("/cases/:case_id/snooze", s.step(s.Handoff.Wake))
	d.POST("/cases/:case_id/escalate", handle(s.escalateCase))
	d.GET("/cases/:case_id/viewing", handle(s.getViewing))
	d.POST("/cases/:case_id/viewing", handle(s.setViewing))
	d.GET("/cases/:case_id/notes", handle(s.listNotes))
	d.POST("/cases/:case_id/notes", handle(s.addNote))
	d.GET("/cases/:case_id/history", handle(s.listHistory))
	d.GET("/mentions", handle(s.listMentions))
	d.POST("/mentions/:mention_id/seen", handle(s.seeMention))
	d.GET("/colleagues", handle(s.listColleagues))
}

// actor is who acts on a case, and whether they may step in for others.
func actor(c *gin.Context) handoff.Actor {
	return handoff.Actor{Agent: agent(c), Supervisor: account(c).Role == staff.RoleSupervisor}
}

// accountID reads the id of a member of staff as it stands in JSON.
func accountID(field, text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, inField(field, fault.Invalid("unknown_colleague", "There is no such agent."))
	}
	return id, nil
}

func checkNote(note string) error {
	if len([]rune(note)) > maxNote {
		return inField("note", fault.Invalid("note_too_long", "The note is longer than %d characters.", maxNote))
	}
	if note == "" {
		return nil
	}
	return inNote(chat.CheckText(note))
}

func inNote(err error) error {
	if err == nil {
		return nil
	}
	return inField("note", err)
}

func (s *Server) transferCase(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Team    *string `json:"team"`
		AgentID string  `json:"agent_id"`
		Note    string  `json:"note"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if err := checkNote(body.Note); err != nil {
		return err
	}
	if (body.Team == nil) == (body.AgentID == "") {
		return fault.Invalid("transfer_incomplete", "Please name a team or an agent, one of the two.")
	}
	var to handoff.Target
	if body.Team != nil {
		to.Team = *body.Team
	} else if to.AgentID, err = accountID("agent_id", body.AgentID); err != nil {
		return err
	}
	k, err := s.Handoff.Transfer(c.Request.Context(), id, actor(c), to, body.Note)
	if err != nil {
		return err
	}
	return s.result(c, k)
}

func (s *Server) setPriority(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Priority string `json:"priority"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	priority, err := handoff.ParsePriority(body.Priority)
	if err != nil {
		return inField("priority", err)
	}
	k, err := s.Handoff.SetPriority(c.Request.Context(), id, actor(c), priority)
	if err != nil {
		return err
	}
	return s.result(c, k)
}

type noteView struct {
	ID       string     `json:"id"`
	Action   string     `json:"action"`
	Text     string     `json:"text"`
	Author   staffRef   `json:"author"`
	Mentions []staffRef `json:"mentions"`
	At       time.Time  `json:"created_at"`
}

func showAgent(a chat.Agent) staffRef { return staffRef{strconv.FormatInt(a.ID, 10), a.Name} }

func showNote(n handoff.Note) noteView {
	v := noteView{
		ID: strconv.Itoa(n.Entry), Action: n.Action, Text: n.Text, Author: showAgent(n.Author),
		Mentions: []staffRef{}, At: n.At.UTC(),
	}
	for _, a := range n.Mentions {
		v.Mentions = append(v.Mentions, showAgent(a))
	}
	return v
}

// history reads what was done with the case in the path.
func (s *Server) history(c *gin.Context) ([]handoff.Step, []handoff.Note, error) {
	id, err := number(c, "case_id")
	if err != nil {
		return nil, nil, err
	}
	k, err := s.Handoff.Case(c.Request.Context(), id)
	if err != nil {
		return nil, nil, err
	}
	conv, err := s.Chat.Get(c.Request.Context(), k.ConversationID)
	if err != nil {
		return nil, nil, err
	}
	return s.Handoff.History(c.Request.Context(), conv, k)
}

func (s *Server) listNotes(c *gin.Context) error {
	_, notes, err := s.history(c)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"notes": showNotes(notes)})
}

func showNotes(notes []handoff.Note) []noteView {
	views := make([]noteView, len(notes))
	for i, n := range notes {
		views[i] = showNote(n)
	}
	return views
}

func (s *Server) addNote(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Text         string   `json:"text"`
		Mentions     []string `json:"mentions"`
		ClientNoteID string   `json:"client_note_id"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if err := checkClientID("client_note_id", body.ClientNoteID); err != nil {
		return err
	}
	ids := make([]int64, len(body.Mentions))
	for i, text := range body.Mentions {
		if ids[i], err = accountID("mentions", text); err != nil {
			return err
		}
	}
	n, err := s.Handoff.AddNote(c.Request.Context(), id, agent(c), handoff.NewNote{Text: body.Text, Mentions: ids, ClientID: body.ClientNoteID})
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, gin.H{"note": showNote(n)})
}

type stepView struct {
	ID     string          `json:"id"`
	Action string          `json:"action"`
	Agent  *staffRef       `json:"agent,omitempty"`
	Detail json.RawMessage `json:"detail"`
	At     time.Time       `json:"created_at"`
}

// listHistory is what was done with a case, step by step.
func (s *Server) listHistory(c *gin.Context) error {
	steps, _, err := s.history(c)
	if err != nil {
		return err
	}
	views := make([]stepView, len(steps))
	for i, step := range steps {
		views[i] = stepView{ID: strconv.Itoa(step.Entry), Action: step.Action, Detail: step.Detail, At: step.At.UTC()}
		if step.Agent != nil {
			ref := showAgent(*step.Agent)
			views[i].Agent = &ref
		}
	}
	return ok(c, http.StatusOK, gin.H{"steps": views})
}

type mentionView struct {
	ID        string     `json:"id"`
	CaseID    string     `json:"case_id"`
	Reference string     `json:"reference"`
	NoteID    string     `json:"note_id"`
	By        string     `json:"by"`
	Text      string     `json:"text"`
	At        time.Time  `json:"created_at"`
	SeenAt    *time.Time `json:"seen_at,omitempty"`
}

// listMentions is where colleagues named the caller.
func (s *Server) listMentions(c *gin.Context) error {
	list, err := s.Handoff.Mentions(c.Request.Context(), account(c).ID, c.Query("unseen") == "true")
	if err != nil {
		return err
	}
	views := make([]mentionView, len(list))
	unseen := 0
	for i, m := range list {
		views[i] = mentionView{
			ID: strconv.FormatInt(m.ID, 10), CaseID: strconv.FormatInt(m.CaseID, 10), Reference: m.Reference, NoteID: strconv.Itoa(m.Entry),
			By: m.ByName, Text: m.Text, At: m.At.UTC(), SeenAt: utc(m.SeenAt),
		}
		if m.SeenAt == nil {
			unseen++
		}
	}
	return ok(c, http.StatusOK, gin.H{"mentions": views, "unseen": unseen})
}

func (s *Server) seeMention(c *gin.Context) error {
	id, err := number(c, "mention_id")
	if err != nil {
		return err
	}
	if err := s.Handoff.SeeMention(c.Request.Context(), account(c).ID, id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

type colleagueView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Handle string `json:"handle"`
	Role   string `json:"role"`
	Team   string `json:"team"`
}

type teamView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// listColleagues is whom a case can be given to, and who can be named in a note.
func (s *Server) listColleagues(c *gin.Context) error {
	list, err := s.Handoff.Addressees(c.Request.Context())
	if err != nil {
		return err
	}
	views := make([]colleagueView, len(list))
	for i, a := range list {
		views[i] = colleagueView{ID: strconv.FormatInt(a.ID, 10), Name: a.Name, Handle: a.Handle, Role: a.Role, Team: a.Team}
	}
	teams := []teamView{}
	for _, t := range s.Chat.Company().Teams {
		teams = append(teams, teamView{t.ID, t.Name})
	}
	return ok(c, http.StatusOK, gin.H{"agents": views, "teams": teams})
}

// mentionsTold tells an agent's stream how many mentions are unseen, when that
// is not what it told before.
func (s *Server) mentionsTold(ctx context.Context, out *sse, accountID int64, told *int) error {
	unseen, err := s.Handoff.UnseenMentions(ctx, accountID)
	if err != nil || unseen == *told {
		return err
	}
	*told = unseen
	return out.event("mentions.updated", 0, gin.H{"unseen": unseen})
}
