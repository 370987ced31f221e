// SPDX-License-Identifier: MIT

package api_test

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/handoff"
	"candor/internal/calendar"
	"candor/staff"
)

func TestContact(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent 1", staff.RoleAgent)
	first, c := w.customer(t), w.customer(t)
	contact := map[string]any{"email": "me@example.com", "text_shown": "Send the answer to my e-mail address.", "locale": "en"}
	r := w.call(t, http.MethodPost, c.path("/contact"), contact, bearer(c.token))
	require.Equal(t, http.StatusConflict, r.status)
	require.Equal(t, "no_open_case", r.code(t))
	first.says(t, "I want to speak to a person")
	c.says(t, "I want to speak to a person")
	for field, wrong := range map[string]any{"email": "nobody", "text_shown": "", "locale": ""} {
		bad := map[string]any{"email": "me@example.com", "text_shown": "Send", "locale": "en"}
		bad[field] = wrong
		require.Equal(t, http.StatusUnprocessableEntity, w.call(t, http.MethodPost, c.path("/contact"), bad, bearer(c.token)).status, field)
	}
	r = w.call(t, http.MethodPost, c.path("/contact"), contact, bearer(c.token))
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var noted turnResult
	r.into(t, &noted)
	require.Equal(t, 2, noted.Conversation.Queue.Position, "the place is kept")
	require.Equal(t, "reply_by_email", noted.Messages[0].Event)

	var q struct {
		Cases []struct {
			ID           string
			ReplyByEmail bool `json:"reply_by_email"`
		}
	}
	agent.call(t, http.MethodGet, "/v1/queue", nil).into(t, &q)
	require.False(t, q.Cases[0].ReplyByEmail)
	require.True(t, q.Cases[1].ReplyByEmail)
	var file struct {
		Packet struct {
			Customer struct{ Email string }
		}
	}
	agent.call(t, http.MethodGet, "/v1/cases/"+q.Cases[1].ID, nil).into(t, &file)
	require.Equal(t, "me@example.com", file.Packet.Customer.Email)

	for range 2 {
		r = w.call(t, http.MethodDelete, c.path("/contact"), nil, bearer(c.token))
		require.Equal(t, http.StatusOK, r.status, string(r.body))
	}
	agent.call(t, http.MethodGet, "/v1/queue", nil).into(t, &q)
	require.False(t, q.Cases[1].ReplyByEmail && q.Cases[0].ReplyByEmail)
	require.Empty(t, w.Violations(t))
}

func TestWaitingCustomer(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent 1", staff.RoleAgent)
	c := w.customer(t)
	c.says(t, "I want to speak to a person")
	id := agent.queue(t)[0].ID
	require.Equal(t, "not_your_case", agent.call(t, http.MethodPost, "/v1/cases/"+id+"/wait", nil).code(t))
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+id+"/claim", nil).status)
	r := agent.call(t, http.MethodPost, "/v1/cases/"+id+"/messages", map[string]any{"text": "Which invoice is it?", "waiting": true})
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	require.Equal(t, "waiting_customer", c.transcript(t).Conversation.State)
	require.Equal(t, "human", c.says(t, "the one of May").Conversation.State)
	r = agent.call(t, http.MethodPost, "/v1/cases/"+id+"/wait", nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	require.Equal(t, "waiting_customer", c.transcript(t).Conversation.State)

	r = w.call(t, http.MethodPost, c.path("/continue"), nil, bearer(c.token))
	require.Equal(t, "conversation_open", r.code(t))
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+id+"/resolve", map[string]any{"outcome": "no_reply"}).status)
	week := handoff.New(handoff.Config{DB: w.DB, Chat: w.Chat, Clock: func(now time.Time) time.Time { return now.AddDate(0, 0, 8) }})
	require.NoError(t, week.KeepTime(t.Context()))
	r = w.call(t, http.MethodPost, c.path("/messages"), map[string]any{"text": "hello again"}, bearer(c.token))
	require.Equal(t, "conversation_closed", r.code(t))
	r = w.call(t, http.MethodPost, c.path("/continue"), nil, bearer(c.token))
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	var opened struct {
		Token        string
		Conversation struct{ ID string }
	}
	r.into(t, &opened)
	next := customer{w, opened.Conversation.ID, opened.Token}
	// Asked again, by somebody who saw no answer or opened the link in the mail once more: it is the same one, all at once too.
	var again sync.WaitGroup
	for range 8 {
		again.Go(func() {
			var second struct {
				Token        string
				Conversation struct{ ID string }
			}
			w.call(t, http.MethodPost, c.path("/continue"), nil, bearer(c.token)).into(t, &second)
			if second.Conversation.ID != next.id || second.Token == next.token {
				t.Errorf("%+v", second)
			}
			customer{w, second.Conversation.ID, second.Token}.transcript(t)
		})
	}
	again.Wait()
	next.says(t, "I want to speak to a person")
	var file struct {
		Case struct{ Continues string }
	}
	agent.call(t, http.MethodGet, "/v1/cases/"+agent.queue(t)[0].ID, nil).into(t, &file)
	require.Equal(t, c.id, file.Case.Continues)

	// When that is over too, what comes next goes on with it.
	require.Equal(t, http.StatusOK, w.call(t, http.MethodDelete, next.path("/handoff"), nil, bearer(next.token)).status)
	talk, err := w.Chat.Find(t.Context(), next.id)
	require.NoError(t, err)
	require.NoError(t, w.Chat.Lock(t.Context(), talk.ID, func(l *chat.Locked) error { return l.Move(t.Context(), chat.StateClosed, nil) }))
	w.call(t, http.MethodPost, c.path("/continue"), nil, bearer(c.token)).into(t, &opened)
	require.NotEqual(t, next.id, opened.Conversation.ID)
	third, err := w.Chat.Find(t.Context(), opened.Conversation.ID)
	require.NoError(t, err)
	before, known, err := w.Chat.Continues(t.Context(), third)
	require.NoError(t, err)
	require.True(t, known)
	require.Equal(t, next.id, before.PublicID)
	require.Empty(t, w.Violations(t))
}

func TestService_hours(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent 1", staff.RoleAgent)
	company := chattest.Company()
	now := time.Now().In(company.Zone())
	tomorrow := now.AddDate(0, 0, 1)
	company.Hours = []calendar.Opening{{Day: now.Weekday(), From: "00:00", To: "24:00"}, {Day: tomorrow.Weekday(), From: "09:00", To: "17:00"}}
	company.Holidays = []calendar.Holiday{{Date: now.Format(time.DateOnly), Name: "Founders' Day"}}

	var open struct {
		OpenNow     bool       `json:"open_now"`
		NextOpenAt  *time.Time `json:"next_open_at"`
		ClosedToday string     `json:"closed_today"`
		Expected    *struct {
			Waiting int
			Nobody  bool
		}
	}
	w.call(t, http.MethodGet, "/service", nil).into(t, &open)
	require.True(t, open.OpenNow)
	require.NotNil(t, open.Expected)
	require.True(t, open.Expected.Nobody)

	w.Chat.SetCompany(company)
	open.Expected = nil
	w.call(t, http.MethodGet, "/service", nil).into(t, &open)
	require.False(t, open.OpenNow)
	require.Equal(t, "Founders' Day", open.ClosedToday)
	require.Nil(t, open.Expected)
	require.NotNil(t, open.NextOpenAt)

	c := w.customer(t)
	asked := c.says(t, "I want to speak to a person")
	require.Equal(t, "awaiting_hours", asked.Conversation.State)
	require.Contains(t, asked.Messages[len(asked.Messages)-1].Text, "closed today: Founders' Day")
	require.NotContains(t, asked.Messages[len(asked.Messages)-1].Text, "connect")
	var file struct {
		Case struct {
			Promises []struct {
				DueAt time.Time `json:"due_at"`
			}
		}
	}
	agent.call(t, http.MethodGet, "/v1/cases/"+agent.queue(t)[0].ID, nil).into(t, &file)
	require.Len(t, file.Case.Promises, 1)
	require.True(t, file.Case.Promises[0].DueAt.After(*open.NextOpenAt))
	require.Empty(t, w.Violations(t))
}

func TestQueue_place_is_pushed_and_the_same_after_a_refresh(t *testing.T) {
	t.Parallel()
	w := setup(t)
	agent := w.member(t, "Agent 1", staff.RoleAgent)
	first, second := w.customer(t), w.customer(t)
	first.says(t, "I want to speak to a person")
	second.says(t, "I want to speak to a person")
	place := func(position int) func(event) bool {
		return func(e event) bool {
			var p struct{ Position int }
			return e.name == "queue.updated" && json.Unmarshal([]byte(e.data), &p) == nil && p.Position == position
		}
	}
	s := w.listen(t, http.MethodGet, second.path("/events"), nil, bearer(second.token))
	s.until(t, place(2))
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+agent.queue(t)[0].ID+"/claim", nil).status)
	s.until(t, place(1))
	require.Equal(t, 1, second.transcript(t).Conversation.Queue.Position)
	again := w.listen(t, http.MethodGet, second.path("/events"), nil, bearer(second.token))
	again.until(t, place(1))
}
