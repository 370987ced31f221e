// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/semaphore"

	"candor/bot"
	"candor/bot/consequences"
	"candor/bot/gap"
	"candor/chat"
	"candor/handoff"
	"candor/internal/identity"
	"candor/knowledge"
	"candor/mail"
	"candor/staff"
	"candor/web"
	"candor/webhook"
)

// Config is what a Server needs.
type Config struct {
	Chat         *chat.Service
	Hub          *chat.Hub
	Bot          *bot.Service
	Handoff      *handoff.Service
	Knowledge    *knowledge.Service
	Consequences *consequences.Service
	Gaps         *gap.Service
	Staff        *staff.Service
	Mail         *mail.Service // nil: none is sent
	Webhooks     *webhook.Service
	Site         *web.Site
	// Identity checks what the company\'s own shop says of customers; nil: it says
	// nothing.
	Identity *identity.Verifier
	Logger   *slog.Logger
	// Ready reports whether the database answers.
	Ready func(context.Context) error

	// Demo is the switchable model of `serve --demo`; nil otherwise, and then its
	// pages do not exist.
	Demo DemoModel
	// PublicURL is how people reach the gateway, without a slash at the end.
	PublicURL string
	// StaffMail mails members of staff; nil: links are only shown.
	StaffMail StaffMail
	// SecureCookies marks cookies as for HTTPS only.
	SecureCookies bool
	// TrustedProxies are the networks whose X-Forwarded-For is believed; none by default.
	TrustedProxies []string
	Limits         Limits
}

// DemoModel is a model whose manners a visitor of the demo can change.
type DemoModel interface {
	Mode() string
	SetMode(mode string) error
	// AgentLink is the secret of a one-time link of the demo's agent.
	AgentLink(ctx context.Context) (string, error)
}

// Server answers HTTP requests.
type Server struct {
	Config
	engine *gin.Engine
	limits limiters
	heads  together[queueView] // the beginning of the queue, for all desks
	walls  together[handoff.Wall]
	// unpacking lets one picture be unpacked at a time: each may need as much
	// memory as all the rest of the process.
	unpacking *semaphore.Weighted

	draining chan struct{} // closed: streams end and ask their readers to come back
	drain    sync.Once
}

// New makes a Server.
func New(c Config) (*Server, error) {
	gin.SetMode(gin.ReleaseMode)
	s := &Server{Config: c, engine: gin.New(), limits: newLimiters(c.Limits.withDefaults()), draining: make(chan struct{}), unpacking: semaphore.NewWeighted(1)}
	s.engine.HandleMethodNotAllowed = true
	s.engine.RedirectTrailingSlash = false
	if err := s.engine.SetTrustedProxies(c.TrustedProxies); err != nil {
		return nil, err
	}
	s.routes()
	return s, nil
}

// ServeHTTP serves one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// EndStreams asks the readers of all streams to connect again elsewhere; call it
// before [http.Server.Shutdown], which waits for them.
func (s *Server) EndStreams() { s.drain.Do(func() { close(s.draining) }) }
