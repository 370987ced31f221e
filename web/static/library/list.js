// SPDX-License-Identifier: MIT
// The articles by title: filters, search, and more as the list is scrolled.

import { call } from "../shared/api.js";
import { add, h } from "../shared/dom.js";
import { shortDate } from "../shared/time.js";
import { language } from "../desk/words.js";

const size = 50;

/** @type {Record<string, [string, string]>} The tag of a state, in words. */
export const states = { published: ["Live", "tag-good"], draft: ["Draft", "tag-warn"], archived: ["Archived", ""] };

export class ArticleList {
  /** @type {string|undefined} */ #next;
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  /** @type {number|null} */ current = null;

  /** @param {(id: number) => void} open @param {(text: string) => void} say */
  constructor(open, say) {
    this.open = open;
    this.say = say;
    this.search = h("input", { class: "search", type: "search", id: "article-search", placeholder: "Find by title", maxlength: "200", "aria-label": "Find an article by its title", on: { input: () => this.#soon() } });
    this.status = h("select", { id: "filter-status", on: { change: () => void this.refresh() } }, ...[["", "All states"], ["published", "Live"], ["draft", "Never published"], ["archived", "Archived"]].map(([value, text]) => h("option", { value, text })));
    this.lang = h("select", { id: "filter-lang", on: { change: () => void this.refresh() } }, h("option", { value: "", text: "All languages" }), ...["en", "de", "es", "fr", "pt", "ar", "zh", "ja"].map((value) => h("option", { value, text: language(value) })));
    this.rows = h("ul", { class: "article-rows", "aria-label": "Articles" });
    this.foot = h("p", { class: "article-foot", role: "status" });
    this.scroller = h("div", { class: "article-scroller" }, this.rows, this.foot);
    this.scroller.addEventListener("scroll", () => this.#reach(), { passive: true });
    const labelled = (/** @type {string} */ id, /** @type {string} */ text, /** @type {Node} */ field) => h("div", {}, h("label", { for: id, class: "sr", text }), field);
    this.el = h(
      "section",
      { class: "articles", "aria-label": "Library" },
      h("div", { class: "search-line" }, this.search, h("kbd", { text: "/" })),
      h("div", { class: "filters" }, labelled("filter-status", "State", this.status), labelled("filter-lang", "Language", this.lang)),
      this.scroller,
    );
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), 150);
  }

  async refresh() {
    await this.#ask("");
  }

  #reach() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    if (this.#next && scrollTop + clientHeight > scrollHeight - 400) void this.#ask(this.#next);
  }

  /** @param {string} cursor */
  async #ask(cursor) {
    const asked = ++this.#asked;
    this.#next = undefined;
    const query = new URLSearchParams({ limit: String(size) });
    for (const [key, value] of Object.entries({ q: this.search.value.trim(), status: this.status.value, lang: this.lang.value, cursor })) if (value) query.set(key, value);
    try {
      const page = await call(`/v1/articles?${query}`);
      if (asked !== this.#asked) return;
      this.#show(page, cursor === "");
    } catch (err) {
      this.say(/** @type {Error} */ (err).message || "The list cannot be read: the server is out of reach.");
    }
  }

  /** @param {any} page @param {boolean} fresh */
  #show(page, fresh) {
    const held = document.activeElement?.closest?.("[data-article]")?.getAttribute("data-article");
    const rows = page.articles.map((/** @type {any} */ a) => this.#row(a));
    if (fresh) this.rows.replaceChildren(...rows);
    else add(this.rows, ...rows);
    this.#next = page.next;
    const n = this.rows.children.length;
    this.foot.textContent = n === 0 ? "No article fits." : page.next ? `${n} shown, more below` : `${n} ${n === 1 ? "article" : "articles"}`;
    if (held) /** @type {HTMLElement|null} */ (this.rows.querySelector(`[data-article="${held}"]`))?.focus();
  }

  /** @param {any} a */
  #row(a) {
    const [word, kind] = states[a.status] ?? [a.status, ""];
    const tags = [h("span", { class: `tag ${kind}`, text: word }), a.has_draft && a.status === "published" && h("span", { class: "tag tag-warn", text: "Draft waiting" })];
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "article-row", data: { article: String(a.id) }, "aria-current": a.id === this.current ? "true" : null, on: { click: () => this.open(a.id) } },
        h("strong", { text: a.title, lang: a.lang || null, dir: "auto" }),
        h("span", { class: "article-row-meta" }, ...tags, h("span", { text: [a.lang && language(a.lang), shortDate(a.updated_at, "en-GB")].filter(Boolean).join(" \u00b7 ") })),
      ),
    );
  }

  /** @param {number|null} id */
  mark(id) {
    this.current = id;
    for (const row of this.rows.querySelectorAll("[data-article]")) {
      if (row.getAttribute("data-article") === String(id)) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  /** @param {number} by */
  move(by) {
    const rows = /** @type {HTMLElement[]} */ ([...this.rows.querySelectorAll("[data-article]")]);
    const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const from = at >= 0 ? at : rows.findIndex((r) => r.getAttribute("aria-current") === "true");
    rows[Math.min(Math.max(from + by, 0), rows.length - 1)]?.focus();
  }
}
