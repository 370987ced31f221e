// SPDX-License-Identifier: MIT

package main

import "testing"

// window waits for an open window with something in it that css names.
func (a auditor) window(t *testing.T, css string) {
	t.Helper()
	inPage[bool](t, a.browser, `return !!(await until(`+js(css)+`, () => document.querySelector("dialog[open] "+`+js(css)+`)))`)
}

func (a auditor) closes(t *testing.T) {
	t.Helper()
	inPage[bool](t, a.browser, `for (const d of document.querySelectorAll("dialog[open]")) d.close(); return true`)
}

// TestAxe_desk_windows opens the larger windows of the desk, filled.
func TestAxe_desk_windows(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	a := newAuditor(t)
	_, first := d.waits(t)
	_, second := d.waits(t)
	a.open(t, d.link)
	a.press(t, "Continue")
	for _, reference := range []string{first, second} {
		a.goesTo(t, reference)
		a.keys(t, "x")
	}
	a.passes(t, "desk_with_cases_chosen")
	a.press(t, "Merge")
	a.window(t, ".side")
	a.passes(t, "desk_merge")
	a.closes(t)
	a.press(t, "Link to a cause")
	a.window(t, "form")
	a.passes(t, "desk_link")
	inPage[bool](t, a.browser, `
		const dialog = document.querySelector("dialog[open]");
		dialog.querySelector("input[type=text]").value = "Outage in the north";
		dialog.querySelector("button[type=submit]").click();
		return !!(await until("the news", () => document.querySelector(".toast")))`)
	a.press(t, "New case")
	a.window(t, "form textarea")
	a.types(t, "dialog[open] input[type=email]", "a.customer@example.com")
	a.passes(t, "desk_new_case")
	a.closes(t)
	a.press(t, "Causes")
	a.window(t, ".picks li")
	a.passes(t, "desk_causes")
	inPage[bool](t, a.browser, `document.querySelector("dialog[open] .picks button").click(); return true`)
	a.window(t, ".linked li")
	a.passes(t, "desk_cause")
	inPage[bool](t, a.browser, `document.querySelector("dialog[open] textarea").value = "Mended."; return true`)
	a.press(t, "See who gets it")
	a.window(t, "details")
	inPage[bool](t, a.browser, `document.querySelector("dialog[open] details").open = true; return true`)
	a.passes(t, "desk_audience")
	a.closes(t)
	a.goesTo(t, first)
	a.keys(t, "\r")
	a.chooses(t, "Block the customer")
	a.window(t, ".notice-shown")
	a.passes(t, "desk_block")
	inPage[bool](t, a.browser, `
		const dialog = document.querySelector("dialog[open]");
		dialog.querySelector("textarea").value = "Insults.";
		dialog.querySelector("button[type=submit]").click();
		return !!(await until("the case says so", () => document.querySelector(".ties .tag-bad")))`)
	a.passes(t, "desk_blocked")
	a.press(t, "Claim")
	a.press(t, "Saved replies")
	a.press(t, "New, change, delete")
	a.press(t, "New saved reply")
	a.window(t, "form textarea")
	a.passes(t, "desk_reply_form")
	inPage[bool](t, a.browser, `
		const dialog = document.querySelector("dialog[open]");
		dialog.querySelector("input[type=text]").value = "Mended";
		dialog.querySelector("textarea").value = "It is mended, {reference}.";
		dialog.querySelector("textarea").dispatchEvent(new Event("input"));
		dialog.querySelectorAll("select")[2].value = "wait";
		dialog.querySelector("button[type=submit]").click();
		return true`)
	a.window(t, ".picks li")
	a.passes(t, "desk_replies")
	a.closes(t)
	a.press(t, "Saved replies")
	a.press(t, "Send and do")
	a.window(t, ".does")
	a.passes(t, "desk_macro")
}
