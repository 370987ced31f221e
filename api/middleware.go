// SPDX-License-Identifier: MIT

package api

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"candor/chat"
	"candor/internal/fault"
	"candor/staff"
	"candor/web"
)

var requestSeconds = promauto.NewHistogramVec(prometheus.HistogramOpts{
	Name:    "candor_http_request_seconds",
	Help:    "Time to answer a request, by route template and status; streams count until they end.",
	Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
}, []string{"method", "route", "status"})

const (
	keyRequestID    = "request_id"
	keyConversation = "conversation"
	keyAccount      = "account"
	cookieName      = "candor_session"
)

// observe gives a request its id, logs one line and counts it. Neither paths
// with ids nor bodies are logged.
func (s *Server) observe(c *gin.Context) {
	start := time.Now()
	id := rand.Text()[:10]
	c.Set(keyRequestID, id)
	c.Header("X-Request-Id", id)
	defer func() {
		if r := recover(); r != nil {
			s.Logger.Error("panic in a handler", "route", c.FullPath(), "request_id", id, "type", typeName(r))
			fail(c, fault.New(fault.KindUnavailable, "internal", "Something went wrong on our side. Please try again."))
		}
		took := time.Since(start)
		route := c.FullPath()
		if route == "" {
			route = "none"
		}
		requestSeconds.WithLabelValues(c.Request.Method, route, statusText(c.Writer.Status())).Observe(took.Seconds())
		s.Logger.Info("request", "method", c.Request.Method, "route", route, "status", c.Writer.Status(),
			"ms", took.Milliseconds(), "request_id", id)
	}()
	c.Next()
}

// headers are the same for all responses.
func (s *Server) headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", web.ContentSecurityPolicy)
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if s.SecureCookies {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	c.Next()
}

// sameOrigin refuses what another site makes a signed-in browser send. The
// customer's API carries its token in a header and no cookie, so the widget may
// call it from any page.
func (s *Server) sameOrigin(c *gin.Context) {
	if isCustomerAPI(c.Request.URL.Path) && c.GetHeader("Cookie") == "" {
		s.allowOrigin(c)
		return
	}
	if err := http.NewCrossOriginProtection().Check(c.Request); err != nil {
		fail(c, fault.Denied("cross_origin", "This request came from another site."))
		return
	}
	c.Next()
}

func isCustomerAPI(path string) bool {
	return path == "/v1/conversations" || strings.HasPrefix(path, "/v1/conversations/") && !strings.HasSuffix(path, "/take-over") && !strings.HasSuffix(path, "/block") ||
		path == "/v1/widget/strings" || path == "/v1/announcements/current" || path == "/service"
}

// allowOrigin answers the browser's questions about calls from the company's own
// site, where the widget is embedded.
func (s *Server) allowOrigin(c *gin.Context) {
	if c.GetHeader("Origin") != "" {
		h := c.Writer.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, Prefer, Last-Event-ID")
		h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
		h.Set("Access-Control-Max-Age", "3600")
		h.Set("Access-Control-Expose-Headers", "Retry-After, X-Request-Id")
	}
	if c.Request.Method == http.MethodOptions {
		c.AbortWithStatus(http.StatusNoContent)
		return
	}
	c.Next()
}

// customer lets through who holds the token of the conversation in the path.
func (s *Server) customer(c *gin.Context) {
	token, ok := bearer(c)
	if !ok {
		fail(c, fault.Unauthenticated("token_missing", "Please send the conversation's token: Authorization: Bearer …"))
		return
	}
	conversation, err := s.Chat.Authorize(c.Request.Context(), c.Param("id"), token)
	if err != nil {
		fail(c, err)
		return
	}
	c.Set(keyConversation, conversation)
	c.Next()
}

// staff lets through members of staff who have one of the roles; any, without one.
// Compliance may read everything, and change only what names it.
func (s *Server) staff(roles ...staff.Role) gin.HandlerFunc {
	return func(c *gin.Context) {
		account, err := s.authenticate(c)
		if err != nil {
			fail(c, err)
			return
		}
		reads := account.Role == staff.RoleCompliance && c.Request.Method == http.MethodGet
		if len(roles) > 0 && !reads && !account.Can(roles...) {
			fail(c, fault.Denied("role_required", "Your role does not allow this."))
			return
		}
		c.Set(keyAccount, account)
		c.Next()
	}
}

func (s *Server) authenticate(c *gin.Context) (staff.Account, error) {
	if token, ok := bearer(c); ok {
		return s.Staff.Token(c.Request.Context(), token)
	}
	cookie, err := c.Cookie(cookieName)
	if err != nil {
		return staff.Account{}, fault.Unauthenticated("unauthenticated", "Please sign in.")
	}
	return s.Staff.Session(c.Request.Context(), cookie)
}

// bearer reads the Authorization header. No token of ours is longer than 100
// characters; what is cannot be one.
func bearer(c *gin.Context) (string, bool) {
	scheme, token, found := strings.Cut(c.GetHeader("Authorization"), " ")
	return token, found && strings.EqualFold(scheme, "Bearer") && token != "" && len(token) <= 100
}

func conversation(c *gin.Context) chat.Conversation {
	return c.MustGet(keyConversation).(chat.Conversation) //nolint:forcetypeassert // set by customer, which guards the route
}

func account(c *gin.Context) staff.Account {
	return c.MustGet(keyAccount).(staff.Account) //nolint:forcetypeassert // set by staff, which guards the route
}

func agent(c *gin.Context) chat.Agent {
	a := account(c)
	return chat.Agent{ID: a.ID, Name: a.Name}
}

func requestID(c *gin.Context) string { return c.GetString(keyRequestID) }

func clientIP(c *gin.Context) string { return c.ClientIP() }

func conversationID(c *gin.Context) string { return c.Param("id") }
