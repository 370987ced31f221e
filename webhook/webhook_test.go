// SPDX-License-Identifier: MIT

package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
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

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"candor/internal/fault"
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
	list, err := b.hooks.Deliveries(t.Context(), id, 10)
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

func TestDeliver_signs_what_happens_to_a_case(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, secret := b.add(t, "case.opened", "case.resolved")
	id := b.open(t)
	b.exec(t, "UPDATE cases SET state = 'claimed', agent_id = $2, claimed_at = now() WHERE id = $1", id, b.account)
	b.exec(t, "UPDATE cases SET state = 'resolved', resolved_at = now(), outcome = 'solved' WHERE id = $1", id)
	require.Equal(t, 2, b.deliver(t), "what was asked for, not the claim")
	require.Zero(t, b.deliver(t))
	types := map[string]bool{}
	for range 2 {
		c := b.next(t)
		verify(t, c, secret)
		require.Equal(t, "application/json", c.header.Get("Content-Type"))
		var got struct {
			Type      string
			Timestamp time.Time
			Data      map[string]any
		}
		require.NoError(t, json.Unmarshal([]byte(c.body), &got))
		types[got.Type] = true
		require.ElementsMatch(t, []string{"reference", "case_id", "conversation_id", "reason", "priority"}, keysOf(got.Data))
		require.Equal(t, strconv.FormatInt(id, 10), got.Data["case_id"])
		require.WithinDuration(t, time.Now(), got.Timestamp, time.Minute)
	}
	require.Equal(t, map[string]bool{"case.opened": true, "case.resolved": true}, types)
	require.Equal(t, "delivered", b.newest(t, w.ID).State)
	require.NotEqual(t, secret, other(t, b), "each has its own secret")
}

func keysOf(m map[string]any) []string {
	list := []string{}
	for k := range m {
		list = append(list, k)
	}
	return list
}

func other(t *testing.T, b *bundle) string {
	t.Helper()
	_, secret := b.add(t, "case.opened")
	return secret
}

func TestTriggers_tell_each_event_in_its_transaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, _ := b.add(t, webhook.Events()...)
	id := b.open(t)
	for _, change := range []string{
		"UPDATE cases SET state = 'claimed', agent_id = %, claimed_at = now() WHERE id = $1",
		"UPDATE cases SET escalated_at = now(), priority = 2 WHERE id = $1",
		"UPDATE cases SET state = 'waiting', agent_id = NULL, claimed_at = NULL WHERE id = $1",
		"UPDATE cases SET team = 'billing' WHERE id = $1",
		"UPDATE cases SET state = 'withdrawn', resolved_at = now() WHERE id = $1",
		"UPDATE cases SET state = 'waiting', resolved_at = NULL WHERE id = $1",
		"INSERT INTO complaints (case_id, state, message_seq, received_at, acknowledged_at, due_at, updated_at) VALUES ($1, 'acknowledged', 1, now(), now(), now(), now())",
		"INSERT INTO clocks (case_id, kind, n, team, priority, state, started_at, elapsed_s, entry) VALUES ($1, 'resolution', 1, '', 0, 'breached', now(), 0, 1)",
		"UPDATE clocks SET breached_at = now() WHERE case_id = $1",
		"UPDATE clocks SET breached_at = now() WHERE case_id = $1",
	} {
		b.exec(t, strings.ReplaceAll(change, "%", strconv.FormatInt(b.account, 10)), id)
	}
	err := pgx.BeginFunc(t.Context(), b.db, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE cases SET priority = 1 WHERE id = $1", id)
		require.NoError(t, err)
		return io.ErrUnexpectedEOF
	})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "what is rolled back is not told")
	list, err := b.hooks.Deliveries(t.Context(), w.ID, 100)
	require.NoError(t, err)
	told := []string{}
	for _, d := range list {
		told = append(told, d.Event)
	}
	require.ElementsMatch(t, []string{
		"case.opened", "case.claimed", "case.escalated", "case.priority_changed", "case.released", "case.transferred", "case.withdrawn", "case.reopened",
		"complaint.received", "clock.breached",
	}, told)
}

func TestDeliver_retries(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, secret := b.add(t, "case.opened")
	b.open(t)
	b.status.Store(http.StatusInternalServerError)
	require.Equal(t, 1, b.deliver(t))
	first := b.next(t)
	kept := b.newest(t, w.ID)
	require.Equal(t, "waiting", kept.State)
	require.Equal(t, 500, *kept.Status)
	require.True(t, kept.NextAt.After(kept.CreatedAt.Add(4*time.Second)))
	require.Zero(t, b.deliver(t), "not before the pause is over")
	require.NotNil(t, b.only(t).FailingSince)

	b.status.Store(http.StatusOK)
	b.due(t)
	require.Equal(t, 1, b.deliver(t))
	second := b.next(t)
	verify(t, second, secret)
	require.Equal(t, first.header.Get("Webhook-Id"), second.header.Get("Webhook-Id"))
	require.Equal(t, first.body, second.body)
	require.Equal(t, "delivered", b.newest(t, w.ID).State)
	require.Nil(t, b.only(t).FailingSince)
}

func TestDeliver_gives_up(t *testing.T) {
	t.Parallel()
	t.Run("a message after about a day", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		w, _ := b.add(t, "case.opened")
		b.open(t)
		b.status.Store(http.StatusFound) // a redirect is not followed
		for range 9 {
			require.Equal(t, "waiting", b.newest(t, w.ID).State)
			b.due(t)
			b.deliver(t)
		}
		require.Equal(t, "failed", b.newest(t, w.ID).State)
		require.Contains(t, *b.newest(t, w.ID).Words, "given up")
	})
	t.Run("a webhook whose peer is gone", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		w, _ := b.add(t, "case.opened")
		b.open(t)
		b.open(t)
		b.status.Store(http.StatusGone)
		b.deliver(t)
		require.Equal(t, "gone", *b.only(t).DisabledWhy)
		b.open(t)
		require.Zero(t, b.deliver(t), "nothing is queued any more")
		_, err := b.hooks.Test(t.Context(), w.ID)
		require.True(t, fault.Is(err, "webhook_disabled"))
	})
	t.Run("a webhook that failed for days", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.add(t, "case.opened")
		b.open(t)
		b.status.Store(http.StatusBadGateway)
		b.deliver(t)
		require.Nil(t, b.only(t).DisabledAt)
		b.exec(t, "UPDATE webhooks SET failing_since = now() - interval '6 days'")
		b.due(t)
		b.deliver(t)
		require.Equal(t, "failing", *b.only(t).DisabledWhy)
	})
}

func TestDeliver_cuts_a_slow_peer_off(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *webhook.Config) { c.Timeout = 200 * time.Millisecond })
	b.hang = make(chan struct{})
	w, _ := b.add(t, "case.opened")
	b.open(t)
	require.Equal(t, 1, b.deliver(t))
	close(b.hang)
	require.Equal(t, "the peer did not answer in time", *b.newest(t, w.ID).Words)
	require.Equal(t, "waiting", b.newest(t, w.ID).State)
}

func TestCreate_refuses(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *webhook.Config) { c.Allow = nil })
	for address, code := range map[string]string{
		b.peer.URL: "address_not_allowed", "http://localhost:1/": "address_not_allowed", "http://169.254.169.254/latest": "address_not_allowed",
		"https://[::ffff:10.0.0.1]/": "address_not_allowed", "ftp://8.8.8.8/": "address_not_allowed", "https://u:p@8.8.8.8/": "address_not_allowed",
		"": "invalid_url", "://": "invalid_url",
	} {
		_, _, err := b.hooks.Create(t.Context(), b.account, webhook.Webhook{URL: address, Events: []string{"case.opened"}})
		require.True(t, fault.Is(err, code), address)
	}
	_, _, err := b.hooks.Create(t.Context(), b.account, webhook.Webhook{URL: "https://8.8.8.8/", Events: []string{"case.guessed"}})
	require.True(t, fault.Is(err, "unknown_event"))
}

// A name that was public when it was added, and is private when it is called.
func TestDeliver_refuses_a_private_address_by_default(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *webhook.Config) { c.Allow = nil })
	w, _, err := b.hooks.Create(t.Context(), b.account, webhook.Webhook{URL: "https://8.8.8.8/", Events: []string{"case.opened"}})
	require.NoError(t, err)
	b.exec(t, "UPDATE webhooks SET url = $1", b.peer.URL)
	b.open(t)
	require.Equal(t, 1, b.deliver(t))
	require.Equal(t, "the address is not a public one", *b.newest(t, w.ID).Words)
	require.Empty(t, b.calls)
}

func TestReplay_sends_once_more_under_the_same_id(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, secret := b.add(t, "case.opened")
	b.open(t)
	b.deliver(t)
	first := b.next(t)
	d, err := b.hooks.Replay(t.Context(), w.ID, b.newest(t, w.ID).ID)
	require.NoError(t, err)
	require.Equal(t, "waiting", d.State)
	require.Equal(t, 1, b.deliver(t))
	second := b.next(t)
	verify(t, second, secret)
	require.Equal(t, first.header.Get("Webhook-Id"), second.header.Get("Webhook-Id"))
	_, err = b.hooks.Replay(t.Context(), w.ID, d.ID+1)
	require.True(t, fault.Is(err, "delivery_not_found"))
}

func TestTest_says_how_it_went(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, secret := b.add(t, "case.opened")
	d, err := b.hooks.Test(t.Context(), w.ID)
	require.NoError(t, err)
	require.Equal(t, "delivered", d.State)
	c := b.next(t)
	verify(t, c, secret)
	require.Contains(t, c.body, `"type":"webhook.test"`)
	b.status.Store(http.StatusTeapot)
	d, err = b.hooks.Test(t.Context(), w.ID)
	require.NoError(t, err)
	require.Equal(t, "failed", d.State, "a test is not tried again")
	require.Equal(t, 418, *d.Status)
}

func TestDelete_destroys_the_secret(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, _ := b.add(t, "case.opened")
	b.open(t)
	require.NoError(t, b.hooks.Delete(t.Context(), b.account, w.ID))
	require.Zero(t, b.deliver(t))
	b.open(t)
	require.Zero(t, b.deliver(t))
	require.True(t, fault.Is(b.hooks.Delete(t.Context(), b.account, w.ID), "webhook_not_found"))
	var left int
	err := b.db.QueryRow(t.Context(), "SELECT count(*) FROM webhooks w JOIN keys k ON k.id = w.key_id WHERE w.secret IS NOT NULL OR k.keyset IS NOT NULL").Scan(&left)
	require.NoError(t, err)
	require.Zero(t, left)
}

func TestDeliver_by_two_processes_sends_each_message_once(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add(t, "case.opened")
	for range 20 {
		b.open(t)
	}
	counts := make(chan int, 2)
	for range 2 {
		go func() {
			n, _ := b.hooks.Deliver(t.Context())
			counts <- n
		}()
	}
	require.Equal(t, 20, <-counts+<-counts)
	require.Len(t, b.calls, 20)
}
