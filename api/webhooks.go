// SPDX-License-Identifier: MIT

package api

import (
	"math"
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
	d.PUT("/webhooks/:webhook_id", handle(s.changeWebhook))
	d.DELETE("/webhooks/:webhook_id", handle(s.deleteWebhook))
	d.POST("/webhooks/:webhook_id/disable", s.switchWebhook(false))
	d.POST("/webhooks/:webhook_id/enable", s.switchWebhook(true))
	d.POST("/webhooks/:webhook_id/secret", handle(s.renewSecret))
	d.POST("/webhooks/:webhook_id/recover", handle(s.recoverDeliveries))
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
	QuietUntil   *time.Time `json:"quiet_until,omitempty"`
	OldUntil     *time.Time `json:"old_secret_until,omitempty"`
	Waiting      int        `json:"waiting"`
	Secret       string     `json:"secret,omitempty"`
}

func showWebhook(w webhook.Webhook) webhookView {
	return webhookView{
		ID: strconv.FormatInt(w.ID, 10), URL: w.URL, Events: w.Events, Note: w.Note, CreatedBy: strconv.FormatInt(w.CreatedBy, 10),
		CreatedAt: w.CreatedAt.UTC(), FailingSince: utc(w.FailingSince), DisabledAt: utc(w.DisabledAt), DisabledWhy: w.DisabledWhy,
		QuietUntil: utc(w.QuietUntil), OldUntil: utc(w.OldUntil), Waiting: w.Waiting,
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

// askedWebhook reads what a webhook is to be.
func askedWebhook(c *gin.Context) (webhook.Webhook, error) {
	body, err := decode[struct {
		URL    string   `json:"url"`
		Events []string `json:"events"`
		Note   string   `json:"note"`
	}](c, maxBody)
	return webhook.Webhook{URL: strings.TrimSpace(body.URL), Events: body.Events, Note: strings.TrimSpace(body.Note)}, err
}

// createWebhook shows the secret this once.
func (s *Server) createWebhook(c *gin.Context) error {
	asked, err := askedWebhook(c)
	if err != nil {
		return err
	}
	w, secret, err := s.Webhooks.Create(c.Request.Context(), account(c).ID, asked)
	if err != nil {
		return err
	}
	return okWebhook(c, http.StatusCreated, w, secret)
}

func okWebhook(c *gin.Context, status int, w webhook.Webhook, secret string) error {
	view := showWebhook(w)
	view.Secret = secret
	return ok(c, status, gin.H{"webhook": view})
}

func (s *Server) changeWebhook(c *gin.Context) error {
	id, err := number(c, "webhook_id")
	if err != nil {
		return err
	}
	asked, err := askedWebhook(c)
	if err != nil {
		return err
	}
	asked.ID = id
	w, err := s.Webhooks.Change(c.Request.Context(), account(c).ID, asked)
	if err != nil {
		return err
	}
	return okWebhook(c, http.StatusOK, w, "")
}

// switchWebhook switches one on or off.
func (s *Server) switchWebhook(on bool) gin.HandlerFunc {
	return handle(func(c *gin.Context) error {
		id, err := number(c, "webhook_id")
		if err != nil {
			return err
		}
		do := s.Webhooks.Pause
		if on {
			do = s.Webhooks.Enable
		}
		w, err := do(c.Request.Context(), account(c).ID, id)
		if err != nil {
			return err
		}
		return okWebhook(c, http.StatusOK, w, "")
	})
}

// usualOverlap is how long the old secret signs too, in hours.
const usualOverlap = 24

// renewSecret shows the new secret this once.
func (s *Server) renewSecret(c *gin.Context) error {
	id, err := number(c, "webhook_id")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		OverlapHours *int `json:"overlap_hours"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	hours := usualOverlap
	if body.OverlapHours != nil {
		hours = min(max(*body.OverlapHours, -1), int(webhook.MaxOverlap.Hours())+1) // within what a duration holds
	}
	w, secret, err := s.Webhooks.Rotate(c.Request.Context(), account(c).ID, id, time.Duration(hours)*time.Hour)
	if err != nil {
		return err
	}
	return okWebhook(c, http.StatusOK, w, secret)
}

// recoverDeliveries sends all that ended undelivered once more.
func (s *Server) recoverDeliveries(c *gin.Context) error {
	id, err := number(c, "webhook_id")
	if err != nil {
		return err
	}
	n, err := s.Webhooks.Recover(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return ok(c, http.StatusAccepted, gin.H{"deliveries": n})
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
	before, err := queryNumber(c, "before", 0, 0, math.MaxInt)
	if err != nil {
		return err
	}
	list, err := s.Webhooks.Deliveries(c.Request.Context(), id, int64(before), limit+1)
	if err != nil {
		return err
	}
	view := gin.H{}
	if len(list) > limit {
		list = list[:limit]
		view["next"] = strconv.FormatInt(list[limit-1].ID, 10)
	}
	views := make([]deliveryView, len(list))
	for i, d := range list {
		views[i] = showDelivery(d)
	}
	view["deliveries"] = views
	return ok(c, http.StatusOK, view)
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
