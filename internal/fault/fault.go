// SPDX-License-Identifier: MIT

// Package fault is the small vocabulary of errors a caller may act on. A fault
// carries a kind for the machine, a stable code for programs and a sentence fit
// for the person who sees it; every other error is internal and never shown.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of answer a fault is; api maps each to one HTTP status.
type Kind int

// The kinds, each with the status that api answers it with.
const (
	KindInvalid         Kind = iota + 1 // 422: the request cannot be carried out as written
	KindNotFound                        // 404: no such thing, or not for this caller
	KindConflict                        // 409: the state changed underneath, or forbids it
	KindDenied                          // 403: known caller, not allowed
	KindUnauthenticated                 // 401: caller unknown
	KindLimited                         // 429: too much, too fast
	KindUnavailable                     // 503: try again; a dependency is away
	KindTooLarge                        // 413: the body is over its limit
	KindMalformed                       // 400: not readable as the format it claims to be
	KindUnsupported                     // 415: another format is wanted
)

// Fault is an error with a safe message. Code is a stable snake_case word;
// Message is one sentence that says what to do.
type Fault struct {
	Kind    Kind
	Code    string
	Message string
	Fields  []Field // what of the request it is about, where there is more than one thing wrong
	cause   error
}

// Field is one thing that is wrong with a request.
type Field struct {
	Name    string `json:"field"`   // where: "teams.1.name"
	Message string `json:"message"` // what to do about it
}

// New makes a fault. The message goes to end users: no internals in it.
func New(kind Kind, code, format string, args ...any) *Fault {
	return &Fault{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Error joins the message with its cause, for logs.
func (f *Fault) Error() string {
	if f.cause != nil {
		return f.Message + ": " + f.cause.Error()
	}
	return f.Message
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.cause }

// Because returns a copy of f that wraps cause; cause is logged, never shown.
func (f *Fault) Because(cause error) *Fault {
	c := *f
	c.cause = cause
	return &c
}

// In returns a copy of f that names what it is about.
func (f *Fault) In(fields ...Field) *Fault {
	c := *f
	c.Fields = fields
	return &c
}

// Of finds the fault in err's chain.
func Of(err error) (*Fault, bool) {
	return errors.AsType[*Fault](err)
}

// Is reports whether err carries a fault with this code.
func Is(err error, code string) bool {
	f, ok := Of(err)
	return ok && f.Code == code
}

// Invalid says that the request cannot be carried out as written.
func Invalid(code, format string, args ...any) *Fault {
	return New(KindInvalid, code, format, args...)
}

// NotFound says that there is no such thing, or none for this caller.
func NotFound(code, format string, args ...any) *Fault {
	return New(KindNotFound, code, format, args...)
}

// Conflict says that the state changed underneath, or forbids the request.
func Conflict(code, format string, args ...any) *Fault {
	return New(KindConflict, code, format, args...)
}

// Denied says that a known caller may not do this.
func Denied(code, format string, args ...any) *Fault {
	return New(KindDenied, code, format, args...)
}

// Unauthenticated says that the caller is not known.
func Unauthenticated(code, format string, args ...any) *Fault {
	return New(KindUnauthenticated, code, format, args...)
}

// Limited says that the caller asked too much, too fast.
func Limited(code, format string, args ...any) *Fault {
	return New(KindLimited, code, format, args...)
}

// Unavailable says that something needed is away and the request may be repeated.
func Unavailable(code, format string, args ...any) *Fault {
	return New(KindUnavailable, code, format, args...)
}
