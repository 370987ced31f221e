// SPDX-License-Identifier: MIT

package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"candor/webhook"
)

// webhookRoutes are for supervisors; compliance reads.
func (s *Server) webhookRoutes(d *gin.RouterGroup) {
	d.GET("/webhooks", handle(s.listWebhooks))
	d.POST("/webhooks", handle(s.createWebhook))
	d.DELETE("/webhooks/:webhook_id", handle(s.deleteWebhook))
	d.POST("/webhooks/:webhook_id/test", handle(s.testWebhook))
	d.GET("/webhooks/:webhook_id/deliveries", handle(s.listDeliveries))
	d.POST("/webhooks/:webhook_id/deliveries/:delivery_id/replay", handle(s.replayDelivery))
}

type webhookView struct {
	ID           string     `json:"id"`
	URL          string     `json:"url"`
	Events       []string   `json:"events"`
	Note         string     `json:"note"`
	CreatedBy    string     `json:"created_by"`
	CreatedAt    time.Time  `json:"created_at"`
	FailingSince *time.Time `json:"failing_since,omitempty"`
	DisabledAt   *time.Time `json:"disabled_at,omitempty"`
	DisabledWhy  *string    `json:"disabled_why,omitempty"`
	Secret       string     `json:"secret,omitempty"`
}

func showWebhook(w webhook.Webhook) webhookView {
	return webhookView{
		ID: strconv.FormatInt(w.ID, 10), URL: w.URL, Events: w.Events, Note: w.Note, CreatedBy: strconv.FormatInt(w.CreatedBy, 10),
		CreatedAt: w.CreatedAt.UTC(), FailingSince: utc(w.FailingSince), DisabledAt: utc(w.DisabledAt), DisabledWhy: w.DisabledWhy,
	}
}

func (s *Server) listWebhooks(c *gin.Context) error {
	list, err := s.Webhooks.List(c.Request.Context())
	if err != nil {
		return err
	}
	views := make([]webhookView, len(list))
	for i, w := range list {
		views[i] = showWebhook(w)
	}
	return ok(c, http.StatusOK, gin.H{"webhooks": views, "events": webhook.Events()})
}

// createWebhook shows the secret this once.
func (s *Server) createWebhook(c *gin.Context) error {
	body, err := decode[struct {
		URL    string   `json:"url"`
		Events []string `json:"events"`
		Note   string   `json:"note"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	asked := webhook.Webhook{URL: strings.TrimSpace(body.URL), Events: body.Events, Note: strings.TrimSpace(body.Note)}
	w, secret, err := s.Webhooks.Create(c.Request.Context(), account(c).ID, asked)
	if err != nil {
		return err
	}
	view := showWebhook(w)
	view.Secret = secret
	return ok(c, http.StatusCreated, gin.H{"webhook": view})
}

func (s *Server) deleteWebhook(c *gin.Context) error {
	id, err := number(c, "webhook_id")
	if err != nil {
		return err
	}
	if err := s.Webhooks.Delete(c.Request.Context(), account(c).ID, id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

type deliveryView struct {
	ID        string     `json:"id"`
	Event     string     `json:"event"`
	CaseID    string     `json:"case_id,omitempty"`
	Reference *string    `json:"reference,omitempty"`
	State     string     `json:"state"`
	Attempts  int        `json:"attempts"`
	Status    *int       `json:"status,omitempty"`
	Verdict   *string    `json:"verdict,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	NextAt    *time.Time `json:"next_at,omitempty"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
}

func showDelivery(d webhook.Delivery) deliveryView {
	view := deliveryView{
		ID: strconv.FormatInt(d.ID, 10), Event: d.Event, Reference: d.Reference, State: d.State, Attempts: d.Attempts, Status: d.Status,
		Verdict: d.Words, CreatedAt: d.CreatedAt.UTC(), NextAt: utc(d.NextAt), EndedAt: utc(d.EndedAt),
	}
	if d.CaseID != nil {
		view.CaseID = strconv.FormatInt(*d.CaseID, 10)
	}
	return view
}

// testWebhook sends a message without a case and says how it went.
func (s *Server) testWebhook(c *gin.Context) error {
	id, err := number(c, "webhook_id")
	if err != nil {
		return err
	}
	d, err := s.Webhooks.Test(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, gin.H{"delivery": showDelivery(d)})
}

func (s *Server) listDeliveries(c *gin.Context) error {
	id, err := number(c, "webhook_id")
	if err != nil {
		return err
	}
	limit, err := queryNumber(c, "limit", pageSize, 1, maxPage)
	if err != nil {
		return err
	}
	list, err := s.Webhooks.Deliveries(c.Request.Context(), id, limit)
	if err != nil {
		return err
	}
	views := make([]deliveryView, len(list))
	for i, d := range list {
		views[i] = showDelivery(d)
	}
	return ok(c, http.StatusOK, gin.H{"deliveries": views})
}

func (s *Server) replayDelivery(c *gin.Context) error {
	id, err := number(c, "webhook_id")
	if err != nil {
		return err
	}
	delivery, err := number(c, "delivery_id")
	if err != nil {
		return err
	}
	d, err := s.Webhooks.Replay(c.Request.Context(), id, delivery)
	if err != nil {
		return err
	}
	return ok(c, http.StatusAccepted, gin.H{"delivery": showDelivery(d)})
}
