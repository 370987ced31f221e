// SPDX-License-Identifier: MIT

package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBrowser_waiting is a customer who waits, leaves an address, closes the page
// and finds everything as it was.
func TestBrowser_waiting(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	customer := newBrowser(t)
	customer.open(t, d.proxy.URL+"/chat?locale=en")
	customer.write(t, "I want to speak to a person")
	place := inPage[string](t, customer, `
		const place = await until("a place in the queue", () => chat()?.querySelector(".queue:not([hidden]) .place")?.innerText);
		return place`)
	require.Contains(t, place, "Place in the queue")

	save := func(address string) {
		inPage[bool](t, customer, `
			const form = await until("the form", () => chat()?.querySelector(".contact"));
			form.open = true;
			form.querySelector("input").value = `+js(address)+`;
			form.querySelector("form").requestSubmit();
			return true`)
	}
	save("nobody")
	require.NotEmpty(t, inPage[string](t, customer, `return await until("what is wrong", () => chat()?.querySelector(".contact-problem")?.innerText)`))
	save("me@example.com")
	customer.reads(t, "We have noted your e-mail address")

	customer.open(t, d.proxy.URL+"/chat?locale=en")
	kept := inPage[string](t, customer, `
		await until("the address is noted", () => chat()?.querySelector(".queue:not([hidden]) .contact-given:not([hidden])"));
		return chat().querySelector(".queue .place").innerText`)
	require.Equal(t, place, kept, "the place is the same after a refresh")

	customer.press(t, "Remove my e-mail address")
	customer.reads(t, "We have removed your e-mail address")
	customer.press(t, "I did not ask for a person")
	customer.reads(t, "You have left the queue")
}

// An address that was left is seen and can be taken back also while a person is
// there, and when they are done.
func TestBrowser_takes_an_address_back_after_waiting(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	customer, desk := newBrowser(t), d.signIn(t)
	customer.open(t, d.proxy.URL+"/chat?locale=en")
	customer.write(t, "I want to speak to a person")
	inPage[bool](t, customer, `
		const form = await until("the form", () => chat()?.querySelector(".queue:not([hidden]) .contact"));
		form.open = true;
		form.querySelector("input").value = "me@example.com";
		form.querySelector("form").requestSubmit();
		return true`)
	customer.reads(t, "We have noted your e-mail address")
	d.serves(t, customer, desk)
	shown := inPage[[]string](t, customer, `
		const card = await until("the address", () => chat()?.querySelector(".queue:not([hidden]):has(.contact-given:not([hidden]))"));
		return [...card.children].filter((e) => e.checkVisibility() && e.innerText).map((e) => e.innerText)`)
	require.Len(t, shown, 1, "of the queue nothing is left")
	require.Contains(t, shown[0], "Remove my e-mail address")
	desk.resolves(t)
	require.NotNil(t, customer.asked(t))
	customer.press(t, "Remove my e-mail address")
	customer.reads(t, "We have removed your e-mail address")
	inPage[bool](t, customer, `return !!(await until("nothing of it", () => chat()?.querySelector(".queue[hidden]")))`)
}
