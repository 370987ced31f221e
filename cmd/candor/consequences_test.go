// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"candor/mail/mailtest"
)

// newPostalDemo is a demo that sends mail to a server of the test.
func newPostalDemo(t *testing.T) (*demoSite, *mailtest.Server) {
	t.Helper()
	server := mailtest.Start(t)
	trusted := filepath.Join(t.TempDir(), "authority.pem")
	require.NoError(t, os.WriteFile(trusted, server.Authority, 0o600))
	address := url.URL{Scheme: "smtp", User: url.UserPassword(mailtest.Username, mailtest.Password), Host: fmt.Sprintf("%s:%d", server.Host, server.Port)}
	return newDemo(t, "CANDOR_SMTP_URL="+address.String(), "CANDOR_MAIL_FROM=help@example.com", "SSL_CERT_FILE="+trusted), server
}

// writes publishes the lamp's article as its text is now.
func (b browser) writesOfLamp(t *testing.T, centimetres string) {
	t.Helper()
	b.types(t, "#article-body", "# Hotel lamp\n\nThe cord of the hotel lamp is "+centimetres+" centimetres long.")
	b.saves(t)
	b.publishes(t, "")
}

// marks goes through the window that marks version 1 wrong, up to what it would do.
func (b browser) marks(t *testing.T, right string) string {
	t.Helper()
	inPage[bool](t, b, `
		document.querySelector("#tab-versions").click();
		(await until("version 1", () => document.querySelector('[aria-label="Mark version 1 as wrong"]'))).click();
		return !!(await until("the window", () => document.querySelector("dialog[open] #wrong-reason")))`)
	b.types(t, "#wrong-reason", "The cord was measured without its plug.")
	b.types(t, "#wrong-text-en", right)
	b.press(t, "See who is concerned")
	return inPage[string](t, b, `
		await until("who is concerned", () => document.querySelector("dialog[open] .btn-danger"));
		return document.querySelector("dialog[open]").innerText`)
}

// leavesAddress asks for a person and for the answer by mail.
func (b browser) leavesAddress(t *testing.T, address string) {
	t.Helper()
	b.press(t, "Talk to a person")
	inPage[bool](t, b, `
		(await until("the offer of mail", () => chat().querySelector(".contact summary"))).click();
		chat().querySelector("#contact-email").value = `+js(address)+`;
		chat().querySelector("#contact-email").form.requestSubmit();
		return !!(await until("it is kept", () => { const e = chat().querySelector(".contact-given"); return e && e.offsetParent !== null }))`)
}

const lampQuestion = "How long is the cord of the hotel lamp?"

// TestConsequences: what the bot said from version 1 was wrong. Everybody who was
// told so is told what is right: in the open chat at once, by mail who agreed.
func TestConsequences(t *testing.T) {
	t.Parallel()
	d, server := newPostalDemo(t)
	editor := d.edits(t)
	editor.press(t, "New article")
	editor.types(t, "#article-title", "The hotel lamp")
	editor.writesOfLamp(t, "140")

	here, away, never := d.talks(t), d.talks(t), d.talks(t)
	require.Contains(t, here.asks(t, lampQuestion), "140 centimetres")
	inPage[bool](t, here, `
		[...chat().querySelectorAll(".feedback button")].find((e) => e.innerText === "No").click();
		const why = await until("why", () => chat().querySelector(".feedback-why textarea"));
		why.value = "It is longer. Ring me at +34 600 000 000";
		why.form.requestSubmit();
		return !!(await until("thanks", () => !chat().querySelector(".feedback-why") && chat().querySelector(".thanks").innerText))`)
	require.Contains(t, away.asks(t, lampQuestion), "140 centimetres")
	away.leavesAddress(t, "away@example.com")
	desk := d.signIn(t)
	reference := inPage[string](t, away, `return chat().querySelector(".queue .reference").innerText.match(/[2-9B-Z]{4}-[2-9B-Z]{4}/)[0]`)
	inPage[bool](t, desk, `(await until("the case", () => [...document.querySelectorAll("#rows .row")].find((e) => e.innerText.includes(`+js(reference)+`)))).click(); return true`)
	desk.sees(t, "140 centimetres")

	editor.writesOfLamp(t, "220")
	require.Contains(t, never.asks(t, lampQuestion), "220 centimetres")
	concerned := editor.marks(t, "The cord is **220 centimetres** long, plug included.")
	for _, words := range []string{"2 conversations get a correction", "1 of them with a person or in the queue", "1 also by mail", "Version 2 is live", "220 centimetres"} {
		require.Contains(t, concerned, words)
	}
	require.True(t, server.Empty(), "nothing is sent before it is confirmed")
	editor.press(t, "Mark wrong and correct")
	require.Contains(t, inPage[string](t, editor, `
		return (await until("it is done", () => { const e = document.querySelector('dialog[open] [role="status"]'); return e?.innerText.includes("have the correction") && e })).closest("dialog").innerText`), "2 posted")

	// The open chat has it without being asked, labelled, with what was said and where it stands.
	for _, customer := range []browser{here, away} {
		said := inPage[string](t, customer, `return (await until("the correction", () => chat().querySelector(".on-correction"))).innerText`)
		require.Regexp(t, `(?s)^Correction.*what we told you on .* about “The hotel lamp” was wrong.*220 centimetres.*What was said before.*140 centimetres.*Show the earlier message.*The hotel lamp`, said)
	}
	require.Equal(t, []any{"The cord is 220 centimetres long, plug included.", 1.0, "Correction", true}, inPage[[]any](t, here, `
		const all = chat().querySelectorAll(".on-correction");
		[...all[0].querySelectorAll("button")].find((e) => e.innerText === "Show the earlier message").click();
		const old = chat().activeElement;
		return [all[0].querySelector(".body p:nth-child(2)").innerText, all.length, old.querySelector(".cut-taken").innerText, old.innerText.includes("140 centimetres")]`))
	desk.sees(t, "The cord is 220 centimetres long")
	require.Zero(t, inPage[float64](t, never, `return chat().querySelectorAll(".on-correction").length`))

	letter := server.Letter(t)
	require.Equal(t, "away@example.com", letter.To)
	require.Contains(t, letter.Body, "has corrected something")
	require.NotContains(t, letter.Body, "centimetres", "nobody has proved whose address it is")
	require.Contains(t, letter.Body, "/return#")
	require.Contains(t, letter.Header.Get("Subject"), "correction")

	// What was said stays what was said.
	require.NoError(t, chromedp.Do(here.ctx, chromedp.Reload()))
	here.reads(t, "is 140 centimetres long")
	here.reads(t, "220 centimetres")

	shown := inPage[string](t, editor, `
		document.querySelector("dialog[open]").close();
		document.querySelector("#tab-consequences").click();
		return (await until("the figures", () => { const e = document.querySelector(".became"); return e.innerText.includes("1 mailed") ? e : void document.querySelector("#tab-consequences").click() })).innerText`)
	for _, words := range []string{"It is longer. Ring me at [phone]", "Version 1 was wrong", "2 posted", "2 shown to the customer", "1 mailed"} {
		require.Contains(t, shown, words)
	}
	require.Contains(t, inPage[string](t, editor, `
		document.querySelector('#panel-consequences .told-list li:last-child button[aria-label^="Open the answer"]').click();
		return (await until("the answer", () => document.querySelector("dialog[open] .told-correction"))).closest("dialog").innerText`), "140 centimetres")
	require.True(t, server.Empty(), "one letter, to the one who agreed")
	d.site.check(t)
}

// TestCorrections_survive_kill: the gateway dies in the middle of telling many;
// the next one goes on, and each of them is told once.
func TestCorrections_survive_kill(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const customers = 400
	crowd := s.mislead(t, customers)
	first := s.start(t)
	s.startCorrection(t, crowd)
	told := s.awaitTold(t, 20)
	first.kill()
	require.Less(t, told, customers, "it was killed in the middle")
	s.start(t)
	s.awaitTold(t, customers)
	s.toldOnce(t, customers)
	s.check(t)
}

// TestAxe_consequences opens the tab, the window and a chat with a correction.
func TestAxe_consequences(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	a, customer := newAuditor(t), newAuditor(t)
	a.open(t, regexp.MustCompile(`editor\s+signs in once at (\S+)`).FindStringSubmatch(d.process.output.String())[1])
	a.press(t, "Continue")
	a.articles(t)
	a.press(t, "New article")
	a.types(t, "#article-title", "The hotel lamp")
	a.writesOfLamp(t, "140")
	customer.open(t, d.proxy.URL+"/chat")
	customer.reads(t, "not with a person")
	customer.asks(t, lampQuestion)
	inPage[bool](t, customer.browser, `
		[...chat().querySelectorAll(".feedback button")].find((e) => e.innerText === "No").click();
		return !!(await until("why", () => chat().querySelector(".feedback-why textarea")))`)
	customer.passes(t, "chat_not_helpful")
	a.writesOfLamp(t, "220")
	inPage[bool](t, a.browser, `
		document.querySelector("#tab-versions").click();
		(await until("version 1", () => document.querySelector('[aria-label="Mark version 1 as wrong"]'))).click();
		return !!(await until("the window", () => document.querySelector("dialog[open] #wrong-reason")))`)
	a.passes(t, "wrong_form")
	inPage[bool](t, a.browser, `document.querySelector("dialog[open]").close(); return true`)
	a.marks(t, "The cord is **220 centimetres** long.")
	a.passes(t, "wrong_preview")
	a.press(t, "Mark wrong and correct")
	inPage[bool](t, a.browser, `return !!(await until("it is done", () => document.querySelector('dialog[open] [role="status"]')?.innerText.includes("has the correction")))`)
	a.passes(t, "wrong_done")
	inPage[bool](t, customer.browser, `return !!(await until("the correction", () => chat().querySelector(".on-correction")))`)
	customer.passes(t, "chat_correction")
	inPage[bool](t, a.browser, `
		document.querySelector("dialog[open]").close();
		document.querySelector("#tab-consequences").click();
		(await until("the weeks", () => document.querySelector(".became-weeks summary"))).click();
		return true`)
	a.passes(t, "consequences")
	inPage[bool](t, a.browser, `
		document.querySelector('#panel-consequences button[aria-label^="Open the answer"]').click();
		return !!(await until("the answer", () => document.querySelector("dialog[open] .told-bot")))`)
	a.passes(t, "consequences_answer")
	inPage[bool](t, a.browser, `document.querySelector("dialog[open]").close(); return true`)
	a.press(t, "Corrections")
	inPage[bool](t, a.browser, `return !!(await until("all corrections", () => document.querySelector("dialog[open] .told-tags")))`)
	a.passes(t, "corrections")
}
