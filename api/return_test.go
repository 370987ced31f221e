// SPDX-License-Identifier: MIT

package api_test

import (
	"log/slog"
	"maps"
	"net/http"
	stdmail "net/mail"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/api"
	"candor/chat/chattest"
	"candor/handoff"
	"candor/llm"
	"candor/mail"
	"candor/mail/mailtest"
	"candor/postgres"
	"candor/postgres/pgtest"
	"candor/staff"
)

// postal is a world that sends mail to a server of its own.
type postal struct {
	*world
	mail   *mail.Service
	server *mailtest.Server
}

func setupMail(t *testing.T) postal {
	t.Helper()
	p := postal{server: mailtest.Start(t)}
	address := pgtest.URL(t)
	db, err := postgres.Open(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	p.world = start(t, address, chattest.MasterKey(t), nil, func(c *api.Config, _ *llm.Config) {
		p.mail = mail.New(mail.Config{
			DB:     db,
			Server: mail.Server{Host: p.server.Host, Port: p.server.Port, Username: mailtest.Username, Password: mailtest.Password},
			From:   stdmail.Address{Address: "help@example.com"}, Org: func() string { return c.Chat.Company().Name },
			TLS: p.server.Client, Logger: slog.New(slog.DiscardHandler),
		})
		c.Mail = p.mail
		c.Handoff = handoff.New(handoff.Config{DB: db, Chat: c.Chat, Mail: p.mail, URL: "https://desk.example.com"})
	})
	return p
}

// deliver sends what is queued, the pauses over.
func (p postal) deliver(t *testing.T) {
	t.Helper()
	_, err := p.DB.Exec(t.Context(), "UPDATE mails SET next_at = now() WHERE state = 'waiting'")
	require.NoError(t, err)
	_, err = p.mail.Deliver(t.Context())
	require.NoError(t, err)
}

var linkInMail = regexp.MustCompile(`https://desk\.example\.com/return#(\w+)`)

func secretIn(t *testing.T, letter mailtest.Received) string {
	t.Helper()
	found := linkInMail.FindStringSubmatch(letter.Body)
	require.NotNil(t, found, letter.Body)
	return found[1]
}

type opened struct {
	Case         struct{ ID, Reference, Channel, Reason string }
	Conversation struct{ ID, State string }
}

func (p postal) takeIn(t *testing.T, agent member, body map[string]any) opened {
	t.Helper()
	r := agent.call(t, http.MethodPost, "/v1/cases", body)
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	var o opened
	r.into(t, &o)
	return o
}

func phoned(change map[string]any) map[string]any {
	body := map[string]any{
		"channel": "phone", "name": "A. Customer", "email": "customer@example.com", "email_consent": true, "locale": "en",
		"text": "The engineer did not come on 2026-11-17, contract AB-12345.",
	}
	maps.Copy(body, change)
	return body
}

func TestCustomer_comes_back_by_the_link_in_a_mail(t *testing.T) {
	t.Parallel()
	p := setupMail(t)
	agent := p.member(t, "Agent 1", staff.RoleAgent)
	o := p.takeIn(t, agent, phoned(nil))
	p.deliver(t)
	letter := p.server.Letter(t)
	require.Equal(t, "customer@example.com", letter.To)
	require.Contains(t, letter.Header.Get("Subject"), o.Case.Reference)
	require.NotContains(t, letter.Body, "engineer", "the words of the customer are not sent about")

	secret := secretIn(t, letter)
	r := p.call(t, http.MethodPost, "/v1/links/open", map[string]any{"link_token": secret})
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var back struct {
		Token        string
		Conversation struct{ ID, Reference string }
	}
	r.into(t, &back)
	require.Equal(t, o.Case.Reference, back.Conversation.Reference)
	again := p.call(t, http.MethodPost, "/v1/links/open", map[string]any{"link_token": secret})
	require.Equal(t, http.StatusNotFound, again.status, "a link opens once")

	c := customer{p.world, back.Conversation.ID, back.Token}
	r = p.call(t, http.MethodGet, c.path("/summary"), nil, bearer(c.token))
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	require.Contains(t, string(r.body), "The engineer did not come")
	require.Contains(t, string(r.body), "AB-12345")
	r = p.call(t, http.MethodPost, c.path("/summary"), map[string]any{"text": "It was Wednesday."}, bearer(c.token))
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	require.Contains(t, string(r.body), "summary_corrected")
	require.Equal(t, "queued", c.says(t, "Please ring before you come.").Conversation.State)
	require.Empty(t, p.Violations(t))
}

func TestAnswer_is_told_by_mail_to_who_has_left(t *testing.T) {
	t.Parallel()
	p := setupMail(t)
	agent := p.member(t, "Agent 1", staff.RoleAgent)
	o := p.takeIn(t, agent, phoned(nil))
	p.deliver(t)
	p.server.Letter(t)
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+o.Case.ID+"/claim", nil).status)
	for _, text := range []string{"The visit is on Friday.", "At nine."} {
		r := agent.call(t, http.MethodPost, "/v1/cases/"+o.Case.ID+"/messages", map[string]any{"text": text})
		require.Equal(t, http.StatusCreated, r.status, string(r.body))
	}
	n, err := p.mail.Deliver(t.Context())
	require.NoError(t, err)
	require.Zero(t, n, "who is just reading has two minutes")
	p.deliver(t)
	letter := p.server.Letter(t)
	require.Contains(t, letter.Header.Get("Subject"), o.Case.Reference)
	require.NotContains(t, letter.Body, "Friday")
	secretIn(t, letter)
	require.True(t, p.server.Empty(), "two answers are one letter")

	t.Run("nobody who is here is written to", func(t *testing.T) { //nolint:paralleltest // one after the other
		conv, err := p.Chat.Find(t.Context(), o.Conversation.ID)
		require.NoError(t, err)
		_, err = p.DB.Exec(t.Context(), "INSERT INTO customer_presence (conversation_id, seen_at) VALUES ($1, now())", conv.ID)
		require.NoError(t, err)
		r := agent.call(t, http.MethodPost, "/v1/cases/"+o.Case.ID+"/messages", map[string]any{"text": "Until Friday."})
		require.Equal(t, http.StatusCreated, r.status)
		p.deliver(t)
		require.True(t, p.server.Empty())
	})
	t.Run("who left hears that it ended without an answer, once", func(t *testing.T) { //nolint:paralleltest // one after the other
		silent := p.takeIn(t, agent, phoned(nil))
		p.deliver(t)
		p.server.Letter(t)
		require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+silent.Case.ID+"/claim", nil).status)
		require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+silent.Case.ID+"/resolve", map[string]any{"outcome": "passed_on"}).status)
		p.deliver(t)
		letter := p.server.Letter(t)
		require.Contains(t, letter.Header.Get("Subject"), "news, reference "+silent.Case.Reference)
		secretIn(t, letter)
		require.True(t, p.server.Empty())
	})
	t.Run("nobody who was erased is written to", func(t *testing.T) { //nolint:paralleltest // one after the other
		conv, err := p.Chat.Find(t.Context(), o.Conversation.ID)
		require.NoError(t, err)
		require.NoError(t, p.mail.Queue(t.Context(), mail.Queued{Kind: "opened", Conversation: conv.ID}))
		require.NoError(t, p.desk.Erase(t.Context(), conv.CustomerID, nil))
		p.deliver(t)
		require.True(t, p.server.Empty())
	})
	require.Empty(t, p.Violations(t))
}

func TestLinks_tell_nobody_what_belongs_together(t *testing.T) {
	t.Parallel()
	p := setupMail(t)
	agent := p.member(t, "Agent 1", staff.RoleAgent)
	o := p.takeIn(t, agent, phoned(nil))
	p.deliver(t)
	p.server.Letter(t)
	ask := func(reference, email string) reply {
		return p.call(t, http.MethodPost, "/v1/links", map[string]any{"reference": reference, "email": email})
	}
	right := ask(o.Case.Reference, "Customer@Example.com")
	for _, wrong := range []reply{ask("K7QX-2M9D", "customer@example.com"), ask(o.Case.Reference, "other@example.com")} {
		require.Equal(t, right.status, wrong.status)
		require.Equal(t, right.body, wrong.body)
	}
	require.Equal(t, http.StatusAccepted, right.status)
	p.deliver(t)
	secretIn(t, p.server.Letter(t))
	require.True(t, p.server.Empty())
	for range 6 {
		ask(o.Case.Reference, "customer@example.com")
		p.deliver(t)
	}
	for range 3 {
		p.server.Letter(t)
	}
	require.True(t, p.server.Empty(), "four an hour, then silence")
	require.Equal(t, http.StatusUnprocessableEntity, ask("not one", "customer@example.com").status)
	require.Equal(t, http.StatusUnprocessableEntity, ask(o.Case.Reference, "").status)
}

func TestLinks_do_not_open_when_they_are_old_or_made_up(t *testing.T) {
	t.Parallel()
	p := setupMail(t)
	agent := p.member(t, "Agent 1", staff.RoleAgent)
	p.takeIn(t, agent, phoned(nil))
	p.deliver(t)
	secret := secretIn(t, p.server.Letter(t))
	_, err := p.DB.Exec(t.Context(), "UPDATE conversation_access SET expires_at = now() - interval '1 second'")
	require.NoError(t, err)
	for _, token := range []string{secret, "", "made up"} {
		r := p.call(t, http.MethodPost, "/v1/links/open", map[string]any{"link_token": token})
		require.Equal(t, http.StatusNotFound, r.status)
		require.Equal(t, "link_expired", r.code(t))
	}
}

func TestCase_opened_by_an_agent(t *testing.T) {
	t.Parallel()
	p := setupMail(t)
	agent := p.member(t, "Agent 1", staff.RoleAgent)
	t.Run("a complaint is registered with its clock", func(t *testing.T) { //nolint:paralleltest // one after the other
		o := p.takeIn(t, agent, phoned(map[string]any{"channel": "letter", "complaint": true, "email": "", "email_consent": false}))
		require.Equal(t, "letter", o.Case.Channel)
		require.Equal(t, "complaint", o.Case.Reason)
		r := agent.call(t, http.MethodGet, "/v1/cases/"+o.Case.ID, nil)
		require.Contains(t, string(r.body), `"due_at"`)
		p.deliver(t)
		require.True(t, p.server.Empty(), "no address, no letter")
	})
	t.Run("an address without consent is refused", func(t *testing.T) { //nolint:paralleltest // one after the other
		r := agent.call(t, http.MethodPost, "/v1/cases", phoned(map[string]any{"email_consent": false}))
		require.Equal(t, http.StatusUnprocessableEntity, r.status)
		require.Equal(t, "consent_missing", r.code(t))
	})
	t.Run("an unknown channel is refused", func(t *testing.T) { //nolint:paralleltest // one after the other
		r := agent.call(t, http.MethodPost, "/v1/cases", phoned(map[string]any{"channel": "telepathy"}))
		require.Equal(t, http.StatusUnprocessableEntity, r.status)
	})
	t.Run("what is sent again under its id is one case and one letter", func(t *testing.T) { //nolint:paralleltest // one after the other
		body := phoned(map[string]any{"client_case_id": "call-1", "take": true})
		first := p.takeIn(t, agent, body)
		require.Equal(t, "human", first.Conversation.State, "the agent has it")
		require.Equal(t, first, p.takeIn(t, agent, body))
		other := p.takeIn(t, p.member(t, "Agent 2", staff.RoleAgent), body)
		require.NotEqual(t, first.Case.ID, other.Case.ID, "an id is its agent's own")
		p.deliver(t)
		for range 2 {
			p.server.Letter(t)
		}
		require.True(t, p.server.Empty())
		require.Equal(t, http.StatusUnprocessableEntity, agent.call(t, http.MethodPost, "/v1/cases", phoned(map[string]any{"client_case_id": "a b"})).status)
	})
	t.Run("editors open none", func(t *testing.T) { //nolint:paralleltest // one after the other
		r := p.member(t, "Editor 1", staff.RoleEditor).call(t, http.MethodPost, "/v1/cases", phoned(nil))
		require.Equal(t, http.StatusForbidden, r.status)
	})
	require.Empty(t, p.Violations(t))
}

func TestMails_are_shown_to_supervisors(t *testing.T) {
	t.Parallel()
	p := setupMail(t)
	agent := p.member(t, "Agent 1", staff.RoleAgent)
	p.server.Refuse(func(string) error { return mailtest.Code(550, 5, 1, 1, "no such user") })
	p.takeIn(t, agent, phoned(nil))
	p.deliver(t)
	r := p.member(t, "Supervisor 1", staff.RoleSupervisor).call(t, http.MethodGet, "/v1/mails?state=failed", nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	require.Contains(t, string(r.body), "550 5.1.1")
	require.NotContains(t, string(r.body), "customer@example.com")
	require.Equal(t, http.StatusForbidden, agent.call(t, http.MethodGet, "/v1/mails", nil).status)
}

func TestReturn_works_without_scripts(t *testing.T) {
	t.Parallel()
	p := setupMail(t)
	r := p.call(t, http.MethodGet, "/return?locale=de", nil)
	require.Equal(t, http.StatusOK, r.status)
	require.Contains(t, string(r.body), "Zurück zu Ihrem Gespräch")
	agent := p.member(t, "Agent 1", staff.RoleAgent)
	p.takeIn(t, agent, phoned(nil))
	p.deliver(t)
	form := url.Values{"link_token": {secretIn(t, p.server.Letter(t))}}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/return", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
	require.Contains(t, response.Header.Get("Set-Cookie"), "candor_chat=")
	client.CloseIdleConnections()
}
