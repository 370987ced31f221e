// SPDX-License-Identifier: MIT

package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestDesk_saved_replies: one is written with a variable and what goes with it,
// changed, sent with all of it in one step, taken back, and deleted.
func TestDesk_saved_replies(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	talk, reference := d.waits(t)
	desk.claims(t, reference)
	desk.press(t, "Saved replies")
	desk.press(t, "New, change, delete")
	desk.press(t, "New saved reply")
	inPage[bool](t, desk, `return !!(await until("the form", () => document.querySelector("dialog[open] form textarea")))`)
	require.NoError(t, chromedp.Do(desk.ctx, chromedp.KeyEvent("Mended")))
	inPage[bool](t, desk, `
		const dialog = document.querySelector("dialog[open]");
		if (dialog.querySelector("#reply-shared")) throw new Error("an agent keeps those of everybody");
		dialog.querySelector("textarea").focus();
		return true`)
	require.NoError(t, chromedp.Do(desk.ctx, chromedp.KeyEvent("It is **mended**, ")))
	desk.press(t, "{reference}")
	inPage[bool](t, desk, `
		const dialog = document.querySelector("dialog[open]");
		await until("the preview with an example", () => dialog.querySelector(".reply-preview").innerText.includes("K7QX-2M9D") && dialog.querySelector(".reply-preview strong"));
		const [, priority, then] = dialog.querySelectorAll("select");
		priority.value = "low";
		then.value = "outcome:solved";
		dialog.querySelector("button[type=submit]").click();
		const row = await until("it is in the list", () => dialog.querySelector(".picks li"));
		if (!row.innerText.includes("Priority: Low · Resolve: Solved")) throw new Error(row.innerText);
		[...row.querySelectorAll("button")].find((b) => b.innerText === "Change").click();
		(await until("the form again", () => dialog.querySelector("form input[type=text]"))).value = "Mended for good";
		const language = dialog.querySelector("select");
		language.value = "de";
		language.dispatchEvent(new Event("change"));
		const text = dialog.querySelector("textarea");
		if (text.value) throw new Error("the other language's words");
		text.value = "Es geht wieder.";
		text.dispatchEvent(new Event("input"));
		dialog.querySelector("button[type=submit]").click();
		await until("it is changed", () => dialog.querySelector(".picks li")?.innerText.includes("Mended for good") && dialog.querySelector(".picks li").innerText.includes("DE"));
		dialog.close();
		return true`)

	// The customer has not heard a word yet.
	desk.press(t, "Saved replies")
	desk.press(t, "Send and do")
	inPage[bool](t, desk, `
		const dialog = await until("what will be done", () => document.querySelector("dialog[open] .does")?.closest("dialog"));
		await until("how it reads", () => dialog.querySelector(".reply-preview").innerText.includes("It is mended, "+`+js(reference)+`));
		return true`)
	require.NotContains(t, d.read(t, talk), "mended")
	desk.press(t, "Send and do it")
	inPage[bool](t, desk, `return !!(await until("it is resolved", () => document.querySelector(".case-state").innerText.includes("Resolved")))`)
	require.Contains(t, d.read(t, talk), "It is **mended**, "+reference)
	desk.press(t, "Reopen")
	inPage[bool](t, desk, `return !!(await until("the case is back", () => document.querySelector(".case-state").innerText.startsWith("With you") && document.querySelector("#priority")?.value === "low"))`)

	desk.press(t, "Saved replies")
	desk.press(t, "New, change, delete")
	desk.press(t, "Delete")
	inPage[bool](t, desk, `
		(await until("the question", () => [...document.querySelectorAll("dialog[open] .btn-brand")].find((b) => b.innerText === "Delete"))).click();
		return !!(await until("it is gone", () => !document.querySelector("dialog[open] .picks li") && document.querySelector("dialog[open]").innerText.includes("It is deleted")))`)
	d.site.check(t)
}

// TestDesk_saved_replies_of_everybody are a supervisor's to change.
func TestDesk_saved_replies_of_everybody(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	boss := d.signInAs(t, "supervisor")
	_, reference := d.waits(t)
	boss.claims(t, reference)
	boss.press(t, "Saved replies")
	boss.press(t, "New, change, delete")
	boss.press(t, "New saved reply")
	inPage[bool](t, boss, `
		const dialog = (await until("the form", () => document.querySelector("dialog[open] form textarea"))).closest("dialog");
		dialog.querySelector("input[type=text]").value = "Greeting";
		dialog.querySelector("#reply-shared").click();
		const text = dialog.querySelector("textarea");
		text.value = "Dear {name}";
		text.dispatchEvent(new Event("input"));
		dialog.querySelector("button[type=submit]").click();
		await until("what is wrong", () => dialog.querySelector(".problem").innerText.includes("{customer_name}"));
		text.value = "Dear {customer_name}";
		text.dispatchEvent(new Event("input"));
		dialog.querySelector("button[type=submit]").click();
		return !!(await until("it is in the list", () => dialog.querySelector(".picks li")?.innerText.includes("Everybody")))`)
	desk := d.signIn(t)
	_, another := d.waits(t)
	desk.claims(t, another)
	desk.press(t, "Saved replies")
	inPage[bool](t, desk, `return !!(await until("it is there", () => document.querySelector("dialog[open] .picks li")?.innerText.includes("Greeting")))`)
	desk.press(t, "New, change, delete")
	inPage[bool](t, desk, `
		const row = await until("it is there", () => document.querySelector("dialog[open] .picks li"));
		if (row.querySelector("button")) throw new Error("an agent may change it");
		return true`)
}
