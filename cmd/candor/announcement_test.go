// SPDX-License-Identifier: MIT

package main

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// announcing opens the announcements as an editor.
func (d *demoSite) announcing(t *testing.T, b browser) {
	t.Helper()
	b.open(t, d.proxy.URL+"/library/announcements")
	inPage[bool](t, b, `return !!(await until("the list", () => document.querySelector(".notices-list")))`)
}

// expires lets the time of everything that is announced run out, on the database's clock.
func (d *demoSite) expires(t *testing.T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.site.databaseURL)
	require.NoError(t, err)
	defer conn.Close(t.Context()) //nolint:errcheck // one statement, then gone
	_, err = conn.Exec(t.Context(), `UPDATE knowledge_articles SET expires_at = now() WHERE kind = 'announcement'`)
	require.NoError(t, err)
}

// TestAnnouncement: published in two clicks, said first, over when its time is.
func TestAnnouncement(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	editor := d.edits(t)
	d.announcing(t, editor)
	const question = "What does roaming in Switzerland cost?"
	before := d.talks(t).asks(t, question)
	require.NotContains(t, before, "free of charge until Sunday")

	editor.press(t, "New announcement")
	editor.types(t, "#notice-text", "Roaming in Switzerland is free of charge until Sunday because of the outage there.")
	said := inPage[string](t, editor, `
		const shadow = document.querySelector(".notice-preview").shadowRoot;
		return (await until("the preview", () => shadow.querySelector(".body").textContent.includes("until Sunday") && document.querySelector("#notice-until").value && shadow.querySelector(".body"))).textContent`)
	require.Contains(t, said, "Please note this announcement:")
	editor.press(t, "Publish")
	inPage[bool](t, editor, `return !!(await until("it is live", () => !document.querySelector("dialog[open]") && document.querySelector(".notice-card.is-live")))`)

	customer := d.talks(t)
	answer := customer.asks(t, question)
	require.Regexp(t, `(?s)Please note this announcement:.*free of charge until Sunday.*`, answer)
	require.Regexp(t, `(?s)until Sunday.*costs 2 EUR`, answer, "first, and then the ordinary answer")
	inPage[bool](t, customer, `
		(await until("the source", () => chat().querySelector(".msg-bot:not(.is-draft) .source"))).click();
		return !!(await until("the announcement", () => chat().querySelector("dialog[open] .article")?.innerText.includes("until Sunday")))`)
	agent := d.signInAs(t, "agent")
	inPage[bool](t, agent, `return !!(await until("the line on the desk", () => document.querySelector(".announced:not([hidden])")?.innerText.includes("until Sunday")))`)
	other := d.talks(t).asks(t, "How do I return my equipment?")
	require.NotContains(t, other, "until Sunday")

	d.expires(t)
	require.NotContains(t, d.talks(t).asks(t, question), "until Sunday")
	agent.open(t, d.proxy.URL+"/desk")
	inPage[bool](t, agent, `return !!(await until("a desk without it", () => document.querySelector(".announced[hidden]") && document.querySelector("#rows .row")))`)

	// Again, for everybody who opens the chat, until the editor ends it.
	d.announcing(t, editor)
	editor.press(t, "Publish again")
	inPage[bool](t, editor, `
		await until("the text", () => document.querySelector("#notice-text").value.includes("until Sunday") && document.querySelector("#notice-until").value);
		document.querySelector("#notice-everybody").click();
		document.querySelector("dialog[open] button[type=submit]").click();
		return true`)
	inPage[bool](t, editor, `return !!(await until("it is live", () => document.querySelector(".notice-card.is-live")?.innerText.includes("Shown to everybody")))`)
	customer = d.talks(t)
	inPage[bool](t, customer, `return !!(await until("the notice", () => chat().querySelector(".announced:not([hidden])")?.innerText.includes("until Sunday")))`)
	editor.press(t, "End now")
	inPage[bool](t, editor, `return !!(await until("it is over", () => document.querySelector(".notice-card.is-ended")))`)
	customer = d.talks(t)
	require.False(t, inPage[bool](t, customer, `return !chat().querySelector(".announced").hidden`))
	require.NotContains(t, customer.asks(t, question), "until Sunday")
	d.site.check(t)
}

// TestAxe_announcements opens what editors and customers see of them.
func TestAxe_announcements(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	a := newAuditor(t)
	editor := d.edits(t)
	d.announcing(t, editor)
	editor.press(t, "New announcement")
	editor.types(t, "#notice-text", "The network is down. See [our page](https://example.com/).")
	inPage[bool](t, editor, `document.querySelector("#notice-everybody").click(); return true`)
	editor.press(t, "Publish")
	inPage[bool](t, editor, `return !!(await until("it is live", () => document.querySelector(".notice-card.is-live")))`)

	a.open(t, d.proxy.URL+"/chat")
	inPage[bool](t, a.browser, `return !!(await until("the notice", () => chat()?.querySelector(".announced:not([hidden]) a")))`)
	a.passes(t, "chat_with_an_announcement")

	desk := auditor{d.signInAs(t, "agent")}
	desk.carry(t)
	desk.open(t, d.proxy.URL+"/desk")
	inPage[bool](t, desk.browser, `return !!(await until("the line", () => document.querySelector(".announced:not([hidden])")))`)
	desk.passes(t, "desk_with_an_announcement")

	staff := auditor{editor}
	staff.carry(t)
	d.announcing(t, staff.browser)
	staff.passes(t, "announcements")
	staff.press(t, "Change")
	inPage[bool](t, staff.browser, `document.querySelector("dialog[open] details").open = true; return !!(await until("the preview", () => document.querySelector(".notice-preview").shadowRoot.querySelector(".body a")))`)
	staff.press(t, "Add a language")
	staff.passes(t, "announcement_written")
}
