// SPDX-License-Identifier: MIT

package api_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

// caseFile is what the desk shows of a case.
type caseFile struct {
	Case struct {
		ID, Reference, Priority, State, Outcome, Team string
		Assignee                                      *struct{ ID, Name string }
	}
	Conversation conversation
}

// does posts to a case and expects it to be done.
func (m member) does(t *testing.T, caseID, what string, body any) caseFile {
	t.Helper()
	r := m.call(t, http.MethodPost, "/v1/cases/"+caseID+"/"+what, body)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var f caseFile
	r.into(t, &f)
	return f
}

// refused posts to a case and expects the fault.
func (m member) refused(t *testing.T, status int, code, caseID, what string, body any) {
	t.Helper()
	r := m.call(t, http.MethodPost, "/v1/cases/"+caseID+"/"+what, body)
	require.Equal(t, status, r.status, string(r.body))
	require.Equal(t, code, r.code(t))
}

func (m member) ref() string { return strconv.FormatInt(m.id, 10) }

func TestWork_is_for_agents_and_their_own_cases(t *testing.T) {
	t.Parallel()
	w := setup(t)
	owner, other := w.member(t, "Agent One", staff.RoleAgent), w.member(t, "Agent Two", staff.RoleAgent)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	id := w.customer(t).claimed(t, owner)
	bodies := map[string]any{
		"transfer": map[string]any{"agent_id": other.ref()}, "priority": map[string]any{"priority": "high"},
	}
	for what, body := range bodies {
		editor.refused(t, http.StatusForbidden, "role_required", id, what, body)
		other.refused(t, http.StatusConflict, "not_your_case", id, what, body)
		owner.refused(t, http.StatusNotFound, "case_not_found", "999999", what, body)
		owner.refused(t, http.StatusNotFound, "not_found", "x", what, body)
		owner.refused(t, http.StatusBadRequest, "unreadable_body", id, what, map[string]any{"nonsense": 1})
	}
	owner.refused(t, http.StatusUnprocessableEntity, "unknown_priority", id, "priority", map[string]any{"priority": "huge"})
	owner.refused(t, http.StatusUnprocessableEntity, "transfer_incomplete", id, "transfer", map[string]any{})
	owner.refused(t, http.StatusUnprocessableEntity, "unknown_colleague", id, "transfer", map[string]any{"agent_id": "abc"})
	owner.refused(t, http.StatusUnprocessableEntity, "unknown_team", id, "transfer", map[string]any{"team": "moon"})
	for _, path := range []string{"/v1/mentions", "/v1/colleagues", "/v1/cases/" + id + "/notes", "/v1/cases/" + id + "/history"} {
		require.Equal(t, http.StatusForbidden, editor.call(t, http.MethodGet, path, nil).status, path)
		require.Equal(t, http.StatusUnauthorized, w.call(t, http.MethodGet, path, nil).status, path)
	}
}

func TestWork_a_case_goes_to_a_colleague_with_a_note_and_back(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one, two := w.member(t, "Agent One", staff.RoleAgent), w.member(t, "Agent Two", staff.RoleAgent)
	c := w.customer(t)
	id := c.claimed(t, one)
	require.Equal(t, "urgent", one.does(t, id, "priority", map[string]any{"priority": "urgent"}).Case.Priority)
	after := one.does(t, id, "transfer", map[string]any{"agent_id": two.ref(), "note": "an old tariff"})
	require.Equal(t, "Agent Two", after.Case.Assignee.Name)
	require.Equal(t, "Agent Two", c.transcript(t).Conversation.Agent.Name)
	require.Equal(t, "agent_changed", c.transcript(t).last().Event)

	var notes struct {
		Notes []struct{ Action, Text string }
	}
	two.call(t, http.MethodGet, "/v1/cases/"+id+"/notes", nil).into(t, &notes)
	require.Len(t, notes.Notes, 1)
	require.Equal(t, "an old tariff", notes.Notes[0].Text)
	require.Equal(t, "Agent One", one.does(t, id, "undo", nil).Case.Assignee.Name)
	one.refused(t, http.StatusConflict, "nothing_to_undo", id, "undo", nil)

	var history struct {
		Steps []struct{ Action string }
	}
	one.call(t, http.MethodGet, "/v1/cases/"+id+"/history", nil).into(t, &history)
	require.Equal(t, "[{claimed} {priority} {transferred} {undone}]", fmt.Sprint(history.Steps))
	require.Empty(t, w.Violations(t))
}

func TestWork_a_mention_is_in_the_list_of_whom_it_names(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one, two := w.member(t, "Agent One", staff.RoleAgent), w.member(t, "Agent Two", staff.RoleAgent)
	id := w.customer(t).claimed(t, one)
	look := map[string]any{"text": "@agent.two please look", "client_note_id": "look-1"}
	var wg sync.WaitGroup
	for range 8 { // the button, clicked often
		wg.Go(func() { one.call(t, http.MethodPost, "/v1/cases/"+id+"/notes", look) })
	}
	wg.Wait()
	r := one.call(t, http.MethodPost, "/v1/cases/"+id+"/notes", look)
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	var list struct {
		Unseen   int
		Mentions []struct {
			ID, By, Text string
			CaseID       string `json:"case_id"`
		}
	}
	two.call(t, http.MethodGet, "/v1/mentions?unseen=true", nil).into(t, &list)
	require.Equal(t, 1, list.Unseen)
	require.Equal(t, "@agent.two please look", list.Mentions[0].Text)
	require.Equal(t, id, list.Mentions[0].CaseID)
	require.Equal(t, http.StatusNotFound, one.call(t, http.MethodPost, "/v1/mentions/"+list.Mentions[0].ID+"/seen", nil).status)
	require.Equal(t, http.StatusNoContent, two.call(t, http.MethodPost, "/v1/mentions/"+list.Mentions[0].ID+"/seen", nil).status)
	two.call(t, http.MethodGet, "/v1/mentions?unseen=true", nil).into(t, &list)
	require.Zero(t, list.Unseen)

	var colleagues struct {
		Agents []struct{ Name, Handle string }
	}
	one.call(t, http.MethodGet, "/v1/colleagues", nil).into(t, &colleagues)
	require.Equal(t, "[{Agent One agent.one} {Agent Two agent.two}]", fmt.Sprint(colleagues.Agents))
}

func TestWork_the_packet_is_there_with_the_case(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	c := w.customer(t)
	c.says(t, question)
	id := c.claimed(t, agent)
	c.says(t, "I want to make a complaint: you charged me 45.90 EUR twice.")
	r := agent.call(t, http.MethodGet, "/v1/cases/"+id, nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var file struct {
		Packet struct {
			Reason     struct{ Text string }
			Evidence   []struct{ Seqs []int }
			Issue      struct{ Text string }
			Confidence struct{ Confidence, Threshold float64 }
			Complaint  struct{ Class string }
			Tried      []struct{ Seqs []int }
			Facts      []struct{ Value string }
			Articles   []struct{ Title string }
		}
	}
	r.into(t, &file)
	p := file.Packet
	require.Equal(t, "The customer asked for a person.", p.Reason.Text)
	require.Len(t, p.Evidence, 2)
	require.Equal(t, question, p.Issue.Text)
	require.Greater(t, p.Confidence.Confidence, p.Confidence.Threshold)
	require.Equal(t, "file", p.Complaint.Class)
	require.Len(t, p.Tried, 1)
	require.Equal(t, "45.90 EUR", p.Facts[0].Value)
	require.Equal(t, "Roaming in Switzerland", p.Articles[0].Title)
}

func TestReplies_are_kept_filled_and_applied(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one, two := w.member(t, "Agent One", staff.RoleAgent), w.member(t, "Agent Two", staff.RoleAgent)
	boss, editor := w.member(t, "Supervisor One", staff.RoleSupervisor), w.member(t, "Editor One", staff.RoleEditor)
	body := map[string]any{"title": "Mended", "texts": map[string]string{"en": "{reference} is mended. {agent}"}, "actions": map[string]any{"outcome": "solved"}}
	shared := map[string]any{"title": "Ours", "shared": true, "texts": map[string]string{"en": "Good morning"}}
	require.Equal(t, http.StatusForbidden, editor.call(t, http.MethodPost, "/v1/replies", body).status)
	require.Equal(t, "supervisor_required", one.call(t, http.MethodPost, "/v1/replies", shared).code(t))
	require.Equal(t, http.StatusCreated, boss.call(t, http.MethodPost, "/v1/replies", shared).status)
	r := one.call(t, http.MethodPost, "/v1/replies", body)
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	var saved struct {
		Reply struct {
			ID  string
			Rev int
		}
	}
	r.into(t, &saved)
	path := "/v1/replies/" + saved.Reply.ID
	body["expected_rev"] = 1
	require.Equal(t, "reply_not_found", two.call(t, http.MethodPut, path, body).code(t))
	require.Equal(t, http.StatusOK, one.call(t, http.MethodPut, path, body).status)
	require.Equal(t, "reply_changed", one.call(t, http.MethodPut, path, body).code(t))

	c := w.customer(t)
	id := c.claimed(t, one)
	var list struct {
		Replies []struct {
			Title  string
			Filled struct {
				Text    string
				Missing []string
			}
		}
	}
	one.call(t, http.MethodGet, "/v1/replies?case="+id, nil).into(t, &list)
	require.Len(t, list.Replies, 2)
	require.Regexp(t, `^[A-Z0-9-]{9} is mended. Agent One$`, list.Replies[0].Filled.Text)
	macro := map[string]any{"text": list.Replies[0].Filled.Text, "client_message_id": "m-1", "actions": map[string]any{"outcome": "solved"}}
	two.refused(t, http.StatusConflict, "not_your_case", id, "macro", macro)
	for range 2 {
		r = one.call(t, http.MethodPost, "/v1/cases/"+id+"/macro", macro)
		require.Equal(t, http.StatusCreated, r.status, string(r.body))
	}
	said := 0
	for _, m := range c.transcript(t).Messages {
		if m.Author.Type == "agent" {
			said++
		}
	}
	require.Equal(t, 1, said)
	require.Equal(t, "resolved", c.transcript(t).Conversation.State)
	require.Equal(t, http.StatusNoContent, one.call(t, http.MethodDelete, path, nil).status)
	require.Equal(t, http.StatusNotFound, one.call(t, http.MethodDelete, path, nil).status)
	require.Empty(t, w.Violations(t))
}

func TestSuggestions_answer_what_was_asked_last_with_the_source(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent, editor := w.member(t, "Agent One", staff.RoleAgent), w.member(t, "Editor One", staff.RoleEditor)
	c := w.customer(t)
	c.says(t, "When is my bill due?")
	id := c.claimed(t, agent)
	path := "/v1/cases/" + id + "/suggestions"
	var found struct {
		Seqs        []int
		Suggestions []struct {
			Text   string
			Source struct {
				Title, Quote string
			}
		}
	}
	agent.call(t, http.MethodGet, path, nil).into(t, &found)
	require.Equal(t, []int{1}, found.Seqs, "the wish for a person is no question to the library")
	require.Contains(t, found.Suggestions[0].Text, "14 days")
	require.Equal(t, "When your bill is due", found.Suggestions[0].Source.Title)
	require.Contains(t, found.Suggestions[0].Text, found.Suggestions[0].Source.Quote)
	c.says(t, question)
	agent.call(t, http.MethodGet, path, nil).into(t, &found)
	require.Contains(t, found.Suggestions[0].Text, "2 EUR a day")
	require.Equal(t, http.StatusForbidden, editor.call(t, http.MethodGet, path, nil).status)
	require.Equal(t, http.StatusNotFound, agent.call(t, http.MethodGet, "/v1/cases/999999/suggestions", nil).status)
}
