// SPDX-License-Identifier: MIT

package main

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// TestDesk_at_work is what an agent does with a case beside answering: a note that no customer sees, a look at what will be sent,
// a step taken back.
func TestDesk_at_work(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	talk, reference := d.waits(t)
	desk.claims(t, reference)

	desk.keys(t, kb.Escape+"n")
	require.Equal(t, "note", inPage[string](t, desk, `await until("the note has the focus", () => document.activeElement.id === "note"); return document.activeElement.id`))
	require.NoError(t, chromedp.Do(desk.ctx, chromedp.SendKeys(chromedp.JSPath(`document.querySelector("#note")`), "Router is on its way, do not promise a date.")))
	inPage[bool](t, desk, `
		if (!document.querySelector("form.reply").hidden) throw new Error("both fields are open");
		document.querySelector(".btn-note").click();
		return !!(await until("the note", () => document.querySelector(".said-note")?.innerText.includes("do not promise a date")))`)

	desk.keys(t, kb.Escape+"r")
	require.NoError(t, chromedp.Do(desk.ctx, chromedp.SendKeys(chromedp.JSPath(`document.querySelector("#reply")`), "It is **on its way**.")))
	require.Equal(t, "on its way", inPage[string](t, desk, `
		[...document.querySelectorAll("form.reply button")].find((b) => b.innerText === "Preview").click();
		return (await until("the preview", () => document.querySelector(".reply-preview:not([hidden]) strong"))).innerText`))
	inPage[bool](t, desk, `document.querySelector("form.reply button[type=submit]").click(); return true`)
	desk.sees(t, "It is on its way.")

	desk.keys(t, kb.Escape+"u")
	inPage[bool](t, desk, `(await until("the way back", () => [...document.querySelectorAll(".toast button")].find((b) => b.innerText === "Undo"))).click(); return true`)
	inPage[bool](t, desk, `return !!(await until("the case is back", () => document.querySelector(".case-state").innerText.startsWith("With you")))`)
	inPage[bool](t, desk, `
		const priority = document.querySelector("#priority");
		priority.value = "urgent";
		priority.dispatchEvent(new Event("change", { bubbles: true }));
		return !!(await until("the row says so", () => document.querySelector("#rows .row[aria-current]")?.innerText.includes("Urgent")))`)

	inPage[bool](t, desk, `return !!(await until("it may wait", () => [...document.querySelectorAll(".case-bar button")].find((b) => b.innerText.startsWith("Wait"))))`)
	desk.keys(t, kb.Escape+"w")
	inPage[bool](t, desk, `return !!(await until("it is the customer's turn", () => document.querySelector(".case-state").innerText.includes("Waiting for the customer")))`)

	// The customer sees the reply and nothing of the note.
	var said said
	c := newClient(func() string { return d.proxy.URL })
	require.NoError(t, c.insist(t.Context(), http.MethodGet, talk.path("/messages"), talk.Token, nil, &said))
	texts := ""
	for _, m := range said.Messages {
		texts += m.Text + "\n"
	}
	require.Contains(t, texts, "on its way**")
	require.NotContains(t, texts, "do not promise")
	d.site.check(t)
}

func TestDesk_tells_what_happens_elsewhere(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	talk, reference := d.waits(t)
	desk.claims(t, reference)
	desk.keys(t, kb.Escape+"1")
	inPage[bool](t, desk, `
		(await until("another case", () => [...document.querySelectorAll("#rows .row")].find((e) => !e.innerText.includes(`+js(reference)+`)))).click();
		return !!(await until("it is open", () => document.querySelector(".packet .reason") && !document.querySelector(".case-bar h2").innerText.includes(`+js(reference)+`)))`)
	c := newClient(func() string { return d.proxy.URL })
	require.NoError(t, c.insist(t.Context(), http.MethodPost, talk.path("/messages"), talk.Token, map[string]string{"text": "Are you still there?"}, nil))
	inPage[bool](t, desk, `
		const toast = await until("the news", () => [...document.querySelectorAll(".toast")].find((e) => e.innerText.includes(`+js(reference)+`)));
		if (toast.innerText.includes("still there")) throw new Error("the customer's words");
		if (!document.title.startsWith("(1)")) throw new Error(document.title);
		[...toast.querySelectorAll("button")].find((b) => b.innerText === "Open").click();
		await until("the case", () => document.querySelector(".case-bar h2").innerText === `+js(reference)+`);
		return !!(await until("the mark goes", () => !document.title.startsWith("(")))`)
}
