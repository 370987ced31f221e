// SPDX-License-Identifier: MIT

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"candor/api"
	"candor/bot"
	"candor/bot/consequences"
	"candor/bot/gap"
	"candor/chat/chattest"
	"candor/handoff"
	"candor/knowledge"
	"candor/knowledge/crawl"
	"candor/llm"
	"candor/llm/llmtest"
	"candor/postgres/pgtest"
	"candor/staff"
	"candor/web"
	"candor/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testClient has a time limit that no right answer needs.
var testClient = &http.Client{Timeout: 2 * time.Minute}

// contract is openapi.yaml, read once.
var contract = sync.OnceValues(func() (routers.Router, error) {
	raw, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	document, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, err
	}
	document.Servers = nil
	openapi3filter.RegisterBodyDecoder("text/event-stream", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.FileBodyDecoder)
	for _, media := range []string{"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.FileBodyDecoder)
	}
	return gorillamux.NewRouter(document)
})

// articles are the library of the tests.
var articles = fstest.MapFS{
	"roaming.md": {Data: []byte("---\nid: roaming\ntitle: Roaming in Switzerland\nlang: en\n---\n# Roaming in Switzerland\n\nRoaming in Switzerland costs 2 EUR a day. The charge is only made on days on which you use your phone there.\n\nYou can switch roaming off in your account under Settings.\n")},
	"bills.md":   {Data: []byte("---\nid: bills\ntitle: When your bill is due\nlang: en\n---\n# When your bill is due\n\nYour bill is due 14 days after its date. If you pay by direct debit, we collect the amount on the due date.\n\nA late payment costs 3 EUR after the first reminder.\n")},
	"moving.md":  {Data: []byte("---\nid: moving\ntitle: Moving house\nlang: en\n---\n# Moving house\n\nPlease tell us 30 days before you move. Moving your line costs 49 EUR.\n\nIf there is no coverage at the new address, you may end the contract without a fee.\n")},
	"zh.md":      {Data: []byte("---\nid: zh-roaming\ntitle: 瑞士漫游\nlang: zh\n---\n# 瑞士漫游\n\n在瑞士使用漫游服务每天收费2欧元。只有当天使用手机时才会收费。\n\n您可以在账户的设置中关闭漫游。\n")},
}

// loopback is where the sites of tests are.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

// world is one gateway with its database, its library and its model.
type world struct {
	*chattest.World
	url   string
	model *llmtest.Server // nil without a provider
	bot   *bot.Service
	api   *api.Server
	staff *staff.Service
	desk  *handoff.Service
	lib   *knowledge.Service
}

type option func(*api.Config, *llm.Config)

// impatient gives up a model that says nothing for two seconds.
func impatient(_ *api.Config, model *llm.Config) { model.IdleTimeout = 2 * time.Second }

// setup starts a gateway whose answers come from the built-in answerer.
func setup(t *testing.T, options ...option) *world {
	t.Helper()
	return start(t, pgtest.URL(t), chattest.MasterKey(t), nil, options...)
}

// setupModel starts a gateway with a model that behaves as b says.
func setupModel(t *testing.T, b llmtest.Behaviour, options ...option) *world {
	t.Helper()
	fake := llmtest.Start(b)
	t.Cleanup(fake.Close)
	return start(t, pgtest.URL(t), chattest.MasterKey(t), fake, options...)
}

// start makes one more gateway on a database.
func start(t *testing.T, databaseURL, master string, fake *llmtest.Server, options ...option) *world {
	t.Helper()
	base := chattest.On(t, databaseURL, master)
	log := slog.New(slog.DiscardHandler)
	library := knowledge.New(knowledge.Config{DB: base.DB, Read: base.DB, Logger: log, Web: crawl.New(crawl.Config{Allow: loopback, Pause: -1})})
	_, err := library.ImportFS(t.Context(), articles, nil)
	require.NoError(t, err)
	w := &world{World: base, lib: library, model: fake, staff: staff.New(base.DB), desk: handoff.New(handoff.Config{DB: base.DB, Chat: base.Chat})}
	site, err := web.New()
	require.NoError(t, err)
	c := api.Config{
		Ready: base.DB.Ping, Chat: base.Chat, Hub: base.Hub, Handoff: w.desk, Knowledge: library, Staff: w.staff, Site: site, Logger: log,
		Gaps:     gap.New(gap.Config{DB: base.DB, Chat: base.Chat, Knowledge: library, Logger: log}),
		Webhooks: webhook.New(webhook.Config{DB: base.DB, Keys: base.Keys, Logger: log}),
		Limits:   api.Limits{Conversations: -1, Messages: -1, SignIns: -1},
	}
	// Long enough for the slowest machine: the tests whose model stalls set their own limit.
	model := llm.Config{
		ChatModel: "test", FirstTokenTimeout: time.Minute, IdleTimeout: time.Minute, TotalTimeout: time.Minute,
		RetryWait: time.Millisecond, MaxRetryWait: 10 * time.Millisecond, BreakerTimeout: 50 * time.Millisecond,
	}
	c.Consequences = consequences.New(consequences.Config{DB: base.DB, Chat: base.Chat, Knowledge: library, Logger: log})
	for _, o := range options {
		o(&c, &model)
	}
	b := bot.Config{Chat: base.Chat, Handoff: w.desk, Knowledge: library, Logger: log, Sweep: 50 * time.Millisecond, Lease: 10 * time.Second}
	if fake != nil {
		model.BaseURL = fake.URL()
		client := llm.New(model)
		t.Cleanup(client.Close)
		b.Model = client
	}
	w.bot = bot.New(b)
	c.Bot = w.bot
	w.api, err = api.New(c)
	require.NoError(t, err)
	w.serve(t)
	return w
}

// serve listens, and stops everything at the end of the test in order.
func (w *world) serve(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(w.api)
	w.url = server.URL
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var wg sync.WaitGroup
	wg.Go(func() { _ = w.bot.Run(ctx) }) // ends with ctx
	wg.Go(func() { _ = w.Chat.WatchCompany(ctx) })
	t.Cleanup(func() {
		w.api.EndStreams()
		drain, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		w.bot.Drain(drain)
		stop()
		wg.Wait()
		server.CloseClientConnections()
		server.Close()
		testClient.CloseIdleConnections()
	})
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) into(t *testing.T, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(r.body, v), string(r.body))
}

// problem is the code of an error.
func (r reply) code(t *testing.T) string {
	t.Helper()
	require.Equal(t, "application/problem+json", r.header.Get("Content-Type"), string(r.body))
	var p struct {
		Code, Detail string
	}
	r.into(t, &p)
	require.NotEmpty(t, p.Detail)
	return p.Code
}

// header is one more header of a request.
type header struct{ name, value string }

func bearer(token string) header { return header{"Authorization", "Bearer " + token} }

// call sends a request and holds it and its answer against the contract; the
// request only when it is meant to be right, which an answer under 400 says.
func (w *world) call(t *testing.T, method, path string, body any, headers ...header) reply {
	t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		raw = b
	default:
		var err error
		raw, err = json.Marshal(b)
		require.NoError(t, err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, w.url+path, bytes.NewReader(raw))
	require.NoError(t, err)
	if raw != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		request.Header.Set(h.name, h.value)
	}
	response, err := testClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	w.validate(t, request, raw, response, got)
	return reply{response.StatusCode, response.Header, got}
}

func (w *world) validate(t *testing.T, request *http.Request, body []byte, response *http.Response, got []byte) {
	t.Helper()
	router, err := contract()
	require.NoError(t, err)
	probe := request.Clone(t.Context())
	probe.URL.Scheme, probe.URL.Host, probe.Host = "", "", ""
	probe.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := router.FindRoute(probe)
	if err != nil {
		return // a page, or an address that is none
	}
	input := &openapi3filter.RequestValidationInput{
		Request: probe, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true},
	}
	if response.StatusCode < 400 {
		require.NoError(t, openapi3filter.ValidateRequest(t.Context(), input))
	}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/") {
		return
	}
	require.NoError(t, openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: response.StatusCode, Header: response.Header,
		Body: io.NopCloser(bytes.NewReader(got)), Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}), string(got))
}

// customer is one customer with their conversation.
type customer struct {
	w         *world
	id, token string
}

func (w *world) customer(t *testing.T) customer {
	t.Helper()
	r := w.call(t, http.MethodPost, "/v1/conversations", map[string]any{"locale": "en"})
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	var opened struct {
		Token        string
		Conversation struct{ ID string }
	}
	r.into(t, &opened)
	return customer{w, opened.Conversation.ID, opened.Token}
}

func (c customer) path(suffix string) string { return "/v1/conversations/" + c.id + suffix }

// message is a message as the API shows it.
type message struct {
	Seq        int
	Author     struct{ Type, Name string }
	Automated  bool
	Disclosure *struct{ ID, Label string }
	Event      string
	Text, HTML string
	Partial    bool
	Turn       string
	Citations  []struct {
		ArticleID int64 `json:"article_id"`
		Version   int
		Title     string
		Quote     string
	}
}

type conversation struct {
	ID, State, Owner, Locale, Reference string
	Epoch                               int
	LastSeq                             int `json:"last_seq"`
	Queue                               *struct{ Position int }
	Agent                               *struct{ Name string }
	AssistantWhileWaiting               bool `json:"assistant_while_waiting"`
	ReturnAsked                         bool `json:"return_asked"`
}

type turnResult struct {
	Messages     []message
	Conversation conversation
}

// says writes a message and waits for the turn.
func (c customer) says(t *testing.T, text string) turnResult {
	t.Helper()
	r := c.w.call(t, http.MethodPost, c.path("/messages"), map[string]any{"text": text}, bearer(c.token))
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var result turnResult
	r.into(t, &result)
	return result
}

// transcript is everything that was said.
func (c customer) transcript(t *testing.T) turnResult {
	t.Helper()
	r := c.w.call(t, http.MethodGet, c.path("/messages?limit=200"), nil, bearer(c.token))
	require.Equal(t, http.StatusOK, r.status)
	var result turnResult
	r.into(t, &result)
	return result
}

// member gives a member of staff with an API token.
type member struct {
	w     *world
	id    int64
	token string
}

func (w *world) member(t *testing.T, name string, role staff.Role) member {
	t.Helper()
	a, err := w.staff.Add(t.Context(), fmt.Sprintf("%s@example.com", strings.ToLower(strings.ReplaceAll(name, " ", "."))), name, role, "")
	require.NoError(t, err)
	token, err := w.staff.IssueToken(t.Context(), a.ID, "test")
	require.NoError(t, err)
	return member{w, a.ID, token}
}

func (m member) call(t *testing.T, method, path string, body any) reply {
	t.Helper()
	return m.w.call(t, method, path, body, bearer(m.token))
}

// queue is what the desk shows.
func (m member) queue(t *testing.T) []struct{ ID, Reference, Reason, State, Preview string } {
	t.Helper()
	r := m.call(t, http.MethodGet, "/v1/queue", nil)
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var q struct {
		Cases []struct{ ID, Reference, Reason, State, Preview string }
	}
	r.into(t, &q)
	return q.Cases
}
