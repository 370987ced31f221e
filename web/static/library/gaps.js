// SPDX-License-Identifier: MIT
// The gaps: what customers asked in vain, the most costly first.

import { call } from "../shared/api.js";
import { add, h, icon } from "../shared/dom.js";
import { language } from "../desk/words.js";
import { Dialog } from "./dialog.js";
import { GapView } from "./gap.js";
import { reasons, said, states, tags, volume } from "./gap-parts.js";

export class GapBoard {
  #asked = 0;
  /** @type {string|undefined} */ #next;

  /** @param {(text: string) => void} say */
  constructor(say) {
    this.say = say;
    const choice = (/** @type {string} */ id, /** @type {string[][]} */ list) => h("select", { id, on: { change: () => void this.refresh() } }, ...list.map(([value, text]) => h("option", { value, text })));
    this.state = choice("gap-state", [["", "All but dismissed"], ...Object.entries(states).map(([value, [text]]) => [value, text])]);
    this.reason = choice("gap-reason", [["", "Any reason"], ...Object.entries(reasons)]);
    this.lang = choice("gap-lang", [["", "All languages"], ...["en", "de", "es", "fr", "pt", "ar", "zh", "ja"].map((l) => [l, language(l)])]);
    this.least = choice("gap-least", [["0", "Once or more"], ["2", "Twice or more"], ["5", "5 times or more"], ["20", "20 times or more"]]);
    const labelled = (/** @type {string} */ text, /** @type {HTMLElement} */ field) => h("div", {}, h("label", { for: field.id, class: "sr", text }), field);
    this.look = h("button", { type: "button", class: "btn btn-small", on: { click: () => void this.sweep() } }, icon("retry"), "Look for new questions");
    this.back = h("button", { type: "button", class: "btn btn-small btn-quiet back", on: { click: () => (location.hash = "") } }, "All articles");
    this.count = h("p", { class: "hint", role: "status" });
    this.rows = h("ol", { class: "plain gap-rows", "aria-label": "Gaps" });
    this.more = h("button", { type: "button", class: "btn", text: "More", hidden: true, on: { click: () => void this.#ask(this.#next ?? "") } });
    this.list = h(
      "div",
      { class: "gap-list" },
      h("header", { class: "gap-head" }, this.back, h("h2", { tabindex: "-1", text: "Gaps" }), this.look),
      h("p", { class: "hint", text: "What customers asked and the bot could not answer, the most costly first. Personal data is taken out." }),
      h("div", { class: "filters gap-filters" }, labelled("State", this.state), labelled("Reason", this.reason), labelled("Language", this.lang), labelled("How often", this.least)),
      this.count,
      this.rows,
      this.more,
    );
    this.dismissal = new DismissDialog();
    this.view = new GapView(this);
    this.el = h("section", { class: "gaps", "aria-label": "Gaps", hidden: true }, this.list, this.view.el);
  }

  /** @param {number|null} id null: the board */
  async open(id) {
    this.list.hidden = id !== null;
    this.view.el.hidden = id === null;
    if (id === null) await this.refresh();
    else await this.view.open(id);
  }

  async sweep() {
    this.look.disabled = true;
    this.count.textContent = "Looking for new questions.";
    try {
      await call("/v1/knowledge/gaps/sweep", { method: "POST", timeout: 300_000 });
      await this.refresh();
    } catch (err) {
      this.count.textContent = "";
      this.say(said(err));
    } finally {
      this.look.disabled = false;
    }
  }

  async refresh() {
    await this.#ask("");
  }

  /** @param {string} cursor */
  async #ask(cursor) {
    const asked = ++this.#asked;
    const query = new URLSearchParams({ limit: "25" });
    for (const [key, value] of Object.entries({ state: this.state.value, reason: this.reason.value, lang: this.lang.value, least: this.least.value, cursor })) if (value && value !== "0") query.set(key, value);
    try {
      const page = await call(`/v1/knowledge/gaps?${query}`);
      if (asked !== this.#asked) return;
      const rows = page.gaps.map((/** @type {any} */ g) => this.#row(g));
      if (cursor) add(this.rows, ...rows);
      else this.rows.replaceChildren(...rows);
      this.#next = page.next;
      this.more.hidden = !page.next;
      const { open, drafted, closed, dismissed } = page.totals;
      this.count.textContent = this.rows.children.length === 0 ? "No gap fits. New questions are looked for every two minutes." : `${open} open, ${drafted} being written, ${closed} closed, ${dismissed} dismissed`;
    } catch (err) {
      this.say(said(err));
    }
  }

  /** @param {any} g */
  #row(g) {
    return h(
      "li",
      { class: "gap-row", data: { gap: String(g.id) } },
      h("h3", {}, h("a", { href: `#gap=${g.id}`, dir: "auto", lang: g.lang || null, text: g.label || "Its words were removed" })),
      volume(g),
      g.examples.length > 0 && h("ul", { class: "plain gap-examples", "aria-label": "Also asked as" }, ...g.examples.map((/** @type {any} */ e) => h("li", { dir: "auto", lang: e.lang || null, text: e.text }))),
      tags(g),
      this.actions(g, () => this.refresh()),
    );
  }

  /**
   * @param {any} g
   * @param {() => unknown} changed
   */
  actions(g, changed) {
    const about = g.label ? `: ${g.label}` : "";
    const button = (/** @type {string} */ text, /** @type {string} */ kind, /** @type {() => unknown} */ click) => h("button", { type: "button", class: `btn btn-small ${kind}`, "aria-label": text + about, text, on: { click } });
    return h(
      "p",
      { class: "version-actions" },
      g.article && h("a", { class: "btn btn-small", href: `#article=${g.article.id}`, "aria-label": `Open its article: ${g.article.title}`, text: "Open its article" }),
      (g.state === "open" || g.state === "dismissed") && button(g.article ? "Work on it again" : "Make a draft", "btn-brand", () => this.draft(g.id)),
      (g.state === "open" || g.state === "drafted") && button("Dismiss\u2026", "btn-quiet", () => this.dismissal.show(g.id, changed)),
      (g.state === "dismissed" || g.state === "closed") && button("Open again", "btn-quiet", () => this.#reopen(g.id, changed)),
    );
  }

  /** @param {number} id */
  async draft(id) {
    try {
      const { gap } = await call(`/v1/knowledge/gaps/${id}/draft`, { method: "POST" });
      location.hash = `#article=${gap.article.id}`;
    } catch (err) {
      this.say(said(err));
    }
  }

  /** @param {number} id @param {() => unknown} changed */
  async #reopen(id, changed) {
    try {
      await call(`/v1/knowledge/gaps/${id}/reopen`, { method: "POST" });
      await changed();
    } catch (err) {
      this.say(said(err));
    }
  }
}

/** Why no article will answer it. */
class DismissDialog extends Dialog {
  #id = 0;
  /** @type {() => unknown} */ #done = () => {};

  constructor() {
    super("Dismiss this gap");
    this.reason = h("textarea", { id: "gap-dismissal", rows: "3", maxlength: "500", required: true });
    this.problem = h("p", { class: "problem", role: "alert" });
    const form = h(
      "form",
      { class: "bench-form" },
      h("div", { class: "field" }, h("label", { for: "gap-dismissal", text: "Why will no article answer it?" }), this.reason, h("p", { class: "hint", text: "New questions like these join it without coming back to the board." })),
      this.problem,
      h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn", text: "Cancel", on: { click: () => this.el.close() } }), h("button", { type: "submit", class: "btn btn-brand", text: "Dismiss" })),
    );
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#dismiss();
    });
    this.body.append(form);
  }

  /** @param {number} id @param {() => unknown} done */
  show(id, done) {
    this.#id = id;
    this.#done = done;
    this.reason.value = this.problem.textContent = "";
    this.open();
    this.reason.focus();
  }

  async #dismiss() {
    try {
      await call(`/v1/knowledge/gaps/${this.#id}/dismiss`, { method: "POST", body: { reason: this.reason.value } });
      this.el.close();
      await this.#done();
    } catch (err) {
      this.problem.textContent = said(err);
    }
  }
}
