// SPDX-License-Identifier: MIT

package api

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/handoff"
)

type newCase struct {
	Channel      string `json:"channel"`
	Name         string `json:"name"`
	Email        string `json:"email"`
	EmailConsent bool   `json:"email_consent"`
	Locale       string `json:"locale"`
	Text         string `json:"text"`
	Complaint    bool   `json:"complaint"`
	Take         bool   `json:"take"`
	ClientCaseID string `json:"client_case_id"`
}

// openCase takes down what somebody said who phoned, wrote or came by.
func (s *Server) openCase(c *gin.Context) error {
	body, err := decode[newCase](c, maxBody)
	if err != nil {
		return err
	}
	in := handoff.Intake{
		Channel: body.Channel, Profile: chat.Profile{Name: strings.TrimSpace(body.Name), Email: strings.TrimSpace(body.Email)},
		Consent: body.EmailConsent, Locale: body.Locale, Text: body.Text, Complaint: body.Complaint,
		Take: body.Take, ClientID: body.ClientCaseID,
	}
	if err := cmp.Or(checkClientID("client_case_id", in.ClientID), checkProfile(in.Profile)); err != nil {
		return err
	}
	k, err := s.Handoff.TakeIn(c.Request.Context(), in, agent(c))
	if err != nil {
		return err
	}
	return s.resultStatus(c, http.StatusCreated, k)
}

// listMails shows the outbox: what waits, was sent, or could not be.
func (s *Server) listMails(c *gin.Context) error {
	limit, err := queryNumber(c, "limit", pageSize, 1, maxPage)
	if err != nil {
		return err
	}
	list, err := s.Mail.List(c.Request.Context(), c.Query("state"), limit)
	if err != nil {
		return err
	}
	views := make([]gin.H, len(list))
	for i, m := range list {
		views[i] = gin.H{
			"id": strconv.FormatInt(m.ID, 10), "kind": m.Kind, "state": m.State, "attempts": m.Attempts, "created_at": m.CreatedAt.UTC(),
		}
		for name, value := range map[string]*string{"verdict": m.Words, "conversation_id": m.PublicID} {
			if value != nil {
				views[i][name] = *value
			}
		}
		for name, value := range map[string]*time.Time{"next_at": m.NextAt, "ended_at": m.EndedAt} {
			if value != nil {
				views[i][name] = value.UTC()
			}
		}
	}
	return ok(c, http.StatusOK, gin.H{"enabled": s.Mail.Enabled(), "mails": views})
}
