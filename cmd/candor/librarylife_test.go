// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"candor/chat"
)

// opens shows an article of the list.
func (b browser) opens(t *testing.T, title string) {
	t.Helper()
	inPage[bool](t, b, `
		(await until("the article", () => [...document.querySelectorAll(".article-row")].find((e) => e.innerText.includes(`+js(title)+`)))).click();
		return !!(await until("its text", () => document.querySelector("#article-title").value.includes(`+js(title)+`)))`)
}

// standing waits for words about the way of the draft.
func (b browser) standing(t *testing.T, words string) {
	t.Helper()
	inPage[bool](t, b, `return !!(await until(`+js(words)+`, () => document.querySelector(".stage-words")?.innerText.includes(`+js(words)+`)))`)
}

// TestLibrary_second_pair_of_eyes: where the company wants it, an editor asks, a
// colleague approves, and what was approved is what is scheduled and goes live.
func TestLibrary_second_pair_of_eyes(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.site.inside(t, func(ctx context.Context, a *app) {
		c := a.chat.Company()
		c.SecondEyes = true
		require.NoError(t, chat.SaveCompany(ctx, a.db, c, "test"))
	})
	d.restart(t)
	editor, supervisor := d.edits(t), d.editsAs(t, "supervisor")
	editor.press(t, "New article")
	editor.types(t, "#article-title", "The hotel lamp")
	editor.types(t, "#article-body", "# Hotel lamp\n\nThe cord of the hotel lamp is 140 centimetres long.")
	editor.saves(t)
	editor.press(t, "Publish\u2026")
	inPage[bool](t, editor, `
		await until("what is missing", () => document.querySelector("dialog[open]")?.innerText.includes("You wrote this draft last"));
		document.querySelector("dialog[open] button[aria-label=Close]").click();
		return true`)
	editor.press(t, "Ask for a review")
	inPage[bool](t, editor, `
		const whom = await until("whom to ask", () => document.querySelector("dialog[open] #step-whom"));
		whom.value = [...whom.options].find((o) => o.text === "Supervisor 1").value;
		document.querySelector("#step-note").value = "New in the shop";
		document.querySelector("dialog[open] button[type=submit]").click();
		return true`)
	editor.standing(t, "Editor 1 asked Supervisor 1")

	require.NoError(t, chromedp.Do(supervisor.ctx, chromedp.Reload()))
	supervisor.articles(t)
	supervisor.press(t, "2 wait for your review") // the demo's own is the other
	supervisor.opens(t, "The hotel lamp")
	supervisor.standing(t, "New in the shop")
	inPage[bool](t, editor, `return !!(await until("the colleague", () => /Supervisor 1 has this open/.test(document.querySelector(".viewers").innerText)))`)
	supervisor.press(t, "Approve")
	supervisor.standing(t, "Approved by Supervisor 1")

	require.NoError(t, chromedp.Do(editor.ctx, chromedp.Reload()))
	editor.standing(t, "Approved by Supervisor 1")
	editor.press(t, "Publish\u2026")
	inPage[bool](t, editor, `
		const later = await until("the gate", () => document.querySelector("dialog[open] .gate-later"));
		later.open = true;
		[...later.querySelectorAll("button")].find((e) => e.innerText === "Schedule").click();
		return !!(await until("it stays as it is", () => document.querySelector(".editor").inert && !document.querySelector("dialog[open]")))`)
	editor.standing(t, "Goes live by itself on")
	d.site.inside(t, func(ctx context.Context, a *app) {
		_, err := a.db.Exec(ctx, "UPDATE knowledge_stages SET publish_at = now() WHERE article_id = (SELECT article_id FROM knowledge_versions WHERE title = 'The hotel lamp')")
		require.NoError(t, err)
	})
	d.restart(t) // its jobs begin at once
	published := inPage[string](t, editor, `
		const url = "/v1/articles/" + location.hash.slice(9);
		for (;;) {
			const a = await (await fetch(url)).json().catch(() => null);
			if (a?.live) return a.live.published_by.name + ", " + a.live.approved_by.name;
			await new Promise((r) => setTimeout(r, 200));
		}`)
	require.Equal(t, "Editor 1, Supervisor 1", published)
	require.Contains(t, d.talks(t).asks(t, "How long is the cord of the hotel lamp?"), "140 centimetres")
	d.site.check(t)
}

// TestLibrary_without_a_connection: the browser goes offline, an editor writes on,
// and what was written is saved when it is back.
func TestLibrary_without_a_connection(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	editor := d.edits(t)
	editor.opens(t, "Making a complaint")
	editor.offline(t, true)
	editor.types(t, "#article-body", "Written on a train.")
	inPage[bool](t, editor, `return !!(await until("it is said", () => document.querySelector('.save-state[data-state="offline"]')?.innerText.includes("kept in this browser")))`)
	editor.types(t, "#article-body", "Written on a train, in a tunnel.")
	editor.offline(t, false)
	inPage[bool](t, editor, `return !!(await until("it is saved", () => document.querySelector(".save-state").dataset.state === "saved"))`)
	require.Equal(t, "Written on a train, in a tunnel.", inPage[string](t, editor, `return (await (await fetch("/v1/articles/" + location.hash.slice(9))).json()).draft.body`))
}

func (b browser) offline(t *testing.T, off bool) {
	t.Helper()
	_, err := chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}},
	})
	require.NoError(t, err)
	_, err = chromedp.Call(b.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1})
	require.NoError(t, err)
}

// TestLibrary_beside_the_text: audience, the words of customers and languages.
func TestLibrary_beside_the_text(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	editor := d.edits(t)
	editor.press(t, "New article")
	editor.types(t, "#article-title", "Money back")
	editor.types(t, "#article-body", "# Money back\n\nWe transfer the amount of a purchase within five days.")
	inPage[bool](t, editor, `document.querySelector("#tab-details").click(); return true`)
	editor.types(t, "#detail-asked", "my gizmo is kaput")
	editor.saves(t)
	editor.publishes(t, "")
	found := func() string {
		return inPage[string](t, editor, `return JSON.stringify((await (await fetch("/v1/knowledge/search?q=gizmo+kaput")).json()).passages.slice(0, 1))`)
	}
	require.Contains(t, found(), "within five days")
	// For signed-in customers: the bench finds it as one of them and as nobody else.
	inPage[bool](t, editor, `
		document.querySelector("#tab-details").click();
		const audience = document.querySelector("#detail-audience");
		audience.value = "signed_in";
		audience.form.requestSubmit();
		await until("it is in force", () => document.querySelector(".article-tags").innerText.includes("Signed-in customers"));
		document.querySelector("#tab-try").click();
		const question = document.querySelector("#bench-question");
		question.value = "my gizmo is kaput";
		question.form.requestSubmit();
		await until("why nobody else is answered", () => document.querySelector(".bench-why")?.dataset.why === "for_signed_in");
		document.querySelector("#bench-signed-in").click();
		question.form.requestSubmit();
		await until("what one of them finds", () => document.querySelector(".bench-passages")?.innerText.includes("Signed-in customers"));
		document.querySelector("#filter-audience").value = "signed_in";
		document.querySelector("#filter-audience").dispatchEvent(new Event("change", { bubbles: true }));
		return !!(await until("the list of them", () => [...document.querySelectorAll(".article-row")].map((r) => r.innerText.includes("Signed-in customers")).join() === "true"))`)
	inPage[bool](t, editor, `
		document.querySelector("#filter-audience").value = "";
		document.querySelector("#filter-audience").dispatchEvent(new Event("change", { bubbles: true }));
		document.querySelector("#tab-details").click();
		const audience = document.querySelector("#detail-audience");
		audience.value = "staff";
		audience.form.requestSubmit();
		return !!(await until("it is in force", () => document.querySelector(".article-tags").innerText.includes("Staff only")))`)
	require.Contains(t, found(), `"audience":"staff"`)

	inPage[bool](t, editor, `
		document.querySelector("#tab-languages").click();
		const lang = await until("the languages", () => [...document.querySelector("#translate-to").options].some((o) => o.value === "de") && document.querySelector("#translate-to"));
		lang.value = "de";
		lang.form.requestSubmit();
		return !!(await until("both columns", () => document.querySelector("#article-lang").value === "de" && document.querySelector(".beside-text")?.innerText.includes("within five days")))`)
}
