// SPDX-License-Identifier: MIT

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// axeSum is the checksum of the engine in web/testdata/axe-core.
const axeSum = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"

// auditor is a browser whose pages all carry axe-core, frames included.
type auditor struct{ browser }

func newAuditor(t *testing.T) auditor {
	t.Helper()
	a := auditor{newBrowser(t)}
	a.carry(t)
	return a
}

// carry gives the engine to all pages that are opened from here on.
func (a auditor) carry(t *testing.T) {
	t.Helper()
	engine, err := os.ReadFile("../../web/testdata/axe-core/axe.min.js")
	require.NoError(t, err)
	sum := sha256.Sum256(engine)
	require.Equal(t, axeSum, hex.EncodeToString(sum[:]), "another axe-core than the one that was reviewed")
	_, err = chromedp.Call(a.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: string(engine)})
	require.NoError(t, err)
}

// look is a way in which somebody sees the pages.
type look struct {
	name, scheme string
	width        int64
	text         string // size of the root's text
}

var looks = []look{
	{"light", "light", 1280, "100%"},
	{"dark", "dark", 1280, "100%"},
	{"light_at_320_pixels", "light", 320, "100%"},
	{"dark_with_text_at_200_percent", "dark", 1280, "200%"},
}

// wear gives the page a look. Motion is reduced, so that no colour is caught between two others.
func (a auditor) wear(t *testing.T, l look) {
	t.Helper()
	require.NoError(t, chromedp.Do(a.ctx, chromedp.EmulateViewport(l.width, 900)))
	_, err := chromedp.Call(a.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: l.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	require.NoError(t, err)
	inPage[bool](t, a.browser, `
		document.documentElement.style.fontSize = `+js(l.text)+`;
		for (let i = 0; i < 2; i++) await new Promise((done) => requestAnimationFrame(done));
		await Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => {})));
		return true`)
}

// violation is a rule of axe-core that a page breaks, and where.
type violation struct {
	ID, Help string
	Nodes    []struct {
		Target  []any
		HTML    string
		Summary string `json:"failureSummary"`
	}
}

func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", v.ID, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "  %v  %.200s\n    %s\n", n.Target, n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n    "))
	}
	return b.String()
}

// audit asks axe-core for all it knows, best practices and the size of targets included.
func (a auditor) audit(t *testing.T) []violation {
	t.Helper()
	return inPage[[]violation](t, a.browser, `
		const { violations } = await axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } });
		return violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ target, html, failureSummary }) => ({ target, html, failureSummary })) }))`)
}

// passes looks at the page as it stands, in every look.
func (a auditor) passes(t *testing.T, name string) {
	t.Helper()
	for _, l := range looks {
		t.Run(name+"_"+l.name, func(t *testing.T) {
			a.wear(t, l)
			var found []string
			for _, v := range a.audit(t) {
				found = append(found, v.String())
			}
			require.Empty(t, found, strings.Join(found, "\n"))
		})
	}
	a.wear(t, looks[0])
}

// TestAxe_customer opens what customers see, as it is when it is used.
func TestAxe_customer(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	a := newAuditor(t)
	for _, path := range []string{"/", "/chat", "/chat?locale=ar", "/chat?plain=1", "/service", "/signin", "/demo", "/nowhere"} {
		a.open(t, d.proxy.URL+path)
		if strings.HasPrefix(path, "/chat") && !strings.Contains(path, "plain") || path == "/demo" {
			inPage[bool](t, a.browser, `return !!(await until("the notice", () => chat()?.querySelector(".intro, .notice, [role=log] p")))`)
		}
		a.passes(t, strings.NewReplacer("/", "_", "?", "_", "=", "_").Replace(strings.TrimPrefix(path, "/")))
	}

	a.open(t, d.proxy.URL+"/")
	inPage[bool](t, a.browser, `(await until("the launcher", () => chat()?.querySelector(".launcher"))).click(); return true`)
	a.reads(t, "not with a person")
	a.passes(t, "widget")
	a.write(t, "What does roaming in Switzerland cost?")
	inPage[bool](t, a.browser, `return !!(await until("an answer", () => chat().querySelector(".msg-bot:not(.is-draft) .source")))`)
	a.passes(t, "widget_with_an_answer")
	inPage[bool](t, a.browser, `
		chat().querySelector(".source").click();
		return !!(await until("the source", () => chat().querySelector("dialog[open] .article mark")))`)
	a.passes(t, "widget_with_a_source")
	inPage[bool](t, a.browser, `chat().querySelector("dialog[open] button").click(); return true`)
	a.write(t, "I want to speak to a person about my bill")
	a.reads(t, "your place in the queue is")
	a.passes(t, "widget_in_the_queue")

	token := inPage[opened](t, a.browser, `
		const response = await fetch("/v1/conversations", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ locale: "en" }) });
		return response.json()`)
	c := newClient(func() string { return d.proxy.URL })
	require.NoError(t, c.insist(t.Context(), http.MethodPost, token.path("/messages"), token.Token, map[string]string{"text": "I want a person"}, nil))
	_, err := chromedp.Call(a.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
		Headers: network.Headers{"Authorization": "Bearer " + token.Token, "Accept": "text/html"},
	})
	require.NoError(t, err)
	a.open(t, d.proxy.URL+token.path("/transcript"))
	require.Contains(t, inPage[string](t, a.browser, `return document.body.innerText`), "I want a person")
	a.passes(t, "transcript")
}

// TestAxe_staff opens what agents see.
func TestAxe_staff(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	a := newAuditor(t)
	a.open(t, d.link)
	a.press(t, "Continue")
	inPage[bool](t, a.browser, `return !!(await until("the desk", () => document.querySelector("#rows .row")))`)
	a.passes(t, "desk")
	inPage[bool](t, a.browser, `document.querySelector("#rows .row").click(); return !!(await until("the packet", () => document.querySelector(".packet .reason")))`)
	a.passes(t, "desk_with_a_case")
	a.press(t, "Claim")
	inPage[bool](t, a.browser, `return !!(await until("the reply field", () => document.querySelector("form.reply:not([hidden]) textarea")))`)
	a.passes(t, "desk_with_an_own_case")
	a.keys(t, "\x1bn")
	inPage[bool](t, a.browser, `return !!(await until("the note", () => document.activeElement.id === "note"))`)
	require.NoError(t, chromedp.Do(a.ctx, chromedp.SendKeys(chromedp.JSPath(`document.querySelector("#note")`), "A note.")))
	inPage[bool](t, a.browser, `document.querySelector(".btn-note").click(); return !!(await until("it is kept", () => document.querySelector(".said-note")))`)
	a.passes(t, "desk_with_a_note")
	inPage[bool](t, a.browser, `document.querySelector("#tab-reply").click(); return true`)
	for _, button := range []string{"Transfer", "Notifications", "Mentions", "Suggest", "Saved replies"} {
		a.press(t, button)
		inPage[bool](t, a.browser, `return !!(await until("a dialog", () => document.querySelector("dialog[open]")))`)
		a.passes(t, "desk_"+strings.ToLower(strings.ReplaceAll(button, " ", "_")))
		inPage[bool](t, a.browser, `document.querySelector("dialog[open]").close(); return true`)
	}
	inPage[bool](t, a.browser, `document.querySelector(".more summary").click(); return !!(await until("the menu", () => document.querySelector(".more button")))`)
	a.passes(t, "desk_more")
	inPage[bool](t, a.browser, `document.querySelector(".more summary").click(); return true`)
	for _, step := range []string{"Snooze", "Ask a supervisor"} {
		a.chooses(t, step)
		inPage[bool](t, a.browser, `return !!(await until("a dialog", () => document.querySelector("dialog[open]")))`)
		a.passes(t, "desk_"+strings.ToLower(strings.ReplaceAll(step, " ", "_")))
		inPage[bool](t, a.browser, `document.querySelector("dialog[open]").close(); return true`)
	}
	a.press(t, "Resolve")
	inPage[bool](t, a.browser, `return !!(await until("the outcomes", () => document.querySelector("dialog[open] button[type=submit]")))`)
	a.passes(t, "desk_resolving")
	inPage[bool](t, a.browser, `document.querySelector("dialog[open]").close(); document.querySelector("[data-keys]").click(); return true`)
	a.passes(t, "desk_keys")
	inPage[bool](t, a.browser, `document.querySelector("dialog[open]").close(); return true`)
	a.press(t, "Release")
	inPage[bool](t, a.browser, `return !!(await until("the way back", () => document.querySelector(".toast")))`)
	a.passes(t, "desk_with_news")
	a.open(t, d.proxy.URL+"/demo")
	a.reads(t, "not with a person")
	a.passes(t, "demo_signed_in")
	a.open(t, d.proxy.URL+"/desk/wall")
	inPage[bool](t, a.browser, `return !!(await until("the figures", () => document.querySelector(".tile-value")))`)
	a.passes(t, "wall")
}

// TestAxe_settings opens what supervisors see.
func TestAxe_settings(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	a := newAuditor(t)
	a.open(t, regexp.MustCompile(`supervisor\s+signs in once at (\S+)`).FindStringSubmatch(d.process.output.String())[1])
	a.press(t, "Continue")
	inPage[bool](t, a.browser, `return !!(await until("the desk", () => document.querySelector("#rows .row")))`)
	for _, path := range []string{"/settings", "/settings/staff", "/settings/webhooks", "/settings/blocks", "/settings/records", "/settings/audit", "/settings/account", "/password"} {
		a.open(t, d.proxy.URL+path)
		inPage[bool](t, a.browser, `return !!(await until("the page", () => document.querySelector("main button, main input, main table")))`)
		a.passes(t, strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "_"))
	}
	a.webhooks(t)
}

// webhooks opens what there is to be seen of one.
func (a auditor) webhooks(t *testing.T) {
	t.Helper()
	inPage[bool](t, a.browser, `
		const response = await fetch("/v1/webhooks", { method: "POST", headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ url: "https://192.88.98.1/in", events: ["case.opened"], note: "Tickets" }) });
		const { webhook } = await response.json();
		await fetch("/v1/webhooks/" + webhook.id + "/secret", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
		await fetch("/v1/webhooks/" + webhook.id + "/disable", { method: "POST" });
		location.assign("/settings/webhooks");
		return response.ok`)
	inPage[bool](t, a.browser, `(await until("the messages", () => document.querySelector(".hook details summary"))).click(); return !!(await until("none", () => document.querySelector(".hook-log td")))`)
	a.passes(t, "settings_webhooks_with_one")
	for _, button := range []string{"Add a webhook", "New secret", "Delete"} {
		a.press(t, button)
		inPage[bool](t, a.browser, `return !!(await until("a dialog", () => document.querySelector("dialog[open]")))`)
		a.passes(t, "settings_webhooks_"+button)
		inPage[bool](t, a.browser, `document.querySelector("dialog[open]").close(); return true`)
	}
}

// TestAxe_library opens what editors see.
func TestAxe_library(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	a := newAuditor(t)
	a.open(t, regexp.MustCompile(`editor\s+signs in once at (\S+)`).FindStringSubmatch(d.process.output.String())[1])
	a.press(t, "Continue")
	a.articles(t)
	a.passes(t, "library")
	a.opens(t, "Making a complaint")
	inPage[bool](t, a.browser, `return !!(await until("the preview", () => document.querySelector(".preview-host").shadowRoot.querySelector(".article p")))`)
	a.passes(t, "library_with_an_article")
	a.tries(t, "live", "What does roaming in Switzerland cost?")
	a.passes(t, "library_bench")
	a.types(t, "#article-body", "Something quite different.")
	a.saves(t)
	inPage[bool](t, a.browser, `document.querySelector("#tab-versions").click(); (await until("a version", () => document.querySelector(".version button"))).click(); return !!(await until("the changes", () => document.querySelector("dialog[open] .diff")))`)
	a.passes(t, "library_changes")
	inPage[bool](t, a.browser, `document.querySelector("dialog[open]").close(); return true`)
	a.press(t, "Publish\u2026")
	inPage[bool](t, a.browser, `return !!(await until("the gate", () => document.querySelector("dialog[open] .dialog-actions")))`)
	a.passes(t, "library_gate")
	inPage[bool](t, a.browser, `document.querySelector(".gate-later").open = true; return true`)
	a.passes(t, "library_gate_later")
	inPage[bool](t, a.browser, `document.querySelector("dialog[open]").close(); return true`)
	for _, tab := range []string{"details", "languages"} {
		inPage[bool](t, a.browser, `document.querySelector("#tab-`+tab+`").click(); return true`)
		a.passes(t, "library_"+tab)
	}
	a.press(t, "Ask for a review")
	a.passes(t, "library_review")
	inPage[bool](t, a.browser, `document.querySelector("dialog[open]")?.close(); location.hash = "#gaps"; return !!(await until("the board", () => document.querySelector(".gap-row")))`)
	a.passes(t, "library_gaps")
	a.press(t, "Dismiss")
	inPage[bool](t, a.browser, `return !!(await until("the window", () => document.querySelector("dialog[open]")))`)
	a.passes(t, "library_gaps_dismiss")
	inPage[bool](t, a.browser, `document.querySelector("dialog[open]").close(); document.querySelector(".gap-row a").click(); return !!(await until("its questions", () => document.querySelector(".gap-answer")))`)
	a.passes(t, "library_gap")
	a.press(t, "Make a draft")
	inPage[bool](t, a.browser, `return !!(await until("the banner", () => document.querySelector(".origin:not([hidden])")))`)
	a.passes(t, "library_draft_from_a_gap")
	for _, name := range []string{"Golden questions", "Import, export"} {
		inPage[bool](t, a.browser, `document.querySelector("dialog[open]")?.close(); return true`)
		a.press(t, name)
		inPage[bool](t, a.browser, `return !!(await until("the window", () => document.querySelector("dialog[open]")))`)
		a.passes(t, "library_"+name)
	}
}

// TestAxe_finds_what_is_wrong: the audit that finds nothing on our pages finds a field without a label, also in a frame's and in a
// shadow's inside, and words that are too pale.
func TestAxe_finds_what_is_wrong(t *testing.T) {
	t.Parallel()
	a := newAuditor(t)
	a.open(t, newDemo(t).proxy.URL+"/service")
	a.wear(t, looks[0])
	require.Empty(t, a.audit(t))
	inPage[bool](t, a.browser, `
		const main = document.querySelector("main");
		const put = (name, parent) => parent.append(document.createElement(name)) ?? parent.lastElementChild;
		put("input", main).id = "bare";
		put("input", put("p", main).attachShadow({ mode: "open" })).className = "inside";
		const pale = put("p", main);
		pale.textContent = "Hardly to be read";
		pale.style.color = "#bbb";
		pale.id = "pale";
		return true`)
	found := map[string]string{}
	for _, v := range a.audit(t) {
		found[v.ID] = v.String()
	}
	require.Contains(t, found["label"], "#bare")
	require.Contains(t, found["label"], ".inside")
	require.Contains(t, found["color-contrast"], "#pale")
}
