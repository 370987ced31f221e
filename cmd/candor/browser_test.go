// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"candor/llm/llmtest"
	"candor/postgres/pgtest"
)

// browser is one window of a real browser.
type browser struct{ ctx context.Context }

// newBrowser starts Chromium. Without one the test is skipped, and fails in CI.
func newBrowser(t *testing.T) browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		require.NotEqual(t, "true", os.Getenv("CI"), "no Chromium: `make test` installs it")
		t.Skip("no Chromium: the browser tests do not run")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 900))
	ctx, stop := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(stop)
	ctx, stopBrowser := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stopBrowser)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(stopTab)
	// Several windows at once: each behaves as the one that is looked at.
	_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	require.NoError(t, err)
	return browser{ctx}
}

func (b browser) open(t *testing.T, address string) {
	t.Helper()
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Navigate(address)))
}

// prelude finds the chat, whose inside is in a shadow tree, and waits for things.
const prelude = `
	const chat = () => document.querySelector("candor-chat")?.shadowRoot;
	const until = async (what, look) => {
		for (const end = Date.now() + 90000; Date.now() < end; await new Promise((r) => setTimeout(r, 50))) {
			const found = look();
			if (found) return found;
		}
		throw new Error("never saw: " + what + "; seen: " + (chat()?.querySelector("[role=log]")?.innerText ?? document.body.innerText).slice(-600));
	};
	const bubbles = () => [...chat().querySelectorAll(".msg")];
	const textOf = (e) => e.innerText;
`

// inPage runs the body of an async function in the page, again when the page
// went elsewhere under it.
func inPage[T any](t *testing.T, b browser, body string) T {
	t.Helper()
	for range 20 {
		result, err := chromedp.Run(b.ctx, chromedp.Evaluate[T]("(async () => {"+prelude+body+"})()", chromedp.EvalAwaitPromise))
		if err != nil && (strings.Contains(err.Error(), "navigated") || strings.Contains(err.Error(), "context was destroyed")) {
			continue
		}
		require.NoError(t, err)
		return result
	}
	require.FailNow(t, "the page never came to rest")
	var none T
	return none
}

func js(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// write types into the chat with real keys and sends with Enter.
func (b browser) write(t *testing.T, text string) {
	t.Helper()
	inPage[bool](t, b, `return !!(await until("the input", () => chat()?.querySelector("#text")))`)
	const input = `document.querySelector("candor-chat").shadowRoot.querySelector("#text")`
	require.NoError(t, chromedp.Do(b.ctx, chromedp.SendKeys(chromedp.JSPath(input), text+"\r")))
}

// reads waits for words in the chat.
func (b browser) reads(t *testing.T, words string) {
	t.Helper()
	inPage[bool](t, b, `return !!(await until(`+js(words)+`, () => chat()?.querySelector("[role=log]")?.innerText.includes(`+js(words)+`)))`)
}

// press clicks the first button of the page whose text begins so.
func (b browser) press(t *testing.T, text string) {
	t.Helper()
	inPage[bool](t, b, `
		const button = await until("button "+`+js(text)+`, () => [...document.querySelectorAll("button, .row"), ...(chat()?.querySelectorAll("button") ?? [])]
			.find((e) => e.innerText.trim().startsWith(`+js(text)+`) && e.offsetParent !== null && !e.disabled));
		setTimeout(() => button.click());
		return true`)
}

// demoSite is a gateway with the demo company, behind a proxy whose address stays
// when the gateway is another.
type demoSite struct {
	site    *site
	process *process
	proxy   *httptest.Server
	target  atomic.Pointer[url.URL]
	link    string
}

func newDemo(t *testing.T, env ...string) *demoSite {
	t.Helper()
	d := &demoSite{}
	d.proxy = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(d.target.Load()); r.Out.Host = r.In.Host },
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(d.proxy.Close)
	d.site = emptySite(t, pgtest.URL(t), append(env, "CANDOR_PUBLIC_URL="+d.proxy.URL)...)
	d.restart(t)
	d.link = regexp.MustCompile(`agent\s+signs in once at (\S+)`).FindStringSubmatch(d.process.output.String())[1]
	return d
}

// restart kills the gateway, with every connection to it, and starts another.
func (d *demoSite) restart(t *testing.T) {
	t.Helper()
	if d.process != nil {
		require.NoError(t, d.process.cmd.Process.Signal(syscall.SIGKILL))
		<-d.process.exited
	}
	d.process = d.site.start(t, "--demo")
	d.target.Store(mustParse(t, d.process.url))
}

// signIn opens the desk as an agent.
func (d *demoSite) signIn(t *testing.T) browser {
	t.Helper()
	desk := newBrowser(t)
	desk.open(t, d.link)
	desk.press(t, "Continue")
	inPage[bool](t, desk, `return !!(await until("the desk", () => document.querySelector("#rows .row")))`)
	return desk
}

func TestBrowser_built_in(t *testing.T) {
	t.Parallel()
	// No provider: the demo's own model stands beside the built-in answerer.
	testBrowser(t, newDemo(t))
}

func TestBrowser_provider(t *testing.T) {
	t.Parallel()
	fake := startModel(t, paceOf(10*time.Millisecond))
	testBrowser(t, newDemo(t, "OPENAI_BASE_URL="+fake.URL()))
}

// testBrowser is the main job as a customer and an agent live it.
func testBrowser(t *testing.T, d *demoSite) {
	t.Helper()
	customer := newBrowser(t)
	customer.open(t, d.proxy.URL+"/chat")
	customer.reads(t, "not with a person")

	customer.write(t, "What does roaming in Switzerland cost?")
	answer := inPage[struct{ Text, Label, Source string }](t, customer, `
		const el = await until("an answer with a source", () => chat().querySelector(".msg-bot:not(.is-draft) .source")?.closest(".msg"));
		return { Text: el.querySelector(".body").innerText, Label: el.querySelector(".label").innerText, Source: el.querySelector(".source-title").innerText };`)
	require.Contains(t, answer.Text, "2 EUR a day")
	require.Equal(t, "AI assistant, automated reply", answer.Label)
	require.NotContains(t, answer.Text, answer.Label)
	marked := inPage[string](t, customer, `
		chat().querySelector(".source").click();
		const mark = await until("the quote in the source", () => chat().querySelector("dialog[open] .article mark"));
		const text = mark.innerText;
		chat().querySelector("dialog[open] button").click();
		return text;`)
	require.NotEmpty(t, marked, "the words that were used are marked in the article")

	customer.write(t, "在瑞士漫游多少钱？")
	customer.reads(t, "AI 生成，自动回复")
	customer.reads(t, "2 欧元")

	customer.write(t, "I want to speek to a persn about my bill")
	customer.reads(t, "your place in the queue is")
	reference := inPage[string](t, customer, `
		return (await until("a reference", () => chat().querySelector(".reference")?.innerText.match(/[2-9B-Z]{4}-[2-9B-Z]{4}/)))[0]`)

	desk := d.signIn(t)
	desk.claims(t, reference)
	customer.reads(t, "Agent 1 has joined")
	desk.replies(t, "Good morning, I have your bill here.")
	customer.reads(t, "Good morning, I have your bill here.")

	// After a reload everything is there again, and it goes on live.
	require.NoError(t, chromedp.Do(customer.ctx, chromedp.Reload()))
	customer.reads(t, "Good morning, I have your bill here.")
	customer.write(t, "Thank you, one more thing")
	desk.sees(t, "Thank you, one more thing")

	// The gateway dies with every connection to it; both sides go on by themselves.
	d.restart(t)
	desk.replies(t, "I am still here.")
	customer.reads(t, "I am still here.")
	customer.write(t, "So am I.")
	desk.sees(t, "So am I.")

	desk.press(t, "Resolve")
	inPage[bool](t, desk, `
		(await until("the outcomes", () => document.querySelector("dialog[open] button[type=submit]"))).click();
		return true`)
	customer.reads(t, "has been marked as resolved")
	require.Equal(t, 1, inPage[int](t, customer, `return chat().querySelector("[role=log]").innerText.split("So am I.").length - 1`), "nothing is there twice")
	d.site.check(t)
}

// claims opens the case with the reference and takes it.
func (b browser) claims(t *testing.T, reference string) {
	t.Helper()
	inPage[bool](t, b, `
		(await until("the case", () => [...document.querySelectorAll("#rows .row")].find((e) => e.innerText.includes(`+js(reference)+`)))).click();
		return true`)
	b.sees(t, "Why a person: asks for a person")
	b.press(t, "Claim")
	inPage[bool](t, b, `return !!(await until("the reply field", () => document.querySelector("form.reply:not([hidden]) textarea")))`)
}

// replies writes to the customer with real keys; Ctrl and Enter send.
func (b browser) replies(t *testing.T, text string) {
	t.Helper()
	require.NoError(t, chromedp.Do(b.ctx, chromedp.SendKeys(chromedp.JSPath(`document.querySelector("#reply")`), text)))
	inPage[bool](t, b, `(await until("the button", () => document.querySelector("form.reply button[type=submit]:not([disabled])"))).click(); return true`)
	b.sees(t, text)
}

// sees waits for words on the desk's transcript.
func (b browser) sees(t *testing.T, words string) {
	t.Helper()
	inPage[bool](t, b, `return !!(await until(`+js(words)+`, () => document.querySelector(".transcript")?.innerText.includes(`+js(words)+`)))`)
}

func TestBrowser_no_article(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	customer := newBrowser(t)
	customer.open(t, d.proxy.URL+"/chat")
	customer.write(t, "Can I rent a satellite telephone for my sailing boat?")
	customer.reads(t, "Your reference is")
}

// TestBrowser_hostile_provider: a model that claims to be human and promises
// money. Nothing of it is on the page at any moment; a person is.
func TestBrowser_hostile_provider(t *testing.T) {
	t.Parallel()
	fake := startModel(t, llmtest.Liar())
	d := newDemo(t, "OPENAI_BASE_URL="+fake.URL())
	customer := newBrowser(t)
	customer.open(t, d.proxy.URL+"/chat")
	inPage[bool](t, customer, `
		await until("the chat", () => chat()?.querySelector("[role=log]"));
		window.seen = "";
		new MutationObserver(() => { window.seen += chat().querySelector("[role=log]").innerText })
			.observe(chat(), { childList: true, subtree: true, characterData: true });
		return true`)
	customer.write(t, "What does roaming in Switzerland cost?")
	customer.reads(t, "Your reference is")
	seen := inPage[string](t, customer, `return window.seen`)
	for _, lie := range []string{"real person", "refund", "discount", "312.45"} {
		require.NotContains(t, seen, lie)
	}
	desk := d.signIn(t)
	reference := inPage[string](t, customer, `return chat().querySelector(".reference").innerText.match(/[2-9B-Z]{4}-[2-9B-Z]{4}/)[0]`)
	inPage[bool](t, desk, `
		(await until("the case", () => [...document.querySelectorAll("#rows .row")].find((e) => e.innerText.includes(`+js(reference)+`)))).click();
		return true`)
	struck := inPage[string](t, desk, `return (await until("the struck-out lie", () => document.querySelector(".held del"))).textContent`)
	require.Contains(t, struck, "real person")
}
