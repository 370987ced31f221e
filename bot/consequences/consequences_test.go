// SPDX-License-Identifier: MIT

package consequences_test

import (
	"context"
	"log/slog"
	stdmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"candor/bot/consequences"
	"candor/chat"
	"candor/chat/chattest"
	"candor/internal/fault"
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

func TestMark_tells_everybody_once_and_moves_nobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	agent := b.Account(t, "agent@example.com", "Agent 1", "agent")
	steps := map[string][]chat.State{
		"with the bot": nil, "in the queue": {chat.StateQueued}, "with a person": {chat.StateHuman},
		"finished": {chat.StateHuman, chat.StateResolved}, "closed": {chat.StateClosed},
	}
	all := map[string]chat.Conversation{}
	for name, states := range steps {
		c := b.told(t, "en", chat.Profile{}, 1)
		for _, state := range states {
			b.lock(t, c.ID, func(l *chat.Locked) error {
				if state == chat.StateHuman {
					return l.Move(t.Context(), state, &agent)
				}
				return l.Move(t.Context(), state, nil)
			})
		}
		all[name] = b.now(t, c)
	}
	german := b.told(t, "de", chat.Profile{}, 1)
	spanish := b.told(t, "es", chat.Profile{}, 1)
	right := b.told(t, "en", chat.Profile{}, 2)
	var closedAt time.Time
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT closed_at FROM conversations WHERE id = $1", all["closed"].ID).Scan(&closedAt))

	p, err := b.svc.Preview(t.Context(), b.marking())
	require.NoError(t, err)
	require.Equal(t, []int{7, 5, 2, 2, 0, 2}, []int{p.Conversations, p.Open, p.Finished, p.WithPerson, p.Reachable, p.Cites})
	require.False(t, p.Live)
	require.Contains(t, p.Languages[0].Example, "“Returns” was wrong")
	require.Empty(t, b.corrections(t, german), "a preview sends nothing")

	x := b.mark(t)
	require.Equal(t, 7, x.Waiting())
	b.correct(t)
	b.correct(t)
	for name, before := range all {
		found := b.corrections(t, before)
		require.Len(t, found, 1, name)
		m, now := found[0], b.now(t, before)
		require.Equal(t, chat.AuthorSystem, m.Author)
		require.True(t, m.Automated)
		require.Contains(t, m.Text, "You can return goods within **14 days**.")
		require.Equal(t, []int{2}, m.Corrects)
		require.Equal(t, []chat.Citation{{ArticleID: b.article, Version: 2, Title: "Returns", Quote: "Returns can be made within 14 days."}}, m.Citations)
		require.Equal(t, []any{before.State, before.Owner, before.AgentID, before.Epoch, before.SettledSeq}, []any{now.State, now.Owner, now.AgentID, now.Epoch, now.SettledSeq}, name)
	}
	var stillAt time.Time
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT closed_at FROM conversations WHERE id = $1", all["closed"].ID).Scan(&stillAt))
	require.Equal(t, closedAt, stillAt)
	require.Contains(t, b.corrections(t, german)[0].Text, "Sie können innerhalb von 14 Tagen zurückgeben.")
	require.Contains(t, b.corrections(t, spanish)[0].Text, "Corrección: ")
	require.Contains(t, b.corrections(t, spanish)[0].Text, "You can return goods", "there is no Spanish text")
	require.Empty(t, b.corrections(t, right))
	require.Equal(t, consequences.Delivery{Conversations: 7, Posted: 7}, b.delivery(t, x.ID))
	require.Empty(t, b.Violations(t))

	_, err = b.svc.Mark(t.Context(), b.marking(), b.editor)
	require.True(t, fault.Is(err, "already_wrong"), "%v", err)
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

func TestMark_takes_the_live_version_out_for_good(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.marking()
	m.Version = 2
	p, err := b.svc.Preview(t.Context(), m)
	require.NoError(t, err)
	require.True(t, p.Live)
	x, err := b.svc.Mark(t.Context(), m, b.editor)
	require.NoError(t, err)
	require.True(t, x.WasLive)
	require.Nil(t, x.Cites)
	found, err := b.library.Search(t.Context(), knowledge.Query{Text: "returns days"})
	require.NoError(t, err)
	require.Empty(t, found.Passages)

	_, err = b.library.Restore(t.Context(), b.article, 2, 0, nil, false)
	require.True(t, fault.Is(err, "version_is_wrong"), "%v", err)
	a, err := b.library.Restore(t.Context(), b.article, 2, 0, nil, true)
	require.NoError(t, err)
	_, err = b.library.PublishDraft(t.Context(), b.article, a.Draft.Revision)
	require.True(t, fault.Is(err, "text_was_wrong"), "%v", err)
	_, err = b.DB.Exec(t.Context(), "UPDATE knowledge_versions SET state = 'published' WHERE version = 2")
	require.ErrorContains(t, err, "wrong_is_not_live", "the database refuses it too")
}

func TestMark_refuses_what_is_not_fit_to_be_sent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for code, change := range map[string]func(*consequences.Marking){
		"reason_missing":     func(m *consequences.Marking) { m.Reason = " " },
		"personal_data":      func(m *consequences.Marking) { m.Reason = "asked by a.customer@example.com" },
		"correction_missing": func(m *consequences.Marking) { m.Texts = nil },
		"message_empty":      func(m *consequences.Marking) { m.Texts[prompts.French] = "" },
		"unknown_language":   func(m *consequences.Marking) { m.Texts["tlh"] = "Qapla" },
		"version_not_found":  func(m *consequences.Marking) { m.Version = 9 },
	} {
		m := b.marking()
		change(&m)
		_, err := b.svc.Mark(t.Context(), m, b.editor)
		require.True(t, fault.Is(err, code), "%s: %v", code, err)
	}
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

func TestCorrect_writes_by_mail_to_whom_agreed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	agreed := b.told(t, "de", chat.Profile{Email: "agreed@example.com", EmailProved: true}, 1)
	b.agree(t, agreed, true)
	silent := b.told(t, "en", chat.Profile{Email: "silent@example.com"}, 1)
	withdrawn := b.told(t, "en", chat.Profile{Email: "withdrawn@example.com"}, 1)
	b.agree(t, withdrawn, true)
	b.agree(t, withdrawn, false)
	later := b.told(t, "en", chat.Profile{Email: "later@example.com"}, 1)
	b.agree(t, later, true)
	refused := b.told(t, "en", chat.Profile{Email: "refused@example.com"}, 1)
	b.agree(t, refused, true)
	b.server.Refuse(func(to string) error {
		if strings.HasPrefix(to, "refused@") {
			return mailtest.Code(550, 5, 1, 1, "no such mailbox")
		}
		return nil
	})
	p, err := b.svc.Preview(t.Context(), b.marking())
	require.NoError(t, err)
	require.Equal(t, []int{5, 3}, []int{p.Conversations, p.Reachable})
	x := b.mark(t)
	b.correct(t)
	require.Equal(t, 3, b.delivery(t, x.ID).MailWaiting)
	b.agree(t, later, false) // before the letter goes out
	n, err := b.mail.Deliver(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, n)
	letter := b.server.Letter(t)
	require.Equal(t, "agreed@example.com", letter.To)
	require.Contains(t, letter.Body, "Sie k")
	require.NotContains(t, letter.Body, "steht die Berichtigung selbst nicht")
	require.Contains(t, letter.Body, "https://desk.example.com/return#")
	require.True(t, b.server.Empty())
	require.Equal(t, consequences.Delivery{Conversations: 5, Posted: 5, Mailed: 1, MailFailed: 1}, b.delivery(t, x.ID))
	require.Len(t, b.corrections(t, silent), 1)
	require.NoError(t, b.svc.Shown(t.Context(), silent.ID, b.corrections(t, silent)[0].Seq))
	require.Equal(t, 1, b.delivery(t, x.ID).Shown)
	require.Empty(t, b.Violations(t))
}

func TestCorrect_waits_for_no_letter_that_will_not_go_out(t *testing.T) {
	t.Parallel()
	b := setup(t)
	redacted := b.told(t, "en", chat.Profile{Email: "redacted@example.com"}, 1)
	b.agree(t, redacted, true)
	erased := b.told(t, "en", chat.Profile{Email: "erased@example.com"}, 1)
	b.agree(t, erased, true)
	x := b.mark(t)
	b.correct(t)
	require.Equal(t, 2, b.delivery(t, x.ID).MailWaiting)
	seq := b.corrections(t, redacted)[0].Seq
	b.lock(t, redacted.ID, func(l *chat.Locked) error { return l.Redact(t.Context(), seq, "It named somebody.", b.editor) })
	require.NoError(t, b.Chat.Erase(t.Context(), erased.CustomerID, nil, func(context.Context, *chat.Locked) error { return nil }))
	_, err := b.mail.Deliver(t.Context())
	require.NoError(t, err)
	require.True(t, b.server.Empty())
	require.Zero(t, b.delivery(t, x.ID).MailWaiting, "the page that waits for the letters would wait for ever")
	require.Empty(t, b.Violations(t))
}

func TestCorrect_tells_an_address_that_nobody_proved_nothing_of_the_matter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, reference := range []string{"", "R-7"} {
		c := b.told(t, "en", chat.Profile{Email: "ann" + reference + "@example.com"}, 1)
		b.agree(t, c, true)
		if reference == "" {
			continue
		}
		_, err := b.DB.Exec(t.Context(), `
			INSERT INTO cases (reference, conversation_id, reason, evidence, language, enqueued_at, ready_at, updated_at)
			VALUES ($2, $1, 'customer_request', '[]', 'en', now(), now(), now())`, c.ID, reference)
		require.NoError(t, err)
	}
	b.mark(t)
	b.correct(t)
	n, err := b.mail.Deliver(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
	for range n {
		letter := b.server.Letter(t)
		require.NotContains(t, letter.Body, "14 days")
		require.NotContains(t, letter.Body, "Returns")
		require.Contains(t, letter.Body, "Example Telecom has corrected something")
		require.Contains(t, letter.Body, "https://desk.example.com/return#")
		require.Equal(t, strings.Contains(letter.To, "R-7"), strings.Contains(letter.Body, "Your reference: R-7"), letter.To)
	}
	require.True(t, b.server.Empty())
}

func TestMark_cites_nothing_that_is_for_staff(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"for staff when it is marked": false, "for staff before it is told": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c := b.told(t, "en", chat.Profile{}, 1)
			forStaff := func() {
				_, err := b.library.SetDetails(t.Context(), b.article, knowledge.Details{Audience: knowledge.ForStaff})
				require.NoError(t, err)
			}
			if !late {
				forStaff()
				p, err := b.svc.Preview(t.Context(), b.marking())
				require.NoError(t, err)
				require.Zero(t, p.Cites)
			}
			b.mark(t)
			if late {
				forStaff()
			}
			b.correct(t)
			list := b.corrections(t, c)
			require.Len(t, list, 1)
			require.Empty(t, list[0].Citations)
			require.Empty(t, b.Violations(t))
		})
	}
}

// A correction reaches everybody who was told, and shows what is live now to those whom it is for.
func TestMark_cites_what_is_for_signed_in_customers_to_them_alone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stranger, known := b.told(t, "en", chat.Profile{}, 1), b.told(t, "en", chat.Profile{Subject: "shop-7"}, 1)
	_, err := b.library.SetDetails(t.Context(), b.article, knowledge.Details{Audience: knowledge.ForSignedIn})
	require.NoError(t, err)
	b.mark(t)
	b.correct(t)
	for c, n := range map[*chat.Conversation]int{&stranger: 0, &known: 1} {
		list := b.corrections(t, *c)
		require.Len(t, list, 1)
		require.Len(t, list[0].Citations, n)
	}
	require.Empty(t, b.Violations(t))
}

func TestReport_counts_what_became_of_answers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	bad := b.told(t, "en", chat.Profile{}, 1)
	good := b.told(t, "en", chat.Profile{}, 2)
	b.told(t, "en", chat.Profile{}, 2)
	b.lock(t, bad.ID, func(l *chat.Locked) error {
		return l.Feedback(t.Context(), 2, false, "Wrong! Ring me at +34 600 000 000.")
	})
	b.lock(t, good.ID, func(l *chat.Locked) error { return l.Feedback(t.Context(), 2, true, "") })
	_, err := b.DB.Exec(t.Context(), `
		INSERT INTO cases (reference, conversation_id, reason, evidence, language, enqueued_at, ready_at, updated_at)
		VALUES ('R-1', $1, 'customer_request', '[]', 'en', now(), now(), now())`, bad.ID)
	require.NoError(t, err)
	_, err = b.DB.Exec(t.Context(), "INSERT INTO ratings (conversation_id, assistant, declined, created_at) VALUES ($1, 2, false, now())", bad.ID)
	require.NoError(t, err)

	now := time.Now()
	r, err := b.svc.Report(t.Context(), b.article, 0, 4, now)
	require.NoError(t, err)
	require.Equal(t, []consequences.VersionFigures{
		{Version: 2, Figures: consequences.Figures{Answers: 2, Helped: 1}},
		{Version: 1, Figures: consequences.Figures{Answers: 1, NotHelpful: 1, HandedOff: 1}, Ratings: consequences.Ratings{Count: 1, Sum: 2}},
	}, r.Versions)
	require.Len(t, r.Weeks, 4)
	require.Equal(t, consequences.Figures{Answers: 3, Helped: 1, NotHelpful: 1, HandedOff: 1}, r.Weeks[3].Figures)
	require.Equal(t, time.Monday, r.Weeks[3].Start.Weekday())
	r, err = b.svc.Report(t.Context(), b.article, 1, 4, now.AddDate(0, 0, 7))
	require.NoError(t, err)
	require.Equal(t, 1, r.Weeks[2].Answers)
	words, err := b.svc.Words(t.Context(), b.article, 0)
	require.NoError(t, err)
	require.Len(t, words, 1)
	require.Equal(t, "Wrong! Ring me at +34 600 000 000.", words[0].Text)

	first, err := b.svc.Told(t.Context(), b.article, 0, consequences.Place{}, 2)
	require.NoError(t, err)
	last := first[1]
	rest, err := b.svc.Told(t.Context(), b.article, 0, consequences.Place{At: last.At, ConversationID: last.ConversationID, Seq: last.Seq}, 2)
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Equal(t, []any{bad.PublicID, "R-1", true, false}, []any{rest[0].PublicID, rest[0].Reference, rest[0].HandedOff, *rest[0].Helpful})
	b.mark(t)
	b.correct(t)
	r, err = b.svc.Report(t.Context(), b.article, 2, 4, now)
	require.NoError(t, err)
	require.Equal(t, 2, r.Versions[0].Answers, "a correction is no answer")
	a, err := b.svc.Answer(t.Context(), b.article, bad.PublicID, 2)
	require.NoError(t, err)
	require.Equal(t, "May I send it back?", a.Question[0].Text)
	require.Len(t, a.Corrections, 1)
	_, err = b.svc.Answer(t.Context(), b.article+1, bad.PublicID, 2)
	require.True(t, fault.Is(err, "answer_not_found"), "%v", err)
}

// What the check finds when somebody writes corrections behind the record's back.
func TestCheck_names_a_correction_that_was_said_twice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.told(t, "en", chat.Profile{}, 1)
	x := b.mark(t)
	b.correct(t)
	require.Empty(t, b.Violations(t))
	b.lock(t, c.ID, func(l *chat.Locked) error {
		_, err := l.PostCorrection(t.Context(), chat.Correction{ID: x.ID, Text: "Again.", ArticleID: b.article, Version: 1})
		return err
	})
	found := b.Violations(t)
	require.Len(t, found, 1)
	require.Equal(t, chat.InvariantCorrections, found[0].Invariant)
	require.Contains(t, found[0].Detail, "said twice")

	other := b.told(t, "en", chat.Profile{}, 2)
	_, err := b.DB.Exec(t.Context(), "UPDATE citations SET first = false WHERE conversation_id = $1", other.ID)
	require.NoError(t, err)
	require.Len(t, b.Violations(t), 2, "who was told is as the record says")
}

func TestMark_is_written_to_the_audit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.told(t, "en", chat.Profile{}, 1)
	b.mark(t)
	rows, err := b.DB.Query(t.Context(), "SELECT action || ' ' || subject || ' ' || (detail->>'conversations') FROM audit WHERE account_id = $1", b.editor.ID)
	require.NoError(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Contains(t, list[0], "version.marked_wrong article/")
	require.True(t, strings.HasSuffix(list[0], " 1"))
}
