// SPDX-License-Identifier: MIT

package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// changingSite is a company's web site whose pages change.
type changingSite struct {
	*httptest.Server
	mu    sync.Mutex
	pages map[string]string
}

func newChangingSite(t *testing.T, pages map[string]string) *changingSite {
	t.Helper()
	s := &changingSite{pages: pages}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		page, has := s.pages[r.URL.Path]
		s.mu.Unlock()
		if !has {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(`<html lang="en"><main>` + page + `</main></html>`))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *changingSite) set(path, page string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[path] = page
}

// row waits until the table says something of a page.
func (b browser) row(t *testing.T, page, state string) {
	t.Helper()
	inPage[bool](t, b, `return !!(await until("the page", () => [...document.querySelectorAll(".source-table tbody tr")].find((r) => r.innerText.includes(`+js(page)+`) && r.innerText.includes(`+js(state)+`))))`)
}

// TestSources follows a site that changes: a preview, drafts, an editor's own words, and the choice between the two.
func TestSources(t *testing.T) {
	t.Parallel()
	help := newChangingSite(t, map[string]string{
		"/help/": `<h1>Help</h1><p>All about lamps: <a href="cord">the cord</a>.</p>`, "/help/cord": `<h1>The hotel lamp</h1><p>The cord of the hotel lamp is 140 centimetres long.</p>`,
	})
	d := newDemo(t, "CANDOR_LIBRARY_ALLOW_PRIVATE=127.0.0.1/32")
	a := newAuditor(t)
	a.browser = d.signsIn(t, a.browser)
	a.open(t, d.proxy.URL+"/library/sources")
	inPage[bool](t, a.browser, `return !!(await until("the form", () => document.querySelector("#source-url")))`)
	a.types(t, "#source-url", help.URL+"/help/")
	a.press(t, "Preview")
	preview := inPage[string](t, a.browser, `return (await until("the pages", () => document.querySelectorAll(".source-preview li").length === 2 && document.querySelector(".source-preview"))).innerText`)
	require.Contains(t, preview, "140 centimetres")
	a.passes(t, "sources_preview")

	a.press(t, "Follow it and read it now")
	a.row(t, "The hotel lamp", "Taken over")
	a.passes(t, "source")
	a.limits(t)
	article := inPage[string](t, a.browser, `return [...document.querySelectorAll(".source-table tbody tr")].find((r) => r.innerText.includes("The hotel lamp")).querySelector("a[href*=article]").href`)
	source := inPage[string](t, a.browser, `return location.href`)

	a.open(t, article)
	inPage[bool](t, a.browser, `return !!(await until("the text", () => document.querySelector("#article-body")?.value.includes("140")))`)
	a.types(t, "#article-body", "# The hotel lamp\n\nThe cord was measured here: 150 centimetres.")
	a.saves(t)
	help.set("/help/cord", `<h1>The hotel lamp</h1><p>The cord of the hotel lamp is 160 centimetres long.</p>`)
	help.set("/help/", `<h1>Help</h1><p>All about lamps and more: <a href="cord">the cord</a>.</p>`)
	a.open(t, d.proxy.URL+"/library")
	a.open(t, source)
	a.press(t, "Read it now")
	a.row(t, "The hotel lamp", "To choose")
	a.row(t, "Help", "Taken over")
	a.press(t, "Choose")
	both := inPage[string](t, a.browser, `return (await until("both texts", () => document.querySelectorAll("dialog[open] .side").length === 2 && document.querySelector("dialog[open]"))).innerText`)
	require.Contains(t, both, "150 centimetres")
	require.Contains(t, both, "160 centimetres")
	a.passes(t, "source_choice")
	a.press(t, "Take the page\u2019s as a draft")
	a.row(t, "The hotel lamp", "As it was")
	a.open(t, d.proxy.URL+"/library")
	a.open(t, article)
	inPage[bool](t, a.browser, `return !!(await until("the page's text", () => document.querySelector("#article-body")?.value.includes("160 centimetres")))`)
}

// limits sets how many pages the source may have, and whose it is.
func (a auditor) limits(t *testing.T) {
	t.Helper()
	set := func(pages string) string {
		return inPage[string](t, a.browser, `
			const field = document.querySelector("#source-most");
			field.value = `+js(pages)+`;
			field.dispatchEvent(new Event("change"));
			const said = await until("word of it", () => document.querySelector(".source .problem").textContent || document.querySelector("#library-note").textContent);
			document.querySelector("#library-note").textContent = "";
			return said`)
	}
	require.Contains(t, set("0"), "a whole number from 1 to 2,000")
	require.Contains(t, set("2001"), "a whole number from 1 to 2,000")
	a.passes(t, "source_limit_refused")
	require.Equal(t, "Changed.", set("2"))
	inPage[bool](t, a.browser, `
		await until("the limit is reached", () => document.querySelector(".source").innerText.includes("as many pages as the limit allows"));
		const owner = document.querySelector("#source-belongs");
		if (owner.selectedOptions[0].text === "Nobody") throw new Error("the source belongs to who added it");
		owner.value = "";
		owner.dispatchEvent(new Event("change"));
		return !!(await until("it belongs to nobody", () => document.querySelector("#library-note").textContent === "Changed." && !document.querySelector(".source-facts").innerText.includes("belongs to")))`)
}

// signsIn makes an editor of a browser.
func (d *demoSite) signsIn(t *testing.T, b browser) browser {
	t.Helper()
	_, link, found := strings.Cut(d.process.output.String(), "editor")
	require.True(t, found)
	_, link, _ = strings.Cut(link, "signs in once at ")
	b.open(t, strings.Fields(link)[0])
	b.press(t, "Continue")
	b.articles(t)
	return b
}

// TestSources_gate: what a folder brings is held where it makes answers worse, until somebody says why.
func TestSources_gate(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	editor := d.edits(t)
	inPage[bool](t, editor, `
		const post = (url, body, type) => fetch(url, { method: "POST", headers: { "Content-Type": type }, body }).then((r) => r.ok ? r.json() : r.text().then((text) => Promise.reject(new Error(text))));
		const lamp = await post("/v1/knowledge/import?publish=true&filename=lamp.md", "# Hotel lamp\n\nThe cord of the hotel lamp is 140 centimetres long.", "text/markdown");
		await post("/v1/questions", JSON.stringify({ text: "How long is the cord of the hotel lamp?", expects: "article", article_id: lamp.files[0].article_id }), "application/json");
		return true`)
	editor.press(t, "Import, export")
	held := inPage[string](t, editor, `
		const files = new DataTransfer();
		files.items.add(new File(["# Chairs\n\nA chair has four legs, and a stool has three."], "lamp.md"));
		files.items.add(new File(["# Tables\n\nA table has a top."], "tables.md"));
		document.querySelector("#import-publish").checked = true;
		document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: files, cancelable: true }));
		await until("a reason is asked for", () => document.querySelector("dialog[open] textarea")?.offsetParent);
		return document.querySelector("dialog[open]").innerText`)
	require.Contains(t, held, "1 golden question would be answered worse")
	live := inPage[string](t, editor, `
		document.querySelector("dialog[open] textarea").value = "The lamp is no longer sold.";
		[...document.querySelectorAll("dialog[open] button")].find((b) => b.innerText === "Publish all the same").click();
		return (await until("it is live", () => document.querySelector("dialog[open]").innerText.includes("are live") && document.querySelector("dialog[open]"))).innerText`)
	require.Contains(t, live, "2 articles are live")
}
