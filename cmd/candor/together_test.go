// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestDesk_asks_before_talking_over_a_colleague: who writes is said in the
// composer, and a reply waits for a second yes.
func TestDesk_asks_before_talking_over_a_colleague(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk, boss := d.signIn(t), d.signInAs(t, "supervisor")
	talk, reference := d.waits(t)
	desk.claims(t, reference)
	boss.keys(t, "4")
	inPage[bool](t, boss, `
		(await until("the case", () => [...document.querySelectorAll("#rows .row")].find((e) => e.innerText.includes(`+js(reference)+`)))).click();
		await until("whose it is", () => document.querySelector(".soft-lock:not([hidden])")?.innerText.includes("Agent 1 has this case"));
		document.querySelector("#tab-note").click();
		return true`)
	require.NoError(t, chromedp.Do(boss.ctx, chromedp.SendKeys(chromedp.JSPath(`document.querySelector("#note")`), "Do not promise")))
	inPage[bool](t, desk, `return !!(await until("who writes", () => document.querySelector(".soft-lock:not([hidden])")?.innerText.includes("Supervisor 1 is writing here")))`)
	require.NoError(t, chromedp.Do(desk.ctx, chromedp.SendKeys(chromedp.JSPath(`document.querySelector("#reply")`), "I promise.")))
	require.NoError(t, chromedp.Do(boss.ctx, chromedp.SendKeys(chromedp.JSPath(`document.querySelector("#note")`), " a date")))
	inPage[bool](t, desk, `
		document.querySelector("form.reply button[type=submit]").click();
		return !!(await until("the question", () => document.querySelector(".reply .warned:not([hidden])")?.innerText.includes("Supervisor 1 is writing in this case too")))`)
	require.NotContains(t, d.read(t, talk), "I promise")
	desk.press(t, "Send all the same")
	desk.sees(t, "I promise.")
	require.Contains(t, d.read(t, talk), "I promise.")
	d.site.check(t)
}

// TestDesk_shows_promises_and_history: a date that was promised with its state,
// and the customer's other case, which opens.
func TestDesk_shows_promises_and_history(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	_, first := d.waitsAs(t, "twice@example.com")
	_, second := d.waitsAs(t, "twice@example.com")
	d.site.inside(t, func(ctx context.Context, a *app) {
		_, err := a.db.Exec(ctx, `
			INSERT INTO promises (case_id, promised_at, due_at, told_seq, broken_at)
			SELECT id, now() - interval '2 hours', now() - interval '1 hour', 2, now() - interval '1 hour' FROM cases WHERE reference = $1
			UNION ALL
			SELECT id, now(), now() + interval '1 hour', 2, NULL FROM cases WHERE reference = $1`, second)
		require.NoError(t, err)
	})
	desk.goesTo(t, second)
	desk.keys(t, "\r")
	require.Equal(t, []string{"Broken", "Still to be kept"}, inPage[[]string](t, desk, `
		await until("the promises", () => document.querySelectorAll(".promise").length === 2);
		return [...document.querySelectorAll(".promise .tag")].map((e) => e.innerText.trim())`))
	inPage[bool](t, desk, `
		(await until("the earlier case", () => [...document.querySelectorAll(".earlier .link")].find((e) => e.innerText.includes(`+js(first)+`)))).click();
		return !!(await until("it is open", () => document.querySelector(".case-bar h2").innerText === `+js(first)+`))`)
}

// TestDesk_lists_what_is_put_aside: however many, beside an own case.
func TestDesk_lists_what_is_put_aside(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.site.crowd(t, 60)
	desk := d.signIn(t)
	d.site.inside(t, func(ctx context.Context, a *app) {
		_, err := a.db.Exec(ctx, `
			UPDATE cases SET state = 'claimed', agent_id = (SELECT id FROM accounts WHERE role = 'agent' ORDER BY id LIMIT 1), claimed_at = now(),
				snoozed_until = now() + interval '1 day'
			WHERE reference LIKE 'crowd-%'`)
		require.NoError(t, err)
	})
	_, reference := d.waits(t)
	desk.claims(t, reference)
	inPage[bool](t, desk, `
		await until("the counts", () => document.querySelector("#tab-mine .count").innerText === "1" && document.querySelector("#tab-snoozed .count").innerText === "60");
		document.querySelector("#tab-snoozed").click();
		await until("the list", () => document.querySelector("#rows li")?.ariaSetSize === "60");
		const list = document.querySelector("#rows");
		list.scrollTop = list.scrollHeight;
		return !!(await until("the last one", () => [...document.querySelectorAll("#rows li")].find((e) => e.ariaPosInSet === "60")))`)
	var page struct{ Total int }
	require.Error(t, newClient(func() string { return d.proxy.URL }).try(t.Context(), http.MethodGet, "/v1/inbox?view=snoozed", "", nil, &page), "for staff")
}
