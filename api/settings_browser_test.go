// SPDX-License-Identifier: MIT

package api_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"candor/staff"
)

// window is one window of a real browser, signed in as somebody.
type window struct {
	ctx context.Context
	url string
}

// window opens a browser and signs in by a link. Without Chromium the test is
// skipped, and fails in CI.
func (w *world) window(t *testing.T, name string, role staff.Role) window {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		require.NotEqual(t, "true", os.Getenv("CI"), "no Chromium: `make test` installs it")
		t.Skip("no Chromium: the browser tests do not run")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 1000))
	ctx, stop := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(stop)
	ctx, stopBrowser := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stopBrowser)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(stopTab)
	_, err = chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `window.violations = []; addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective + " " + e.blockedURI));`,
	})
	require.NoError(t, err)
	a, err := w.staff.Add(t.Context(), strings.ToLower(strings.ReplaceAll(name, " ", "."))+"@browser.example", name, role, "")
	require.NoError(t, err)
	link, err := w.staff.IssueLink(t.Context(), a.ID)
	require.NoError(t, err)
	b := window{ctx, w.url}
	b.open(t, "/signin?next=/settings#"+link)
	b.press(t, "Continue")
	b.reads(t, "My account")
	return b
}

func (b window) open(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Navigate(b.url+path)))
}

const windowPrelude = `
	const until = async (what, look) => {
		for (const end = Date.now() + 90000; Date.now() < end; await new Promise((r) => setTimeout(r, 30))) {
			const found = look();
			if (found) return found;
		}
		throw new Error("never saw: " + what + "; seen: " + document.body.innerText.slice(0, 900));
	};
	const labelled = (text) => [...document.querySelectorAll("input, select, textarea")].find((e) =>
		(e.getAttribute("aria-label") ?? [...(e.labels ?? [])].map((l) => l.innerText).join(" ")).trim() === text && e.offsetParent !== null);
`

func inWindow[T any](t *testing.T, b window, body string) T {
	t.Helper()
	for range 20 {
		result, err := chromedp.Run(b.ctx, chromedp.Evaluate[T]("(async () => {"+windowPrelude+body+"})()", chromedp.EvalAwaitPromise))
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

func quoted(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func (b window) reads(t *testing.T, words string) {
	t.Helper()
	inWindow[bool](t, b, `return !!(await until(`+quoted(words)+`, () => document.body?.innerText.includes(`+quoted(words)+`)))`)
}

// press clicks the first button with that text or name.
func (b window) press(t *testing.T, text string) {
	t.Helper()
	inWindow[bool](t, b, `
		const name = `+quoted(text)+`;
		const button = await until("button " + name, () => [...(document.querySelector("dialog[open]") ?? document).querySelectorAll("button")]
			.find((e) => (e.getAttribute("aria-label") ?? e.innerText).trim().startsWith(name) && e.offsetParent !== null && !e.disabled));
		setTimeout(() => button.click());
		return true`)
}

// types replaces what stands in a field that is found by its label.
func (b window) types(t *testing.T, label, text string) {
	t.Helper()
	inWindow[bool](t, b, `
		const field = await until("field " + `+quoted(label)+`, () => labelled(`+quoted(label)+`));
		field.focus();
		field.value = `+quoted(text)+`;
		field.dispatchEvent(new Event("input", { bubbles: true }));
		field.dispatchEvent(new Event("change", { bubbles: true }));
		return true`)
}

// keepsPolicy fails when the page did what its content security policy forbids.
func (b window) keepsPolicy(t *testing.T) {
	t.Helper()
	require.Empty(t, inWindow[[]string](t, b, "return violations"))
}

// fits fails when the page is wider than a narrow window.
func (b window) fits(t *testing.T) {
	t.Helper()
	require.NoError(t, chromedp.Do(b.ctx, chromedp.EmulateViewport(320, 800)))
	require.Empty(t, inWindow[[]string](t, b, `
		const wide = document.documentElement.scrollWidth > innerWidth + 1;
		return wide ? [...document.querySelectorAll("body *")].filter((el) => el.getBoundingClientRect().right > innerWidth + 1 && !el.closest(".set-scroll, .set-nav")).map((el) => el.tagName + "." + el.className) : []`))
	require.NoError(t, chromedp.Do(b.ctx, chromedp.EmulateViewport(1280, 1000)))
}

// picture keeps a picture of the page where PICTURES names a folder.
func (b window) picture(t *testing.T, name string) {
	t.Helper()
	folder := os.Getenv("PICTURES")
	if folder == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		inWindow[bool](t, b, `document.documentElement.dataset.theme = `+quoted(scheme)+`; return true`)
		raw, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(folder+"/"+name+"-"+scheme+".png", raw, 0o600))
	}
}

func TestSettings_company_in_a_browser(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.window(t, "Supervisor Browser", staff.RoleSupervisor)
	b.reads(t, "Open at all hours.")
	b.types(t, "Name", "Larkwire")
	b.types(t, "Monday: open from", "09:30")
	b.reads(t, "Not saved yet.")
	b.press(t, "Add a holiday")
	b.press(t, "Save")
	b.reads(t, "A holiday needs its name")
	require.Equal(t, "Example Telecom", w.Chat.Company().Name, "nothing was saved")
	b.types(t, "Date", "2026-12-25")
	require.True(t, inWindow[bool](t, b, `
		const name = document.querySelector('[data-field="holidays.0.name"]');
		name.value = "Christmas Day";
		name.dispatchEvent(new Event("input", { bubbles: true }));
		return true`))
	b.press(t, "Add a team")
	require.True(t, inWindow[bool](t, b, `
		for (const [field, value] of [["teams.0.name", "Billing"], ["teams.0.id", "billing"]]) {
			const el = document.querySelector('[data-field="' + field + '"]');
			el.value = value;
			el.dispatchEvent(new Event("input", { bubbles: true }));
		}
		return true`))
	b.picture(t, "company")
	b.press(t, "Save")
	b.reads(t, "Saved as version 1.")
	company := w.Chat.Company()
	require.Equal(t, "Larkwire", company.Name)
	require.Equal(t, "Christmas Day", company.Holidays[0].Name)
	require.Equal(t, "billing", company.Teams[0].ID)

	b.types(t, "Name", "Second Name")
	b.press(t, "Save")
	b.reads(t, "Saved as version 2.")
	inWindow[bool](t, b, `for (const d of document.querySelectorAll("details")) if (d.innerText.startsWith("Earlier")) d.open = true; return true`)
	b.reads(t, "changed: name")
	b.press(t, "Put version")
	b.press(t, "Put in force")
	b.reads(t, "is in force again")
	require.Equal(t, "Larkwire", w.Chat.Company().Name)
	b.keepsPolicy(t)
	b.fits(t)
}

func TestSettings_wording_in_a_browser(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.window(t, "Supervisor Browser", staff.RoleSupervisor)
	b.open(t, "/settings/wording")
	b.types(t, "Language", "de")
	b.reads(t, "automatischen")
	greet := func(text string) {
		t.Helper()
		inWindow[bool](t, b, `
			const area = await until("the greeting", () => document.querySelector('[data-field="wording.de.small.greeting"]'));
			area.value = `+quoted(text)+`;
			area.dispatchEvent(new Event("input", { bubbles: true }));
			return true`)
	}
	greet("Moin!")
	b.reads(t, "{org} is missing")
	greet("Moin von {org}!")
	b.reads(t, "Moin von Example Telecom!")
	b.picture(t, "wording")
	b.press(t, "Save")
	b.reads(t, "Saved as version 1.")
	got, err := w.Chat.Wording().Render("de", "small.greeting", map[string]string{"org": "X"})
	require.NoError(t, err)
	require.Equal(t, "Moin von X!", got)
	b.keepsPolicy(t)
	b.fits(t)
}

func TestSettings_staff_in_a_browser(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.window(t, "Supervisor Browser", staff.RoleSupervisor)
	b.open(t, "/settings/staff")
	b.press(t, "Invite somebody")
	b.types(t, "Name, as customers see it", "Agent Invited")
	b.types(t, "E-mail address", "invited@example.com")
	b.press(t, "Invite")
	b.reads(t, "give this link to Agent Invited")
	link := inWindow[string](t, b, `return (await until("the link", () => document.querySelector(".set-secret")?.value))`)
	b.press(t, "Done")
	b.reads(t, "invited@example.com")
	b.picture(t, "staff")
	b.press(t, "Change Agent Invited")
	b.types(t, "Cases at a time", "7")
	b.press(t, "Save")
	b.reads(t, "7 at a time")
	b.press(t, "Disable Supervisor Browser")
	b.press(t, "Disable")
	b.reads(t, "last supervisor")
	b.keepsPolicy(t)

	b.open(t, "/settings/audit")
	b.reads(t, "Team, skills or capacity changed")
	b.picture(t, "audit")
	b.fits(t)

	b.open(t, link)
	b.reads(t, "Choose your password")
	b.types(t, "New password", "correct horse battery")
	b.types(t, "The same once more", "correct horse batterx")
	b.press(t, "Set the password")
	b.reads(t, "not the same")
	b.types(t, "The same once more", "correct horse battery")
	b.press(t, "Set the password")
	b.reads(t, "Agent Invited")
	b.open(t, "/settings/account")
	b.reads(t, "this one")
	b.picture(t, "account")
	b.press(t, "Make a token")
	b.types(t, "What it is for", "reports")
	b.press(t, "Make the token")
	b.reads(t, "It is shown this once")
	b.keepsPolicy(t)
}

func TestSettings_compliance_looks_and_changes_nothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.window(t, "Compliance Browser", staff.RoleCompliance)
	b.reads(t, "Only a supervisor may change it")
	require.Zero(t, inWindow[int](t, b, `
		await until("the form", () => labelled("Name"));
		return [...document.querySelectorAll("#settings input, #settings select, #settings button")].filter((e) => !e.disabled && !e.closest(".set-look")).length`))
	agent := w.window(t, "Agent Browser", staff.RoleAgent)
	agent.reads(t, "Where you are signed in")
	agent.open(t, "/settings/staff")
	agent.reads(t, "Only supervisors and compliance")
}
