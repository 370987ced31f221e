// SPDX-License-Identifier: MIT

package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// serves is a customer who has asked for a person, got an answer and is done.
func (d *demoSite) serves(t *testing.T, customer, desk browser) {
	t.Helper()
	customer.write(t, "I want to speak to a person")
	reference := inPage[string](t, customer, `
		return (await until("a reference", () => chat().querySelector(".queue:not([hidden]) .reference")?.innerText.match(/[2-9B-Z]{4}-[2-9B-Z]{4}/)))[0]`)
	desk.press(t, "Waiting")
	desk.claims(t, reference)
	customer.reads(t, "Agent 1 has joined")
	desk.replies(t, "This is settled.")
	customer.reads(t, "This is settled.")
}

func (b browser) resolves(t *testing.T) {
	t.Helper()
	b.press(t, "Resolve")
	inPage[bool](t, b, `
		(await until("the outcomes", () => document.querySelector("dialog[open] button[type=submit]"))).click();
		return true`)
}

// asked is whom the chat asks about.
func (b browser) asked(t *testing.T) []string {
	t.Helper()
	return inPage[[]string](t, b, `
		await until("that it is over", () => chat()?.querySelector(".owner[data-state=resolved]") && chat().querySelector(".notes")?.dataset.link === "open");
		return [...chat().querySelectorAll(".rate:not([hidden]) form:not([hidden]) legend")].map((e) => e.innerText)`)
}

func TestBrowser_rating(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	customer, desk := newBrowser(t), d.signIn(t)
	customer.open(t, d.proxy.URL+"/chat?locale=en")
	customer.write(t, "What does roaming in Switzerland cost?")
	inPage[bool](t, customer, `return !!(await until("an answer", () => chat().querySelector(".msg-bot:not(.is-draft) .source")))`)
	d.serves(t, customer, desk)
	require.Empty(t, inPage[[]string](t, customer, `return [...chat().querySelectorAll(".rate legend")].map((e) => e.innerText)`), "not before it is over")
	desk.resolves(t)
	inPage[bool](t, customer, `return !!(await until("the question", () => chat().querySelector(".rate:not([hidden]) legend")))`)
	require.Equal(t, []string{"Person", "Assistant"}, customer.asked(t))

	// By keyboard: from the first star of the person to the fourth, and on to the button.
	inPage[bool](t, customer, `chat().querySelector("[name=rate-person]").focus(); return true`)
	require.NoError(t, chromedp.Do(customer.ctx, chromedp.KeyEvent(" "+kb.ArrowRight+kb.ArrowRight+kb.ArrowRight)))
	chosen := inPage[[]string](t, customer, `
		return [chat().querySelector("[name=rate-person]:checked")?.getAttribute("aria-label"), chat().querySelector(".rate-said").innerText]`)
	require.Equal(t, []string{"Satisfied, 4 of 5", "Satisfied"}, chosen)
	customer.press(t, "Send rating")
	require.Equal(t, "Thank you for telling us.", inPage[string](t, customer, `return (await until("thanks", () => chat().querySelector(".rate-thanks").innerText))`))
	require.Empty(t, customer.asked(t))
	require.NoError(t, chromedp.Do(customer.ctx, chromedp.Reload()))
	require.Empty(t, customer.asked(t))

	// Another conversation, of which the customer would rather say nothing.
	inPage[bool](t, customer, `localStorage.clear(); return true`)
	require.NoError(t, chromedp.Do(customer.ctx, chromedp.Reload()))
	d.serves(t, customer, desk)
	desk.resolves(t)
	inPage[bool](t, customer, `return !!(await until("the question", () => chat().querySelector(".rate:not([hidden]) legend")))`)
	customer.press(t, "No, thank you")
	inPage[bool](t, customer, `return !!(await until("the refusal", () => chat().querySelector(".rate[hidden]")))`)
	require.NoError(t, chromedp.Do(customer.ctx, chromedp.Reload()))
	require.Empty(t, customer.asked(t))
	d.site.check(t)
}
