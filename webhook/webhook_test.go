// SPDX-License-Identifier: MIT

package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"candor/internal/seal"
	"candor/postgres/pgtest"
	"candor/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// call is what the peer received.
type call struct {
	header http.Header
	body   string
}

type bundle struct {
	db      *pgxpool.Pool
	hooks   *webhook.Service
	account int64
	peer    *httptest.Server
	calls   chan call
	status  atomic.Int32
	hang    chan struct{} // the peer says nothing until it is closed; nil: it answers
	// retryAfter is the header of its answers; nil: none.
	retryAfter atomic.Pointer[string]
}

func setup(t *testing.T, change ...func(*webhook.Config)) *bundle {
	t.Helper()
	b := &bundle{db: pgtest.DB(t), calls: make(chan call, 100)}
	b.status.Store(http.StatusNoContent)
	b.peer = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.calls <- call{r.Header, string(body)}
		if b.hang != nil {
			<-b.hang
		}
		if value := b.retryAfter.Load(); value != nil {
			w.Header().Set("Retry-After", *value)
		}
		w.WriteHeader(int(b.status.Load()))
	}))
	t.Cleanup(b.peer.Close)
	text, err := seal.NewMasterKey()
	require.NoError(t, err)
	master, err := seal.ParseMasterKey(text)
	require.NoError(t, err)
	keys, err := seal.Open(t.Context(), b.db, master)
	require.NoError(t, err)
	c := webhook.Config{
		DB: b.db, Keys: keys, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Logger: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&c)
	}
	b.hooks = webhook.New(c)
	err = b.db.QueryRow(t.Context(), "INSERT INTO accounts (email, name, role) VALUES ('s@example.com', 'Supervisor', 'supervisor') RETURNING id").Scan(&b.account)
	require.NoError(t, err)
	return b
}

// add makes a webhook to the peer and gives its secret.
func (b *bundle) add(t *testing.T, events ...string) (webhook.Webhook, string) {
	t.Helper()
	w, secret, err := b.hooks.Create(t.Context(), b.account, webhook.Webhook{URL: b.peer.URL + "/in", Events: events})
	require.NoError(t, err)
	return w, secret
}

// open writes a case into the queue.
func (b *bundle) open(t *testing.T) (id int64) {
	t.Helper()
	err := b.db.QueryRow(t.Context(), `
		WITH customer AS (INSERT INTO customers (key_id, profile) VALUES ('k' || random(), '\x00') RETURNING id),
		conversation AS (
			INSERT INTO conversations (public_id, token_hash, customer_id, locale, state, owner, head)
			SELECT 'c' || random(), '\x00', id, 'en', 'queued', 'queue', '\x00' FROM customer RETURNING id)
		INSERT INTO cases (reference, conversation_id, state, reason, evidence, priority, language, enqueued_at, updated_at)
		SELECT 'K7QX-' || id, id, 'waiting', 'low_confidence', '[]', 0, 'en', now(), now() FROM conversation RETURNING id`).Scan(&id)
	require.NoError(t, err)
	return id
}

func (b *bundle) exec(t *testing.T, statement string, arguments ...any) {
	t.Helper()
	_, err := b.db.Exec(t.Context(), statement, arguments...)
	require.NoError(t, err)
}

func (b *bundle) deliver(t *testing.T) int {
	t.Helper()
	n, err := b.hooks.Deliver(t.Context())
	require.NoError(t, err)
	return n
}

// due ends the pauses.
func (b *bundle) due(t *testing.T) {
	t.Helper()
	b.exec(t, "UPDATE webhook_deliveries SET next_at = now() WHERE state = 'waiting'")
}

func (b *bundle) next(t *testing.T) call {
	t.Helper()
	select {
	case c := <-b.calls:
		return c
	default:
		t.Fatal("the peer was not called")
		return call{}
	}
}

func (b *bundle) newest(t *testing.T, id int64) webhook.Delivery {
	t.Helper()
	list, err := b.hooks.Deliveries(t.Context(), id, 0, 10)
	require.NoError(t, err)
	require.NotEmpty(t, list)
	return list[0]
}

func (b *bundle) only(t *testing.T) webhook.Webhook {
	t.Helper()
	list, err := b.hooks.List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
	return list[0]
}

// verify checks a message as the specification tells a peer to.
func verify(t *testing.T, c call, secret string) {
	t.Helper()
	encoded, found := strings.CutPrefix(secret, "whsec_")
	require.True(t, found)
	key, err := base64.StdEncoding.DecodeString(encoded)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(key), 24)
	at, err := strconv.ParseInt(c.header.Get("Webhook-Timestamp"), 10, 64)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), time.Unix(at, 0), time.Minute)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(c.header.Get("Webhook-Id") + "." + c.header.Get("Webhook-Timestamp") + "." + c.body))
	require.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), c.header.Get("Webhook-Signature"))
}
