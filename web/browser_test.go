// SPDX-License-Identifier: MIT

package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"candor/web"
)

// tab opens a browser at a page of the site, served under the real policy. It skips where there is no Chromium, and fails in CI.
func tab(t *testing.T) (context.Context, string) {
	t.Helper()
	found := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			found = path
			break
		}
	}
	if found == "" {
		require.NotEqual(t, "true", os.Getenv("CI"), "no Chromium")
		t.Skip("no Chromium: the browser tests do not run")
	}
	server := httptest.NewServer(served(t))
	t.Cleanup(server.Close)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(found), chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, stop := context.WithTimeout(t.Context(), 6*time.Minute)
	t.Cleanup(stop)
	ctx, stopBrowser := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stopBrowser)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(stopTab)
	return ctx, server.URL
}

// served is every page and asset, as the gateway serves them.
func served(t *testing.T) http.Handler {
	t.Helper()
	site := newSite(t)
	mux := http.NewServeMux()
	mux.Handle("/static/", site.Assets())
	mux.Handle("/widget.js", site.Assets())
	mux.Handle("/favicon.svg", site.Assets())
	for name, data := range pages() {
		var body bytes.Buffer
		require.NoError(t, site.Render(&body, name, data))
		mux.HandleFunc("/page/"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", web.ContentSecurityPolicy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write(body.Bytes())
		})
	}
	return mux
}

// script runs the body of an async function in the page and decodes what it returns.
func script[T any](ctx context.Context, t *testing.T, body string) T {
	t.Helper()
	result, err := chromedp.Run(ctx, chromedp.Evaluate[T]("(async () => {"+body+"})()", chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	return result
}

func quoted(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestModules(t *testing.T) {
	t.Parallel()
	ctx, url := tab(t)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(url+"/page/failure")))

	t.Run("events_are_the_same_wherever_the_bytes_are_cut", func(t *testing.T) {
		t.Parallel()
		stream := "\ufeff: hello\r\n\r\nid: 7\nevent: message.created\ndata: {\"text\":\"Grüße 你好 مرحبا\"}\n\nretry: 2500\r\rdata: a\r\ndata:b\r\n\r\nevent: nothing\n\nid: 8\ndata: end\n\n"
		got := script[[]string](ctx, t, `
			const { EventParser } = await import("/static/shared/sse.js");
			const bytes = new TextEncoder().encode(`+quoted(t, strings.TrimPrefix(stream, "\ufeff"))+`);
			const seen = new Set();
			for (let cut = 0; cut <= bytes.length; cut++) {
				const parser = new EventParser();
				const events = [...parser.push(bytes.subarray(0, cut)), ...parser.push(bytes.subarray(cut))];
				seen.add(JSON.stringify([events, parser.retry]));
			}
			const slow = new EventParser(), one = [];
			for (const byte of bytes) one.push(...slow.push(Uint8Array.of(byte)));
			seen.add(JSON.stringify([one, slow.retry]));
			return [...seen];`)
		require.Len(t, got, 1)
		require.JSONEq(t, `[[
			{"event":"message.created","id":"7","data":"{\"text\":\"Grüße 你好 مرحبا\"}"},
			{"event":"message","id":null,"data":"a\nb"},
			{"event":"message","id":"8","data":"end"}], 2500]`, got[0])
	})

	t.Run("an_endless_event_is_given_up", func(t *testing.T) {
		t.Parallel()
		require.True(t, script[bool](ctx, t, `
			const { EventParser } = await import("/static/shared/sse.js");
			const parser = new EventParser(), megabyte = new TextEncoder().encode("x".repeat(1 << 20));
			try { for (let i = 0; i < 8; i++) parser.push(megabyte); return false } catch { return true }`))
	})

	t.Run("coming_back_waits_longer_each_time_and_never_in_step", func(t *testing.T) {
		t.Parallel()
		waits := script[[]float64](ctx, t, `
			const { backoff } = await import("/static/shared/sse.js");
			return [backoff(0, 1000, () => 0), backoff(0, 1000, () => 1), backoff(3, 1000, () => 1), backoff(99, 1000, () => 1)];`)
		require.Equal(t, []float64{500, 1000, 8000, 30000}, waits)
	})

	t.Run("of_readings_that_overtake_each_other_the_last_is_shown", func(t *testing.T) {
		t.Parallel()
		shown := script[[]string](ctx, t, `
			const { latest } = await import("/static/shared/latest.js");
			const answers = [], shown = [];
			const load = latest(() => new Promise((resolve) => answers.push(resolve)), (found) => shown.push(found));
			const first = load(), second = load();
			answers[1]("after the change");
			await second;
			answers[0]("before the change");
			await first;
			const third = load();
			answers[2]("later");
			await third;
			return shown;`)
		require.Equal(t, []string{"after the change", "later"}, shown)
	})

	t.Run("html_of_the_server_keeps_only_what_it_should", func(t *testing.T) {
		t.Parallel()
		got := script[string](ctx, t, `
			const { setServerHTML } = await import("/static/shared/dom.js");
			const el = document.createElement("div");
			document.body.append(el);
			setServerHTML(el, `+quoted(t, `<p onclick="alert(1)" style="color:red" class="x">One <strong>two</strong></p><script>alert(1)</script>`+
			`<img src=x onerror=alert(1)><svg onload=alert(1)><a href="x">in</a></svg><iframe src="//evil.example"></iframe><style>*{}</style>`+
			`<a href="javascript:alert(1)">bad</a><a href="//evil.example">far</a><a href="https://larkwire.example/a">good</a>`+
			`<form action="/x"><input name=a><button>go</button></form><math><mtext><script>alert(1)</script></mtext></math><ol start="3"><li>x</li></ol>`)+`);
			const html = el.innerHTML;
			el.remove();
			return html;`)
		require.Equal(t, `<p>One <strong>two</strong></p><a>bad</a><a>far</a>`+
			`<a href="https://larkwire.example/a" target="_blank" rel="noopener noreferrer nofollow">good</a>go<ol start="3"><li>x</li></ol>`, got)
	})

	t.Run("quotations_are_marked_across_elements_and_marks", func(t *testing.T) {
		t.Parallel()
		cases := []struct{ html, quote, want string }{
			{`<p>It costs <b>2 EUR</b>, a day. More.</p>`, `It costs **2 EUR**, a day.`, `<p><mark>It costs </mark><b><mark>2 EUR</mark></b><mark>, a day.</mark> More.</p>`},
			{`<p>一天在当地时间午夜结束。另外</p>`, "一天在当地时间 午夜结束", `<p><mark>一天在当地时间午夜结束。</mark>另外</p>`},
			{`<p>See <a>the list</a> of prices</p>`, `See [the list](https://larkwire.example/x) of`, `<p><mark>See </mark><a><mark>the list</mark></a><mark> of</mark> prices</p>`},
			{`<p>Nothing of it</p>`, `Something else`, `<p>Nothing of it</p>`},
			{`<ul><li>Über one</li><li>TWO (3).</li></ul>`, "- über one\n- two (3)", `<ul><li><mark>Über one</mark></li><li><mark>TWO (3).</mark></li></ul>`},
		}
		for _, c := range cases {
			got := script[string](ctx, t, `
				const { markQuotes } = await import("/static/shared/quote.js");
				const el = document.createElement("div");
				const { setServerHTML } = await import("/static/shared/dom.js");
				setServerHTML(el, `+quoted(t, c.html)+`);
				markQuotes(el, [`+quoted(t, c.quote)+`]);
				return el.innerHTML;`)
			require.Equal(t, c.want, got)
		}
	})

	t.Run("hours_and_waits_are_in_the_language_of_the_reader", func(t *testing.T) {
		t.Parallel()
		got := script[[]string](ctx, t, `
			const { hoursLines, waited } = await import("/static/shared/time.js");
			const { Strings } = await import("/static/widget/strings.js");
			const weekdays = [1, 2, 3, 4, 5].map((day) => ({ day, opens: "08:00", closes: "20:00" }));
			const lines = hoursLines([...weekdays, { day: 6, opens: "09:00", closes: "12:00" }], "de");
			const words = new Strings({ locale: "en", dir: "ltr", org: "L", strings: { a: "Place {position}, {hole}." }, disclosure: {}, locales: [] });
			return [...lines.map((l) => l.days + " " + l.times), words.wait({ p10_s: 100, p90_s: 400 }), words.wait({ p10_s: 5, p90_s: 20 }),
				words.wait({ p10_s: 3600, p90_s: 7200 }), words.t("a", { position: 3 }), words.t("missing"), waited("2026-01-01T00:00:00Z", Date.UTC(2026, 0, 1, 1, 2, 3))];`)
		want := []string{"Mo–Fr 08:00–20:00", "Sa 09:00–12:00", "1–7 minutes", "1 minute", "1–2 hours", "Place 3, .", "", "1:02:03"}
		for i := range got {
			got[i] = strings.ReplaceAll(got[i], "\u2009", "")
		}
		require.Equal(t, want, got)
	})
}

func TestPages_in_a_browser(t *testing.T) {
	t.Parallel()
	ctx, url := tab(t)
	_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `window.violations = []; addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective + " " + e.blockedURI));`,
	})
	require.NoError(t, err)
	for name := range pages() { //nolint:paralleltest // one tab, one page at a time
		for _, size := range []struct {
			name  string
			width int64
			root  string
		}{{"at_320_pixels", 320, "100%"}, {"with_text_at_200_percent", 640, "200%"}} {
			t.Run(name+"_fits_"+size.name, func(t *testing.T) {
				require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(size.width, 800), chromedp.Navigate(url+"/page/"+name)))
				script[any](ctx, t, `document.documentElement.style.fontSize = `+quoted(t, size.root)+`; return null`)
				wide := script[[]string](ctx, t, `
					const wide = document.documentElement.scrollWidth > innerWidth + 1;
					return wide ? [...document.querySelectorAll("body *")].filter((el) => el.getBoundingClientRect().right > innerWidth + 1).map((el) => el.tagName + "." + el.className) : [];`)
				require.Empty(t, wide, "wider than the window")
				require.Empty(t, script[[]string](ctx, t, `return violations`))
			})
		}
	}

	t.Run("a_breach_of_the_policy_would_be_seen", func(t *testing.T) {
		seen := script[[]string](ctx, t, `
			document.body.setAttribute("style", "color: red");
			try { document.body.innerHTML = "<b>x</b>" } catch {}
			await new Promise((resolve) => setTimeout(resolve, 50));
			return violations`)
		require.GreaterOrEqual(t, len(seen), 2)
	})
}
