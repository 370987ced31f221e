// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/internal/seal"
	"candor/postgres/pgtest"
)

// The tests of this package run the binary itself, built once, as its own
// process: to be killed, frozen, told to stop, and looked at in a browser.

// patience is how long a test waits for what comes at once on a machine with nothing else to do.
const patience = 2 * time.Minute

var binary struct {
	sync.Once
	path string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if binary.path != "" {
		_ = os.RemoveAll(filepath.Dir(binary.path))
	}
	os.Exit(code)
}

// buildBinary builds candor, once for all tests.
func buildBinary(t *testing.T) string {
	t.Helper()
	binary.Do(func() {
		dir, err := os.MkdirTemp("", "candor-test-") //nolint:usetesting // shared by all tests, removed by TestMain
		if err != nil {
			binary.err = err
			return
		}
		binary.path = filepath.Join(dir, "candor")
		out, err := exec.Command("go", "build", "-o", binary.path, ".").CombinedOutput() //nolint:noctx // a build ends by itself
		if err != nil {
			binary.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	require.NoError(t, binary.err)
	return binary.path
}

// site is a database with everything that processes on it share.
type site struct {
	databaseURL string
	env         []string
}

// newSite prepares a migrated database with the company and the articles of the tests.
func newSite(t *testing.T, env ...string) *site {
	t.Helper()
	return siteOn(t, pgtest.URL(t), env...)
}

// siteOn is newSite on a database that is there.
func siteOn(t *testing.T, databaseURL string, env ...string) *site {
	t.Helper()
	s := emptySite(t, databaseURL, env...)
	s.inside(t, func(ctx context.Context, a *app) {
		require.NoError(t, chat.SaveCompany(ctx, a.db, demoCompany(), "test"))
		articles, err := fs.Sub(demoArticles, "demo/articles/en")
		require.NoError(t, err)
		_, err = a.knowledge.ImportFS(ctx, articles, nil)
		require.NoError(t, err)
	})
	return s
}

// emptySite has neither company nor articles yet.
func emptySite(t *testing.T, databaseURL string, env ...string) *site {
	t.Helper()
	master, err := seal.NewMasterKey()
	require.NoError(t, err)
	return &site{databaseURL: databaseURL, env: append([]string{
		"DATABASE_URL=" + databaseURL, "CANDOR_KEYSTORE_URL=" + databaseURL, "CANDOR_MASTER_KEY=" + master,
		"CANDOR_METRICS_LISTEN=off", "CANDOR_TURN_LEASE=1s", "CANDOR_LOG_LEVEL=warn",
		"CANDOR_CONVERSATIONS_PER_MINUTE=-1", "CANDOR_MESSAGES_PER_MINUTE=-1", "CANDOR_SIGN_INS_PER_MINUTE=-1",
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"),
	}, env...)}
}

// inside runs fn with the services in this process.
func (s *site) inside(t *testing.T, fn func(context.Context, *app)) {
	t.Helper()
	c := config{DatabaseURL: s.databaseURL, KeystoreURL: s.databaseURL, LogLevel: "error", TurnLease: time.Second, TurnLimit: 30}
	for _, v := range s.env {
		if key, found := strings.CutPrefix(v, "CANDOR_MASTER_KEY="); found {
			c.MasterKey = key
		}
	}
	a, err := newApp(t.Context(), c)
	require.NoError(t, err)
	defer a.close()
	fn(t.Context(), a)
}

// process is one running gateway.
type process struct {
	cmd    *exec.Cmd
	url    string
	output *buffer
	exited chan struct{}
	err    error
}

// buffer keeps what a process prints.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// freePort finds a port for a process to listen at. It is none of those that the system gives to
// outgoing connections, which could have it before the process does.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(20_000 + rand.IntN(10_000))
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			require.NoError(t, listener.Close())
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// start runs a gateway on a free port and waits until it answers.
func (s *site) start(t *testing.T, args ...string) *process {
	t.Helper()
	address := net.JoinHostPort("127.0.0.1", freePort(t))
	p := &process{cmd: exec.Command(buildBinary(t), append([]string{"serve"}, args...)...), url: "http://" + address, output: &buffer{}, exited: make(chan struct{})} //nolint:noctx // ended by the test
	p.cmd.Env = append(slices.Clone(s.env), "CANDOR_LISTEN="+address)
	p.cmd.Stderr = p.output
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { p.kill() })
	ready := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			fmt.Fprintln(p.output, lines.Text())
			if strings.Contains(lines.Text(), "answers at") {
				close(ready)
			}
		}
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	select {
	case <-ready:
	case <-p.exited:
		t.Fatalf("the gateway did not start: %v\n%s", p.err, p.output)
	case <-time.After(patience):
		t.Fatalf("the gateway did not start in time:\n%s", p.output)
	}
	return p
}

// kill is kill -9, of this process and no other.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGCONT) // a frozen one dies when it wakes
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// waitExit waits for the end of a process that was told to stop.
func (p *process) waitExit(t *testing.T) {
	t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		t.Fatalf("the gateway did not stop:\n%s", p.output)
	}
}

// check is `candor check`, as its own process.
func (s *site) check(t *testing.T) {
	t.Helper()
	out, err := s.run(t, "check")
	require.NoError(t, err, out)
	require.Contains(t, out, ": 0 violations")
}

// run runs another subcommand.
func (s *site) run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), buildBinary(t), args...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// client talks to whichever gateway answers, and tries again when none does.
type client struct {
	http *http.Client
	base func() string
}

func newClient(base func() string) *client {
	return &client{base: base, http: &http.Client{Timeout: patience}}
}

// errAway says that no gateway took the request; it may have been carried out.
var errAway = errors.New("no gateway answered")

// try sends a request once.
func (c *client) try(ctx context.Context, method, path, token string, body, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base()+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	} else {
		request.Body, request.ContentLength = http.NoBody, 0
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if method == http.MethodPost && strings.HasSuffix(path, "/messages") {
		request.Header.Set("Prefer", "respond-async")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return errors.Join(errAway, err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode == http.StatusServiceUnavailable {
		return errors.Join(errAway, err)
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s", method, path, response.StatusCode, got)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(got, into)
}

// insist sends a request until a gateway took it.
func (c *client) insist(ctx context.Context, method, path, token string, body, into any) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := c.try(ctx, method, path, token, body, into)
		if !errors.Is(err, errAway) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// opened is a conversation and its token.
type opened struct {
	Token        string
	Conversation struct{ ID string }
}

func (o opened) path(suffix string) string { return "/v1/conversations/" + o.Conversation.ID + suffix }

// said is a conversation as read back.
type said struct {
	Messages []struct {
		Seq             int
		Author          struct{ Type string }
		Event           string
		Text            string
		Partial         bool
		ClientMessageID string `json:"client_message_id"`
	}
	Conversation struct{ State, Owner string }
}

// ends reads a conversation until its one message has an answer or a person. It
// says which, and what is wrong with how it ended.
func (c *client) ends(ctx context.Context, o opened) (answered bool, err error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		var s said
		if err := c.insist(ctx, http.MethodGet, o.path("/messages?limit=200"), o.Token, nil, &s); err != nil {
			return false, err
		}
		if done, err := s.ended(); done || err != nil {
			return s.Conversation.State == "bot", err
		}
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("neither an answer nor a person: %+v", s)
		case <-tick.C:
		}
	}
}

// ended judges a conversation in which the customer wrote once: exactly one
// answer, or exactly one handoff with at most one partial answer before it.
func (s said) ended() (bool, error) {
	customers, answers, partials, handoffs := 0, 0, 0, 0
	for i, m := range s.Messages {
		if m.Seq != i+1 {
			return false, fmt.Errorf("message %d stands at place %d", m.Seq, i+1)
		}
		switch {
		case m.Author.Type == "customer":
			customers++
		case m.Partial:
			partials++
		case m.Author.Type == "bot":
			answers++
		case m.Event == "handoff_queued":
			handoffs++
		}
	}
	if customers != 1 || answers+handoffs > 1 || partials > 1 || partials == 1 && answers == 1 {
		return false, fmt.Errorf("%d messages of the customer, %d answers, %d partial ones, %d handoffs", customers, answers, partials, handoffs)
	}
	return answers+handoffs == 1, nil
}

// allEnd holds every conversation to its one answer or person, and gives how
// many were answered by the bot.
func (c *client) allEnd(ctx context.Context, t *testing.T, sent []opened) (answered int) {
	t.Helper()
	for _, o := range sent {
		bot, err := c.ends(ctx, o)
		require.NoError(t, err)
		if bot {
			answered++
		}
	}
	return answered
}

func mustParse(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	require.NoError(t, err)
	return u
}
