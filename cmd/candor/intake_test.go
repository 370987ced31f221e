// SPDX-License-Identifier: MIT

package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDesk_takes_a_call: who phones is in the same queue and record as who writes, is told a reference, and
// is with the agent who took the call.
func TestDesk_takes_a_call(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	desk := d.signIn(t)
	desk.keys(t, "o")
	inPage[bool](t, desk, `return !!(await until("the field", () => document.activeElement.matches("dialog[open] textarea")))`)
	desk.types(t, "dialog[open] textarea", "The engineer did not come on Tuesday.")
	desk.types(t, "dialog[open] input[type=email]", "a.customer@example.com")
	desk.press(t, "Open the case")
	require.True(t, inPage[bool](t, desk, `return document.querySelector("dialog[open] input:invalid").labels[0].innerText.includes("agree")`), "nobody is written to without consent")
	inPage[bool](t, desk, `document.querySelector("dialog[open] input:invalid").click(); return true`)
	desk.press(t, "Open the case")
	require.NotEmpty(t, inPage[string](t, desk, `
		const told = await until("the reference", () => [...document.querySelectorAll(".toast")].map((el) => /reference is (\S+)\./.exec(el.innerText)).find(Boolean));
		await until("the reply field", () => document.querySelector("form.reply:not([hidden]) textarea"));
		await until("their words", () => document.querySelector(".case")?.innerText.includes("did not come on Tuesday"));
		return told[1]`))

	// What was begun and put aside stands there still; what was opened does not.
	desk.press(t, "New case")
	require.Empty(t, inPage[string](t, desk, `return document.querySelector("dialog[open] textarea").value`))
	desk.types(t, "dialog[open] textarea", "They came by")
	inPage[bool](t, desk, `
		document.querySelector("dialog[open] [name=channel][value=visit]").click();
		[...document.querySelectorAll("dialog[open] label")].find((el) => el.innerText.includes("I take it")).click();
		document.querySelector("dialog[open]").close();
		return true`)
	desk.press(t, "New case")
	require.Equal(t, "They came by", inPage[string](t, desk, `return document.querySelector("dialog[open] textarea").value`))
	desk.press(t, "Open the case")
	inPage[bool](t, desk, `return !!(await until("a case that waits", () => document.querySelector(".case")?.innerText.includes("They came by") && [...document.querySelectorAll("button")].some((el) => el.checkVisibility() && el.innerText.trim().startsWith("Claim"))))`)
	d.site.check(t)
}
