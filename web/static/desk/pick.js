// SPDX-License-Identifier: MIT
// Choosing something to put into the reply: a saved one, or what the library says.

import { call } from "../shared/api.js";
import { add, h, icon, setServerHTML } from "../shared/dom.js";
import { actionWords } from "./actions.js";

/** @typedef {{title: string, text: string, html?: string, hint?: string, does?: string[], use?: () => void, audience?: string, barred?: boolean, source?: {article_id: number, version: number, title: string, quote?: string}}} Choice */

export class Picker {
  /** @type {Choice[]} */ #choices = [];

  /**
   * @param {import("./model.js").DeskModel} model
   * @param {(text: string) => void} insert
   * @param {(article: number, version: number, text: string) => void} openArticle
   */
  constructor(model, insert, openArticle) {
    this.model = model;
    this.insert = insert;
    this.openArticle = openArticle;
    this.title = h("h2", { id: "pick-title" });
    this.filter = h("input", { type: "search", id: "pick-filter", class: "search", placeholder: "Words of the title or the text", "aria-label": "Find among them", autocomplete: "off" });
    this.list = h("ul", { class: "picks" });
    this.said = h("p", { class: "hint", role: "status" });
    /** @type {(reply: any, places: any) => void} */ this.onMacro = () => {};
    /** @type {() => void} */ this.onManage = () => {};
    this.manage = h("button", { type: "button", class: "btn btn-small btn-quiet", text: "New, change, delete\u2026", on: { click: () => (this.el.close(), this.onManage()) } });
    const close = h("button", { type: "button", class: "btn btn-icon btn-quiet", "aria-label": "Close", on: { click: () => this.el.close() } }, icon("close"));
    this.el = h("dialog", { class: "dialog dialog-wide", "aria-labelledby": "pick-title" }, h("header", {}, this.title, h("div", { class: "foot-actions" }, this.manage, close)), this.filter, this.said, this.list);
    this.filter.addEventListener("input", () => this.#render());
    this.el.addEventListener("keydown", (e) => this.#key(e));
  }

  /** Saved replies, filled in for the open case. */
  async saved() {
    const id = this.model.record?.case?.id;
    this.#open("Saved replies");
    this.manage.hidden = false;
    const found = await this.model.ask(() => Promise.all([call(`/v1/replies?case=${encodeURIComponent(id)}`), call("/v1/colleagues")]));
    const [{ replies }, places] = found ?? [{ replies: [] }, { teams: [], agents: [] }];
    const list = replies.map((/** @type {any} */ r) => ({
      title: r.title,
      text: r.filled?.text ?? Object.values(r.texts)[0] ?? "",
      ...this.#doing(r, places),
      hint: r.filled?.missing?.length ? `To fill in: ${r.filled.missing.join(", ")}` : r.shared ? "" : "Yours",
    }));
    this.#show(list, "There are no saved replies yet.");
  }

  /**
   * @param {any} r
   * @param {import("./actions.js").Places} places
   */
  #doing(r, places) {
    const does = actionWords(r.actions, places);
    return does.length > 0 ? { does, use: () => (this.el.close(), this.onMacro(r, places)) } : {};
  }

  /** What the library has for the customer's last question. */
  async suggested() {
    const id = this.model.record?.case?.id;
    this.#open("Suggestions from the library");
    this.manage.hidden = true;
    const found = await this.model.ask(() => call(`/v1/cases/${id}/suggestions`));
    const list = (found?.suggestions ?? []).map((/** @type {any} */ s) => ({ title: s.source.title, text: s.text, html: s.html, hint: s.heading ?? "", source: s.source, audience: s.audience, barred: Boolean(s.barred) }));
    this.#show(list, "The library has nothing for this.");
  }

  /** @param {string} title */
  #open(title) {
    this.title.textContent = title;
    this.filter.value = "";
    this.list.replaceChildren();
    this.said.textContent = "Looking.";
    this.el.showModal();
    this.filter.focus();
  }

  /**
   * @param {Choice[]} choices
   * @param {string} none
   */
  #show(choices, none) {
    this.#choices = choices;
    this.said.textContent = choices.length > 0 ? "" : none;
    this.#render();
  }

  #render() {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = this.#choices.filter((c) => words.every((w) => `${c.title} ${c.text}`.toLowerCase().includes(w)));
    this.list.replaceChildren(...shown.map((c) => this.#choice(c)));
    if (this.#choices.length > 0) this.said.textContent = shown.length > 0 ? "" : "Nothing has these words.";
  }

  /** @param {Choice} c */
  #choice(c) {
    const text = h("div", { class: "prose pick-text", dir: "auto" });
    if (c.html) setServerHTML(text, c.html);
    else text.textContent = c.text;
    const put = h("button", { type: "button", class: "btn btn-small pick-insert", "aria-label": `Insert: ${c.title}`, text: "Insert", on: { click: () => this.#take(c) } });
    const head = h("div", { class: "pick-head" }, h("strong", { dir: "auto", text: c.title }));
    if (c.hint) add(head, h("span", { class: "hint", dir: "auto", text: c.hint }));
    if (c.barred) add(head, h("span", { class: "tag tag-warn", text: c.audience === "staff" ? "Staff only: not for the customer" : "For signed-in customers: this one has not signed in" }));
    else if (c.audience === "signed_in") add(head, h("span", { class: "tag", text: "Signed-in customers" }));
    const { source } = c;
    if (source) add(head, h("button", { type: "button", class: "link", on: { click: () => this.openArticle(source.article_id, source.version, source.quote ?? c.text) } }, icon("doc"), `Version ${source.version}`));
    if (c.barred) return h("li", {}, head, text);
    if (!c.use) return h("li", {}, head, text, put);
    const use = h("button", { type: "button", class: "btn btn-small btn-brand", "aria-label": `Send and do: ${c.title}`, text: "Send and do\u2026", on: { click: c.use } });
    return h("li", {}, head, text, h("p", { class: "hint", text: (c.does ?? []).join(" \u00b7 ") }), h("p", { class: "quick pick-both" }, put, use));
  }

  /** @param {Choice} c */
  #take(c) {
    this.el.close();
    this.insert(c.text);
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const buttons = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll(".pick-insert")]);
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const first = document.activeElement === this.filter;
    if (e.key === "ArrowDown") buttons[Math.min(at + 1, buttons.length - 1)]?.focus();
    else if (e.key === "ArrowUp" && at >= 0) (buttons[at - 1] ?? this.filter).focus();
    else if (e.key === "Enter" && first) buttons[0]?.click();
    else return;
    e.preventDefault();
  }
}
