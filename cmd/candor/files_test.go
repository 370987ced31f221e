// SPDX-License-Identifier: MIT

package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// picks puts a picture that the page draws into a file field.
const picks = `
	const pick = async (input, name) => {
		const canvas = document.createElement("canvas");
		[canvas.width, canvas.height] = [600, 300];
		const pen = canvas.getContext("2d");
		pen.fillStyle = "rgb(200, 30, 30)";
		pen.fillRect(0, 0, 600, 300);
		const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
		const files = new DataTransfer();
		files.items.add(new File([blob], name, { type: "image/png" }));
		input.files = files.files;
		input.dispatchEvent(new Event("change"));
	};
`

// TestFiles_between_customer_and_agent: a picture goes both ways, is seen small on
// the desk, and what is said of it does not stay for ever.
func TestFiles_between_customer_and_agent(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	customer := newBrowser(t)
	customer.open(t, d.proxy.URL+"/chat")
	customer.write(t, "I want to speak to a person about my bill")
	customer.reads(t, "your place in the queue is")
	reference := inPage[string](t, customer, `
		return (await until("a reference", () => chat().querySelector(".reference")?.innerText.match(/[2-9B-Z]{4}-[2-9B-Z]{4}/)))[0]`)
	inPage[bool](t, customer, picks+`
		const field = await until("the field", () => chat().querySelector("#file"));
		const hint = chat().querySelector(".attach [role=status]").innerText;
		await pick(field, "my-bill.png");
		await until("it is sent", () => { const now = chat().querySelector(".attach [role=status]").innerText; return now !== hint && !now.includes("%") && now; });
		return !!(await until("the hint is back", () => chat().querySelector(".attach [role=status]").innerText === hint))`)

	desk := d.signIn(t)
	desk.claims(t, reference)
	type seen struct{ Name, About, Src string }
	got := inPage[seen](t, desk, `
		const img = await until("the small picture", () => [...document.querySelectorAll(".files img")].find((e) => e.complete && e.naturalWidth > 0));
		if (img.naturalWidth > 320) throw new Error("it is the whole picture: " + img.naturalWidth);
		const li = img.closest("li");
		return { Name: li.querySelector("a").innerText, About: li.querySelector(".hint").innerText, Src: img.getAttribute("src") }`)
	require.Equal(t, "my-bill.png", got.Name)
	require.Regexp(t, `^PNG picture, \d+ kB$`, got.About)
	require.Contains(t, got.Src, "/thumbnail")
	inPage[bool](t, desk, picks+`
		await pick(document.querySelector(".attach-button input"), "corrected.png");
		await until("it is sent", () => document.querySelector(".attach-said").innerText === "corrected.png is sent.");
		return !!(await until("both", () => document.querySelectorAll(".files img").length === 2))`)
	inPage[bool](t, customer, `return !!(await until("the agent's picture", () => [...chat().querySelectorAll(".files canvas")].some((e) => e.ariaLabel === "corrected.png")))`)

	// What is no picture is refused by its content, whatever it is called.
	inPage[bool](t, desk, `
		const files = new DataTransfer();
		files.items.add(new File(["<script>alert(1)</script>"], "page.png", { type: "image/png" }));
		const input = document.querySelector(".attach-button input");
		input.files = files.files;
		input.dispatchEvent(new Event("change"));
		return !!(await until("the refusal", () => document.querySelector(".attach-said").innerText.startsWith("page.png is not sent.")))`)
	d.site.check(t)
}
