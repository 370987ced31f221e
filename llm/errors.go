// SPDX-License-Identifier: MIT

package llm

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"

	"candor/internal/fault"
)

// What can go wrong, for errors.Is. All of them come as *Error.
var (
	// ErrUnavailable: no token could be had. The breaker is open, the connection
	// failed, 5xx or 429 after retries, or the time for the first token is over.
	ErrUnavailable = errors.New("model provider unavailable")
	// ErrRejected: the provider refuses this request (4xx): a wrong key, an unknown
	// model, a prompt too long or filtered. Asking again would not help.
	ErrRejected = errors.New("model provider rejected the request")
	// ErrCut: the answer ended without a finish reason.
	ErrCut = errors.New("model answer cut off")
	// ErrStalled: nothing came for the idle time in the middle of an answer.
	ErrStalled = errors.New("model answer stalled")
	// ErrTooLong: the answer is over its limit of bytes or of total time.
	ErrTooLong = errors.New("model answer too long")
	// ErrGarbled: what came is not what the protocol says.
	ErrGarbled = errors.New("model answer garbled")
	// ErrClosed: Next was called after Close.
	ErrClosed = errors.New("model stream closed")
)

// Error describes a failure in words that are safe to log and to show: nothing of
// the prompt, the key or the provider's message is in it.
type Error struct {
	Kind       error         // one of the Err variables
	Cause      error         // what lay under ErrUnavailable (ErrCut, ErrGarbled, ...), or nil
	Status     int           // HTTP status, 0 if there was none
	Type       string        // a short word: the provider's error type, or ours such as connection_refused
	RetryAfter time.Duration // how long the provider asked to wait, 0 if it did not

	retry       bool   // another attempt may help
	unsupported string // the parameter that the provider does not take
}

// Error gives kind, status and type.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.Error())
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.Type != "" {
		b.WriteString(": " + e.Type)
	}
	return b.String()
}

// Unwrap gives the kind and the cause and, for what may pass, a fault that an API
// can answer with.
func (e *Error) Unwrap() []error {
	list := []error{e.Kind}
	if e.Cause != nil {
		list = append(list, e.Cause)
	}
	if e.Kind != ErrRejected && e.Kind != ErrClosed { //nolint:errorlint // the field holds the variable itself
		list = append(list, fault.Unavailable("model_unavailable", "The language model cannot be reached at the moment. Please try again."))
	}
	return list
}

// garbled is an answer that breaks the protocol.
func garbled(kind string) *Error { return &Error{Kind: ErrGarbled, Type: kind, retry: true} }

// early is how e is told when it struck before the first token.
func early(e *Error) *Error {
	if e.Kind == ErrUnavailable || e.Kind == ErrRejected || e.Kind == ErrClosed { //nolint:errorlint // as above
		return e
	}
	c := *e
	c.Kind, c.Cause = ErrUnavailable, e.Kind
	return &c
}

// explain turns an error of a call that runs under ctx into an *Error, or into
// the context's error if the caller gave up. Causes of ctx come first: a read that
// a time limit broke off looks like a broken connection.
func explain(ctx context.Context, err error) error {
	var e *Error
	if cause := context.Cause(ctx); cause != nil {
		switch {
		case errors.As(cause, &e):
			return e
		case errors.Is(cause, context.DeadlineExceeded):
			return &Error{Kind: ErrUnavailable, Cause: context.DeadlineExceeded, Type: "caller_deadline"}
		case errors.Is(cause, context.Canceled):
			return fmt.Errorf("model call: %w", cause)
		default:
			return fmt.Errorf("model call: %w: %w", context.Canceled, cause)
		}
	}
	if errors.As(err, &e) {
		return e
	}
	return network(err)
}

// network names what happened to a connection.
func network(err error) *Error {
	var (
		op   *net.OpError
		dns  *net.DNSError
		cert *tls.CertificateVerificationError
		call *url.Error
		text *json.SyntaxError
		kind *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &text), errors.As(err, &kind):
		return garbled("invalid_json")
	case errors.As(err, &call) && call.Op == "parse":
		return &Error{Kind: ErrRejected, Type: "invalid_base_url"}
	case errors.As(err, &cert):
		return &Error{Kind: ErrUnavailable, Type: "tls_certificate"}
	case errors.As(err, &dns):
		return &Error{Kind: ErrUnavailable, Type: "dns", retry: true}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Error{Kind: ErrUnavailable, Type: "connection_refused", retry: true}
	case errors.As(err, &op) && op.Op == "dial":
		return &Error{Kind: ErrUnavailable, Type: "connect", retry: true}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return &Error{Kind: ErrCut, Type: "connection_reset", retry: true}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Kind: ErrCut, Type: "connection_closed", retry: true}
	case errors.As(err, &op), errors.As(err, &call):
		return &Error{Kind: ErrCut, Type: "connection", retry: true}
	default: // go-openai's own checks of what it is asked to send
		return &Error{Kind: ErrRejected, Type: "invalid_request"}
	}
}
