// SPDX-License-Identifier: MIT
// The articles by title: filters, search, and more as the list is scrolled.

import { call } from "../shared/api.js";
import { add, h } from "../shared/dom.js";
import { shortDate } from "../shared/time.js";
import { language } from "../desk/words.js";

const size = 50;

/** @type {Record<string, [string, string]>} The tag of a state, in words. */
export const states = { published: ["Live", "tag-good"], draft: ["Draft", "tag-warn"], archived: ["Archived", ""], expired: ["Expired", "tag-bad"] };

/** @type {Record<string, string>} Whom an article is for that is not for everyone. */
export const audiences = { signed_in: "Signed-in customers", staff: "Staff only" };

/** @type {Record<string, [string, string]>} Of a draft that is on its way. */
const stages = { in_review: ["In review", "tag-bot"], sent_back: ["Sent back", "tag-warn"], approved: ["Approved", "tag-good"], scheduled: ["Scheduled", "tag-bot"], kept_back: ["Kept back", "tag-bad"] };

/** @type {[string, string, string][]} What the list may show: query, words, the count of it. */
const shelves = [
  ["", "All articles", "all"],
  ["status=published", "Live", "published"],
  ["status=draft", "Never published", ""],
  ["stage=writing", "Draft in writing", ""],
  ["stage=in_review", "In review", "in_review"],
  ["stage=sent_back", "Sent back", ""],
  ["stage=approved", "Approved", "approved"],
  ["stage=scheduled", "Scheduled", "scheduled"],
  ["stage=kept_back", "Kept back", "kept_back"],
  ["due=true", "Due for review, or ending", "due"],
  ["status=expired", "Expired", "expired"],
  ["outdated=true", "Translation out of date", "outdated"],
  ["status=archived", "Archived", "archived"],
];

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
    const select = (/** @type {string} */ id, /** @type {string[][]} */ options) => h("select", { id, on: { change: () => void this.refresh() } }, ...options.map(([value, text]) => h("option", { value, text })));
    this.status = select("filter-status", shelves);
    this.owner = select("filter-owner", [["", "Any owner"]]);
    this.audience = select("filter-audience", [["", "For anybody"], ["everyone", "For everyone"], ["signed_in", "Signed-in customers"], ["staff", "Staff only"]]);
    this.source = select("filter-source", [["", "Any source"], ["written", "Written here"], ["imported", "Imported"]]);
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
      h("details", { class: "more-filters" }, h("summary", { text: "More filters" }), h("div", { class: "filters" }, labelled("filter-owner", "Owner", this.owner), labelled("filter-audience", "Audience", this.audience), labelled("filter-source", "Source", this.source))),
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
    const query = new URLSearchParams(this.status.value);
    for (const [key, value] of Object.entries({ limit: String(size), q: this.search.value.trim(), lang: this.lang.value, owner: this.owner.value, audience: this.audience.value, source: this.source.value, cursor })) if (value) query.set(key, value);
    try {
      const page = await call(`/v1/articles?${query}`);
      if (asked !== this.#asked) return;
      this.#show(page, cursor === "");
    } catch (err) {
      this.say(/** @type {Error} */ (err).message || "The list cannot be read: the server is out of reach.");
    }
  }

  /** @param {any} about Counts, and who may own articles. */
  know(about) {
    for (const [i, [, text, count]] of shelves.entries()) {
      const n = count ? about.counts[count] : 0;
      this.status.options[i].textContent = n ? `${text} (${n})` : text;
    }
    const chosen = this.owner.value;
    this.owner.replaceChildren(h("option", { value: "", text: "Any owner" }), ...about.editors.map((/** @type {any} */ e) => h("option", { value: String(e.id), text: e.id === about.you ? `You (${about.counts.mine})` : e.name })));
    this.owner.value = chosen;
    this.owner.selectedIndex = Math.max(this.owner.selectedIndex, 0);
  }

  /** Shows one of the lists. @param {string} shelf */
  choose(shelf) {
    this.status.value = shelf;
    void this.refresh();
    this.status.focus();
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
    const stage = stages[a.stage];
    const tags = [
      h("span", { class: `tag ${kind}`, text: word }),
      stage ? h("span", { class: `tag ${stage[1]}`, text: a.publish_at ? `Goes live ${shortDate(a.publish_at, "en-GB")}` : stage[0] }) : a.has_draft && a.status !== "draft" && h("span", { class: "tag tag-warn", text: "Draft waiting" }),
      due(a),
      a.outdated && h("span", { class: "tag tag-bad", text: "Translation out of date" }),
      a.audience !== "everyone" && h("span", { class: "tag", text: audiences[a.audience] }),
    ];
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "article-row", data: { article: String(a.id) }, "aria-current": a.id === this.current ? "true" : null, on: { click: () => this.open(a.id) } },
        h("strong", { text: a.title, lang: a.lang || null, dir: "auto" }),
        h("span", { class: "article-row-meta" }, ...tags.filter(Boolean), h("span", { text: [a.lang && language(a.lang), shortDate(a.updated_at, "en-GB")].filter(Boolean).join(" \u00b7 ") })),
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

const day = 86_400_000;

/** @param {any} a */
function due(a) {
  if (a.status !== "published") return null;
  if (a.overdue) return h("span", { class: "tag tag-bad", text: "Review overdue" });
  const [at, word] = a.expires_at && !(a.review_by < a.expires_at) ? [a.expires_at, "Ends"] : [a.review_by, "Review"];
  if (!at) return null;
  const days = Math.ceil((new Date(at).getTime() - Date.now()) / day);
  if (days > 30) return null;
  return h("span", { class: "tag tag-warn", text: days <= 1 ? `${word} within a day` : `${word} in ${days} days` });
}
