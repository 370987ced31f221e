// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"candor/postgres"
	"candor/staff"
)

const (
	// simulated is how many seconds of the shift go by in one second here.
	simulated = 10
	minute    = time.Minute / simulated
)

// office is a desk with two gateways on one database, on a clock that runs ten
// times as fast: what was measured or began is moved back by what the clock on
// the wall leaves out. Open desks beat in their own time, so only those that are
// closed grow older.
type office struct {
	t        *testing.T
	site     *site
	gateways []*process
	db       *pgxpool.Pool
	mu       sync.Mutex
	closed   map[int64]bool // accounts whose desk is closed
	failures []error
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, site: newSite(t), closed: map[int64]bool{}}
	o.gateways = []*process{o.site.start(t), o.site.start(t)}
	db, err := postgres.Open(t.Context(), o.site.databaseURL)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	o.db = db
	return o
}

func (o *office) failed(err error) {
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.failures = append(o.failures, err)
	}
}

// close says whether an agent's desk is closed.
func (o *office) close(id int64, closed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed[id] = closed
}

// run lets the time of the shift go by.
func (o *office) run(ctx context.Context) {
	for last := time.Now(); after(ctx, minute/12); {
		now := time.Now()
		passed := now.Sub(last) * (simulated - 1)
		last = now
		o.mu.Lock()
		var closed []int64
		for id, is := range o.closed {
			if is {
				closed = append(closed, id)
			}
		}
		o.mu.Unlock()
		_, err := o.db.Exec(ctx, "UPDATE presence SET last_seen = last_seen - $1::interval WHERE account_id = ANY($2)", passed, closed)
		for _, update := range []string{
			"UPDATE work_spells SET started_at = started_at - $1::interval WHERE ended_at IS NULL",
			"UPDATE told_waits SET told_at = told_at - $1::interval WHERE ended_at IS NULL",
			"UPDATE cases SET enqueued_at = enqueued_at - $1::interval, claimed_at = claimed_at - $1::interval WHERE state IN ('waiting', 'claimed')",
		} {
			if err == nil {
				_, err = o.db.Exec(ctx, update, passed)
			}
		}
		if ctx.Err() == nil {
			o.failed(err)
		}
	}
}

// after waits, and reports whether ctx is still good.
func after(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// clerk is one of the agents.
type clerk struct {
	id          int64
	token, link string
	client      *client
	dice        *rand.Rand
}

// hire makes the agents, each of whom takes two cases at a time.
func (o *office) hire(n int) []*clerk {
	o.t.Helper()
	clerks := make([]*clerk, n)
	o.site.inside(o.t, func(ctx context.Context, a *app) {
		for i := range clerks {
			account, err := a.staff.Add(ctx, fmt.Sprintf("agent%d@example.com", i+1), fmt.Sprintf("Agent %d", i+1), staff.RoleAgent, "")
			require.NoError(o.t, err)
			token, err := a.staff.IssueToken(ctx, account.ID, "test")
			require.NoError(o.t, err)
			_, err = a.db.Exec(ctx, "INSERT INTO members (account_id, capacity) VALUES ($1, 2)", account.ID)
			require.NoError(o.t, err)
			gateway := o.gateways[i%len(o.gateways)].url
			clerks[i] = &clerk{
				id: account.ID, token: token, client: newClient(func() string { return gateway }),
				dice: rand.New(rand.NewPCG(uint64(i), 9)),
			}
		}
	})
	return clerks
}

// listen reads a stream of events until ctx ends, and gives each its name and data.
func (c *client) listen(ctx context.Context, path, token string, hear func(name, data string) bool) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base()+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	name := ""
	for lines.Scan() {
		if event, is := strings.CutPrefix(lines.Text(), "event: "); is {
			name = event
		}
		if data, is := strings.CutPrefix(lines.Text(), "data: "); is && !hear(name, data) {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF
}

// program works over the API, and now and then is gone for a while: without a
// word, or there and doing nothing.
func (o *office) program(ctx context.Context, c *clerk) {
	for range 2 {
		o.atDesk(ctx, c, time.Duration(c.dice.Int64N(int64(3*minute))))
		absence := minute + time.Duration(c.dice.Int64N(int64(2*minute)))
		if c.dice.IntN(2) == 0 {
			o.close(c.id, true)
			after(ctx, absence)
			continue
		}
		desk, leave := context.WithTimeout(ctx, absence)
		_ = c.client.listen(desk, "/v1/desk/events", c.token, func(string, string) bool { return true })
		leave()
	}
	o.atDesk(ctx, c, time.Hour)
	o.close(c.id, true)
}

// atDesk opens the desk and works at it for so long.
func (o *office) atDesk(ctx context.Context, c *clerk, d time.Duration) {
	ctx, leave := context.WithTimeout(ctx, d)
	var desk sync.WaitGroup
	defer desk.Wait()
	defer leave()
	open := make(chan struct{})
	desk.Go(func() {
		var once sync.Once
		_ = c.client.listen(ctx, "/v1/desk/events", c.token, func(string, string) bool {
			once.Do(func() { close(open) })
			return true
		})
	})
	select {
	case <-open:
	case <-ctx.Done():
		return
	}
	o.close(c.id, false)
	for ctx.Err() == nil {
		if err := c.client.try(ctx, http.MethodPut, "/v1/presence", c.token, map[string]string{"status": "available"}, nil); err != nil && ctx.Err() == nil {
			o.failed(err)
		}
		var mine struct{ Cases []struct{ ID, State string } }
		_ = c.client.try(ctx, http.MethodGet, "/v1/cases?assignee=me&status=open", c.token, nil, &mine)
		for _, k := range mine.Cases {
			if k.State == "human" && c.dice.IntN(4) == 0 {
				o.serve(ctx, c, "/v1/cases/"+k.ID)
			}
		}
		after(ctx, minute/20)
	}
}

// serve says something, asks something or ends the case. That it was taken from
// them is all that may go wrong.
func (o *office) serve(ctx context.Context, c *clerk, path string) {
	step, body := "/messages", map[string]any{"text": "One moment, please."}
	switch c.dice.IntN(3) {
	case 0:
		body = map[string]any{"text": "Shall I?", "waiting": true}
	case 1:
		step, body = "/resolve", map[string]any{"outcome": "solved"}
	}
	err := c.client.try(ctx, http.MethodPost, path+step, c.token, body, nil)
	if err != nil && ctx.Err() == nil && !strings.Contains(err.Error(), "not_your_case") {
		o.failed(err)
	}
}

// asks opens a conversation and asks for a person.
func (o *office) asks(ctx context.Context, c *client) (talk opened, err error) {
	if err := c.insist(ctx, http.MethodPost, "/v1/conversations", "", map[string]string{"locale": "en"}, &talk); err != nil {
		return talk, err
	}
	return talk, c.insist(ctx, http.MethodPost, talk.path("/messages"), talk.Token, map[string]string{"text": "I want to speak to a person", "client_message_id": "first"}, nil)
}

// stays answers when it is asked something, until the case is resolved.
func (o *office) stays(ctx context.Context, c *client, talk opened) error {
	return c.listen(ctx, talk.path("/events"), talk.Token, func(name, data string) bool {
		var now struct{ State string }
		if name != "conversation.updated" || json.Unmarshal([]byte(data), &now) != nil {
			return true
		}
		if now.State == "waiting_customer" && after(ctx, minute/4) {
			o.failed(c.insist(ctx, http.MethodPost, talk.path("/messages"), talk.Token, map[string]string{"text": "Yes, please"}, nil))
		}
		return now.State != "resolved"
	})
}

// terminal is a customer at `candor ask`, and gives what stood on the screen.
func (o *office) terminal(ctx context.Context) (screen string, err error) {
	cmd := exec.CommandContext(ctx, buildBinary(o.t), "ask")
	cmd.Env = o.site.env
	keys, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	_, err = fmt.Fprintln(keys, "I want to speak to a person")
	for lines := bufio.NewScanner(out); lines.Scan(); {
		screen += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "Shall I?") {
			_, err = fmt.Fprintln(keys, "Yes, please")
		}
		if strings.Contains(lines.Text(), "marked as resolved") {
			err = keys.Close()
		}
	}
	if err != nil {
		return screen, err
	}
	return screen, cmd.Wait()
}

// seat is an agent at a real browser.
type seat struct {
	browser
	*clerk

	steps int
}

// sitsDown signs an agent in at a browser of their own.
func (o *office) sitsDown(c *clerk) *seat {
	o.t.Helper()
	o.site.inside(o.t, func(ctx context.Context, a *app) {
		secret, err := a.staff.IssueLink(ctx, c.id)
		require.NoError(o.t, err)
		c.link = c.client.base() + "/signin#" + secret
	})
	p := &seat{browser: newBrowser(o.t), clerk: c}
	p.open(o.t, c.link)
	p.press(o.t, "Continue")
	inPage[bool](o.t, p.browser, `return !!(await until("the desk", () => document.querySelector("#presence")))`)
	o.close(c.id, false)
	return p
}

// dies ends the browser as a crash does, without a word to anybody.
func (o *office) dies(p *seat) {
	o.t.Helper()
	require.NoError(o.t, chromedp.FromContext(p.ctx).Browser.Process().Kill())
	o.close(p.id, true)
}

// status chooses from the list in the bar.
func (p *seat) status(value string) error {
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`(() => {
		const status = document.querySelector("#presence");
		if (status.value === `+js(value)+`) return true;
		status.value = `+js(value)+`;
		return status.dispatchEvent(new Event("change", { bubbles: true }));
	})()`))
	return err
}

// deskStep is what an agent does at the page in one go: opens the first of their
// cases in which it is their turn, writes, and sets it aside or resolves it.
const deskStep = `
	const soon = async (look, ms = 15000) => {
		for (const end = Date.now() + ms; Date.now() < end; await new Promise((r) => setTimeout(r, 50))) {
			const found = look();
			if (found) return found;
		}
		return null;
	};
	document.querySelector("dialog[open]")?.close();
	document.querySelector("#tab-mine").click();
	const turn = () => [...document.querySelectorAll("#rows .row")].find((e) => e.querySelector("strong") && !e.innerText.includes("Customer's turn"));
	const row = await soon(turn, 500);
	if (!row || document.querySelector("#tab-mine").ariaSelected !== "true") return "idle";
	const reference = row.querySelector("strong").innerText;
	row.click();
	if (!(await soon(() => document.querySelector(".case-bar h2")?.innerText === reference && document.querySelector("form.reply:not([hidden])")))) return "lost";
	const input = document.querySelector("#reply");
	input.value = text;
	input.dispatchEvent(new Event("input", { bubbles: true }));
	document.querySelector("form.reply button[type=submit]").click();
	if (!(await soon(() => document.querySelector(".transcript")?.innerText.includes(text)))) return "lost";
	const button = await soon(() => [...document.querySelectorAll(".case-actions button")].find((e) => e.innerText.startsWith(action)), 3000);
	button?.click();
	if (action === "Resolve") (await soon(() => document.querySelector("dialog[open] button[type=submit]"), 3000))?.click();
	await soon(() => document.querySelector(".case-state").innerText.includes(action === "Resolve" ? "Resolved" : "Waiting for the customer"), 3000);
	return "served";`

// step works on one case, if there is one.
func (p *seat) step() (did string, err error) {
	p.steps++
	action := "Resolve"
	text := fmt.Sprintf("It is done, number %d.", p.steps)
	if p.dice.IntN(3) == 0 {
		action, text = "Wait", fmt.Sprintf("Shall I? Number %d.", p.steps)
	}
	return chromedp.Run(p.ctx, chromedp.Evaluate[string]("(async () => { const text = "+js(text)+", action = "+js(action)+";"+deskStep+"})()", chromedp.EvalAwaitPromise))
}

// sits works at the page until ctx ends, with a short absence now and then.
func (o *office) sits(ctx context.Context, p *seat) {
	for ctx.Err() == nil {
		o.failed(p.status("available"))
		if _, err := p.step(); err != nil {
			o.failed(fmt.Errorf("at the page: %w", err))
			return
		}
		if p.dice.IntN(12) == 0 {
			o.failed(p.status("away"))
			after(ctx, minute/2)
		}
		after(ctx, minute/20)
	}
}
