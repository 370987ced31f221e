// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"candor/internal/fault"
	"candor/postgres"
)

// problem is application/problem+json (RFC 9457).
type problem struct {
	Type      string        `json:"type"`
	Title     string        `json:"title"`
	Status    int           `json:"status"`
	Code      string        `json:"code"`
	Detail    string        `json:"detail"`
	RequestID string        `json:"request_id,omitempty"`
	Errors    []fault.Field `json:"errors,omitempty"`
}

var statuses = map[fault.Kind]int{
	fault.KindInvalid:         http.StatusUnprocessableEntity,
	fault.KindNotFound:        http.StatusNotFound,
	fault.KindConflict:        http.StatusConflict,
	fault.KindDenied:          http.StatusForbidden,
	fault.KindUnauthenticated: http.StatusUnauthorized,
	fault.KindLimited:         http.StatusTooManyRequests,
	fault.KindUnavailable:     http.StatusServiceUnavailable,
	fault.KindTooLarge:        http.StatusRequestEntityTooLarge,
	fault.KindMalformed:       http.StatusBadRequest,
	fault.KindUnsupported:     http.StatusUnsupportedMediaType,
}

// retryAfter is what a client is told to wait, in seconds, when it may come back.
const retryAfter = "2"

// handle adapts a handler that returns its error to gin. Before the first byte
// an error is a status; a stream that has begun ends with an error event, which
// it writes itself.
func handle(fn func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := fn(c); err != nil {
			fail(c, err)
		}
	}
}

// fail is the one place where an error becomes a response.
func fail(c *gin.Context, err error) {
	c.Abort()
	if c.Writer.Written() || errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
		return // the client is gone, or has been told
	}
	p := problemOf(c, err)
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		c.Header("Retry-After", retryAfter)
	}
	c.Header("Content-Type", "application/problem+json")
	c.JSON(p.Status, p)
}

// problemOf says an error in words for the caller. What is no fault is ours: it
// is logged with the request's id, and nothing of it is shown.
func problemOf(c *gin.Context, err error) problem {
	f, ok := fault.Of(postgres.Away(err))
	if !ok {
		slog.Default().ErrorContext(c.Request.Context(), "request failed", "error", err, "request_id", requestID(c), "route", c.FullPath())
		return problem{
			Type: "about:blank", Title: http.StatusText(http.StatusInternalServerError), Status: http.StatusInternalServerError,
			Code: "internal", Detail: "Something went wrong on our side. Please try again.", RequestID: requestID(c),
		}
	}
	status := statuses[f.Kind]
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: f.Code, Detail: f.Message, RequestID: requestID(c), Errors: f.Fields}
	if field, is := errors.AsType[*fieldError](err); is {
		p.Errors = []fault.Field{{Name: field.name, Message: f.Message}}
	}
	return p
}

// fieldError names the field that a fault is about.
type fieldError struct {
	name string
	err  error
}

func (e *fieldError) Error() string { return e.name + ": " + e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }

func inField(name string, err error) error { return &fieldError{name: name, err: err} }

func errNoRoute() error { return fault.NotFound("no_such_page", "There is nothing at this address.") }

func errNoMethod() error {
	return fault.New(fault.KindMalformed, "method_not_allowed", "This address does not take that method.")
}
