// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// crowd puts cases into the queue that nobody has written in.
func (s *site) crowd(t *testing.T, n int) {
	t.Helper()
	s.inside(t, func(ctx context.Context, a *app) {
		_, err := a.db.Exec(ctx, `
			WITH people AS (
				INSERT INTO customers (key_id, profile) SELECT 'crowd-' || i, '' FROM generate_series(1, $1) i RETURNING id),
			talks AS (
				INSERT INTO conversations (public_id, token_hash, customer_id, locale, state, owner, head)
				SELECT 'crowd-' || id, '', id, 'en', 'queued', 'queue', '' FROM people RETURNING id)
			INSERT INTO cases (reference, conversation_id, reason, evidence, priority, language, enqueued_at, updated_at)
			SELECT 'crowd-' || id, id, 'customer_request', '[]', (random() * 1.2)::int, 'en', now() - random() * interval '5 hours', now() FROM talks`, n)
		require.NoError(t, err)
	})
}

func (b browser) keys(t *testing.T, keys string) {
	t.Helper()
	require.NoError(t, chromedp.Do(b.ctx, chromedp.KeyEvent(keys)))
}

// waits has a new customer ask for a person, and gives the reference.
func (d *demoSite) waits(t *testing.T) (opened, string) {
	t.Helper()
	c := newClient(func() string { return d.proxy.URL })
	var o opened
	require.NoError(t, c.insist(t.Context(), http.MethodPost, "/v1/conversations", "", map[string]string{"locale": "en"}, &o))
	return o, d.asks(t, o)
}

// asks has a customer ask for a person, and gives the reference.
func (d *demoSite) asks(t *testing.T, o opened) string {
	t.Helper()
	c := newClient(func() string { return d.proxy.URL })
	require.NoError(t, c.insist(t.Context(), http.MethodPost, o.path("/messages"), o.Token, map[string]string{"text": "I want to speak to a person"}, nil))
	var found struct{ Conversation struct{ Reference string } }
	for found.Conversation.Reference == "" {
		require.NoError(t, c.insist(t.Context(), http.MethodGet, o.path("/messages"), o.Token, nil, &found))
	}
	return found.Conversation.Reference
}

func TestInbox_by_keyboard(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	_, reference := d.waits(t)
	inPage[bool](t, desk, `return !!(await until("the new case", () => document.querySelector("#rows").innerText.includes(`+js(reference)+`)))`)

	desk.keys(t, "jj")
	second := inPage[string](t, desk, `return document.activeElement.querySelector("strong").innerText`)
	require.Equal(t, second, inPage[string](t, desk, `return document.querySelectorAll("#rows .row strong")[1].innerText`))
	// Rows come and go around it; the focus stays on its case.
	_, another := d.waits(t)
	inPage[bool](t, desk, `return !!(await until("the new case", () => document.querySelector("#rows").innerText.includes(`+js(another)+`)))`)
	require.Equal(t, second, inPage[string](t, desk, `return document.activeElement.querySelector("strong").innerText`))
	desk.keys(t, "c")
	inPage[bool](t, desk, `return !!(await until("the reply field has the focus", () => document.activeElement.id === "reply"))`)
	require.Equal(t, second, inPage[string](t, desk, `return document.querySelector(".case-bar h2").innerText`))

	// Nothing is typed into the reply: Escape leaves it.
	desk.keys(t, kb.Escape+"/"+reference[:6])
	inPage[bool](t, desk, `return !!(await until("what the search finds", () => document.querySelectorAll("#rows .row").length === 1 && document.querySelector("#rows").innerText.includes(`+js(reference)+`)))`)
	desk.keys(t, kb.Enter)
	inPage[bool](t, desk, `return !!(await until("the case that was found", () => document.querySelector(".case-bar h2").innerText === `+js(reference)+`))`)
	desk.keys(t, "?")
	require.True(t, inPage[bool](t, desk, `return !!(await until("the help", () => document.querySelector("dialog[open] .keys")))`))
}

func TestInbox_what_was_written_is_unread_until_it_is_seen(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	customer, reference := d.waits(t)
	// The news of the claim comes before the answer to it, and the agent is at another case by then.
	inPage[bool](t, desk, `
		const send = window.fetch, held = new Promise((r) => (window.release = r));
		window.fetch = async (...args) => {
			const response = await send(...args);
			if (String(args[0]).endsWith("/claim")) await held;
			return response;
		};
		return true`)
	desk.claims(t, reference)
	inPage[bool](t, desk, `return !!(await until("it is seen", () => !document.querySelector("#rows .unread-dot")))`)
	desk.keys(t, kb.Escape+"1")
	inPage[bool](t, desk, `
		(await until("another case", () => [...document.querySelectorAll("#rows .row")].find((e) => !e.innerText.includes(`+js(reference)+`)))).click();
		await until("it is open", () => document.querySelector(".case-bar h2").innerText !== `+js(reference)+` && document.querySelector(".packet .reason"));
		window.release();
		return true`)
	c := newClient(func() string { return d.proxy.URL })
	require.NoError(t, c.insist(t.Context(), http.MethodPost, customer.path("/messages"), customer.Token, map[string]string{"text": "Hello, are you there?"}, nil))
	inPage[bool](t, desk, `
		await until("the mark on the list", () => document.querySelector("#tab-mine .count-unread"));
		document.querySelector("#tab-mine").click();
		const row = await until("the unread row", () => document.querySelector("#rows .unread-dot")?.closest(".row"));
		if (!row.innerText.includes("are you there")) throw new Error(row.innerText);
		row.click();
		return !!(await until("it is seen", () => !document.querySelector("#rows .unread-dot")))`)
}

func TestInbox_with_5000_open_cases(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.site.crowd(t, 5000)
	desk := d.signIn(t)
	type figures struct {
		First, End, Rows, Nodes float64
		Place                   string
	}
	got := inPage[figures](t, desk, `
		await until("all of them", () => Number(document.querySelector("#tab-waiting .count").innerText) >= 5000);
		const first = performance.getEntriesByType("navigation")[0];
		const list = document.querySelector("#rows");
		const began = performance.now();
		document.querySelector("#rows .row").focus();
		list.scrollTop = list.scrollHeight;
		const last = await until("the last one", () => [...document.querySelectorAll("#rows li")].find((e) => e.ariaPosInSet === e.ariaSetSize));
		const End = performance.now() - began;
		const held = document.activeElement.closest("li")?.ariaPosInSet;
		if (held !== "1") throw new Error("the focus went to " + held);
		return { First: first.loadEventEnd, End, Rows: document.querySelectorAll("#rows li").length, Nodes: document.querySelectorAll("*").length, Place: last.querySelector(".pos").innerText };`)
	t.Logf("loaded in %.0f ms; from the first to the last case in %.0f ms; %v rows and %v elements in the page", got.First, got.End, got.Rows, got.Nodes)
	require.Less(t, got.Rows, 60.0, "only what is looked at is in the page")
	require.NotEmpty(t, got.Place)
	// The keys go on from the row that has the focus, far out of sight.
	desk.keys(t, "j")
	require.Equal(t, "2", inPage[string](t, desk, `return document.activeElement.closest("li").ariaPosInSet`))
	desk.keys(t, kb.End)
	inPage[bool](t, desk, `return !!(await until("the last one", () => document.activeElement.closest("li")?.ariaPosInSet === document.activeElement.closest("li")?.ariaSetSize))`)
}
