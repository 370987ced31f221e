// SPDX-License-Identifier: MIT

package main

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// chooses picks a step from the menu More, once it offers it.
func (b browser) chooses(t *testing.T, step string) {
	t.Helper()
	inPage[bool](t, b, `
		const found = await until(`+js(step)+`, () => [...document.querySelectorAll(".more:not([hidden]) button")].find((e) => e.textContent.startsWith(`+js(step)+`)));
		document.querySelector(".more summary").click();
		await until("the menu", () => found.checkVisibility());
		found.click();
		return true`)
}

// stands waits for words in the line on how the open case stands.
func (b browser) stands(t *testing.T, words string) {
	t.Helper()
	inPage[bool](t, b, `return !!(await until(`+js(words)+`, () => document.querySelector(".case-state").innerText.includes(`+js(words)+`)))`)
}

// inserts opens a list of texts from the reply and takes the first that has the words.
func (b browser) inserts(t *testing.T, list, filter, words string) {
	t.Helper()
	b.press(t, list)
	inPage[bool](t, b, `
		await until("something to insert", () => document.querySelector("dialog[open] .pick-insert"));
		const field = document.querySelector("#pick-filter");
		field.value = `+js(filter)+`;
		field.dispatchEvent(new Event("input", { bubbles: true }));
		document.querySelector("dialog[open] .pick-insert").click();
		return !!(await until("it is in the reply", () => document.querySelector("#reply").value.includes(`+js(words)+`)))`)
}

// TestDesk_what_helps_an_agent goes through a case with what spares typing, puts it aside and proposes to give it back.
func TestDesk_what_helps_an_agent(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	talk, reference := d.waits(t)
	desk.claims(t, reference)
	customer := newClient(func() string { return d.proxy.URL })

	require.Equal(t, http.StatusCreated, inPage[int](t, desk, `
		const body = JSON.stringify({ title: "Bill corrected", texts: { en: "Your bill is corrected, it is case {reference}." } });
		return (await fetch("/v1/replies", { method: "POST", headers: { "Content-Type": "application/json" }, body })).status`))
	desk.inserts(t, "Saved replies", "bill", "it is case "+reference)
	inPage[bool](t, desk, `document.querySelector("form.reply button[type=submit]").click(); return true`)
	desk.sees(t, "Your bill is corrected, it is case "+reference)

	require.NoError(t, customer.insist(t.Context(), http.MethodPost, talk.path("/messages"), talk.Token, map[string]string{"text": "What does roaming in Switzerland cost?"}, nil))
	desk.sees(t, "roaming in Switzerland")
	desk.inserts(t, "Suggest", "", "2 EUR")

	desk.chooses(t, "Snooze")
	inPage[bool](t, desk, `
		[...document.querySelectorAll("dialog[open] button")].find((e) => e.innerText === "In an hour").click();
		await until("it is in the list", () => document.querySelector("#tab-snoozed .count").innerText === "1");
		document.querySelector("#tab-snoozed").click();
		return !!(await until("its row", () => document.querySelector("#rows .row")?.innerText.match(/Snoozed until/)))`)
	desk.stands(t, "snoozed until")
	desk.chooses(t, "Wake now")
	inPage[bool](t, desk, `return !!(await until("it is out of the list", () => document.querySelector("#tab-snoozed .count").innerText === "0"))`)

	desk.chooses(t, "Ask whether the bot")
	desk.stands(t, "the customer is asked")
	consent := map[string]any{"purpose": "return_to_bot", "given": true, "text_shown": "I agree that the automated assistant answers me again.", "locale": "en"}
	require.NoError(t, customer.insist(t.Context(), http.MethodPost, talk.path("/consents"), talk.Token, consent, nil))
	desk.stands(t, "With the bot")
	d.site.check(t)
}

// TestDesk_a_supervisor_is_asked has the question arrive where mentions are.
func TestDesk_a_supervisor_is_asked(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	_, reference := d.waits(t)
	desk.claims(t, reference)
	desk.chooses(t, "Ask a supervisor")
	inPage[bool](t, desk, `
		const note = await until("the dialog", () => document.querySelector("dialog[open] #escalate-note"));
		note.value = "A credit over my limit.";
		note.form.requestSubmit();
		return !!(await until("the row says so", () => document.querySelector("#rows .row[aria-current]")?.innerText.includes("Escalated")))`)

	supervisor := newBrowser(t)
	supervisor.open(t, regexp.MustCompile(`supervisor\s+signs in once at (\S+)`).FindStringSubmatch(d.process.output.String())[1])
	supervisor.press(t, "Continue")
	inPage[bool](t, supervisor, `
		const button = await until("the count", () => [...document.querySelectorAll("button")].find((e) => e.innerText.includes("1 new")));
		button.click();
		const item = await until("the mention", () => document.querySelector("dialog[open] .picks li"));
		if (!item.innerText.includes("A credit over my limit.")) throw new Error(item.innerText);
		item.querySelector("button").click();
		await until("the case", () => document.querySelector(".case-bar h2").innerText === `+js(reference)+`);
		return !!(await until("it is seen", () => !button.innerText.includes("new")))`)
	d.site.check(t)
}
