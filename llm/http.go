// SPDX-License-Identifier: MIT

package llm

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxErrorBytes bounds how much of an error page is read.
const maxErrorBytes = 64 << 10

// newTransport keeps enough idle connections for many streams to one host, which
// the standard one (two) does not.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   256,
		ForceAttemptHTTP2:     true,
		DisableCompression:    true, // a compressor between us and a token only holds it back
	}
}

// doer stands between go-openai and HTTP. It bounds what is read, turns every
// status but success into an *Error, and gives go-openai only lines it can read.
type doer struct {
	http     *http.Client
	maxLine  int
	maxBytes int64
	badURL   bool
}

// Do sends a request of go-openai's.
func (d *doer) Do(req *http.Request) (*http.Response, error) {
	if d.badURL {
		return nil, &Error{Kind: ErrRejected, Type: "invalid_base_url"}
	}
	resp, err := d.http.Do(req)
	if err != nil {
		return nil, err
	}
	stream := req.Header.Get("Accept") == "text/event-stream"
	switch {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		err = statusError(resp)
	case stream && !maybeStream(resp):
		err = garbled("not_a_stream")
	case stream:
		resp.Body = newLines(resp.Body, d.maxLine, d.maxBytes)
		return resp, nil
	default:
		resp.Body = &capped{ReadCloser: resp.Body, left: d.maxBytes}
		return resp, nil
	}
	_ = resp.Body.Close()
	return nil, err
}

// maybeStream rules out pages and whole documents; some servers send their events
// under no type or a wrong one.
func maybeStream(resp *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return kind != "text/html" && kind != "application/json" && kind != "application/xhtml+xml"
}

// capped is a body that fails when it is longer than allowed.
type capped struct {
	io.ReadCloser
	left int64
}

// Read reads within the limit.
func (c *capped) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, &Error{Kind: ErrTooLong, Type: "response_bytes"}
	}
	return n, err
}

// statusError reads what a failed response says, as far as it is safe and useful.
func statusError(resp *http.Response) *Error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBytes))
	status := resp.StatusCode
	e := &Error{Kind: ErrRejected, Status: status, Type: errorType(body)}
	switch {
	case status == http.StatusTooManyRequests && slices.Contains([]string{"insufficient_quota", "billing_hard_limit_reached"}, e.Type):
		e.Kind = ErrUnavailable // nobody is served until the bill is paid
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout,
		status == http.StatusConflict, status == http.StatusTooEarly:
		e.Kind, e.retry = ErrUnavailable, true
		e.RetryAfter = retryAfter(resp.Header, time.Now())
	case status < 400:
		e.Type = "redirect"
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		e.unsupported = unsupported(body)
	}
	return e
}

// errorType finds the type or code in an error body, if it is a plain word.
func errorType(body []byte) string {
	var flat struct {
		Type  any             `json:"type"`
		Code  any             `json:"code"`
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &flat) != nil {
		return ""
	}
	var inner struct {
		Type any `json:"type"`
		Code any `json:"code"`
	}
	_ = json.Unmarshal(flat.Error, &inner)
	for _, v := range []any{inner.Code, inner.Type, flat.Code, flat.Type} {
		if word := safeWord(v); word != "" {
			return word
		}
	}
	return ""
}

// safeWord passes short words of letters, underscores and dots; all else could
// carry something that is nobody's business, such as a key.
func safeWord(v any) string {
	s, ok := v.(string)
	if !ok || len(s) > 48 {
		return ""
	}
	for _, r := range s {
		if (r|0x20 < 'a' || r|0x20 > 'z') && r != '_' && r != '.' {
			return ""
		}
	}
	return s
}

// retryAfter reads how long the provider wants to be left alone: retry-after-ms
// of Azure and OpenAI, or Retry-After in seconds or as a date, which is taken
// against the provider's own clock.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e9 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	value := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 && s < 1e6 {
		return time.Duration(s * float64(time.Second))
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return max(0, at.Sub(now))
}

// unsupported finds which of the parameters that we can do without the provider
// says it does not take.
func unsupported(body []byte) string {
	body = bytes.ToLower(body)
	refused := slices.ContainsFunc([]string{"unsupported", "not support", "not permitted", "unrecognized", "unknown", "unexpected", "extra_forbidden"},
		func(s string) bool { return bytes.Contains(body, []byte(s)) })
	if !refused {
		return ""
	}
	for _, name := range []string{paramStreamOptions, paramTemperature, paramMaxTokens, paramDimensions} {
		if bytes.Contains(body, []byte(name)) {
			return name
		}
	}
	return ""
}
