// SPDX-License-Identifier: MIT

package mail_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"mime"
	stdmail "net/mail"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"candor/mail"
	"candor/mail/mailtest"
	"candor/postgres"
	"candor/postgres/pgtest"
	"candor/prompts"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type bundle struct {
	db      *pgxpool.Pool
	mail    *mail.Service
	server  *mailtest.Server
	letter  *mail.Letter // what the handler words; nil: nobody to tell
	failure error        // of wording
	ended   []string
}

func setup(t *testing.T, change ...func(*mail.Config)) *bundle {
	t.Helper()
	b := &bundle{db: pgtest.DB(t), server: mailtest.Start(t)}
	b.letter = &mail.Letter{
		To: "customer@example.com", Locale: prompts.German, Subject: "Größe\r\nBcc: all@example.com",
		Lines: []string{"<b>Guten Tag</b>"}, Link: "https://desk.example.com/return?a=1&b=2", Label: "Öffnen",
	}
	c := mail.Config{
		DB:     b.db,
		Server: mail.Server{Host: b.server.Host, Port: b.server.Port, Username: mailtest.Username, Password: mailtest.Password},
		From:   stdmail.Address{Address: "help@example.com"}, Org: func() string { return "Example Telecom" },
		TLS: b.server.Client, Logger: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&c)
	}
	b.mail = mail.New(c)
	b.mail.Handle("test", mail.Handler{
		Compose: func(context.Context, mail.Outgoing) (*mail.Letter, error) { return b.letter, b.failure },
		Ended: func(_ context.Context, _ mail.Outgoing, sent bool, words string) error {
			b.ended = append(b.ended, map[bool]string{true: "sent", false: "failed: "}[sent]+words)
			return nil
		},
	})
	return b
}

func (b *bundle) queue(t *testing.T, q mail.Queued) {
	t.Helper()
	q.Kind = "test"
	require.NoError(t, b.mail.Queue(t.Context(), q))
}

func (b *bundle) deliver(t *testing.T) int {
	t.Helper()
	n, err := b.mail.Deliver(t.Context())
	require.NoError(t, err)
	return n
}

// due makes what waits due now: the pause is over.
func (b *bundle) due(t *testing.T) {
	t.Helper()
	_, err := b.db.Exec(t.Context(), "UPDATE mails SET next_at = now() WHERE state = 'waiting'")
	require.NoError(t, err)
}

func (b *bundle) entry(t *testing.T) mail.Entry {
	t.Helper()
	list, err := b.mail.List(t.Context(), "", 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	return list[0]
}

func TestDeliver_sends_over_STARTTLS_with_the_password(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, mail.Queued{})
	require.Equal(t, 1, b.deliver(t))
	got := b.server.Letter(t)
	require.True(t, got.TLS)
	require.Equal(t, mailtest.Username, got.User)
	require.Equal(t, "customer@example.com", got.To)
	require.Equal(t, "help@example.com", got.From)
	require.Equal(t, "sent", b.entry(t).State)
	require.Equal(t, []string{"sent"}, b.ended)
	require.Zero(t, b.deliver(t), "a letter is sent once")
}

func TestLetter_says_whose_it_is_and_that_nobody_wrote_it(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, mail.Queued{})
	b.deliver(t)
	got := b.server.Letter(t)
	require.Equal(t, "auto-generated", got.Header.Get("Auto-Submitted"))
	require.Equal(t, `"Example Telecom" <help@example.com>`, got.Header.Get("From"))
	require.Empty(t, got.Header.Get("Bcc"), "a subject with a line break makes no header")
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "Größe Bcc: all@example.com", subject)
	require.Regexp(t, `^<candor-\d+@example\.com>$`, got.Header.Get("Message-ID"))
	require.Contains(t, got.Body, "automatisch von Example Telecom")
	require.Contains(t, got.Body, "text/plain")
	require.Contains(t, got.Body, "<b>Guten Tag</b>", "the plain part is as it is")
	require.Contains(t, got.Body, "&lt;b&gt;Guten Tag", "the HTML part is escaped")
	require.Contains(t, got.Body, `href="https://desk.example.com/return?a=1&amp;b=2"`)
	require.NotContains(t, got.Body, "<img")
}

func TestDeliver_retries_what_is_refused_for_now(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.server.Refuse(func(string) error { return mailtest.Code(451, 4, 7, 1, "customer@example.com: come back later") })
	b.queue(t, mail.Queued{})
	require.Equal(t, 1, b.deliver(t))
	kept := b.entry(t)
	require.Equal(t, "waiting", kept.State)
	require.Equal(t, "server answered 451 4.7.1", *kept.Words, "the server's own words name the address and are not kept")
	require.True(t, kept.NextAt.After(time.Now().Add(10*time.Second)))
	require.Zero(t, b.deliver(t), "not before the pause is over")
	b.server.Refuse(nil)
	b.due(t)
	require.Equal(t, 1, b.deliver(t))
	b.server.Letter(t)
	require.Equal(t, "sent", b.entry(t).State)
	require.Equal(t, 2, b.entry(t).Attempts)
}

func TestDeliver_gives_up_what_is_refused_for_good(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.server.Refuse(func(to string) error { return mailtest.Code(550, 5, 1, 1, "no such user "+to) })
	b.queue(t, mail.Queued{})
	b.deliver(t)
	failed := b.entry(t)
	require.Equal(t, "failed", failed.State)
	require.Equal(t, "server answered 550 5.1.1", *failed.Words)
	require.Equal(t, []string{"failed: server answered 550 5.1.1"}, b.ended)
}

func TestDeliver_keeps_letters_while_the_server_is_down(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.server.Close()
	b.queue(t, mail.Queued{})
	for range 9 {
		require.Equal(t, 1, b.deliver(t))
		require.Equal(t, "waiting", b.entry(t).State)
		b.due(t)
	}
	b.deliver(t)
	require.Equal(t, "failed", b.entry(t).State, "after the last pause it is given up")
	require.Contains(t, *b.entry(t).Words, "given up")
}

func TestDeliver_never_shows_a_password_without_TLS(t *testing.T) {
	t.Parallel()
	t.Run("a wrong password keeps the letter: the operator mends it", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(c *mail.Config) { c.Server.Password = "wrong" })
		b.queue(t, mail.Queued{})
		b.deliver(t)
		require.Equal(t, "waiting", b.entry(t).State)
		require.True(t, b.server.Empty())
	})
	t.Run("a certificate that nobody vouches for is refused", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(c *mail.Config) { c.TLS = &tls.Config{MinVersion: tls.VersionTLS12} })
		b.queue(t, mail.Queued{})
		b.deliver(t)
		require.Equal(t, "waiting", b.entry(t).State)
		require.True(t, b.server.Empty())
	})
}

func TestQueue(t *testing.T) {
	t.Parallel()
	t.Run("what is rolled back is not sent", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		undone := errors.New("undone")
		err := postgres.InTx(t.Context(), b.db, func(tx pgx.Tx) error {
			require.NoError(t, b.mail.QueueTx(t.Context(), tx, mail.Queued{Kind: "test"}))
			return undone
		})
		require.ErrorIs(t, err, undone)
		require.Zero(t, b.deliver(t))
	})
	t.Run("letters with one mark are one letter while it waits", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.queue(t, mail.Queued{Once: "a"})
		b.queue(t, mail.Queued{Once: "a"})
		b.queue(t, mail.Queued{Once: "b"})
		require.Equal(t, 2, b.deliver(t))
		b.queue(t, mail.Queued{Once: "a"})
		require.Equal(t, 1, b.deliver(t))
	})
	t.Run("a letter for later waits", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.queue(t, mail.Queued{After: time.Hour})
		require.Zero(t, b.deliver(t))
	})
	t.Run("without a server nothing is queued", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(c *mail.Config) { c.Server = mail.Server{} })
		b.queue(t, mail.Queued{})
		list, err := b.mail.List(t.Context(), "", 10)
		require.NoError(t, err)
		require.Empty(t, list)
	})
}

func TestDeliver_drops_what_concerns_nobody_any_more(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.letter = nil
	b.queue(t, mail.Queued{})
	b.deliver(t)
	require.Equal(t, "dropped", b.entry(t).State)
	require.Empty(t, b.ended)
}

func TestDeliver_by_two_processes_sends_each_letter_once(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 20 {
		b.queue(t, mail.Queued{})
	}
	counts := make(chan int, 2)
	for range 2 {
		go func() {
			n, _ := b.mail.Deliver(t.Context())
			counts <- n
		}()
	}
	require.Equal(t, 20, <-counts+<-counts)
	seen := map[string]bool{}
	for range 20 {
		seen[b.server.Letter(t).Header.Get("Message-ID")] = true
	}
	require.Len(t, seen, 20)
	require.True(t, b.server.Empty())
}

func TestClean_keeps_failures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, mail.Queued{})
	b.deliver(t)
	_, err := b.db.Exec(t.Context(), "UPDATE mails SET ended_at = now() - interval '40 days'")
	require.NoError(t, err)
	_, err = b.db.Exec(t.Context(), "INSERT INTO mails (kind, data, state, next_at, ended_at) VALUES ('test', '{}', 'failed', now(), now() - interval '40 days')")
	require.NoError(t, err)
	require.NoError(t, b.mail.Clean(t.Context()))
	require.Equal(t, "failed", b.entry(t).State)
}

func TestParseURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]mail.Server{
		"smtp://u:p%40ss@mail.example.com": {Host: "mail.example.com", Port: 587, Username: "u", Password: "p@ss"},
		"smtps://u:p@mail.example.com":     {Host: "mail.example.com", Port: 465, Username: "u", Password: "p", Implicit: true},
		"smtp://127.0.0.1:25?tls=none":     {Host: "127.0.0.1", Port: 25, Plain: true},
	} {
		got, err := mail.ParseURL(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{
		"", "mail.example.com:25", "http://mail.example.com", "smtp://", "smtp://h:0", "smtp://h?tls=maybe", "smtps://h?tls=none", "smtp://u:secret@h?tls=none", "smtp://u:secret@h:port",
	} {
		_, err := mail.ParseURL(text)
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "secret", "a password is not repeated")
	}
}

func TestSend_says_whether_it_went(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, b.mail.Send(t.Context(), *b.letter))
	b.server.Letter(t)
	b.server.Refuse(func(string) error { return mailtest.Code(550, 5, 1, 1, "no such user customer@example.com") })
	err := b.mail.Send(t.Context(), *b.letter)
	require.ErrorContains(t, err, "550 5.1.1")
	require.NotContains(t, err.Error(), "customer@example.com")
}
