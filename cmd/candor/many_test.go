// SPDX-License-Identifier: MIT

package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// goesTo puts the keyboard on a row of the list.
func (b browser) goesTo(t *testing.T, reference string) {
	t.Helper()
	inPage[bool](t, b, `
		(await until("the row", () => [...document.querySelectorAll("#rows .row")].find((e) => e.innerText.includes(`+js(reference)+`)))).focus();
		return true`)
}

// read is what a customer has been told.
func (d *demoSite) read(t *testing.T, o opened) string {
	t.Helper()
	c := newClient(func() string { return d.proxy.URL })
	var said said
	require.NoError(t, c.insist(t.Context(), http.MethodGet, o.path("/messages"), o.Token, nil, &said))
	var all strings.Builder
	for _, m := range said.Messages {
		all.WriteString(m.Text + "\n")
	}
	return all.String()
}

// TestDesk_many_at_once: two cases are chosen by keyboard, linked to a new cause,
// and answered together; who gets it is seen before, and a third customer hears
// nothing.
func TestDesk_many_at_once(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	one, first := d.waits(t)
	two, second := d.waits(t)
	three, _ := d.waits(t)

	for _, reference := range []string{first, second} {
		desk.goesTo(t, reference)
		desk.keys(t, "x")
	}
	inPage[bool](t, desk, `return !!(await until("both are chosen", () => document.querySelector(".mark-bar:not([hidden])")?.innerText.includes("2 cases chosen")))`)
	desk.press(t, "Link to a cause")
	inPage[bool](t, desk, `
		const dialog = await until("the form", () => [...document.querySelectorAll("dialog[open]")].find((e) => e.querySelector("form")));
		dialog.querySelector('input[name=cause][value=""]').click();
		dialog.querySelector("input[type=text]").focus();
		return true`)
	require.NoError(t, chromedp.Do(desk.ctx, chromedp.KeyEvent("Outage in the north\r")))
	inPage[bool](t, desk, `
		await until("they are linked", () => document.querySelector(".toast")?.innerText.includes("2 cases linked"));
		return !!(await until("the rows say so", () => [...document.querySelectorAll("#rows .tag-cause")].length >= 2))`)
	desk.press(t, "Open the cause")
	inPage[bool](t, desk, `
		const dialog = await until("the cause", () => [...document.querySelectorAll("dialog[open]")].find((e) => e.querySelector(".linked li")));
		if (dialog.querySelectorAll(".linked li").length !== 2) throw new Error(dialog.innerText);
		dialog.querySelector("textarea").focus();
		return true`)
	require.NoError(t, chromedp.Do(desk.ctx, chromedp.KeyEvent("The line is mended, {reference}.")))
	desk.press(t, "See who gets it")
	require.Contains(t, inPage[string](t, desk, `
		const dialog = await until("the preview", () => [...document.querySelectorAll("dialog[open]")].find((e) => e.innerText.includes("Send to 2 customers")));
		for (const d of dialog.querySelectorAll("details")) d.open = true;
		return dialog.innerText`), "The line is mended, "+first+".")
	require.NotContains(t, d.read(t, one), "mended", "nothing is sent by looking")
	desk.press(t, "Send to 2 customers")
	inPage[bool](t, desk, `return !!(await until("it is done", () => document.querySelector("dialog[open] .results")?.innerText.includes("2 sent")))`)
	require.Equal(t, 1, strings.Count(d.read(t, one), "The line is mended, "+first+"."))
	require.Equal(t, 1, strings.Count(d.read(t, two), "The line is mended, "+second+"."))
	require.NotContains(t, d.read(t, three), "mended")

	// The cause stands on each of its cases, and a link can be taken back.
	inPage[bool](t, desk, `document.querySelector("dialog[open]").close(); return true`)
	desk.goesTo(t, first)
	desk.keys(t, "\r")
	inPage[bool](t, desk, `return !!(await until("the cause on the case", () => document.querySelector(".ties")?.textContent.includes("Outage in the north, 2 open cases")))`)
	d.site.check(t)
}

func TestDesk_links_are_taken_back(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	_, first := d.waits(t)
	_, second := d.waits(t)
	desk.goesTo(t, first)
	desk.keys(t, "x")
	// With Shift all between are chosen.
	desk.goesTo(t, second)
	desk.keys(t, "X")
	n := inPage[int](t, desk, `return (await until("some are chosen", () => document.querySelectorAll("#rows .row-box:checked").length >= 2)) && document.querySelectorAll("#rows .row-box:checked").length`)
	require.GreaterOrEqual(t, n, 2)
	desk.press(t, "Link to a cause")
	inPage[bool](t, desk, `
		const dialog = await until("the form", () => [...document.querySelectorAll("dialog[open]")].find((e) => e.querySelector("form")));
		dialog.querySelector('input[name=cause][value=""]').click();
		dialog.querySelector("input[type=text]").value = "A slip";
		dialog.querySelector("form button[type=submit]").click();
		await until("they are linked", () => document.querySelector("#rows .tag-cause"));
		(await until("the way back", () => [...document.querySelectorAll(".toast button")].find((b) => b.innerText === "Undo"))).click();
		return !!(await until("none is linked", () => !document.querySelector("#rows .tag-cause")))`)
	d.site.check(t)
}

// TestDesk_merges_two_cases_of_one_customer: both are seen side by side first.
func TestDesk_merges_two_cases_of_one_customer(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	one, first := d.waitsAs(t, "twice@example.com")
	two, second := d.waitsAs(t, "twice@example.com")
	_, stranger := d.waits(t)
	for _, reference := range []string{first, stranger} {
		desk.goesTo(t, reference)
		desk.keys(t, "x")
	}
	desk.press(t, "Merge")
	inPage[bool](t, desk, `
		const dialog = await until("both", () => [...document.querySelectorAll("dialog[open]")].find((e) => e.querySelectorAll(".side").length === 2));
		if (!dialog.innerText.includes("not known to be of the same customer")) throw new Error(dialog.innerText);
		dialog.querySelector("button[type=submit]").click();
		await until("the refusal", () => dialog.querySelector(".problem").innerText.includes("not known to be of the same customer"));
		dialog.close();
		return true`)
	desk.goesTo(t, stranger)
	desk.keys(t, "x")
	desk.goesTo(t, second)
	desk.keys(t, "x")
	desk.press(t, "Merge")
	inPage[bool](t, desk, `
		const dialog = await until("both", () => [...document.querySelectorAll("dialog[open]")].find((e) => e.querySelectorAll(".side").length === 2));
		if (dialog.innerText.includes("not known to be of the same customer")) throw new Error(dialog.innerText);
		const stays = [...dialog.querySelectorAll(".side")].find((e) => e.querySelector("input").checked);
		if (!stays.innerText.includes(`+js(first)+`)) throw new Error("the newer one goes on");
		const sure = dialog.querySelector("input[name=sure]");
		if (!sure || dialog.querySelector("form").checkValidity()) throw new Error("an address that nobody has proved is believed");
		sure.click();
		dialog.querySelector("button[type=submit]").click();
		return !!(await until("the case that goes on", () => document.querySelector(".case-bar h2").innerText === `+js(first)+`))`)
	require.Contains(t, d.read(t, two), first)
	require.Contains(t, d.read(t, one), second)
	d.site.check(t)
}

// waitsAs is waits for somebody who gives an address.
func (d *demoSite) waitsAs(t *testing.T, email string) (opened, string) {
	t.Helper()
	c := newClient(func() string { return d.proxy.URL })
	var o opened
	body := map[string]any{"locale": "en", "customer": map[string]string{"email": email}}
	require.NoError(t, c.insist(t.Context(), http.MethodPost, "/v1/conversations", "", body, &o))
	return o, d.asks(t, o)
}
