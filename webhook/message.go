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

// send makes the call and gives the peer's status.
func (s *Service) send(ctx context.Context, d leased) (int, error) {
	key, err := s.keys.Key(ctx, d.KeyID)
	if err != nil {
		return 0, errors.Join(errSecret, err)
	}
	secret, _, err := key.Open(d.KeyID, d.Secret)
	if err != nil {
		return 0, errors.Join(errSecret, err)
	}
	body, err := d.body()
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("make a request: %w", err)
	}
	id, timestamp := "msg_"+strconv.FormatInt(d.ID, 10), strconv.FormatInt(time.Now().Unix(), 10)
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "Candor",
		"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": sign(secret, id, timestamp, body),
	} {
		request.Header.Set(name, value)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	return answer.Status, nil
}
