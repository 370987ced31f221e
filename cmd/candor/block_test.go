// SPDX-License-Identifier: MIT

package main

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// signInAs opens the desk as somebody with a role.
func (d *demoSite) signInAs(t *testing.T, role string) browser {
	t.Helper()
	desk := newBrowser(t)
	desk.open(t, regexp.MustCompile(role + `\s+signs in once at (\S+)`).FindStringSubmatch(d.process.output.String())[1])
	desk.press(t, "Continue")
	inPage[bool](t, desk, `return !!(await until("the desk", () => document.querySelector("#rows .row")))`)
	return desk
}

// TestDesk_blocks_harassment: what the customer will be told is read before, the
// case says so, and a supervisor finds it in a list and lifts it.
func TestDesk_blocks_harassment(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	talk, reference := d.waits(t)
	desk.claims(t, reference)
	desk.chooses(t, "Block the customer")
	told := inPage[string](t, desk, `
		const dialog = await until("the window", () => document.querySelector("dialog[open] .notice-shown")?.closest("dialog"));
		const notice = await until("what they are told", () => dialog.querySelector(".notice-shown").innerText.length > 20 && dialog.querySelector(".notice-shown").innerText);
		if ([...dialog.querySelectorAll("option")].some((o) => Number(o.value) > 24)) throw new Error("longer than an agent may");
		dialog.querySelector("textarea").value = "Insults after two requests to stop.";
		dialog.querySelector("button[type=submit]").click();
		await until("the case says so", () => document.querySelector(".ties")?.textContent.includes("Blocked until"));
		return notice`)
	require.Contains(t, told, "help@larkwire.example")
	require.Contains(t, d.read(t, talk), "help@larkwire.example")
	c := newClient(func() string { return d.proxy.URL })
	require.ErrorContains(t, c.try(t.Context(), http.MethodPost, talk.path("/messages"), talk.Token, map[string]string{"text": "you fools"}, nil), "403")

	boss := d.signInAs(t, "supervisor")
	boss.open(t, d.proxy.URL+"/settings/blocks")
	inPage[bool](t, boss, `return !!(await until("the block", () => document.querySelector("tbody")?.innerText.includes(`+js(reference)+`)))`)
	boss.press(t, "Lift")
	inPage[bool](t, boss, `(await until("the question", () => document.querySelector("dialog[open] .btn-brand"))).click(); return true`)
	inPage[bool](t, boss, `return !!(await until("nobody", () => document.querySelector("tbody")?.innerText.includes("Nobody is blocked")))`)
	require.NoError(t, c.insist(t.Context(), http.MethodPost, talk.path("/messages"), talk.Token, map[string]string{"text": "I am sorry"}, nil))
	desk.sees(t, "I am sorry")
	inPage[bool](t, desk, `return !!(await until("the case says so", () => !document.querySelector(".ties")?.textContent.includes("Blocked until")))`)
	d.site.check(t)
}
