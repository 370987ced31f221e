// SPDX-License-Identifier: MIT

package consequences_test

import (
	"context"
	"log/slog"
	stdmail "net/mail"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"candor/bot/consequences"
	"candor/chat"
	"candor/chat/chattest"
	"candor/knowledge"
	"candor/mail"
	"candor/mail/mailtest"
	"candor/prompts"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type bench struct {
	*chattest.World
	library *knowledge.Service
	svc     *consequences.Service
	mail    *mail.Service
	server  *mailtest.Server
	editor  chat.Agent
	article int64
}

// setup has an article whose first version is wrong and whose second is live.
func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{World: chattest.New(t), server: mailtest.Start(t)}
	log := slog.New(slog.DiscardHandler)
	b.library = knowledge.New(knowledge.Config{DB: b.DB, Logger: log})
	b.mail = mail.New(mail.Config{
		DB: b.DB, Server: mail.Server{Host: b.server.Host, Port: b.server.Port, Username: mailtest.Username, Password: mailtest.Password},
		From: stdmail.Address{Address: "help@example.com"}, Org: func() string { return "Example Telecom" }, TLS: b.server.Client, Logger: log,
	})
	b.svc = b.another()
	b.editor = b.Account(t, "editor@example.com", "Editor", "editor")
	b.article = b.publish(t, 0, "Returns can be made within 30 days.")
	b.publish(t, b.article, "Please read this first.\n\nReturns can be made within 14 days. The shipping costs are yours.")
	return b
}

// another is the service of one more gateway.
func (b *bench) another() *consequences.Service {
	return consequences.New(consequences.Config{
		DB: b.DB, Chat: b.Chat, Knowledge: b.library, Mail: b.mail, URL: "https://desk.example.com", Logger: slog.New(slog.DiscardHandler),
	})
}

func (b *bench) publish(t *testing.T, id int64, body string) int64 {
	t.Helper()
	c := knowledge.Content{Title: "Returns", Lang: "en", Source: "# Returns\n\n" + body}
	var a knowledge.Article
	var err error
	if id == 0 {
		a, err = b.library.CreateArticle(t.Context(), "", c, nil)
	} else {
		a, err = b.library.SaveDraft(t.Context(), id, 0, c, nil)
	}
	require.NoError(t, err)
	_, err = b.library.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
	require.NoError(t, err)
	return a.ID
}

func (b *bench) lock(t *testing.T, id int64, fn func(*chat.Locked) error) {
	t.Helper()
	require.NoError(t, b.Chat.Lock(t.Context(), id, fn))
}

// told is a customer who was told of a version.
func (b *bench) told(t *testing.T, locale string, profile chat.Profile, version int) chat.Conversation {
	t.Helper()
	created, err := b.Chat.Create(t.Context(), locale, profile)
	require.NoError(t, err)
	b.lock(t, created.Conversation.ID, func(l *chat.Locked) error {
		if _, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: "May I send it back?", NoTurn: true}); err != nil {
			return err
		}
		return b.answer(t.Context(), l, version)
	})
	return b.now(t, created.Conversation)
}

func (b *bench) answer(ctx context.Context, l *chat.Locked, version int) error {
	d, err := l.Disclosure(ctx)
	if err != nil {
		return err
	}
	cited := chat.Citation{ArticleID: b.article, Version: version, Title: "Returns", Quote: "Returns can be made within 30 days."}
	_, err = l.PostBot(ctx, d, chat.BotMessage{Text: "You have 30 days.", Citations: []chat.Citation{cited, cited}})
	return err
}

func (b *bench) now(t *testing.T, c chat.Conversation) chat.Conversation {
	t.Helper()
	c, err := b.Chat.Get(t.Context(), c.ID)
	require.NoError(t, err)
	return c
}

func (b *bench) agree(t *testing.T, c chat.Conversation, given bool) {
	t.Helper()
	b.lock(t, c.ID, func(l *chat.Locked) error {
		return l.Consent(chat.Consent{Purpose: chat.PurposeContact, Given: given, TextShown: "May we write to you?", Locale: "en"})
	})
}

func (b *bench) marking() consequences.Marking {
	return consequences.Marking{ArticleID: b.article, Version: 1, Reason: "The period is 14 days.", Texts: map[prompts.Locale]string{
		prompts.English: "You can return goods within **14 days**.", prompts.German: "Sie können innerhalb von 14 Tagen zurückgeben.",
	}}
}

func (b *bench) mark(t *testing.T) consequences.Correction {
	t.Helper()
	x, err := b.svc.Mark(t.Context(), b.marking(), b.editor)
	require.NoError(t, err)
	return x
}

func (b *bench) correct(t *testing.T) {
	t.Helper()
	require.NoError(t, b.svc.Correct(t.Context(), time.Minute))
}

// corrections are the messages that take something back.
func (b *bench) corrections(t *testing.T, c chat.Conversation) []chat.Message {
	t.Helper()
	list, err := b.Chat.Messages(t.Context(), c, 0, 100)
	require.NoError(t, err)
	var found []chat.Message
	for _, m := range list {
		if m.Event == chat.EventCorrection {
			found = append(found, m)
		}
	}
	return found
}

func (b *bench) delivery(t *testing.T, id int64) consequences.Delivery {
	t.Helper()
	x, err := b.svc.Correction(t.Context(), id)
	require.NoError(t, err)
	return x.Delivery
}

func TestCorrect_cites_nothing_that_is_wrong_itself_by_now(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.told(t, "en", chat.Profile{}, 1)
	x := b.mark(t)
	require.Equal(t, 2, *x.Cites)
	second := b.marking()
	second.Version = 2
	_, err := b.svc.Mark(t.Context(), second, b.editor)
	require.NoError(t, err)
	b.correct(t)
	found := b.corrections(t, c)
	require.Len(t, found, 1)
	require.Empty(t, found[0].Citations, "the version that it would have cited was marked wrong before it was sent")
	require.Empty(t, b.Violations(t))
}

// Workers are cut off again and again, and several work at once: nobody is told
// twice, and nobody is left out.
func TestCorrect_is_cut_off_and_told_once(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const customers = 60
	all := make([]chat.Conversation, customers)
	for i := range all {
		all[i] = b.told(t, "en", chat.Profile{}, 1)
	}
	x := b.mark(t)
	workers := []*consequences.Service{b.another(), b.another(), b.another()}
	// On a slow machine it takes longer until one of them gets to the middle.
	for n := 0; n < 8 || n < 100 && b.delivery(t, x.ID).Posted == 0; n++ {
		var wg sync.WaitGroup
		for i, svc := range workers {
			wg.Go(func() {
				ctx, cut := context.WithTimeout(t.Context(), time.Duration(60+30*n+15*i)*time.Millisecond)
				defer cut()
				_ = svc.Correct(ctx, time.Minute)
			})
		}
		wg.Wait()
	}
	require.Positive(t, b.delivery(t, x.ID).Posted, "they were cut off in the middle")
	_, err := b.DB.Exec(t.Context(), "UPDATE corrected SET next_at = now()") // the leases of the dead run out
	require.NoError(t, err)
	b.correct(t)
	for _, c := range all {
		require.Len(t, b.corrections(t, c), 1)
	}
	require.Equal(t, consequences.Delivery{Conversations: customers, Posted: customers}, b.delivery(t, x.ID))
	require.Empty(t, b.Violations(t))
}

// An answer that had begun before may still end as one that rests on the version.
func TestCorrect_finds_who_was_told_at_the_last_moment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	x := b.mark(t)
	b.correct(t)
	late := b.told(t, "en", chat.Profile{}, 1)
	b.correct(t)
	require.Len(t, b.corrections(t, late), 1)
	_, err := b.DB.Exec(t.Context(), "UPDATE corrections SET created_at = now() - interval '16 minutes'")
	require.NoError(t, err)
	b.correct(t)
	var over bool
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT finished_at IS NOT NULL FROM corrections WHERE id = $1", x.ID).Scan(&over))
	require.True(t, over)
}

func TestCorrect_gives_up_and_is_taken_up_again(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.told(t, "en", chat.Profile{}, 1)
	x := b.mark(t)
	require.NoError(t, b.svc.Correct(t.Context(), 0), "who is to be told is noted first")
	_, err := b.DB.Exec(t.Context(), "ALTER TABLE messages ADD CONSTRAINT nothing_new CHECK (event <> 'correction') NOT VALID; UPDATE corrected SET attempts = 7")
	require.NoError(t, err)
	b.correct(t)
	require.Equal(t, consequences.Delivery{Conversations: 1, Failed: 1}, b.delivery(t, x.ID))
	require.Empty(t, b.corrections(t, c))
	_, err = b.DB.Exec(t.Context(), "ALTER TABLE messages DROP CONSTRAINT nothing_new")
	require.NoError(t, err)
	_, err = b.svc.Retry(t.Context(), x.ID)
	require.NoError(t, err)
	b.correct(t)
	require.Len(t, b.corrections(t, c), 1)
	require.Empty(t, b.Violations(t))
}

func TestCorrect_leaves_the_erased_alone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	gone := b.told(t, "en", chat.Profile{}, 1)
	soon := b.told(t, "en", chat.Profile{}, 1)
	nothing := func(context.Context, *chat.Locked) error { return nil }
	require.NoError(t, b.Chat.Erase(t.Context(), gone.CustomerID, nil, nothing))
	p, err := b.svc.Preview(t.Context(), b.marking())
	require.NoError(t, err)
	require.Equal(t, []int{1, 1}, []int{p.Conversations, p.Erased})
	x := b.mark(t)
	require.NoError(t, b.svc.Correct(t.Context(), 0), "who is to be told is noted first")
	require.NoError(t, b.Chat.Erase(t.Context(), soon.CustomerID, nil, nothing))
	b.correct(t)
	require.Equal(t, consequences.Delivery{Conversations: 1, Erased: 1}, b.delivery(t, x.ID))
	require.Empty(t, b.Violations(t))
}

// A correction reaches everybody who was told, and shows what is live now to those whom it is for.
