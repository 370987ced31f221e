// SPDX-License-Identifier: MIT

package main

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// wonders is a customer who asks something, by the API, and gets a person.
func (d *demoSite) wonders(t *testing.T, question string) string {
	t.Helper()
	c := newClient(func() string { return d.proxy.URL })
	var o opened
	require.NoError(t, c.insist(t.Context(), http.MethodPost, "/v1/conversations", "", map[string]string{"locale": "en"}, &o))
	require.NoError(t, c.insist(t.Context(), http.MethodPost, o.path("/messages"), o.Token, map[string]string{"text": question}, nil))
	var found struct {
		Conversation struct{ State, Reference string }
		Messages     []struct{ Text string }
	}
	for end := time.Now().Add(patience); found.Conversation.Reference == "" && time.Now().Before(end); {
		require.NoError(t, c.insist(t.Context(), http.MethodGet, o.path("/messages"), o.Token, nil, &found))
	}
	require.NotEmpty(t, found.Conversation.Reference, "%s: %+v", question, found)
	return found.Conversation.Reference
}

// gap waits for the gap of the board that says some words, and gives what it says.
func (b browser) gap(t *testing.T, words string) string {
	t.Helper()
	return inPage[string](t, b, `
		const look = await until("the button", () => [...document.querySelectorAll(".gap-head button")].find((e) => e.innerText === "Look for new questions" && !e.disabled));
		look.click();
		await until("it has looked", () => !look.disabled);
		const row = await until("the gap", () => [...document.querySelectorAll(".gap-row")].find((e) => e.innerText.includes(`+js(words)+`)));
		row.scrollIntoView();
		return row.innerText`)
}

// TestGaps: customers ask the same in vain in different words, an agent answers
// some, an editor makes an article of it, and the bot answers.
func TestGaps(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	first := d.wonders(t, "Do you lend braille keyboards?")
	second := d.wonders(t, "I am blind and would like a braille keyboard, do you lend any? Please write to jane.fax@example.com")
	d.wonders(t, "Where can I borrow a braille keyboard?")
	desk := d.signIn(t)
	inPage[bool](t, desk, `
		(await until("the case", () => [...document.querySelectorAll("#rows .row")].find((e) => e.innerText.includes(`+js(first)+`)))).click();
		return true`)
	desk.press(t, "Claim")
	inPage[bool](t, desk, `return !!(await until("the reply field", () => document.querySelector("form.reply:not([hidden]) textarea")))`)
	desk.replies(t, "Hello, we lend braille keyboards without charge. Kind regards")
	desk.resolves(t)
	inPage[bool](t, desk, `
		const post = async (path, body = {}) => {
			const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
			return response.ok || Promise.reject(new Error(await response.text()));
		};
		const { cases } = await (await fetch("/v1/queue")).json();
		const path = "/v1/cases/" + cases.find((k) => k.reference === `+js(second)+`).id;
		await fetch(path + "/claim", { method: "POST" });
		await post(path + "/messages", { text: "Hi! A braille keyboard is lent for two years. I have written to jane.fax@example.com." });
		return post(path + "/resolve", { outcome: "solved" })`)

	editor := d.edits(t)
	inPage[bool](t, editor, `location.hash = "#gaps"; return !!(await until("the board", () => document.querySelector(".gap-row")))`)
	row := editor.gap(t, "braille")
	require.Contains(t, row, "3 questions in 28 days")
	require.Contains(t, row, "minute of agents")
	require.NotContains(t, row, "jane.fax")
	inPage[bool](t, editor, `
		[...document.querySelectorAll(".gap-row")].find((e) => e.innerText.includes("braille")).querySelector("a").click();
		return !!(await until("its questions", () => document.querySelectorAll(".gap-question").length === 3 && document.querySelectorAll(".gap-answer").length === 2))`)
	require.NotContains(t, inPage[string](t, editor, `return document.querySelector(".gaps").innerText`), "jane.fax")
	editor.press(t, "Make a draft")
	text := inPage[string](t, editor, `
		await until("the banner", () => document.querySelector(".origin:not([hidden])"));
		return (await until("the draft", () => document.querySelector("#article-body").value && document.querySelector("#article-body"))).value + document.querySelector(".origin").innerText`)
	require.Contains(t, text, "We lend braille keyboards without charge.")
	require.Contains(t, text, "I have written to [e-mail].")
	require.Contains(t, text, "Made from 2 answers of agents")
	require.NotContains(t, text, "jane.fax")
	require.NotContains(t, text, "Kind regards")

	editor.types(t, "#article-body", "# Braille keyboards\n\nWe lend braille keyboards without charge. A braille keyboard is lent for two years. You can borrow a braille keyboard in our shops.")
	editor.saves(t)
	editor.press(t, "Make its questions golden")
	inPage[bool](t, editor, `return !!(await until("they are golden", () => document.querySelector(".origin").innerText.includes("golden questions: the gap closes")))`)
	editor.publishes(t, "It is right.")
	inPage[bool](t, editor, `return !!(await until("it is closed", () => document.querySelector(".origin").innerText.includes("It closed a gap")))`)
	require.Contains(t, d.talks(t).asks(t, "Do you lend a braille keyboard?"), "without charge")
	d.site.check(t)
}

// TestGolden_question: from a conversation on the desk, without who asked it.
func TestGolden_question(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.wonders(t, "I want to speak to a person about roaming in Switzerland, I am jane@example.com")
	b := newBrowser(t)
	b.open(t, regexp.MustCompile(`supervisor\s+signs in once at (\S+)`).FindStringSubmatch(d.process.output.String())[1])
	b.press(t, "Continue")
	text := inPage[string](t, b, `
		(await until("the case", () => [...document.querySelectorAll("#rows .row")].find((e) => e.innerText.includes("roaming")))).click();
		(await until("the button", () => document.querySelector(".said-customer .golden"))).click();
		return (await until("the question", () => document.querySelector("dialog[open] textarea"))).value`)
	require.Contains(t, text, "roaming in Switzerland")
	require.NotContains(t, text, "jane@example.com")
	b.press(t, "Make it golden")
	inPage[bool](t, b, `return !!(await until("it is kept", () => document.querySelector("dialog[open]").innerText.includes("Kept.")))`)
}
