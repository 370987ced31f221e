// SPDX-License-Identifier: MIT

package llmtest

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

// exchange is one request being answered.
type exchange struct {
	w       http.ResponseWriter
	flush   *http.ResponseController
	ctx     context.Context //nolint:containedctx // the request's, for one request's lifetime
	closing <-chan struct{}
	req     Request
	reply   Reply
}

// errDone says that the reply was given in full by an earlier step.
var errDone = errors.New("answered")

// before carries out what comes before a completion: waiting, dropping, raw bodies.
func (x *exchange) before() error {
	switch {
	case x.reply.Hang:
		return x.wait(-1)
	case x.reply.Drop:
		return x.reset()
	}
	if err := x.wait(x.reply.Delay); err != nil {
		return err
	}
	for name, value := range x.reply.Header {
		x.w.Header().Set(name, value)
	}
	if x.reply.RetryAfter != "" {
		x.w.Header().Set("Retry-After", x.reply.RetryAfter)
	}
	if x.reply.Body == "" && x.reply.Status < http.StatusMultipleChoices {
		return nil
	}
	return x.raw()
}

// raw writes the scripted body.
func (x *exchange) raw() error {
	kind, body := x.reply.ContentType, x.reply.Body
	if body == "" {
		kind, body = "application/json", errorBody("server_error", "scripted")
	}
	if kind == "" {
		kind = contentType(body)
	}
	x.w.Header().Set("Content-Type", kind)
	x.w.WriteHeader(max(x.reply.Status, http.StatusOK))
	if err := x.write(body); err != nil {
		return err
	}
	return errDone
}

// contentType guesses what a raw body is.
func contentType(body string) string {
	switch {
	case strings.HasPrefix(body, "<"):
		return "text/html; charset=utf-8"
	case strings.HasPrefix(body, "{"):
		return "application/json"
	default:
		return "text/event-stream"
	}
}

// write sends a piece of the body at once, in slices if the reply asks for them.
func (x *exchange) write(s string) error {
	size := len(s)
	if x.reply.Slice > 0 {
		size = x.reply.Slice
	}
	for len(s) > 0 {
		n := min(size, len(s))
		if _, err := x.w.Write([]byte(s[:n])); err != nil {
			return errGone
		}
		if err := x.flush.Flush(); err != nil {
			return errGone
		}
		s = s[n:]
	}
	return nil
}

// wait waits for d, for ever if it is negative, and ends early when the client
// leaves or the server closes.
func (x *exchange) wait(d time.Duration) error {
	if d == 0 {
		return nil
	}
	var after <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		after = timer.C
	}
	select {
	case <-after:
		return nil
	case <-x.ctx.Done():
		return errGone
	case <-x.closing:
		return errDone
	}
}

// reset drops the connection; over TCP the client sees a reset.
func (x *exchange) reset() error {
	conn, _, err := x.flush.Hijack()
	if err != nil {
		return err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
	return errDone
}

// writeJSON answers with v.
func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// writeError answers in the shape of the protocol's errors.
func writeError(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(errorBody(kind, message)))
}

// errorBody is the JSON of an error.
func errorBody(kind, message string) string {
	b, _ := json.Marshal(map[string]any{"error": map[string]any{
		"message": message, "type": kind, "param": nil, "code": kind,
	}})
	return string(b)
}
