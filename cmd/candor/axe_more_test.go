// SPDX-License-Identifier: MIT

package main

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// TestAxe_when_it_is_over opens the question what the customer thought of it, below a company's own logo, with a file among the words.
func TestAxe_when_it_is_over(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	boss := auditor{d.signInAs(t, "supervisor")}
	boss.carry(t)
	boss.company(t, d)
	desk := d.signIn(t)
	customer := newAuditor(t)
	customer.open(t, d.proxy.URL+"/chat?locale=en")
	customer.write(t, "What does roaming in Switzerland cost?")
	inPage[bool](t, customer.browser, `return !!(await until("an answer", () => chat().querySelector(".msg-bot:not(.is-draft) .source")))`)
	inPage[bool](t, customer.browser, picks+`
		await pick(chat().querySelector("#file"), "my-bill.png");
		return !!(await until("the picture", () => chat().querySelector(".files canvas")))`)
	customer.passes(t, "chat_with_a_logo_and_a_file")
	d.serves(t, customer.browser, desk)
	desk.resolves(t)
	inPage[bool](t, customer.browser, `
		(await until("the stars", () => chat().querySelectorAll(".rate:not([hidden]) input")[3])).click();
		return true`)
	customer.passes(t, "chat_with_the_rating")
}

// company fills what the page of the company shows only once it is used, and looks at it.
func (a auditor) company(t *testing.T, d *demoSite) {
	t.Helper()
	a.open(t, d.proxy.URL+"/settings")
	inPage[bool](t, a.browser, picks+`
		const field = await until("the logo's field", () => document.querySelector('[data-field="brand.logo"] input[type=file]'));
		await pick(field, "logo.png");
		await until("the logo", () => document.querySelector(".brand-logo:not([hidden])")?.naturalWidth);
		for (const button of [...document.querySelectorAll("main button")]) if (/^(Add|Another)/.test(button.innerText) && !/logo/.test(button.innerText)) button.click();
		for (const details of document.querySelectorAll("main details")) details.open = true;
		return true`)
	a.passes(t, "settings_company_filled")
	a.open(t, d.proxy.URL+"/settings")
	inPage[bool](t, a.browser, picks+`
		const field = await until("the logo's field", () => document.querySelector('[data-field="brand.logo"] input[type=file]'));
		await pick(field, "logo.png");
		await until("the logo", () => document.querySelector(".brand-logo:not([hidden])")?.naturalWidth);
		[...document.querySelectorAll("main button")].find((e) => e.innerText === "Save").click();
		await until("it is saved", async () => (await (await fetch("/v1/company")).json()).company.brand?.logo);
		return true`)
}

// TestAxe_supervisor opens what only supervisors meet on the desk, and the wallboard once waits were told.
func TestAxe_supervisor(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.wonders(t, "I want to speak to a person about roaming in Switzerland, I am jane@example.com")
	_, first := d.waitsAs(t, "twice@example.com")
	_, second := d.waitsAs(t, "twice@example.com")
	a := auditor{d.signInAs(t, "supervisor")}
	a.carry(t)
	a.open(t, d.proxy.URL+"/desk")
	for _, reference := range []string{first, second} {
		a.goesTo(t, reference)
		a.keys(t, "x")
	}
	a.press(t, "Merge")
	a.window(t, "input[name=sure]")
	a.passes(t, "desk_merge_of_an_unproven_address")
	a.closes(t)
	inPage[bool](t, a.browser, `
		(await until("the case", () => [...document.querySelectorAll("#rows .row")].find((e) => e.innerText.includes("roaming")))).click();
		(await until("the button", () => document.querySelector(".said-customer .golden"))).click();
		return true`)
	a.window(t, "textarea")
	a.passes(t, "desk_golden")
	a.press(t, "Make it golden")
	inPage[bool](t, a.browser, `return !!(await until("it is kept", () => document.querySelector("dialog[open]").innerText.includes("Kept.")))`)
	a.passes(t, "desk_golden_kept")
	d.tellsWaits(t)
	a.open(t, d.proxy.URL+"/desk/wall")
	inPage[bool](t, a.browser, `return !!(await until("the share", () => [...document.querySelectorAll(".tile-bad")].some((e) => e.innerText.includes("below 80 %"))))`)
	a.passes(t, "wall_with_waits_as_told")
}

// tellsWaits has waits told that did not hold, as many as the wallboard judges.
func (d *demoSite) tellsWaits(t *testing.T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.site.databaseURL)
	require.NoError(t, err)
	defer conn.Close(t.Context()) //nolint:errcheck // one statement, then gone
	_, err = conn.Exec(t.Context(), `
		INSERT INTO told_waits (case_id, team, told_at, position, agents, raw_low, raw_high, low, high, ended_at, served)
		SELECT (SELECT min(id) FROM cases), '', now() - interval '1 hour', 1, 1, 60, 120, 60, 120, now() - interval '1 minute', true
		FROM generate_series(1, 30)`)
	require.NoError(t, err)
}
