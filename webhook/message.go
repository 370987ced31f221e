// SPDX-License-Identifier: MIT

package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// errSecret says that a secret did not open: the keystore is away, or another one.
var errSecret = errors.New("the secret does not open")

// subjectOf is what is told of a case; all nil in a test.
type subjectOf struct {
	priority     *int
	caseID       *int64
	reference    *string
	reason       *string
	conversation *string
}

// message is what a peer reads. It is the same at each attempt.
type message struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Reference      string `json:"reference,omitempty"`
	CaseID         string `json:"case_id,omitempty"`
	ConversationID string `json:"conversation_id,omitempty"`
	Reason         string `json:"reason,omitempty"`
	Priority       *int   `json:"priority,omitempty"`
}

func (l leased) body() ([]byte, error) {
	m := message{Type: l.Event, Timestamp: l.CreatedAt.UTC()}
	if of := l.Subject; of.caseID != nil {
		m.Data = data{
			Reference: *of.reference, CaseID: strconv.FormatInt(*of.caseID, 10), ConversationID: *of.conversation,
			Reason: *of.reason, Priority: of.priority,
		}
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write a message: %w", err)
	}
	return raw, nil
}

// sign is the signature of the Standard Webhooks specification, version 1.
func sign(secret []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// answer is what a peer said: its status, and how long it asks to be left alone.
type answer struct {
	status int
	wait   time.Duration
}

// send makes the call.
func (s *Service) send(ctx context.Context, d leased) (answer, error) {
	body, err := d.body()
	if err != nil {
		return answer{}, err
	}
	id, timestamp := "msg_"+strconv.FormatInt(d.ID, 10), strconv.FormatInt(time.Now().Unix(), 10)
	signatures, err := s.signatures(ctx, d, id, timestamp, body)
	if err != nil {
		return answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("make a request: %w", err)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "Candor",
		"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures,
	} {
		request.Header.Set(name, value)
	}
	got, err := s.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	return answer{got.Status, retryAfter(got.Status, got.Header.Get("Retry-After"), time.Now())}, nil
}

// signatures are that of the secret, and that of the one before while it is good.
func (s *Service) signatures(ctx context.Context, d leased, id, timestamp string, body []byte) (string, error) {
	key, err := s.keys.Key(ctx, d.KeyID)
	if err != nil {
		return "", errors.Join(errSecret, err)
	}
	list := []string{}
	for _, sealed := range [][]byte{d.Secret, d.OldSecret} {
		if sealed == nil {
			continue
		}
		secret, _, err := key.Open(d.KeyID, sealed)
		if err != nil {
			return "", errors.Join(errSecret, err)
		}
		list = append(list, sign(secret, id, timestamp, body))
	}
	return strings.Join(list, " "), nil
}

// retryAfter reads how long a peer that has too much to do asks to be left alone:
// seconds, or a date.
func retryAfter(status int, value string, now time.Time) time.Duration {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Duration(min(seconds, int64(maxQuiet/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return at.Sub(now)
	}
	return 0
}
