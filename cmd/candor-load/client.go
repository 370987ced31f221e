// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	dialTimeout   = 5 * time.Second
	answerTimeout = 60 * time.Second // for a whole request, streams of turns included
	maxAnswer     = 8 << 20
)

// errNotLoopback says that an address is not this machine's own.
var errNotLoopback = errors.New("candor-load talks to loopback addresses only")

// onlyLoopback looks at the address that is really connected to, whatever name
// or redirect led there.
func onlyLoopback(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().Unmap().IsLoopback() {
		return errNotLoopback
	}
	return nil
}

// newHTTP is an HTTP client that keeps many connections and leaves the machine
// on none.
func newHTTP(connections int) *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout, Control: onlyLoopback}
	return &http.Client{Transport: &http.Transport{
		DialContext: dialer.DialContext, DisableCompression: true,
		MaxIdleConns: connections, MaxIdleConnsPerHost: connections, MaxConnsPerHost: 0,
	}}
}

// client talks to one gateway.
type client struct {
	base string
	http *http.Client
}

func newClient(base string, connections int) (*client, error) {
	at, err := url.Parse(base)
	if err != nil || at.Scheme != "http" || at.Host == "" {
		return nil, usageError(fmt.Sprintf("%q is not an address like http://127.0.0.1:8080", base))
	}
	host := at.Hostname()
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s: %w", host, errNotLoopback)
	}
	return &client{base: at.Scheme + "://" + at.Host, http: newHTTP(connections)}, nil
}

// statusError is an answer that is not a success.
type statusError struct {
	Status int
	Code   string
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d %s", e.Status, e.Code) }

// request makes a request; body is sent as JSON unless it is nil.
func (c *client) request(ctx context.Context, method, path, token string, body any) (*http.Request, error) {
	var payload io.Reader = http.NoBody
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		payload = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, payload)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request, nil
}

// call sends a request and reads the JSON that comes back into a value, unless that is nil.
func (c *client) call(ctx context.Context, method, path, token string, body, into any, header ...string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	request, err := c.request(ctx, method, path, token, body)
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return refusal(response.StatusCode, raw)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}

func refusal(status int, raw []byte) error {
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(raw, &problem) // without a code the status says enough
	return &statusError{Status: status, Code: problem.Code}
}

// stream sends a request for server-sent events and hands them to see, until
// that says it has seen enough or the stream ends. A stream that ends by itself
// gives nil, one that breaks off an error.
func (c *client) stream(ctx context.Context, request *http.Request, see func(event) (enough bool, err error)) error {
	request.Header.Set("Accept", "text/event-stream")
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		if err != nil {
			return err
		}
		return refusal(response.StatusCode, raw)
	}
	events := newEvents(response.Body)
	for {
		e, err := events.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if enough, err := see(e); err != nil || enough || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
	}
}
