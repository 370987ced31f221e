// SPDX-License-Identifier: MIT

package main

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// edits opens the library as an editor.
func (d *demoSite) edits(t *testing.T) browser {
	t.Helper()
	return d.editsAs(t, "editor")
}

func (d *demoSite) editsAs(t *testing.T, role string) browser {
	t.Helper()
	b := newBrowser(t)
	b.open(t, regexp.MustCompile(role + `\s+signs in once at (\S+)`).FindStringSubmatch(d.process.output.String())[1])
	b.press(t, "Continue")
	inPage[bool](t, b, `return !!(await until("signed in", () => !location.pathname.startsWith("/signin")))`)
	b.open(t, d.proxy.URL+"/library")
	b.articles(t)
	return b
}

func (b browser) articles(t *testing.T) {
	t.Helper()
	inPage[bool](t, b, `return !!(await until("the articles", () => document.querySelector(".article-row")))`)
}

// types replaces what stands in a field, as somebody who writes does.
func (b browser) types(t *testing.T, field, text string) {
	t.Helper()
	inPage[bool](t, b, `
		const field = await until("the field", () => document.querySelector(`+js(field)+`));
		await until("it may be written in", () => field.offsetParent && !field.closest("[inert]"));
		field.focus();
		field.select();
		return true`)
	_, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: text})
	require.NoError(t, err)
}

// saves waits until the server has what was written.
func (b browser) saves(t *testing.T) {
	t.Helper()
	inPage[bool](t, b, `return !!(await until("it is saved", () => document.querySelector(".save-state").dataset.state === "saved" && /^#article=/.test(location.hash)))`)
}

// tries asks on the bench and gives what it says.
func (b browser) tries(t *testing.T, where, question string) string {
	t.Helper()
	inPage[bool](t, b, `document.querySelector("#tab-try").click(); document.querySelector("#bench-`+where+`").click(); return true`)
	b.types(t, "#bench-question", question)
	return inPage[string](t, b, `
		document.querySelector(".bench-out").replaceChildren();
		document.querySelector(".bench-form button").click();
		await until("the answer", () => document.querySelector(".bench-out .bench-meter"));
		return document.querySelector(".bench-verdict").innerText + "\n" + (document.querySelector(".bench-answer")?.innerText ?? "")`)
}

// publishes goes through the gate.
func (b browser) publishes(t *testing.T, reason string) {
	t.Helper()
	b.press(t, "Publish\u2026")
	inPage[bool](t, b, `
		const go = await until("the gate", () => [...document.querySelectorAll("dialog[open] button")].find((e) => e.innerText === "Publish now"));
		const why = document.querySelector("dialog[open] #gate-reason");
		if (why) why.value = `+js(reason)+`;
		go.click();
		return !!(await until("it is live", () => !document.querySelector("dialog[open]") && document.querySelector(".save-state").innerText.includes("Live as version")))`)
}

// talks is a new customer.
func (d *demoSite) talks(t *testing.T) browser {
	t.Helper()
	b := newBrowser(t)
	b.open(t, d.proxy.URL+"/chat")
	b.reads(t, "not with a person")
	return b
}

// asks gives the answer to the customer's first question.
func (b browser) asks(t *testing.T, question string) string {
	t.Helper()
	b.write(t, question)
	return inPage[string](t, b, `
		return (await until("an answer", () => chat().querySelector(".msg-bot:not(.is-draft) .source")?.closest(".msg"))).innerText`)
}

// widget opens the chat of the company's shop as a new customer.
func (d *demoSite) widget(t *testing.T) browser {
	t.Helper()
	b := newBrowser(t)
	b.open(t, d.proxy.URL+"/")
	inPage[bool](t, b, `
		(await until("the button of the chat", () => chat()?.querySelector(".launcher"))).click();
		return !!(await until("the input", () => chat().querySelector("#text")?.offsetParent))`)
	return b
}

// hears gives all that the chat says once it has ended the turn.
func (b browser) hears(t *testing.T, question string) string {
	t.Helper()
	b.write(t, question)
	return inPage[string](t, b, `
		await until("the end of the turn", () => chat().querySelector(".msg-bot:not(.is-draft) .source, .msg-system, .queue, .msg-bot:not(.is-draft)"));
		return chat().querySelector("[role=log]").innerText`)
}

// TestLibrary is an editor's day: what the bench knows from the draft the bot does
// not, until it went through the gate; it is taken back; and what customers were
// told stays what they were told, with the version of its day.
func TestLibrary(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	editor := d.edits(t)
	const question = "How long is the cord of the hotel lamp?"

	editor.press(t, "New article")
	editor.types(t, "#article-title", "The hotel lamp")
	editor.types(t, "#article-body", "# Hotel lamp\n\nThe cord of the hotel lamp is 140 centimetres long.")
	editor.saves(t)
	require.Contains(t, inPage[string](t, editor, `
		return (await until("the preview", () => { const e = document.querySelector(".preview-host").shadowRoot.querySelector(".article"); return e.innerText.includes("140") && e })).innerHTML`), "<p>The cord")
	require.Contains(t, editor.tries(t, "draft", question), "140 centimetres")
	require.NotContains(t, editor.tries(t, "live", question), "140 centimetres")
	require.NotContains(t, d.widget(t).hears(t, question), "140 centimetres", "nothing of a draft reaches a customer")
	editor.publishes(t, "")

	first := d.widget(t)
	require.Contains(t, first.asks(t, question), "140 centimetres")

	editor.types(t, "#article-body", "# Hotel lamp\n\nThe cord of the hotel lamp is 220 centimetres long.")
	editor.publishes(t, "")
	second := d.widget(t)
	require.Contains(t, second.asks(t, question), "220 centimetres")

	inPage[bool](t, editor, `
		document.querySelector("#tab-versions").click();
		(await until("version 1", () => document.querySelector('[aria-label="Restore version 1"]'))).click();
		return !!(await until("its text", () => document.querySelector("#article-body").value.includes("140 centimetres")))`)
	editor.publishes(t, "")
	third := d.widget(t)
	require.Contains(t, third.asks(t, question), "140 centimetres")

	first.cites(t, "140 centimetres", 1)
	second.cites(t, "220 centimetres", 2)
	third.cites(t, "140 centimetres", 3)
	d.site.check(t)
}

// cites opens the chat again: what was said is there, and its source is the
// version of that day.
func (b browser) cites(t *testing.T, words string, version int) {
	t.Helper()
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Reload()))
	shown := inPage[[]string](t, b, `
		const open = await until("the chat", () => chat()?.querySelector(".launcher"));
		if (open.getAttribute("aria-expanded") !== "true") open.click();
		const source = await until("the source", () => { const e = chat().querySelector(".msg-bot:not(.is-draft) .source"); return e?.innerText && e });
		const said = source.closest(".msg").innerText;
		source.click();
		await until("the article of that day", () => chat().querySelector("dialog[open] .article"));
		return [said, chat().querySelector("dialog[open]").innerText]`)
	require.Contains(t, shown[0], words)
	require.Contains(t, shown[1], words)
	require.Contains(t, shown[1], "ersion "+strconv.Itoa(version))
	transcript := inPage[[]string](t, b, `
		const kept = Object.values(sessionStorage).concat(Object.values(localStorage)).map((v) => { try { return JSON.parse(v) } catch { return null } }).find((v) => v?.token);
		const response = await fetch("/v1/conversations/" + kept.id + "/transcript", { headers: { Authorization: "Bearer " + kept.token, Accept: "application/json" } });
		const { messages } = await response.json();
		return messages.flatMap((m) => m.citations ?? []).map((c) => c.version + ": " + c.quote)`)
	require.NotEmpty(t, transcript)
	for _, cited := range transcript {
		require.Regexp(t, "^"+strconv.Itoa(version)+": .*"+words, cited)
	}
}

// TestLibrary_a_first_save_whose_answer_is_lost: it makes one article, and the
// text written since is saved over it.
func TestLibrary_a_first_save_whose_answer_is_lost(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	editor := d.edits(t)
	editor.press(t, "New article")
	inPage[bool](t, editor, `
		const send = fetch;
		window.lost = 0;
		window.fetch = async (url, options) => {
			const response = await send(url, options);
			if (url !== "/v1/articles" || options.method !== "POST" || window.lost++ > 0) return response;
			await response.text();
			throw new TypeError("the answer is lost");
		};
		return true`)
	editor.types(t, "#article-title", "The hotel kettle")
	editor.types(t, "#article-body", "The kettle holds one litre.")
	inPage[bool](t, editor, `return !!(await until("it is lost", () => window.lost > 0))`)
	editor.types(t, "#article-body", "The kettle holds two litres.")
	editor.saves(t)
	require.Equal(t, []string{"The kettle holds two litres."}, inPage[[]string](t, editor, `
		const { articles } = await (await fetch("/v1/articles?q=kettle")).json();
		return Promise.all(articles.map(async (a) => (await (await fetch("/v1/articles/" + a.id)).json()).draft.body))`))

	// The same when it is published: it is live, and nobody else has changed anything.
	inPage[bool](t, editor, `
		const send = window.fetch;
		window.fetch = async (url, options) => {
			const response = await send(url, options);
			if (!String(url).endsWith("/draft/publish")) return response;
			await response.text();
			throw new TypeError("the answer is lost");
		};
		return true`)
	editor.publishes(t, "")
}

// TestLibrary_loses_nothing: a lost connection, and somebody else who saves first.
func TestLibrary_loses_nothing(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	editor := d.edits(t)
	inPage[bool](t, editor, `document.querySelector(".article-row").click(); await until("the text", () => document.querySelector("#article-body").value); window.sends = fetch; window.fetch = () => Promise.reject(new TypeError("no network")); return true`)
	editor.types(t, "#article-body", "Written without a connection.")
	require.Contains(t, inPage[string](t, editor, `return (await until("it is said", () => document.querySelector('.save-state[data-state="offline"]'))).innerText`), "kept in this browser")

	// The page is gone, and comes back.
	require.NoError(t, chromedp.Do(editor.ctx, chromedp.Reload()))
	inPage[bool](t, editor, `return !!(await until("what was written", () => document.querySelector("#article-body")?.value === "Written without a connection."))`)
	editor.saves(t)

	// Another editor saves; neither text is lost.
	inPage[bool](t, editor, `
		const url = "/v1/articles/" + location.hash.slice(9);
		const { draft } = await (await fetch(url)).json();
		const response = await fetch(url + "/draft", { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ title: draft.title, lang: draft.lang, body: "By the other editor.", expected_rev: draft.rev }) });
		return response.ok || Promise.reject(new Error(await response.text()))`)
	editor.types(t, "#article-body", "By this editor.")
	both := inPage[[]string](t, editor, `
		await until("both texts", () => document.querySelector("dialog[open] #conflict-theirs"));
		return ["mine", "theirs"].map((side) => document.querySelector("#conflict-" + side).value)`)
	require.Equal(t, []string{"By this editor.", "By the other editor."}, both)
	editor.press(t, "Save mine")
	editor.saves(t)
	require.Equal(t, "By this editor.", inPage[string](t, editor, `return (await (await fetch("/v1/articles/" + location.hash.slice(9))).json()).draft.body`))
}

// TestLibrary_files_and_questions: what became of each file is told, and a golden
// question that a draft would spoil asks for a reason.
func TestLibrary_files_and_questions(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	editor := d.edits(t)
	editor.press(t, "Import, export")
	report := inPage[string](t, editor, `
		const files = new DataTransfer();
		files.items.add(new File(["# Hotel lamp\n\nThe cord of the hotel lamp is 140 centimetres long."], "lamp.md"));
		files.items.add(new File([new Uint8Array([0, 159, 146, 150])], "broken.md"));
		document.querySelector("#import-publish").checked = true;
		document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: files, cancelable: true }));
		return (await until("the report", () => document.querySelectorAll(".import-report li").length === 2 && !document.querySelector(".import-report").inert && document.querySelector(".import-report"))).innerText`)
	require.Regexp(t, `(?s)Refused.*broken\.md.*New.*lamp\.md`, report)

	inPage[bool](t, editor, `
		document.querySelector(".import-report a").click();
		await until("the text", () => document.querySelector("#article-body").value.includes("140"));
		document.querySelector("#tab-questions").click();
		return !!(await until("the form", () => document.querySelector("#own-expects option[value=article]")))`)
	editor.types(t, "#own-text", "How long is the cord of the hotel lamp?")
	inPage[bool](t, editor, `
		document.querySelector("#panel-questions button[type=submit]").click();
		return !!(await until("the question", () => document.querySelector("#panel-questions li")))`)
	editor.types(t, "#article-title", "Chairs")
	editor.types(t, "#article-body", "A chair has four legs, and a stool has three.")
	editor.press(t, "Publish\u2026")
	worse := inPage[string](t, editor, `
		const why = await until("a reason is asked for", () => document.querySelector("dialog[open] #gate-reason"));
		const go = [...document.querySelectorAll("dialog[open] button")].find((e) => e.innerText === "Publish now");
		go.click();
		await until("it is refused without one", () => document.querySelector("dialog[open] .problem").innerText);
		const said = document.querySelector("dialog[open]").innerText;
		why.value = "The lamp is no longer sold.";
		go.click();
		await until("it is live", () => !document.querySelector("dialog[open]"));
		return said`)
	require.Contains(t, worse, "1 worse")
	require.Contains(t, worse, "Please write the reason first.")
}
