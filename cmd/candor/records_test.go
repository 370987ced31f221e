// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestRecords_page: a record is found by its reference, checked, held and let go;
// one that was tampered with is named.
func TestRecords_page(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	boss := d.signInAs(t, "supervisor")
	talk, reference := d.waits(t)
	boss.open(t, d.proxy.URL+"/settings/records")
	inPage[bool](t, boss, `(await until("the field", () => document.querySelector(".record-find input"))).focus(); return true`)
	require.NoError(t, chromedp.Do(boss.ctx, chromedp.KeyEvent("2222-2222\r")))
	inPage[bool](t, boss, `
		await until("nothing", () => document.querySelector(".record .problem")?.innerText.includes("No conversation"));
		document.querySelector(".record-find input").value = "";
		document.querySelector(".record-find input").focus();
		return true`)
	require.NoError(t, chromedp.Do(boss.ctx, chromedp.KeyEvent(reference+"\r")))
	inPage[bool](t, boss, `return !!(await until("the record", () => document.querySelector(".record h2")?.innerText === `+js(reference)+`))`)
	boss.press(t, "Check the record")
	inPage[bool](t, boss, `return !!(await until("it stands", () => document.querySelector(".record-intact")?.innerText.includes("stands as it was written")))`)
	boss.press(t, "Hold deletion")
	inPage[bool](t, boss, `return !!(await until("it is held", () => document.querySelector(".record-hold")?.innerText.includes("A complaint") && document.querySelector("tbody").innerText.includes(`+js(reference)+`)))`)
	boss.press(t, "Lift")
	inPage[bool](t, boss, `
		(await until("the question", () => document.querySelector("dialog[open] .btn-brand"))).click();
		return !!(await until("none is held", () => document.querySelector("tbody").innerText.includes("No deletion is held")))`)

	d.site.inside(t, func(ctx context.Context, a *app) {
		_, err := a.db.Exec(ctx, "UPDATE conversations SET last_seq = last_seq + 1 WHERE public_id = $1", talk.Conversation.ID)
		require.NoError(t, err)
	})
	boss.press(t, "Check the record")
	inPage[bool](t, boss, `return !!(await until("it is named", () => document.querySelector(".record-check .problem")?.innerText.includes("was changed")))`)
}
