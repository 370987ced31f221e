// SPDX-License-Identifier: MIT
// Pages and sites that the library follows: the list, a new one with a preview, and one of them opened. The address names it.

import { call, Problem } from "../shared/api.js";
import { add, h } from "../shared/dom.js";
import { shortDate } from "../shared/time.js";
import { language } from "../desk/words.js";
import { editors, kinds, limitField, limitInput, limitTrouble, modes, outcome, schedules, SourceView } from "./source.js";

const root = /** @type {HTMLElement} */ (document.getElementById("sources"));
const note = /** @type {HTMLElement} */ (document.getElementById("library-note"));

/** @param {string} words @param {boolean} [bad] */
function say(words, bad = false) {
  note.textContent = words;
  note.classList.toggle("is-good", !bad);
}

/** @param {unknown} err */
const failed = (err) => say(/** @type {Error} */ (err).message || "The server is out of reach.", true);

/** @param {string} id @param {string} text @param {[string, string][]} options */
const choice = (id, text, options) => h("div", { class: "field" }, h("label", { for: id, text }), h("select", { id }, ...options.map(([value, words]) => h("option", { value, text: words }))));

/** The form for a new source. */
class NewSource {
  /** @param {(id: string) => void} added */
  constructor(added) {
    this.added = added;
    this.url = h("input", { id: "source-url", type: "url", required: true, maxlength: "500", placeholder: "https://www.example.com/help/", autocomplete: "off" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.status = h("p", { class: "hint", role: "status" });
    this.pages = h("ol", { class: "source-preview", "aria-label": "The first pages" });
    this.look = h("button", { type: "button", class: "btn", text: "Preview", on: { click: () => void this.#preview() } });
    this.go = h("button", { type: "submit", class: "btn btn-brand", text: "Follow it and read it now" });
    this.limit = limitInput("source-limit", 200);
    this.owner = h("select", { id: "source-owner" }, h("option", { value: "", text: "You" }));
    void editors().then(({ list, you }) => add(this.owner, ...list.filter((e) => e.id !== you).map((e) => h("option", { value: e.id, text: e.name }))));
    const languages = /** @type {[string, string][]} */ ([["", "As each page says"], ...["en", "de", "es", "fr", "pt", "ar", "zh", "ja"].map((l) => [l, language(l)])]);
    this.el = h(
      "form",
      { class: "source-form" },
      h("h2", { text: "Follow a page or a site" }),
      h("div", { class: "field" }, h("label", { for: "source-url", text: "Address" }), this.url, h("p", { class: "hint", text: "Of a site: what its sitemap names, or links lead to, under this address. Only public addresses are read, and what robots.txt allows." })),
      h("div", { class: "fields" }, choice("source-kind", "What it is", Object.entries(kinds)), choice("source-schedule", "Read again", Object.entries(schedules)), choice("source-mode", "What has changed", Object.entries(modes)), choice("source-lang", "Language", languages), limitField("source-limit", this.limit), h("div", { class: "field" }, h("label", { for: "source-owner", text: "Owner" }), this.owner, h("p", { class: "hint", text: "New articles that it brings are theirs." }))),
      this.problem,
      h("div", { class: "source-actions" }, this.look, this.go),
      this.status,
      this.pages,
    );
    this.el.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#add();
    });
  }

  /** @param {string} id */
  #value(id) {
    return /** @type {HTMLSelectElement} */ (this.el.querySelector(`#${id}`)).value;
  }

  /** @param {boolean} busy */
  #busy(busy) {
    this.look.disabled = this.go.disabled = busy;
  }

  #valid() {
    this.problem.textContent = limitTrouble(this.limit);
    if (this.problem.textContent) this.limit.focus();
    return !this.problem.textContent;
  }

  async #preview() {
    if (!this.el.reportValidity() || !this.#valid()) return;
    this.pages.replaceChildren();
    this.status.textContent = "Reading the first pages. Nothing is kept.";
    this.#busy(true);
    try {
      const lang = this.#value("source-lang");
      const shown = await call("/v1/sources/preview", { method: "POST", timeout: 60_000, body: { url: this.url.value.trim(), kind: this.#value("source-kind"), ...(lang && { lang }) } });
      this.status.textContent = `${shown.found} ${shown.found === 1 ? "page is" : "pages are"} known so far. These would be taken over first:`;
      add(this.pages, ...shown.pages.map(previewed));
    } catch (err) {
      this.status.textContent = "";
      this.problem.textContent = /** @type {Error} */ (err).message || "The server is out of reach.";
    }
    this.#busy(false);
  }

  async #add() {
    if (!this.#valid()) return;
    this.#busy(true);
    try {
      const lang = this.#value("source-lang");
      const source = await call("/v1/sources", { method: "POST", body: { url: this.url.value.trim(), kind: this.#value("source-kind"), schedule: this.#value("source-schedule"), mode: this.#value("source-mode"), max_pages: Number(this.limit.value), ...(this.owner.value && { owner_id: this.owner.value }), ...(lang && { lang }) } });
      await call(`/v1/sources/${source.id}/sync`, { method: "POST" });
      this.url.value = this.status.textContent = "";
      this.pages.replaceChildren();
      this.added(source.id);
    } catch (err) {
      this.problem.textContent = /** @type {Error} */ (err).message || "The server is out of reach. Look at the list before you add it again.";
    }
    this.#busy(false);
  }
}

/** @param {any} p */
function previewed(p) {
  return h("li", { class: "notice-card" }, h("h3", { text: p.title || p.url, lang: p.lang || null, dir: "auto" }), h("p", { class: "hint source-url", text: p.url }), p.error ? h("p", { class: "problem", text: p.error }) : h("p", { lang: p.lang || null, dir: "auto", text: p.excerpt }));
}

/** @param {any} s */
function card(s) {
  const of = (/** @type {string} */ state) => s.pages[state] ?? 0;
  const all = Object.values(s.pages).reduce((sum, n) => sum + n, 0);
  const facts = [
    s.last && outcome(s.last),
    of("conflict") > 0 && h("span", { class: "tag tag-warn", text: `${of("conflict")} to choose` }),
    of("gone") > 0 && h("span", { class: "tag tag-warn", text: `${of("gone")} gone` }),
    of("failed") > 0 && h("span", { class: "tag tag-bad", text: `${of("failed")} not read` }),
  ];
  return h(
    "li",
    { class: "notice-card" },
    h("h2", {}, h("a", { class: "source-url", href: `#source=${s.id}`, text: s.url })),
    h("div", { class: "source-facts" }, ...facts),
    h("p", { class: "hint", text: [kinds[s.kind], `${all} ${all === 1 ? "page" : "pages"}`, schedules[s.schedule].toLowerCase(), s.last ? `read ${shortDate(s.last.created_at, "en-GB")}` : "never read", s.owner].filter(Boolean).join(" \u00b7 ") }),
  );
}

const list = h("ul", { class: "sources-list", "aria-label": "Sources" });
const fresh = new NewSource((id) => (location.hash = `#source=${id}`));
const view = new SourceView(say, () => (location.hash = ""));
root.replaceChildren(list, fresh.el, view.el);

async function show() {
  const id = /^#source=(\d+)$/.exec(location.hash)?.[1] ?? "";
  list.hidden = fresh.el.hidden = id !== "";
  view.el.hidden = id === "";
  say("");
  if (id) return view.open(id);
  view.leave();
  try {
    const { sources } = await call("/v1/sources");
    list.replaceChildren(...sources.map(card));
    if (sources.length === 0) list.replaceChildren(h("li", { class: "hint", text: "Nothing is followed yet." }));
  } catch (err) {
    if (err instanceof Problem && err.status === 401) location.assign("/signin?next=/library/sources");
    else failed(err);
  }
}

document.querySelector("[data-sign-out]")?.addEventListener("click", async () => {
  await call("/v1/session", { method: "DELETE" }).catch(() => {});
  location.assign("/signin?next=/library/sources");
});
addEventListener("hashchange", () => void show());
void show();
